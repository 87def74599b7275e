"""Whether a candidate serves the demand at all, whatever is required of it: that it turns nothing away.

A site that rejects jobs which a larger one runs has short waits, and a tier that turns data away is never
fuller than its limit: both would look good. So the largest candidate is the measure. What it turns away as
well (a job that no site runs, data beyond a quota) is no question of size.
"""

import math
from collections.abc import Sequence
from typing import Final

from capacity.measure.findings import Values
from capacity.study.requirements import Requirement
from capacity.study.verdict import Verdict

JOBS: Final = "jobs_rejected"
DATA: Final = "storage_refused_bytes"
WIDEST: Final = "widest_job_slots"
ASKED: Final = {
    JOBS: "no more jobs are rejected than on the largest site",
    DATA: "no more data are turned away than on the largest site",
    WIDEST: "the widest job fits the machine",
}
"""What a candidate must do whatever is required."""
UNITS: Final = {JOBS: "job", DATA: "B", WIDEST: "slot"}
TOLERATED_FRAC: Final = 0.001
"""Of the data that arrive: what two sites turn away differs by that much only by the order of their jobs."""


def turned_away(runs: Sequence[Values]) -> tuple[float, float]:
    """Return the jobs rejected and the data turned away for want of room over the horizon, a mean. [1, B]."""
    return _mean(runs, JOBS), _mean(runs, DATA) - _mean(runs, "storage_over_quota_bytes")


def unserved(
    runs: Sequence[Values], least: tuple[float, float], requirements: Sequence[Requirement] = ()
) -> tuple[Verdict, ...]:
    """Return what a candidate turns away that the largest one takes; nothing if it serves the demand.

    The runs are the same replications as those of which `turned_away` said `least` of the largest one. A
    requirement that speaks of jobs rejected or data turned away takes the place of what is said here of it.
    """
    jobs, data_bytes = turned_away(runs)
    stated = {one.metric for one in requirements}
    found = []
    if jobs > least[0] and JOBS not in stated:
        found.append(refusal(JOBS, jobs, least[0], n=len(runs)))
    tolerated_bytes = TOLERATED_FRAC * _mean(runs, "storage_arrived_bytes")
    if data_bytes > least[1] + tolerated_bytes and DATA not in stated:
        found.append(refusal(DATA, data_bytes, least[1], n=len(runs)))
    return tuple(found)


def refusal(metric: str, found: float, limit: float, *, n: int) -> Verdict:
    """Return the verdict that `n` replications of a candidate do not serve the demand.

    Found is so much of a metric of `ASKED`, and there may be so much. [unit of the metric]
    """
    unit = UNITS[metric]
    return Verdict(
        asked=ASKED[metric], standing="shown not", metric=metric, found=found, limit=limit, unit=unit,
        by=found - limit, by_unit=unit, n=n,
    )  # fmt: skip


def _mean(runs: Sequence[Values], name: str) -> float:
    """Return a metric over the horizon, all pools or tiers together, as the mean of the replications."""
    return math.fsum(
        value
        for values in runs
        for (metric, where), value in values.items()
        if metric == name and dict(where).get("month") == "all" and len(where) == 2
    ) / len(runs)
