"""Metrics over jobs: what failures and preemption undid, shares of tenants, waits by QOS."""

from collections.abc import Iterator, Mapping
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from capacity.inputs.scenario import Scenario
from capacity.measure.findings import Labels, labels
from capacity.measure.use import Spent
from capacity.scheduling.outcome import Outcome
from capacity.simulation.build import Built
from capacity.statistics.quantiles import quantiles

Bools: TypeAlias = npt.NDArray[np.bool_]
Measured: TypeAlias = Iterator[tuple[tuple[str, Labels], float]]


def never_started(outcome: Outcome) -> Bools:
    """Return which jobs were cancelled before they ever started, shape (n_jobs,)."""
    if outcome.site is None:
        return np.zeros(len(outcome.start_s), np.bool_)
    return np.asarray(outcome.site.cancelled & (outcome.start_s < 0))


def undone(outcome: Outcome) -> Bools:
    """Return which jobs were ended for good by others: preempted and cancelled, or by a failed node."""
    if outcome.site is None:
        return np.zeros(len(outcome.start_s), np.bool_)
    return np.asarray(outcome.site.cancelled | outcome.site.node_fail)


def disturbances(outcome: Outcome, of_pool: Bools, total: Labels) -> Measured:
    """Yield how often jobs of a pool ran again, and what that cost."""
    site = outcome.site
    yield ("requeues", total), 0.0 if site is None else float(np.maximum(site.attempts[of_pool] - 1, 0).sum())
    yield (
        ("jobs_node_fail", total),
        0.0 if site is None else float(np.count_nonzero(site.node_fail & of_pool)),
    )
    lost = 0.0
    if site is not None:
        lost = float(np.dot(site.lost_s[of_pool], outcome.held_slots[of_pool].astype(np.int64))) / 3600
    yield ("lost_slot_hours", total), lost


def by_tenant(built: Built, outcome: Outcome, time: Spent) -> Measured:
    """Yield each tenant's part of the slot-hours that jobs held, up to the end of the horizon."""
    codes, names = built.table.labels("tenant")
    held_s = time.useful_s + time.checkpoint_s + time.lost_s + time.restart_s
    by_code = np.bincount(codes, held_s * outcome.held_slots.astype(np.float64), minlength=len(names))
    total = float(by_code.sum())
    for name, slot_s in zip(names, by_code, strict=True):
        yield ("tenant_share", labels(tenant=name, month="all")), float(slot_s) / total if total else np.nan


def read_bytes(
    scenario: Scenario, built: Built, outcome: Outcome, months: Mapping[str, tuple[int, int]]
) -> Measured:
    """Yield what jobs read from each tier when they start, by month; nothing for tiers nobody reads from.

    Every attempt counts in the month of the last one; those before only for what is read again.
    """
    classes = scenario.workload.classes
    codes, names = built.table.labels("job_class")
    inputs = [(name, one) for name in names for one in classes[name].reads.values()]
    slots = built.table.numbers("slots").astype(np.float64)
    started = outcome.start_s >= 0
    attempts = np.ones(len(codes)) if outcome.site is None else outcome.site.attempts
    for tier in dict.fromkeys(one.tier for _, one in inputs):
        amount = np.zeros(len(codes))
        for name, one in inputs:
            if one.tier == tier:
                mine = started & (codes == names.index(name))
                each = (one.per_job or 0.0) + (one.per_slot or 0.0) * slots[mine]
                amount[mine] += each * (attempts[mine] if one.again else 1)
        for month, (first, last) in months.items():
            of_month = (outcome.start_s >= first) & (outcome.start_s < last)
            yield ("storage_read_bytes", labels(tier=tier, month=month)), float(amount[of_month].sum())


def by_class(
    scenario: Scenario, built: Built, outcome: Outcome, months: Mapping[str, tuple[int, int]]
) -> Measured:
    """Yield median and 95th percentile of the waits of each job class over the horizon."""
    submit = np.asarray(built.site.batch.jobs.submit_s)
    wait = np.where(outcome.start_s >= 0, outcome.start_s, scenario.horizon_s) - submit
    counts = ~outcome.rejected & ~never_started(outcome) & (submit >= months["all"][0])
    codes, names = built.table.labels("job_class")
    for code, name in enumerate(names):
        found = quantiles(wait[counts & (codes == code)])
        for metric, value in zip(("p50_wait_s", "p95_wait_s"), found, strict=True):
            yield (metric, labels(job_class=name, month="all")), value


def by_qos(
    scenario: Scenario, built: Built, outcome: Outcome, months: Mapping[str, tuple[int, int]]
) -> Measured:
    """Yield median and 95th percentile of the waits of each QOS over the horizon, if there are any QOS."""
    jobs = built.site.batch.jobs
    if not scenario.policy.qos or jobs.qos is None:
        return
    wait = np.where(outcome.start_s >= 0, outcome.start_s, scenario.horizon_s) - jobs.submit_s
    counts = ~outcome.rejected & ~never_started(outcome) & (np.asarray(jobs.submit_s) >= months["all"][0])
    for number, name in enumerate(scenario.policy.qos):
        found = quantiles(wait[counts & (jobs.qos == number)])
        for metric, value in zip(("p50_wait_s", "p95_wait_s"), found, strict=True):
            yield (metric, labels(month="all", qos=name)), value
