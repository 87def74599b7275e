"""What is measured of a run: one function per group of metrics, every name with its unit and definition."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from capacity.scheduling.batch import Outcome
from capacity.simulation.record import Reading, RunRecord
from capacity.spec.scenario import Scenario
from capacity.study.build import Built
from capacity.study.findings import Labels, Values, labels
from capacity.study.job_metrics import by_qos, by_tenant, disturbances, never_started, read_bytes, undone
from capacity.study.quantiles import quantiles
from capacity.study.tables import held_s, pool_of
from workloads.synthetic.calendar import month_edges

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric: its unit and what it means."""

    unit: str
    definition: str


METRICS: Final[dict[str, Metric]] = {
    "capacity_slots": Metric("slot", "slots in service at the end of the month"),
    "peak_flops": Metric("FLOP/s", "dense peak in service at the end of the month, at that precision"),
    "utilization": Metric("1", "slot-seconds in use over slot-seconds in service"),
    "delivered_slot_hours": Metric("slot h", "slot-hours in use; a wide job holds whole nodes"),
    "queue_length": Metric("job", "jobs waiting, mean over time"),
    "p50_wait_s": Metric("s", "median wait of the jobs submitted in the month; those still waiting at the "
                              "end of the horizon count with their wait so far"),
    "p95_wait_s": Metric("s", "95th percentile of the same waits"),
    "jobs_submitted": Metric("job", "jobs submitted in the month, those rejected included"),
    "jobs_completed": Metric("job", "jobs that ended in the month with their work done"),
    "jobs_ended": Metric("job", "jobs that ended in the month, completed or not"),
    "jobs_timeout": Metric("job", "jobs killed at their requested time, over the horizon"),
    "jobs_rejected": Metric("job", "jobs that their pools will never hold, beyond a limit on submitted jobs, "
                                   "or not started by their deadline, over the horizon"),
    "jobs_cancelled": Metric("job", "jobs that never started: their users gave up, or a job they depended on "
                                    "did not complete, over the horizon"),
    "requeues": Metric("1", "attempts of jobs after their first, over the horizon"),
    "jobs_node_fail": Metric("job", "jobs that a failed node ended for good, over the horizon"),
    "lost_slot_hours": Metric("slot h", "slot-hours of work that failures and preemption undid, back to the "
                                        "last checkpoint, over the horizon"),
    "tenant_share": Metric("1", "part of the slot-hours of jobs over the horizon that a tenant's jobs held"),
    "work_reference_slot_hours": Metric(
        "slot h", "what the jobs that ended in the horizon would hold on the reference accelerator"
    ),
    "jobs_unfinished": Metric("job", "jobs waiting or running at the end of the horizon"),
    "storage_used_bytes": Metric("B", "held on the tier at the end of the month"),
    "storage_capacity_bytes": Metric("B", "usable capacity in service at the end of the month"),
    "storage_limit_bytes": Metric("B", "what may be filled of it: usable capacity times fill limit"),
    "storage_used_frac": Metric("1", "used over usable capacity in service"),
    "storage_growth_bytes": Metric("B", "stored over the horizon by source, deletions not subtracted"),
    "storage_pace_bytes_per_s": Metric("B/s", "net growth over the last 91 days of the horizon"),
    "storage_refused_bytes": Metric("B", "turned away in the month: the tier at its limit, or not there yet"),
    "storage_read_bytes": Metric("B", "read from the tier by the jobs that started in the month; a job that "
                                      "ran again counts in the month of its last start"),
    "storage_relieved_s": Metric("s", "time from the start until the tier first has room again after it was "
                                      "full; not measured when it was never full, or stays so"),
    "storage_full_s": Metric("s", "time from the start until the tier first reaches its fill limit; "
                                  "not measured when it does not within the horizon"),
}  # fmt: skip

UNITS: Final = {name: metric.unit for name, metric in METRICS.items()}


