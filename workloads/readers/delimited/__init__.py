"""Delimited text: encodings, layouts, broken lines and blocks, shared by all readers of tables."""
