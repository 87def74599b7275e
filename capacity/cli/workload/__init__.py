"""``capacity workload``: commands that make, describe and convert job logs."""
