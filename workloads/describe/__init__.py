"""What a table of jobs looks like, in numbers with names: one file per subject."""
