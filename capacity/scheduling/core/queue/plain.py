"""The event loop of the commonest rules in one piece: first come first served, one pass per instant.

The same as `advance` does for ``instant`` ties, without the questions that only other rules ask: at two
events per job those cost a fifth of a run. Anything else, and a machine that just changed, goes the long way.
"""

from capacity.scheduling.core.machine import heap, machine
from capacity.scheduling.core.machine.native import IntArray, i32, i64, int64, kernel, tiny, u
from capacity.scheduling.core.machine.state import (BUSY_SLOT_S, CAPACITY, CAPACITY_SLOT_S, CHANGE_TREE,
    CURSOR, FOREVER, FREE, GROW, HEAP, N_JOBS, NOW, PARKED, PARKS, PEAK_QUEUE, QUEUE_LENGTH, QUEUE_SIZE,
    QUEUED_SLOTS, REACHED, RUNNING, SCALARS, SLOT_BITS, SLOT_MASK, SUBMIT, UNTIL, WAITING_JOB_S,
    WAITING_SLOT_S, WANTED)  # fmt: skip
from capacity.scheduling.core.queue import classes, passes


@tiny
def pass_time(table: IntArray, time: int) -> None:
    """Move the clock to `time`, adding to the integrals."""
    scalars = i64(table, SCALARS)
    elapsed = time - scalars[u(NOW)]
    scalars[u(BUSY_SLOT_S)] += (scalars[u(CAPACITY)] - scalars[u(FREE)]) * elapsed
    scalars[u(CAPACITY_SLOT_S)] += scalars[u(CAPACITY)] * elapsed
    scalars[u(WAITING_JOB_S)] += scalars[u(QUEUE_LENGTH)] * elapsed
    scalars[u(WAITING_SLOT_S)] += scalars[u(QUEUED_SLOTS)] * elapsed
    scalars[u(NOW)] = time


@tiny
def arrivals_until(table: IntArray, first: int, time: int) -> int:
    """First job from `first` on that is submitted after `time`."""
    submit = i64(table, SUBMIT)
    count = i64(table, SCALARS)[u(N_JOBS)]
    while first < count and submit[u(first)] <= time:
        first += 1
    return first


@tiny
def is_parked(table: IntArray, job: int) -> bool:
    """Whether a job that is submitted now does not join the queue yet."""
    return i64(table, SCALARS)[u(PARKS)] != 0 and i32(table, PARKED)[u(job)] != 0


@kernel
def advance(table: IntArray) -> int:
    """Handle every job event before UNTIL, as `advance.advance` does."""
    scalars = i64(table, SCALARS)
    ends = i64(table, HEAP)
    submit = i64(table, SUBMIT)
    until = scalars[u(UNTIL)]
    job = scalars[u(CURSOR)]
    while True:
        time = submit[u(job)] if job < scalars[u(N_JOBS)] else int64(FOREVER)
        if scalars[u(RUNNING)] > 0:
            time = min(time, ends[u(0)] >> SLOT_BITS)
        time = max(time, scalars[u(NOW)])
        if time >= until:
            if until < FOREVER:
                pass_time(table, until)
            return REACHED
        pass_time(table, time)
        after = arrivals_until(table, job, time)
        wanted = 2 * (scalars[u(QUEUE_LENGTH)] + after - job + 1)
        if wanted > scalars[u(QUEUE_SIZE)]:
            scalars[u(WANTED)] = wanted
            return GROW
        if classes.searches_are_long(table):
            return CHANGE_TREE
        ends_here = (time + 1) << SLOT_BITS
        if scalars[u(RUNNING)] > 0 and ends[u(0)] < ends_here:
            while scalars[u(RUNNING)] > 0 and ends[u(0)] < ends_here:
                machine.finish(table, heap.pop(table) & SLOT_MASK)
            if scalars[u(QUEUE_LENGTH)] > 0:
                passes.full_pass(table)
        while job < after:
            if not is_parked(table, job):
                passes.arrive(table, job)
            job += 1
        scalars[u(CURSOR)] = job
        scalars[u(PEAK_QUEUE)] = max(scalars[u(PEAK_QUEUE)], scalars[u(QUEUE_LENGTH)])
