"""Any table of jobs, whose columns the user names: CSV, TSV, JSON, JSON lines or Parquet."""
