"""Speed of the tool as ratios taken within one run; ``python -m benchmarks`` prints one table."""
