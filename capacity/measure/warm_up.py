"""How long a site takes to forget that it started empty; only where one asks for its steady state.

A plan through 2022 is transient: the empty start, the deliveries and the growth of demand are the question,
and nothing of it may be left out. A steady question (how long does one wait on a machine of this size under
this load?) has no start, so what the simulation needs to fill up is left out.
"""

from itertools import pairwise

import numpy as np

from capacity.inputs.scenario import Scenario
from capacity.measure.outcomes import pool_of
from capacity.measure.waits import counted, waits_s
from capacity.scheduling.outcome import Outcome
from capacity.simulation.build import Built
from capacity.statistics.steady_state import mser5


def warm_up_s(scenario: Scenario, built: Built, outcome: Outcome) -> int:
    """Return the midnight from which on every pool's waits look like those after it. [s].

    MSER-5 on the waits of each pool in order of submission; the pool that takes longest decides. At most half
    of the horizon's jobs are left out: a site that needs more is not steady in this horizon.
    """
    submit = np.asarray(built.site.batch.jobs.submit_s)
    wait, counts = waits_s(scenario, built, outcome), counted(outcome)
    pool = pool_of(built.site.batch, outcome)
    latest = 0
    for number in range(len(scenario.site.pools)):
        rows = np.flatnonzero(counts & (pool == number))
        if len(rows):
            kept = min(mser5(wait[rows].astype(np.float64)).kept_from, len(rows) - 1)
            latest = max(latest, int(submit[rows[kept]]) if kept else 0)
    edges = built.site.day_edges_s
    return next(
        (end for start, end in pairwise(edges[:-1]) if start < latest <= end),
        edges[0] if not latest else edges[-2],
    )
