"""Capacity planning for AI and HPC data centres, from the command line: ``capacity --help``."""

__version__ = "0.1.0"
