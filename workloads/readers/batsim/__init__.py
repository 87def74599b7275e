"""Workloads of Batsim: reading and writing."""
