"""Findings as tables, figures and files."""
