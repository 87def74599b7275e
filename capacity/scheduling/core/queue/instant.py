"""Ends and arrivals of one instant, whatever follows them: shared by the event loops of all dialects."""

from capacity.scheduling.core.machine import heap, machine
from capacity.scheduling.core.machine.native import IntArray, i64, int64, kernel, tiny, u
from capacity.scheduling.core.machine.state import (CURSOR, DIRTY, FOREVER, HEAP, N_JOBS, NOW, PREDICT,
    PREPARE, RUN_ORDER, RUNNING, SCALARS, SLOT_BITS, SLOT_MASK, SUBMIT, TIED)  # fmt: skip
from capacity.scheduling.core.queue import predict, scores


@tiny
def retire(table: IntArray, slot: int) -> None:
    """Record a job that gave back what it held as ended."""
    if i64(table, SCALARS)[u(PREDICT)] != 0:
        predict.learn(table, slot)
    machine.retire(table, slot)


@kernel
def gather_ends(table: IntArray) -> int:
    """Take all ends of this instant off the calendar into TIED, in the order their jobs started."""
    scalars = i64(table, SCALARS)
    tied = i64(table, TIED)
    started = i64(table, RUN_ORDER)
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
