"""The verbs of the command line, a module each: `add_arguments` says what it takes, `run` does it.

A verb's module is imported when that verb is asked for, so that a list of agents need not wait for the web server.
"""
