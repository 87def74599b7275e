"""Models of workloads that others have published, by name: to compare with, and for sites without a log."""
