"""The vocabulary of the business: values and tables of rules, pure and on the standard library alone.

Nothing here reads a clock, a file or a network, and nothing here imports another floor.
"""
