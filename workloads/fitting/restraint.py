"""How much people hold back when much is queued: chosen so that synthetic work piles up as the log's does.

Bursts that know nothing of each other pile up more than people let them. What is compared is the work queued
in front of a fluid machine, hour by hour: it needs no scheduler and says most of what a scheduler would.
"""

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from workloads.synthetic.generate import generate
from workloads.synthetic.model import DemandModel
from workloads.synthetic.target import Target

CANDIDATES = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6)
REPLICATIONS = 6
HOUR_S, DAY_S = 3600, 86400
SPAN_DAYS, MOST_JOBS = 300, 5e6
"""Days drawn; fewer where so many days would hold more jobs than are needed."""
MONDAY = datetime(2024, 1, 1, tzinfo=UTC)
SEED = 20240101
Floats = NDArray[np.float64]


def mean_queued_s(submit_s: NDArray[np.int64], work: Floats, slots: int) -> float:
    """Return the work that jobs find queued on average, in front of a machine that any work can fill.

    Parameters
    ----------
    submit_s : array of int64, shape (n_jobs,)
        Submissions. [s]
    work : array of float64, shape (n_jobs,)
        Slots times run time. [slot s]
    slots : int
        Size of the machine. [slot]

    Returns
    -------
    float
        Time that the machine would need for what is queued. [s]

    Notes
    -----
    Lindley's recursion, q(h + 1) = max(q(h) + in(h) - capacity, 0), solved by the running minimum of the sums
    (D. V. Lindley, 1952, doi:10.1017/S0305004100027638).
    """
    if not len(submit_s):
        return 0.0
    hour = (submit_s - submit_s.min()) // HOUR_S
    free = np.cumsum(np.bincount(hour, work) / slots - HOUR_S)
    queued_s = free - np.minimum(np.minimum.accumulate(free), 0.0)
    return float(queued_s[hour].mean())


def fit_restraint(model: DemandModel, target: Target, real_s: float) -> float:
    """Return the restraint with which the model's work piles up as much as the log's.

    Parameters
    ----------
    model : DemandModel
        Fitted in everything else.
    target : Target
        Load and weeks of the log.
    real_s : float
        `mean_queued_s` of the log. [s]

    Notes
    -----
    0 if the model's work piles up less without any restraint, and also if it piles up more with the
    strongest: then it is not restraint that makes the difference.
    """
    assert target.weeks is not None and target.slots is not None
    found: list[float] = []
    for restraint in CANDIDATES:
        weeks = replace(target.weeks, restraint_frac=restraint)
        found.append(_queued_s(replace(model, target=replace(target, weeks=weeks)), target.slots))
        if found[-1] <= real_s:
            break
    if len(found) == 1 or found[-1] > real_s:
        return 0.0
    part = (found[-2] - real_s) / (found[-2] - found[-1])
    low, high = CANDIDATES[len(found) - 2 : len(found)]
    return round(low + part * (high - low), 2)


def _queued_s(model: DemandModel, slots: int) -> float:
    """Return `mean_queued_s` of synthetic jobs, the mean of some replications, always the same ones."""
    values = []
    jobs_per_day = sum(one.members.points[0][1] * one.jobs_per_member_day for one in model.tenants)
    days = int(min(SPAN_DAYS, max(MOST_JOBS / jobs_per_day, 1)))
    for replication in range(REPLICATIONS):
        jobs = generate(model, start=MONDAY, horizon_s=days * DAY_S, seed=SEED, replication=replication)
        work = jobs.numbers("slots").astype(np.float64) * jobs.numbers("run_s")
        values.append(mean_queued_s(jobs.numbers("submit_s").astype(np.int64), work, slots))
    return float(np.mean(values))
