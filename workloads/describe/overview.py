"""The first lines of a description: over how long, by whose clock, of what, how many jobs and of whom."""

from collections.abc import Iterator

import numpy as np

from workloads.describe.jobs import DAY_S, Jobs, labels_of
from workloads.describe.measures import Measure
from workloads.describe.numbers import share
from workloads.jobtable import JobTable, Tally
from workloads.period import Period, period_of, work_in
from workloads.zones import moment, zone_of

HOUR_S = 3600
NO_SIZE = "the log does not say how large its machine was; --slots does"
NO_SPAN = "all jobs were submitted in one second"
HOW = {
    "stated": "as stated",
    "estimated": "estimated: what was submitted before ended in it; --period states it",
    "submissions": "from the first submission to the last; --period states another",
}
SAID_BY = {
    "option": "as stated",
    "log": "says the log",
    "assumed": "assumed: the log does not say; --timezone does",
    "": "",
}
RESOURCE = "SlotsAre"
"""Field of the header that says what a slot is."""
UNSAID = "not in the log"


def overview(jobs: Jobs, slots: float | None) -> Iterator[Measure]:
    """Yield what stands at the top; `slots` is the size of the machine, where somebody knows it [slot]."""
    table, period = jobs.table, period_of(jobs.table)
    yield from _trusted(jobs, period)
    for name, column in (("users", "user"), ("tenants", "tenant")):
        count = len(labels_of(table, column).words)
        yield Measure(name, float(count) or None, note="" if count else UNSAID)
    for name, place in (("first_submission", 0), ("last_submission", -1)):
        yield Measure(name, _date(jobs, int(jobs.submit_s[place])), note=jobs.no_clock)
    yield Measure("span_s", float(jobs.span_s))
    yield from _load(jobs, period, slots)
    yield from _tallies("dropped_rows", table.dropped)
    for tally in table.dropped:
        yield Measure("dropped_slot_hours", tally.slot_s / HOUR_S, tally.reason)
    yield from _tallies("remarked_rows", table.remarks)


def _trusted(jobs: Jobs, period: Period) -> Iterator[Measure]:
    """Yield period, zone, resource, jobs, and work kept and left out."""
    table = jobs.table
    for name, when in (("period_first", period.first_s), ("period_last", period.last_s)):
        yield Measure(name, _date(jobs, when), note=jobs.no_clock)
    yield Measure("period_s", float(period.length_s), note=HOW[period.how])
    zone = zone_of(table)
    yield Measure("zone", zone or None, note=SAID_BY[table.zone_from] if zone else jobs.no_clock or UNSAID)
    resource = table.header.get(RESOURCE)
    yield Measure("resource", resource, note="" if resource else UNSAID)
    yield Measure("jobs", float(len(jobs)))
    yield Measure("before_period_jobs", float(period.before))
    yield Measure("after_period_jobs", float(period.after))
    yield from _work(jobs, table)


def _date(jobs: Jobs, time_s: int) -> str | None:
    """Return a time as an ISO date and time with its offset."""
    when = None if jobs.no_clock else moment(time_s, jobs.table)
    return None if when is None else when.isoformat()


def _work(jobs: Jobs, table: JobTable) -> Iterator[Measure]:
    counted = int(np.count_nonzero(jobs.has_run & jobs.has_slots))
    if counted:
        own = float(jobs.work.sum())
        yield Measure("slot_hours", table.kept_slot_s / HOUR_S)
        yield Measure("slot_hours_per_job", own / HOUR_S / counted)
        if table.attempts is not None:
            yield Measure("attempts_slot_hours", (table.kept_slot_s - own) / HOUR_S)
    else:
        for name in ("slot_hours", "slot_hours_per_job"):
            yield Measure(name, None, note="no job has both slots and a run time")
    yield Measure("left_out_frac", table.left_out_frac)


def _load(jobs: Jobs, period: Period, slots: float | None) -> Iterator[Measure]:
    """Yield the size of the machine, and load, use and jobs of the period over it."""
    yield Measure("machine_slots", slots, note="" if slots else NO_SIZE)
    offered = (slots or 0.0) * period.length_s
    why = NO_SIZE if not slots else NO_SPAN
    found = work_in(jobs.table, period)
    ran = bool((jobs.has_run & jobs.has_slots).any())
    load = share(found.offered_slot_s, offered) if ran else None
    yield Measure("offered_load_frac", load, note="" if load is not None else why)
    used = None if found.used_slot_s is None else share(found.used_slot_s, offered)
    no_use = "the log does not say when its jobs started" if found.used_slot_s is None else why
    yield Measure("used_frac", used, note="" if used is not None else no_use)
    rate = share(found.jobs * DAY_S, offered)
    yield Measure("jobs_per_slot_day", rate, note="" if rate is not None else why)


def _tallies(name: str, tallies: tuple[Tally, ...]) -> Iterator[Measure]:
    for tally in tallies:
        yield Measure(name, float(tally.count), tally.reason)
