"""Which option is least regretted over worlds, what knowing more is worth, and what may be decided later."""
