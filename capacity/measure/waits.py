"""How long jobs waited: median, 95th percentile and mean by every set of labels in the table of metrics.

A wait counts in the month of submission. Jobs that still wait at the end of the run count with their wait so
far, those that gave up with the wait until they left: both would have waited longer, so what they could move
is known as a lower bound only (`AtLeast`). Jobs turned away at once do not wait.

A plan through 2022 is transient: the empty start, the deliveries and the growth of demand are the question,
and nothing of it may be left out. A steady question (how long does one wait on a machine of this size under
this load?) has no start, so what the simulation needs to fill up is left out: waits say how long that takes.
"""

import math
from collections.abc import Collection
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt

from capacity.measure.findings import Labels, Measured
from capacity.measure.metrics import METRICS, WAIT_LABELS
from capacity.measure.outcomes import LONG, JobOutcomes
from capacity.statistics.bounds import AtLeast
from capacity.statistics.quantiles import MOVED_FRAC, quantiles
from capacity.statistics.steady_state import mser5

OF_WAITS: Final = {name for name, metric in METRICS.items() if metric.section == "waits"}


def label_set(metric: str, where: Labels) -> str:
    """Return the set of labels that has to be measured for what is asked of waits; empty if it always is.

    Examples
    --------
    >>> label_set("p95_wait_s", (("tenant", "students"), ("slots", "8"), ("length", ">=1h")))
    'month=all tenant slots=8 length=>=1h'
    >>> label_set("p95_wait_s", (("pool", "gpu"),)), label_set("utilization", (("user", "me"),))
    ('', '')
    """
    asked = set_of(metric, where)
    return "" if asked in METRICS[metric].by else asked


def set_of(metric: str, where: Labels) -> str:
    """Return the set of labels by which what is asked of waits is measured; empty if it cannot be.

    Examples
    --------
    >>> set_of("p95_wait_s", (("pool", "gpu"), ("month", "2022-12")))
    'pool month'
    """
    given = {"month": "all", **dict(where)}
    whole_node = given.get("slots") == "*"
    if metric not in OF_WAITS or not given.keys() <= {*WAIT_LABELS} or (whole_node and "pool" not in given):
        return ""
    parts = {
        "month": "month=all" if given["month"] == "all" else "month",
        "length": f"length={LONG}" if given.get("length") == LONG else "length",
        "slots": "slots" if whole_node else f"slots={given.get('slots')}",
    }
    asked = {parts.get(name, name) for name in given}
    for names in METRICS[metric].by:
        if asked in ({*names.split()}, {*names.split()} - {"month"} | {"month=all"}):
            return names
    return " ".join(part for name in WAIT_LABELS if (part := parts.get(name, name)) in asked)


def waits(
    jobs: JobOutcomes, also: Collection[str] = (), always: Collection[str] = METRICS["p50_wait_s"].by
) -> Measured:
    """Yield every metric of waits, by metric and labels; `also` by further sets of labels."""
    for labels in dict.fromkeys([*always, *also]):
        wanted = OF_WAITS if labels in also else {m for m in OF_WAITS if labels in METRICS[m].by}
        for rows, spans in jobs.spans(labels, jobs.waited):
            all_s, all_open, by_work = jobs.wait_s[rows], jobs.wait_open[rows], "p95_wait_by_work_s" in wanted
            work_slot_s = jobs.run_time_s[rows].astype(np.float64) * jobs.slots[rows] if by_work else None
            some_open = bool(all_open.any())
            for where, span in spans:
                wait_s, still = all_s[span], all_open[span] if some_open else None
                median, p95 = quantiles(wait_s, still)
                yield ("p50_wait_s", where), median
                yield ("p95_wait_s", where), p95
                if "waits_counted" in wanted:
                    yield ("waits_counted", where), float(len(wait_s))
                if "mean_wait_s" in wanted:
                    yield ("mean_wait_s", where), _mean(wait_s, still)
                if work_slot_s is not None:
                    p95_by_work = quantiles(wait_s, still, weights=work_slot_s[span])[1]
                    yield ("p95_wait_by_work_s", where), p95_by_work


def _mean(wait_s: npt.NDArray[np.int64], still: npt.NDArray[np.bool_] | None) -> float:
    """Return the mean wait, at least that if more than a hundredth of the waits is open; NaN of none. [s]."""
    if not len(wait_s):
        return math.nan
    mean_s = float(wait_s.mean())
    return AtLeast(mean_s) if still is not None and still.mean() > MOVED_FRAC else mean_s


def warm_up_s(jobs: JobOutcomes) -> int:
    """Return the midnight from which on every pool's waits look like those after it. [s].

    MSER-5 on the waits of each pool in order of submission; the pool that takes longest decides. At most half
    of the horizon's jobs are left out: a site that needs more is not steady in this horizon.
    """
    latest = 0
    for number in range(len(jobs.batch.specs)):
        rows = np.flatnonzero(jobs.waited & (jobs.pool == number))
        if len(rows):
            kept = min(mser5(jobs.wait_s[rows].astype(np.float64)), len(rows) - 1)
            latest = max(latest, int(jobs.submit_s[rows[kept]]) if kept else 0)
    edges = jobs.built.site.day_edges_s
    return next(
        (end for start, end in pairwise(edges[:-1]) if start < latest <= end),
        edges[0] if not latest else edges[-2],
    )
