"""Readers and writers of job logs, by format."""
