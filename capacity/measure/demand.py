"""What became of the demand: jobs submitted, ended, completed and turned away, work done, tenants' shares."""

from collections.abc import Iterator

import numpy as np

from capacity.measure.findings import Labels, Measured, labels
from capacity.measure.metrics import METRICS
from capacity.measure.outcomes import Bools, JobOutcomes
from capacity.simulation.build import never_starts


def demand(jobs: JobOutcomes) -> Measured:
    """Yield every count of jobs, the work they did and each tenant's share, by metric and labels."""
    everything = np.ones(len(jobs.submit_s), np.bool_)
    for where, rows in jobs.groups(METRICS["jobs_submitted"].by[0], everything):
        yield ("jobs_submitted", where), float(len(rows))
    accepted = jobs.counted
    yield from _ended(jobs, "jobs_ended", accepted & jobs.ended)
    yield from _ended(jobs, "jobs_completed", accepted & jobs.completed)
    for metric, which in (
        ("jobs_rejected", jobs.outcome.rejected),
        ("jobs_timeout", accepted & jobs.timed_out),
        ("jobs_unfinished", accepted & ~jobs.ended),
        ("jobs_cancelled", jobs.withdrawn),
        ("jobs_node_fail", jobs.outcome.node_fail),
    ):
        for where, number in _by_pool(jobs, which):
            yield (metric, where), float(number)
    for where, number in _by_pool(jobs, np.maximum(jobs.outcome.attempts.astype(np.int64) - 1, 0)):
        yield ("requeues", where), float(number)
    yield from _never_start(jobs)
    yield from _work(jobs)
    yield from _tenant_shares(jobs)


def _by_pool(jobs: JobOutcomes, amounts: np.ndarray) -> Iterator[tuple[Labels, int]]:
    """Yield the sum of a column over all jobs of each pool, whenever they were submitted."""
    for spec, total in zip(jobs.batch.specs, jobs.sums_by_pool(amounts), strict=True):
        yield labels(pool=spec.name, month="all"), int(total)


def _never_start(jobs: JobOutcomes) -> Measured:
    """Yield the jobs of each class that can never start, where there are any."""
    codes, names = jobs.codes("job_class")
    never = never_starts(jobs.built.hardware.scenario, jobs.table)
    for name, count in zip(names, np.bincount(codes, never, minlength=len(names)), strict=True):
        if count:
            yield ("jobs_never_start", labels(job_class=name, month="all")), float(count)


def _ended(jobs: JobOutcomes, metric: str, which: Bools) -> Measured:
    """Yield the jobs that ended in each month; one that ends at midnight ends with the old month."""
    pool, names = jobs.codes("pool")
    for number, name in enumerate(names):
        end_s = np.sort(jobs.outcome.end_s[which & (pool == number)])
        for month, (first, last) in jobs.months.items():
            whole = month == "all"
            before = np.searchsorted(end_s, first, side="left" if whole else "right")
            until = len(end_s) if whole else np.searchsorted(end_s, last, side="right")
            yield (metric, labels(pool=name, month=month)), float(until - before)


def _work(jobs: JobOutcomes) -> Measured:
    """Yield the useful work of the jobs of a pool that ended, in slot-hours on the reference."""
    totals = dict.fromkeys((spec.name for spec in jobs.batch.specs), 0.0)
    for (pool, name), rows in jobs.split(("pool", "job_class"), jobs.counted & jobs.ended):
        if len(rows):
            factor = jobs.built.hardware.factor(name, pool, jobs.slots[rows])
            totals[pool] += float(np.dot(jobs.spent.useful_s[rows] / factor, jobs.outcome.held_slots[rows]))
    for pool, total in totals.items():
        yield ("work_reference_slot_hours", labels(pool=pool, month="all")), total / 3600


def _tenant_shares(jobs: JobOutcomes) -> Measured:
    """Yield each tenant's part of the slot-hours that jobs held, up to the end of the horizon."""
    codes, names = jobs.codes("tenant")
    held_slot_s = jobs.spent.held_s * jobs.outcome.held_slots.astype(np.float64)
    by_code = np.bincount(codes, held_slot_s, minlength=len(names))
    total = float(by_code.sum())
    for name, slot_s in zip(names, by_code, strict=True):
        yield ("tenant_share", labels(tenant=name, month="all")), float(slot_s) / total if total else np.nan
