"""Backfilling that looks at some candidates only, or tries them in an order of its own.

Candidates are the jobs behind the blocked head. In queue order the first DEPTH are looked at. In another
order they are gathered in a heap by (key, position): without a depth only those that could start when the
pass begins, since room only shrinks while it lasts.
"""

from capacity.scheduling.core.machine import machine
from capacity.scheduling.core.machine.native import IntArray, f64, i32, i64, int64, kernel, tiny, u
from capacity.scheduling.core.machine.state import (BACKFILL_KEY, DEPTH, NEED, NO_NEED, QUEUE_HEAD, QUEUE_JOB,
    QUEUE_TAIL, REQUESTED, SCALARS, SCRATCH_JOB, SCRATCH_KEY, TRY, TRY_SOME)  # fmt: skip
from capacity.scheduling.core.queue import queue, reservation


@tiny
def _start(table: IntArray, position: int) -> None:
    """Start the candidate at `position`, which fits and leaves the reservation alone."""
    job = queue.remove(table, position)
    machine.start(table, job, i32(table, REQUESTED)[u(job)] > reservation.slack(table))


@kernel
def _backfill_some(table: IntArray, position: int) -> None:
    """Try the first DEPTH jobs behind the head, of which the first that fits is at `position`."""
    scalars = i64(table, SCALARS)
    jobs = i32(table, QUEUE_JOB)
    place = scalars[u(QUEUE_HEAD)] + 1
    left = scalars[u(DEPTH)]
    slack = reservation.slack(table)
    while position >= 0:
        position = queue.search(table, position, machine.room(table), slack, machine.room_beside(table))
        while place <= position and left > 0:
            if jobs[u(place)] >= 0:
                left -= 1
            place += 1
        if position < 0 or place <= position:
            return
        _start(table, position)
        position += 1


@tiny
def _sooner(table: IntArray, one: int, other: int) -> bool:
    """Whether the candidate at heap place `one` is tried before that at `other`."""
    keys = f64(table, SCRATCH_KEY)
    places = i32(table, SCRATCH_JOB)
    return keys[u(one)] < keys[u(other)] or (
        keys[u(one)] == keys[u(other)] and places[u(one)] < places[u(other)]
    )


@kernel
def _sink(table: IntArray, place: int, size: int) -> None:
    """Move the entry at `place` down the heap to where it belongs."""
    keys = f64(table, SCRATCH_KEY)
    places = i32(table, SCRATCH_JOB)
    child = 2 * place + 1
    while child < size:
        if child + 1 < size and _sooner(table, child + 1, child):
            child += 1
        if not _sooner(table, child, place):
            return
        keys[u(place)], keys[u(child)] = keys[u(child)], keys[u(place)]
        places[u(place)], places[u(child)] = places[u(child)], places[u(place)]
        place = child
        child = 2 * place + 1


@kernel
def _gather(table: IntArray, position: int) -> int:
    """Make a heap of the candidates from `position` on and return how many there are."""
    scalars = i64(table, SCALARS)
    jobs = i32(table, QUEUE_JOB)
    keys = f64(table, SCRATCH_KEY)
    places = i32(table, SCRATCH_JOB)
    space = machine.room(table)
    slack = reservation.slack(table)
    beside = machine.room_beside(table)
    count = int64(0)
    if scalars[u(DEPTH)] > 0:  # those that cannot start are looked at, too
        space = slack = int64(NO_NEED - 1)
        position = scalars[u(QUEUE_HEAD)] + 1
    while position < scalars[u(QUEUE_TAIL)]:
        position = queue.search(table, position, space, slack, beside)
        if position < 0:
            break
        keys[u(count)] = f64(table, BACKFILL_KEY)[u(jobs[u(position)])]
        places[u(count)] = position
        count += 1
        position += 1
    for place in range((count >> 1) - 1, -1, -1):
        _sink(table, place, count)
    return count


@kernel
def _backfill_by_key(table: IntArray, position: int) -> None:
    """Try candidates in the order of BACKFILL_KEY."""
    scalars = i64(table, SCALARS)
    keys = f64(table, SCRATCH_KEY)
    places = i32(table, SCRATCH_JOB)
    need = i32(table, NEED)
    asked = i32(table, REQUESTED)
    slack = reservation.slack(table)
    count = _gather(table, position)
    least = max(int64(0), count - scalars[u(DEPTH)]) if scalars[u(DEPTH)] > 0 else int64(0)
    space = machine.room(table)
    while count > least and space > 0:
        position = int64(places[u(0)])
        job = int64(i32(table, QUEUE_JOB)[u(position)])
        count -= 1
        keys[u(0)] = keys[u(count)]
        places[u(0)] = places[u(count)]
        _sink(table, int64(0), count)
        if need[u(job)] <= space and (asked[u(job)] <= slack or need[u(job)] <= machine.room_beside(table)):
            _start(table, position)
            space = machine.room(table)


@kernel
def backfill(table: IntArray) -> None:
    """Start later jobs that leave the reservation of the blocked head untouched."""
    scalars = i64(table, SCALARS)
    first = scalars[u(QUEUE_HEAD)] + 1
    position = queue.search(table, first, machine.room(table), int64(NO_NEED - 1), int64(0))
    if position < 0:
        return
    reservation.reserve(table)
    if scalars[u(TRY)] == TRY_SOME:
        _backfill_some(table, position)
    else:
        _backfill_by_key(table, position)
