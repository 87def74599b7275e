"""The plainest model: jobs arrive at random at a constant rate, and look like jobs of a recorded log.

It has no day, no week, no users and no bursts, so what a queue does under it shows what those are worth.
"""

import numpy as np
from numpy.typing import NDArray

from workloads.errors import LogError
from workloads.jobtable import LABELS, JobTable, table_from
from workloads.published.request import MOST_JOBS, Request, jobs_of

JOB_COLUMNS = ("run_s", "requested_s", "slots")


def joint(request: Request) -> JobTable:
    """Return jobs drawn whole from a log, so that size, run time and request belong together."""
    return _draw(request, "poisson", together=True)


def independent(request: Request) -> JobTable:
    """Return jobs whose size, run time and request are drawn from a log each for itself.

    A request that is shorter than the run time is raised to it. Cutting the run time instead would halve the
    load and more, because the two are unrelated here.
    """
    return _draw(request, "poisson-independent", together=False)


def _draw(request: Request, model: str, *, together: bool) -> JobTable:
    log = jobs_of(request.log, model)
    submit_s = _arrivals(request, _rate(log))
    n = len(submit_s)
    picks = {}
    for name in JOB_COLUMNS:
        rng = request.stream("poisson", "jobs" if together else name)
        picks[name] = (rng.random(n) * len(log)).astype(np.intp)
    columns = {"job_id": np.arange(1, n + 1), "submit_s": submit_s}
    columns |= {name: log.numbers(name)[rows] for name, rows in picks.items()}
    if together:
        columns |= {name: log.frame[name].array[picks["slots"]] for name in LABELS}
    else:
        asked = columns["requested_s"] > 0
        enough = np.maximum(columns["run_s"], columns["requested_s"])
        columns["requested_s"] = np.where(asked, enough, columns["requested_s"])
    size = log.max_slots if request.slots is None else request.slots
    return table_from(columns, ties="file", origin=log.origin, max_slots=size)


def _rate(log: JobTable) -> float:
    """Return jobs per second of a log."""
    submit_s = log.numbers("submit_s")
    return (len(log) - 1) / float(submit_s[-1] - submit_s[0])


def _arrivals(request: Request, rate: float) -> NDArray[np.int64]:
    """Return whole seconds of submission before the horizon; a longer one only adds jobs."""
    n = int(request.horizon_s * rate * 1.1) + 100
    while n <= MOST_JOBS:
        gaps_s = request.stream("poisson", "gaps").standard_exponential(n) / rate
        submit_s = np.floor(np.cumsum(gaps_s)).astype(np.int64)
        if submit_s[-1] >= request.horizon_s:
            return submit_s[submit_s < request.horizon_s]
        n *= 2
    raise LogError.whole_file("", f"{request.days:g} days are too many jobs", f"at most {MOST_JOBS:,}")
