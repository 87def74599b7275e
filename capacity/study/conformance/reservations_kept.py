"""What a blocked job was promised, worked out from the schedule itself by the definition of each rule.

All of this is for counted machines without deliveries and for the order fcfs, where a promise follows from
starts, ends and requests alone.
"""

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from capacity.scheduling.jobs import Jobs
from capacity.scheduling.outcome import Outcome
from capacity.study.conformance.trials import RandomTrial

Ints = npt.NDArray[Any]


def broken_promises(tried: RandomTrial, outcome: Outcome) -> Ints:
    """Return jobs that start after the shadow time they had when they first headed the queue under EASY.

    A job heads the queue from the moment at which it is there and all before it have started. Its shadow time
    is the earliest at which enough slots are free by the expected ends of those that run then. Under
    ``instant`` those that are backfilled in the same pass do not count. In the other dialects a pass may have
    started them before this job became the head: they count, and the promise is that at the instant's end.
    """
    rows = np.flatnonzero(outcome.start_s >= 0)
    start, submit = outcome.start_s[rows], np.asarray(tried.jobs.submit_s)[rows]
    end = start + tried.effective_run_s[rows]
    expected_end = start + np.asarray(tried.jobs.requested_s)[rows]
    need = outcome.held_slots[rows].astype(np.int64)
    size = tried.spec.nodes * tried.spec.slots_per_node
    before = np.concatenate([[0], np.maximum.accumulate(start)[:-1]])
    heads_at = np.maximum(submit, before)
    late = []
    for job in np.flatnonzero(start > heads_at):
        now = heads_at[job]
        runs = (start <= now) & (end > now)
        if tried.rules.ties == "instant":
            runs &= (start < now) | (np.arange(len(rows)) < job)
        if start[job] > shadow_time(now, expected_end[runs], need[runs], size, int(need[job])):
            late.append(job)
    return rows[np.array(late, np.int64)]


def shadow_time(now: int, expected_end: Ints, need: Ints, size: int, wanted: int) -> int:
    """Return the earliest time at which `wanted` slots are free by expected ends.

    Examples
    --------
    >>> shadow_time(5, np.array([30, 20]), np.array([2, 1]), 4, 2)
    20
    """
    if size - int(need.sum()) >= wanted:
        return now
    order = np.argsort(expected_end, kind="stable")
    free = size - int(need.sum()) + np.cumsum(need[order])
    return int(expected_end[order][np.flatnonzero(free >= wanted)[0]])


def sticky_promises_broken(tried: RandomTrial, outcome: Outcome) -> Ints:
    """Return jobs that start after the reservation they were given at submission (conservative, sticky).

    The reservation is where the job would start if nobody came after it and nobody ended early from then on.
    So the jobs up to this one are run alone, and those that had not ended at its submission run for as long
    as they asked for.
    """
    jobs = tried.jobs
    late = []
    for job in np.flatnonzero(outcome.start_s > jobs.submit_s):
        upto = slice(0, job + 1)
        ended = (outcome.end_s[upto] >= 0) & (outcome.end_s[upto] <= jobs.submit_s[job])
        run_s = np.where(ended, jobs.run_s[upto], jobs.requested_s[upto])
        alone = Jobs(jobs.submit_s[upto], run_s, jobs.requested_s[upto], jobs.slots[upto])
        if outcome.start_s[job] > replace(tried, jobs=alone).run().start_s[job]:
            late.append(job)
    return np.array(late, np.int64)


def exact_plan_broken(tried: RandomTrial, outcome: Outcome) -> Ints:
    """Return jobs that do not start at their earliest fit beside all that were submitted before them.

    With exact requests nothing ends early, so no reservation of conservative backfilling ever moves, and the
    schedule is this plan.
    """
    jobs, size = tried.jobs, tried.spec.nodes * tried.spec.slots_per_node
    placed: list[tuple[int, int, int]] = []
    wrong = []
    for job in np.flatnonzero(outcome.start_s >= 0):
        submit, length, need = int(jobs.submit_s[job]), int(jobs.requested_s[job]), int(jobs.slots[job])
        placed = [plan for plan in placed if plan[1] > submit]
        start = earliest_fit(placed, submit, length, need, size)
        placed.append((start, start + length, need))
        if start != outcome.start_s[job]:
            wrong.append(job)
    return np.array(wrong, np.int64)


def earliest_fit(placed: list[tuple[int, int, int]], submit: int, length: int, need: int, size: int) -> int:
    """Return the earliest time from `submit` at which `need` slots of `size` are free for `length` [s].

    Placed is what is planned already: start [s], end [s] and slots. A length of 0 counts as an instant.

    Examples
    --------
    >>> earliest_fit([(0, 10, 3), (15, 20, 4)], 2, 5, 2, 4), earliest_fit([(0, 10, 3)], 2, 5, 1, 4)
    (10, 2)
    """
    plan = np.array(placed, np.int64).reshape(-1, 3)
    begin, end, slots = plan.T
    for time in sorted({submit, *(int(moment) for moment in end[end > submit])}):
        moments = np.concatenate([[time], begin[(begin > time) & (begin < time + length)]])
        used = ((begin <= moments[:, None]) & (end > moments[:, None])) @ slots
        if (used + need <= size).all():
            return time
    message = f"{need} slots on a machine of {size}"
    raise ValueError(message)
