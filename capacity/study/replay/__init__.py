"""A job log replayed on a machine, beside the past that it recorded."""