def measure(scenario: Scenario, built: Built, record: RunRecord) -> Values:
    """Everything measured of one run, by metric and labels."""
    months = _months(scenario)
    values: Values = {}
    for number, name in enumerate(scenario.site.pools):
        values.update(_pool_over_time(scenario, name, record, months))
        values.update(_pool_jobs(scenario, number, name, built, record, months))
    values.update(by_tenant(scenario, built, record.outcome))
    values.update(by_qos(scenario, built, record.outcome))
    values.update(read_bytes(scenario, built, record.outcome, months))
    for name in scenario.site.storage:
        values.update(_tier(name, record, months))
    return values


def _months(scenario: Scenario) -> dict[str, tuple[int, int]]:
    """Every month of the horizon and, last, ``all``, with start and end [s]."""
    return {**month_edges(scenario.start_time, scenario.horizon_s), "all": (0, scenario.horizon_s)}


def _readings(record: RunRecord) -> dict[int, Reading]:
    return {reading.time_s: reading for reading in record.readings}


def _ratio(over: float, under: float) -> float:
    return over / under if under > 0 else math.nan


def _pool_over_time(
    scenario: Scenario, name: str, record: RunRecord, months: dict[str, tuple[int, int]]
) -> Iterator[tuple[tuple[str, Labels], float]]:
    """Metrics that are integrals or levels of a pool."""
    at = _readings(record)
    precision = scenario.site.declared.precision if scenario.site.declared else "fp64_tensor"
    pool = scenario.site.pools[name]
    peak = pool.node.slot_peaks.get(precision, math.nan)
    for month, (start, end) in months.items():
        where = labels(pool=name, month=month)
        before, after = at[start].pools[name], at[end].pools[name]
        busy_slot_s = after.busy_slot_s - before.busy_slot_s
        yield ("capacity_slots", where), float(after.capacity_slots)
        yield (
            ("peak_flops", labels(pool=name, month=month, precision=precision)),
            after.capacity_slots * peak,
        )
        served = after.capacity_slot_s - before.capacity_slot_s
        yield ("utilization", where), _ratio(busy_slot_s, served)
        yield ("delivered_slot_hours", where), busy_slot_s / 3600
        waited = after.waiting_job_s - before.waiting_job_s
        yield ("queue_length", where), waited / (end - start)


def _pool_jobs(
    scenario: Scenario,
    number: int,
    name: str,
    built: Built,
    record: RunRecord,
    months: dict[str, tuple[int, int]],
) -> Iterator[tuple[tuple[str, Labels], float]]:
    """Metrics over the jobs of a pool."""
    batch, outcome = built.plant.batch, record.outcome
    jobs = batch.jobs
    of_pool = np.asarray(pool_of(batch, outcome) == number)
    every_submit = np.asarray(jobs.submit_s)[of_pool]
    withdrawn = never_started(outcome)
    mine = of_pool & ~outcome.rejected & ~withdrawn
    submit = np.asarray(jobs.submit_s)[mine]
    start, end = outcome.start_s[mine], outcome.end_s[mine]
    slots = np.asarray(jobs.slots)[mine]
    wait = np.where(start >= 0, start, scenario.horizon_s) - submit
    done = (built.plant.jobs.completed & (outcome.end_s >= 0) & ~undone(outcome))[mine]
    for month, (first, last) in months.items():
        where = labels(pool=name, month=month)
        yield ("jobs_submitted", where), float(np.diff(np.searchsorted(every_submit, (first, last)))[0])
        rows = slice(*np.searchsorted(submit, (first, last)))
        for metric, value in zip(("p50_wait_s", "p95_wait_s"), quantiles(wait[rows]), strict=True):
            yield (metric, where), value
    yield from _ended(name, months, end, done)
    whole = scenario.site.pools[name].node.slots
    for month, (first, last) in months.items():
        rows = slice(*np.searchsorted(submit, (first, last)))
        where = labels(pool=name, month=month, slots=str(whole))
        of_node = wait[rows][slots[rows] == whole]
        for metric, value in zip(("p50_wait_s", "p95_wait_s"), quantiles(of_node), strict=True):
            yield (metric, where), value
    yield ("work_reference_slot_hours", labels(pool=name, month="all")), _work(built, outcome, mine)
    total = labels(pool=name, month="all")
    yield ("jobs_rejected", total), float(np.count_nonzero(of_pool & outcome.rejected))
    yield ("jobs_timeout", total), float(np.count_nonzero(_timeouts(built, outcome) & mine))
    yield ("jobs_unfinished", total), float(np.count_nonzero(end < 0))
    yield ("jobs_cancelled", total), float(np.count_nonzero(of_pool & withdrawn))
    yield from disturbances(outcome, of_pool, total)


