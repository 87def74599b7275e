"""How long a site takes to forget that it started empty; only where one asks for its steady state.

A plan through 2022 is transient: the empty start, the deliveries and the growth of demand are the question,
and nothing of it may be left out. A steady question (how long does one wait on a machine of this size under
this load?) has no start, so what the simulation needs to fill up is left out.
"""

from itertools import pairwise

import numpy as np

from capacity.measure.outcomes import JobOutcomes
from capacity.statistics.steady_state import mser5


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
