"""Storage without simulating jobs: a history, and its projection."""
