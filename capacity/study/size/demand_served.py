"""Whether a candidate serves the demand at all, whatever is required of it: that it turns nobody away.

A site that rejects jobs which a larger one runs, or that people leave because they wait too long, has short
waits, and a tier that turns data away is never fuller than its limit: all would look good. So the largest
candidate is the measure. What it turns away as well (a job that no site runs, data beyond a quota) is no
question of size.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from capacity.measure.findings import Values
from capacity.study.requirements import Requirement
from capacity.study.verdict import Verdict


@dataclass(frozen=True, slots=True)
class TurnedAway:
    """One way of not serving a demand: the metric that counts it, and how much more of it is let pass.

    Attributes
    ----------
    asked, unit : str
        What a candidate must do, and the unit of the metric.
    tolerated_frac, of : float, str
        The part of another metric by which it may exceed the largest site's.
    but_for : str
        A metric that is taken off it.
    """

    asked: str
    unit: str
    tolerated_frac: float = 0.0
    of: str = ""
    but_for: str = ""


JOBS: Final = "jobs_rejected"
DATA: Final = "storage_refused_bytes"
WIDEST: Final = "widest_job_slots"
WAYS: Final[Mapping[str, TurnedAway]] = {
    JOBS: TurnedAway("no more jobs are rejected than on the largest site", "job"),
    "jobs_cancelled": TurnedAway(
        "hardly more jobs give up waiting than on the largest site", "job", 0.01, "jobs_submitted"
    ),
    "storage_failed_jobs": TurnedAway(
        "hardly more jobs fail for want of room than on the largest site", "job", 0.001, "jobs_submitted"
    ),
    DATA: TurnedAway(
        "no more data are turned away than on the largest site", "B", 0.001, "storage_arrived_bytes",
        but_for="storage_over_quota_bytes",
    ),
    WIDEST: TurnedAway("the widest job fits the machine", "slot"),
}  # fmt: skip
"""What a candidate must do whatever is required, by what is counted. Two sites differ by what is tolerated by
the order of their jobs alone; of those that give up by so few that their waits say nothing else of the rest.
"""


def turned_away(runs: Sequence[Values]) -> dict[str, float]:
    """Return what was turned away over the horizon in each of `WAYS`, means of the replications [job, B]."""
    return {
        name: _mean(runs, name) - (_mean(runs, way.but_for) if way.but_for else 0.0)
        for name, way in WAYS.items()
    }


def unserved(
    runs: Sequence[Values], least: Mapping[str, float], requirements: Sequence[Requirement] = ()
) -> tuple[Verdict, ...]:
    """Return what a candidate turns away that the largest one takes; nothing if it serves the demand.

    The runs are the same replications as those of which `turned_away` said `least` of the largest one. A
    requirement that speaks of one of `WAYS` takes the place of what is said here of it.
    """
    stated = {one.metric for one in requirements}
    if DATA in stated:  # whose data do not fit, fails
        stated.add("storage_failed_jobs")
    found = []
    for name, lost in turned_away(runs).items():
        way, limit = WAYS[name], least.get(name, 0.0)
        tolerated = way.tolerated_frac * _mean(runs, way.of) if way.of else 0.0
        if lost > limit + tolerated and name not in stated:
            found.append(refusal(name, lost, limit, n=len(runs)))
    return tuple(found)


def refusal(metric: str, found: float, limit: float, *, n: int) -> Verdict:
    """Return the verdict that `n` replications of a candidate do not serve the demand.

    Found is so much of a metric of `WAYS`, and there may be so much. [unit of the metric]
    """
    way = WAYS[metric]
    return Verdict(
        asked=way.asked, standing="shown not", metric=metric, found=found, limit=limit, unit=way.unit,
        by=found - limit, by_unit=way.unit, n=n,
    )  # fmt: skip


def _mean(runs: Sequence[Values], name: str) -> float:
    """Return a metric over the horizon, all pools or tiers together, as the mean of the replications."""
    places = (["pool", "month"], ["tier", "month"], ["tier"])
    return math.fsum(
        value
        for values in runs
        for (metric, where), value in values.items()
        if metric == name and [*dict(where)] in places and dict(where).get("month", "all") == "all"
    ) / len(runs)
