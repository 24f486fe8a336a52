"""What is said: flows as replayed scripts, the input grammar, and the engine that answers. Does no I/O of its own."""
