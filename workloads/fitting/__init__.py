"""From logs to models: which distribution, with which numbers, and how well it fits."""
