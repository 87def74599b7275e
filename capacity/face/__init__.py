"""The face: what a notebook calls and what the command line is made of, one module per verb."""
