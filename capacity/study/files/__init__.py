"""The files of a run: its directory, its tables, and reading them back."""
