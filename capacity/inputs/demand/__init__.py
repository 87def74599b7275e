"""Demand as a person writes it: tenants, classes of jobs, growth, targets, published figures."""
