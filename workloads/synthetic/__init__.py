"""Synthetic demand: tenants, job classes, arrivals."""