def _work(built: Built, outcome: Outcome, mine: npt.NDArray[np.bool_]) -> float:
    """Slot-hours on the reference accelerator of the jobs of a pool that ended, without what was undone."""
    codes, names = built.table.labels("job_class")
    factor = np.array([built.factors[name] for name in names])[codes]
    elsewhere = built.plant.batch.jobs.pool_factor
    if elsewhere is not None and outcome.site is not None:
        factor = factor * elsewhere[np.arange(len(codes)), outcome.site.pool]
    ended = mine & (outcome.end_s >= 0)
    lost = 0 if outcome.site is None else outcome.site.lost_s[ended]
    ran = (held_s(outcome)[ended] - lost) / factor[ended]
    return float(np.dot(ran, outcome.held_slots[ended])) / 3600


def _timeouts(built: Built, outcome: Outcome) -> npt.NDArray[np.bool_]:
    """Jobs that ended at their requested time, whether the demand model or the batch system cut them."""
    codes, words = built.table.labels("state")
    cut: npt.NDArray[np.bool_] = codes == words.index("timeout")
    return (cut | outcome.killed) & (outcome.end_s >= 0) & ~undone(outcome)


def _ended(
    name: str,
    months: dict[str, tuple[int, int]],
    end: npt.NDArray[np.int64],
    done: npt.NDArray[np.bool_],
) -> Iterator[tuple[tuple[str, Labels], float]]:
    """Jobs that ended in each month."""
    edges = np.array([start for month, (start, _) in months.items() if month != "all"] + [months["all"][1]])
    for metric, ends in (("jobs_ended", end[end >= 0]), ("jobs_completed", end[done])):
        # A job that ends at midnight ends with the old month: its last second of work lies there.
        counts = np.bincount(np.searchsorted(edges, ends, side="left") - 1, minlength=len(edges) - 1)
        for month, count in zip(months, [*counts[: len(edges) - 1], len(ends)], strict=True):
            yield (metric, labels(pool=name, month=month)), float(count)


def _tier(
    name: str, record: RunRecord, months: dict[str, tuple[int, int]]
) -> Iterator[tuple[tuple[str, Labels], float]]:
    """Metrics of a storage tier."""
    at = _readings(record)
    for month, (start, end) in months.items():
        where = labels(tier=name, month=month)
        before, after = at[start].tiers[name], at[end].tiers[name]
        yield ("storage_used_bytes", where), float(after.used_bytes)
        yield ("storage_capacity_bytes", where), float(after.capacity_bytes)
        yield ("storage_limit_bytes", where), float(after.limit_bytes)
        yield ("storage_used_frac", where), _ratio(after.used_bytes, after.capacity_bytes)
        yield ("storage_refused_bytes", where), float(after.refused_bytes - before.refused_bytes)
    for (tier, tenant, source), by_day in record.growth.items():
        if tier == name:
            where = labels(tier=name, tenant=tenant, source=source)
            yield ("storage_growth_bytes", where), float(by_day.sum())
    last, quarter = record.readings[-1], record.readings[max(0, len(record.readings) - 92)]
    grown = last.tiers[name].used_bytes - quarter.tiers[name].used_bytes
    yield ("storage_pace_bytes_per_s", labels(tier=name)), _ratio(grown, last.time_s - quarter.time_s)
    full = [event.time_s for event in record.events if event.kind == "tier_full" and event.place == name]
    yield ("storage_full_s", labels(tier=name)), float(full[0]) if full else math.nan
    freed = [event.time_s for event in record.events if (event.kind, event.place) == ("tier_relieved", name)]
    yield ("storage_relieved_s", labels(tier=name)), float(freed[0]) if freed else math.nan
