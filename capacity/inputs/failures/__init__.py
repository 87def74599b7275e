"""Failures as a person writes them: of nodes, and the checkpoints against them."""
