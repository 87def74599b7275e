"""Job logs and synthetic demand: the JobTable, readers, writers and generators. Never imports `capacity`."""
