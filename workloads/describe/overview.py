"""The first lines of a description: how many jobs, of whom, over how long, for how large a machine."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import numpy as np

from workloads.describe.jobs import DAY_S, Jobs, labels_of
from workloads.describe.measures import Measure
from workloads.describe.numbers import share
from workloads.jobtable import Tally

HOUR_S = 3600
NO_SIZE = "the log does not say how large its machine was; --slots does"
NO_SPAN = "all jobs were submitted in one second"


def overview(jobs: Jobs, slots: float | None) -> Iterator[Measure]:
    """Yield what stands at the top; `slots` is the size of the machine, where somebody knows it [slot]."""
    table = jobs.table
    yield Measure("jobs", float(len(jobs)))
    for name, column in (("users", "user"), ("tenants", "tenant")):
        count = len(labels_of(table, column).words)
        yield Measure(name, float(count) or None, note="" if count else "not in the log")
    for name, place in (("first_submission", 0), ("last_submission", -1)):
        moment = None if jobs.no_clock else _moment(table.origin, int(jobs.submit_s[place]))
        yield Measure(name, moment, note=jobs.no_clock)
    yield Measure("span_s", float(jobs.span_s))
    yield from _work(jobs, slots)
    yield from _tallies("dropped_rows", table.dropped)
    yield from _tallies("remarked_rows", table.remarks)


def _moment(origin: datetime | None, submit_s: int) -> str | None:
    """Return a submission as an ISO date and time with its offset."""
    if origin is None:
        return None
    zone = origin.tzinfo or UTC
    return (origin.astimezone(UTC) + timedelta(seconds=submit_s)).astimezone(zone).isoformat()


def _work(jobs: Jobs, slots: float | None) -> Iterator[Measure]:
    counted = int(np.count_nonzero(jobs.has_run & jobs.has_slots))
    if counted:
        slot_hours = float(jobs.work.sum()) / HOUR_S
        yield Measure("slot_hours", slot_hours)
        yield Measure("slot_hours_per_job", slot_hours / counted)
    else:
        slot_hours = 0.0
        for name in ("slot_hours", "slot_hours_per_job"):
            yield Measure(name, None, note="no job has both slots and a run time")
    yield Measure("machine_slots", slots, note="" if slots else NO_SIZE)
    offered = (slots or 0.0) * jobs.span_s
    why = NO_SIZE if not slots else NO_SPAN
    load = share(slot_hours * HOUR_S, offered) if counted else None
    yield Measure("offered_load_frac", load, note="" if load is not None else why)
    rate = share(len(jobs) * DAY_S, offered)
    yield Measure("jobs_per_slot_day", rate, note="" if rate is not None else why)


def _tallies(name: str, tallies: tuple[Tally, ...]) -> Iterator[Measure]:
    for tally in tallies:
        yield Measure(name, float(tally.count), tally.reason)
