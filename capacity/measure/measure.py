"""What is measured of a run: one function per group of metrics, every name with its unit and definition."""

import math
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from capacity.inputs.scenario import Scenario
from capacity.measure.bandwidth import storage_io
from capacity.measure.demand import (
    by_class,
    by_qos,
    by_tenant,
    disturbances,
    never_started,
    read_bytes,
    undone,
)
from capacity.measure.energy import energy
from capacity.measure.findings import Labels, Values, labels
from capacity.measure.metrics import METRICS, UNITS
from capacity.measure.operations import delivered
from capacity.measure.outcomes import pool_of
from capacity.measure.storage.levels import storage_metrics
from capacity.measure.storage.savings import savings, wanted_by_month
from capacity.measure.use import Spent, delivered_nodes, goodput, spent
from capacity.measure.waits import wait_metrics
from capacity.measure.warm_up import warm_up_s
from capacity.scheduling.outcome import Outcome
from capacity.scheduling.pools.pool import PoolSpec
from capacity.simulation.build import Built
from capacity.simulation.calendar import calendar_of
from capacity.simulation.record import Reading, RunRecord
from capacity.statistics.quantiles import quantiles

__all__ = ["METRICS", "UNITS", "measure"]

Floats = npt.NDArray[np.float64]


def measure(scenario: Scenario, built: Built, record: RunRecord, *, what_if: bool = False) -> Values:
    """Everything measured of one run, by metric and labels; with `what_if`, what storage rules saved too."""
    months = _months(scenario)
    values: Values = {}
    if scenario.regime == "steady":
        warm_up = warm_up_s(scenario, built, record.outcome)
        values["warm_up_s", labels(month="all")] = float(warm_up)
        months["all"] = (warm_up, scenario.horizon_s)
    time = spent(built, record.outcome, scenario.horizon_s)
    for number, name in enumerate(scenario.site.pools):
        values.update(_pool_over_time(scenario, built.site.batch.specs[number], record, months))
        values.update(_pool_jobs(scenario, number, name, built, record, months, time))
    values.update(goodput(built, record, time, months))
    if scenario.simulate.hardware:
        values.update(delivered(built, record, time))
    if scenario.simulate.energy:
        values.update(energy(scenario, record, months))
    values.update(by_class(scenario, built, record.outcome, months))
    values.update(wait_metrics(scenario, built, record.outcome, months))
    values.update(by_tenant(built, record.outcome, time))
    values.update(by_qos(scenario, built, record.outcome, months))
    values.update(read_bytes(scenario, built, record.outcome, months))
    values.update(storage_metrics(built, record, months))
    values.update(storage_io(built, record, months, time, values))
    if built.site.storage.tiers:
        values.update(wanted_by_month(built.site.storage, built.site.day_edges_s, months))
    if what_if:
        values.update(savings(built.site.storage, built.site.day_edges_s))
    return values


def _months(scenario: Scenario) -> dict[str, tuple[int, int]]:
    """Every month of the horizon and, last, ``all``, with start and end [s]."""
    return {**calendar_of(scenario).months(), "all": (0, scenario.horizon_s)}


def _readings(record: RunRecord) -> dict[int, Reading]:
    return {reading.time_s: reading for reading in record.readings}


def _ratio(over: float, under: float) -> float:
    return over / under if under > 0 else math.nan


def _pool_over_time(
    scenario: Scenario, spec: PoolSpec, record: RunRecord, months: dict[str, tuple[int, int]]
) -> Iterator[tuple[tuple[str, Labels], float]]:
    """Metrics that are integrals or levels of a pool."""
    at, name = _readings(record), spec.name
    precision = scenario.site.declared.precision if scenario.site.declared else "fp64_tensor"
    pool = scenario.site.pools[name]
    peak = pool.node.slot_peaks.get(precision, math.nan)
    for month, (start, end) in months.items():
        where = labels(pool=name, month=month)
        before, after = at[start].pools[name], at[end].pools[name]
        busy_slot_s = after.busy_slot_s - before.busy_slot_s
        yield ("capacity_slots", where), float(after.capacity_slots)
        delivered_slots = spec.slots_per_node * delivered_nodes(spec, end)
        yield ("peak_flops", labels(pool=name, month=month, precision=precision)), delivered_slots * peak
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
    time: Spent,
) -> Iterator[tuple[tuple[str, Labels], float]]:
    """Metrics over the jobs of a pool."""
    batch, outcome = built.site.batch, record.outcome
    jobs = batch.jobs
    of_pool = np.asarray(pool_of(batch, outcome) == number)
    every_submit = np.asarray(jobs.submit_s)[of_pool]
    withdrawn = never_started(outcome)
    mine = of_pool & ~outcome.rejected & ~withdrawn
    submit = np.asarray(jobs.submit_s)[mine]
    start, end = outcome.start_s[mine], outcome.end_s[mine]
    slots = np.asarray(jobs.slots)[mine]
    wait = np.where(start >= 0, start, scenario.horizon_s) - submit
    done = (built.site.jobs.completed & (outcome.end_s >= 0) & ~undone(outcome))[mine]
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
    yield (
        ("work_reference_slot_hours", labels(pool=name, month="all")),
        _work(built, outcome, mine, time, name),
    )
    total = labels(pool=name, month="all")
    yield ("jobs_rejected", total), float(np.count_nonzero(of_pool & outcome.rejected))
    yield ("jobs_timeout", total), float(np.count_nonzero(_timeouts(built, outcome) & mine))
    yield ("jobs_unfinished", total), float(np.count_nonzero(end < 0))
    yield ("jobs_cancelled", total), float(np.count_nonzero(of_pool & withdrawn))
    yield from disturbances(outcome, of_pool, total)


def _work(built: Built, outcome: Outcome, mine: npt.NDArray[np.bool_], time: Spent, pool: str) -> float:
    """Slot-hours on the reference of the useful work of the jobs of a pool that ended."""
    ended = mine & (outcome.end_s >= 0)
    codes, names = built.table.labels("job_class")
    slots = np.asarray(built.site.batch.jobs.slots)
    total = 0.0
    for code, name in enumerate(names):
        rows = np.flatnonzero(ended & (codes == code))
        if len(rows):
            ran = time.useful_s[rows] / built.hardware.factor(name, pool, slots[rows])
            total += float(np.dot(ran, outcome.held_slots[rows]))
    return total / 3600


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
        for month, count in zip(
            months, [*counts[: len(edges) - 1], np.count_nonzero(ends >= months["all"][0])], strict=True
        ):
            yield (metric, labels(pool=name, month=month)), float(count)
