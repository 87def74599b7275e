"""The clock, and ends and arrivals of one instant, whatever follows them: shared by all event loops."""

from capacity.scheduling.core.machine import heap, machine
from capacity.scheduling.core.machine.native import IntArray, i32, i64, int64, kernel, tiny, u
from capacity.scheduling.core.machine.state import (BUSY_SLOT_S, CAPACITY, CAPACITY_SLOT_S, CURSOR, DIRTY,
    FOREVER, FREE, HEAP, N_JOBS, NOW, PARKED, PARKS, PREDICT, PREPARE, QUEUE_LENGTH, QUEUED_SLOTS, RUN_JOB,
    RUN_ORDER, RUNNING, SCALARS, SLOT_BITS, SLOT_MASK, SUBMIT, TIED, WAITING_JOB_S,
    WAITING_SLOT_S)  # fmt: skip
from capacity.scheduling.core.queue import predict, scores


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


@tiny
def retire(table: IntArray, slot: int) -> None:
    """Record a job that gave back what it held as ended."""
    if i64(table, SCALARS)[u(PREDICT)] != 0:
        predict.learn(table, slot)
    machine.retire(table, slot)


@kernel
def gather_ends(table: IntArray) -> int:
    """Take all ends of this instant off the calendar into TIED, in the order their jobs started."""
    scalars, tied, started = i64(table, SCALARS), i64(table, TIED), i64(table, RUN_ORDER)
    ends_here = (scalars[u(NOW)] + 1) << SLOT_BITS
    count = 0
    while scalars[u(RUNNING)] > 0 and i64(table, HEAP)[u(0)] < ends_here:
        tied[u(count)] = heap.pop(table) & SLOT_MASK
        count += 1
    gap = count // 2
    while gap > 0:  # shell sort: the count is small, and nothing may be allocated here
        for index in range(gap, count):
            slot = tied[u(index)]
            place = index
            while place >= gap and started[u(tied[u(place - gap)])] > started[u(slot)]:
                tied[u(place)] = tied[u(place - gap)]
                place -= gap
            tied[u(place)] = slot
        gap //= 2
    return count


@kernel
def release_expected(table: IntArray, count: int) -> None:
    """Let the first `count` jobs of TIED that were expected to end by now give back what they hold (pyss)."""
    for index in range(count):
        slot = i64(table, TIED)[u(index)]
        if machine.expected_end(table, int64(i32(table, RUN_JOB)[u(slot)])) <= i64(table, SCALARS)[u(NOW)]:
            machine.release(table, slot)
            i64(table, RUN_ORDER)[u(slot)] = -1


@kernel
def _end_in_order(table: IntArray) -> bool:
    """End every job that ends at this instant in the order they started; True when there was one."""
    count = gather_ends(table)
    for index in range(count):
        slot = i64(table, TIED)[u(index)]
        machine.release(table, slot)
        retire(table, slot)
    return count > 0


@kernel
def end_all(table: IntArray) -> bool:
    """End every job that ends at this instant; True when there was one."""
    scalars = i64(table, SCALARS)
    if scalars[u(PREDICT)] != 0:
        return _end_in_order(table)  # predictions depend on who ended last
    ends_here = (scalars[u(NOW)] + 1) << SLOT_BITS
    some = False
    while scalars[u(RUNNING)] > 0 and i64(table, HEAP)[u(0)] < ends_here:
        slot = heap.pop(table) & SLOT_MASK
        machine.release(table, slot)
        machine.retire(table, slot)
        some = True
    return some


@kernel
def newcomers(table: IntArray, arrivals: int) -> None:
    """Predictions and changing keys of those who arrive now, after the ends that come before them."""
    scalars = i64(table, SCALARS)
    if scalars[u(PREPARE)] == 0:
        return
    first = scalars[u(CURSOR)]
    for job in range(first, first + arrivals):
        if scalars[u(PREDICT)] != 0:
            predict.guess(table, job)
        scores.first_keys(table, job)


@kernel
def next_happening(table: IntArray) -> int:
    """When the next job event, passes on a grid aside, is due [s]."""
    scalars = i64(table, SCALARS)
    if scalars[u(DIRTY)] != 0:
        return scalars[u(NOW)]
    time = int64(FOREVER)
    if scalars[u(RUNNING)] > 0:
        time = i64(table, HEAP)[u(0)] >> SLOT_BITS
    if scalars[u(CURSOR)] < scalars[u(N_JOBS)]:
        time = min(time, i64(table, SUBMIT)[u(scalars[u(CURSOR)])])
    if scalars[u(PREDICT)] != 0:
        time = min(time, predict.next_correction(table))
    return max(time, scalars[u(NOW)])
