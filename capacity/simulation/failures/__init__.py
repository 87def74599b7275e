"""Failures of a simulated site: when nodes and groups fail and come back, and checkpoints."""
