"""How long jobs waited: median, 95th percentile and mean by every set of labels in the table of metrics.

A wait counts in the month of submission. Jobs that still wait at the end of the horizon count with their wait
so far; those that were rejected, or withdrawn before they started, do not count.
"""

import math

from capacity.measure.findings import Measured
from capacity.measure.metrics import METRICS
from capacity.measure.outcomes import JobOutcomes
from capacity.statistics.quantiles import quantiles


def waits(jobs: JobOutcomes) -> Measured:
    """Yield every metric of waits, by metric and labels."""
    for labels in METRICS["p50_wait_s"].by:
        for where, rows in jobs.groups(labels, jobs.counted):
            median, p95 = quantiles(jobs.wait_s[rows])
            yield ("p50_wait_s", where), median
            yield ("p95_wait_s", where), p95
            if labels in METRICS["waits_counted"].by:
                yield ("waits_counted", where), float(len(rows))
            if labels in METRICS["mean_wait_s"].by:
                yield ("mean_wait_s", where), float(jobs.wait_s[rows].mean()) if len(rows) else math.nan
