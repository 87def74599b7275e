"""How much people hold back when much is queued: chosen so that synthetic demand piles up as the log's does.

Bursts that know nothing of each other pile up more than people let them. What is compared is how much is
asked for beyond what the machine has, if every job started when it was submitted.
"""

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np

from workloads.fitting.demanded import demanded
from workloads.synthetic.generate import generate
from workloads.synthetic.model import DemandModel
from workloads.synthetic.target import TargetNumbers

CANDIDATES = (0.0, 0.15, 0.3, 0.45, 0.6)
"""Restraints that are tried. Beyond the last, people would hardly submit anything to a busy machine."""
REPLICATIONS = 8
DAY_S = 86_400
SPAN_DAYS, MOST_JOBS = 300, 1e6
"""Days drawn; fewer where so many days would hold more jobs than are needed."""
MONDAY = datetime(2024, 1, 1, tzinfo=UTC)
SEED = 20240101


def fit_restraint(model: DemandModel, target: TargetNumbers, real_frac: float) -> float:
    """Return the restraint with which the model's demand exceeds the machine as much as the log's.

    Parameters
    ----------
    model : DemandModel
        Fitted in everything else.
    target : TargetNumbers
        Load and weeks of the log.
    real_frac : float
        `Demanded.excess_frac` of the log.

    Notes
    -----
    0 if the model asks for less than the log without any restraint, and the strongest candidate if it asks
    for more even then.
    """
    assert target.weeks is not None and target.slots is not None
    found: list[float] = []
    for restraint in CANDIDATES:
        weeks = replace(target.weeks, restraint_frac=restraint)
        found.append(_excess_frac(replace(model, target=replace(target, weeks=weeks)), target.slots))
        if found[-1] <= real_frac:
            break
    if len(found) == 1 or found[-1] > real_frac:
        return CANDIDATES[len(found) - 1]
    part = (found[-2] - real_frac) / (found[-2] - found[-1])
    low, high = CANDIDATES[len(found) - 2 : len(found)]
    return round(low + part * (high - low), 2)


def _excess_frac(model: DemandModel, slots: int) -> float:
    """Return `Demanded.excess_frac` of synthetic jobs: the mean of replications, always the same ones."""
    values = []
    jobs_per_day = sum(one.members.points[0][1] * one.jobs_per_member_day for one in model.tenants)
    days = int(min(SPAN_DAYS, max(MOST_JOBS / jobs_per_day, 1)))
    for replication in range(REPLICATIONS):
        jobs = generate(model, start=MONDAY, horizon_s=days * DAY_S, seed=SEED, replication=replication)
        if not len(jobs):
            continue
        columns = [jobs.numbers(name).astype(np.int64) for name in ("submit_s", "run_s", "slots")]
        values.append(demanded(columns[0], columns[1], columns[2], slots).excess_frac)
    return float(np.mean(values)) if values else 0.0
