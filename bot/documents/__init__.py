"""Receipts and, later, charts and workbooks: what is printed or sent as a file. Reads no database."""
