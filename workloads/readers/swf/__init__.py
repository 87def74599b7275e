"""Logs in the Standard Workload Format: reading and writing."""
