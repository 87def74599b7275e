"""Speed of the tool as ratios taken within one run; ``python -m benchmarks`` prints one table."""

import os

os.environ["CAPACITY_STORE"] = "off"  # what is measured is run, never found
