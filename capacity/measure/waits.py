"""How long jobs waited: median, 95th percentile and mean by every set of labels in the table of metrics.

A wait counts in the month of submission. Jobs that still wait at the end of the horizon count with their wait
so far; those that were rejected, or withdrawn before they started, do not count.

A plan through 2022 is transient: the empty start, the deliveries and the growth of demand are the question,
and nothing of it may be left out. A steady question (how long does one wait on a machine of this size under
this load?) has no start, so what the simulation needs to fill up is left out: waits say how long that takes.
"""

import math
from itertools import pairwise

import numpy as np

from capacity.measure.findings import Measured
from capacity.measure.metrics import METRICS
from capacity.measure.outcomes import JobOutcomes
from capacity.statistics.quantiles import quantiles
from capacity.statistics.steady_state import mser5


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


def warm_up_s(jobs: JobOutcomes) -> int:
    """Return the midnight from which on every pool's waits look like those after it. [s].

    MSER-5 on the waits of each pool in order of submission; the pool that takes longest decides. At most half
    of the horizon's jobs are left out: a site that needs more is not steady in this horizon.
    """
    latest = 0
    for number in range(len(jobs.batch.specs)):
        rows = np.flatnonzero(jobs.counted & (jobs.pool == number))
        if len(rows):
            kept = min(mser5(jobs.wait_s[rows].astype(np.float64)), len(rows) - 1)
            latest = max(latest, int(jobs.submit_s[rows[kept]]) if kept else 0)
    edges = jobs.built.site.day_edges_s
    return next(
        (end for start, end in pairwise(edges[:-1]) if start < latest <= end),
        edges[0] if not latest else edges[-2],
    )
