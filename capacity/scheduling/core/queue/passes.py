"""Scheduling passes: which waiting jobs start now.

Backfilling may look at some candidates only, or try them in an order of its own. Candidates are the jobs
behind the blocked head. In queue order the first DEPTH are looked at. In another order they are gathered in a
heap by (key, position): without a depth only those that could start when the pass begins, since room only
shrinks while it lasts.
"""

from capacity.scheduling.core.machine import machine
from capacity.scheduling.core.machine.native import IntArray, f64, flag, i32, i64, int64, kernel, tiny, u
from capacity.scheduling.core.machine.state import (BACKFILL, BACKFILL_KEY, DEPTH, EASY, FOREVER, KEY,
    LOOK_AGAIN, NEED, NO_NEED, NOW, ORDER_KIND, OVERRUN, PASSES, QUEUE_HEAD, QUEUE_JOB, QUEUE_KEY,
    QUEUE_LENGTH, QUEUE_TAIL, REACH, REKEY_AT, REQUESTED, SCALARS, SCRATCH_JOB, SCRATCH_KEY, SHADOW_VALID,
    TRY, TRY_ALL, TRY_SOME)  # fmt: skip
from capacity.scheduling.core.queue import queue, rekey, reservation


@kernel
def _start_heads(table: IntArray) -> None:
    """Start jobs from the head of the queue while they fit."""
    scalars, need, jobs = i64(table, SCALARS), i32(table, NEED), i32(table, QUEUE_JOB)
    space = machine.room(table)
    while scalars[u(QUEUE_LENGTH)] > 0 and need[u(jobs[u(scalars[u(QUEUE_HEAD)])])] <= space:
        machine.start(table, queue.remove(table, scalars[u(QUEUE_HEAD)]), flag(0))
        space = machine.room(table)


@kernel
def _backfill(table: IntArray, head: int) -> None:
    """Start later jobs that leave the reservation of the blocked one at position `head` untouched."""
    scalars, asked = i64(table, SCALARS), i32(table, REQUESTED)
    space = machine.room(table)
    position = head + 1
    if scalars[u(SHADOW_VALID)] == 0:
        # Many passes find nothing that fits at all: then the reservation need not be known.
        position = queue.search(table, position, space, int64(NO_NEED - 1), int64(0))
        if position < 0:
            return
        reservation.reserve_for(table, head)
    slack = reservation.slack(table)
    while position >= 0:
        position = queue.search(table, position, space, slack, machine.room_beside(table))
        if position < 0:
            break
        job = queue.remove(table, position)
        machine.start(table, job, asked[u(job)] > slack)
        space = machine.room(table)
        position += 1
        if space == 0:
            break


@tiny
def _start_candidate(table: IntArray, position: int) -> None:
    """Start the candidate at `position`, which fits and leaves the reservation alone."""
    job = queue.remove(table, position)
    machine.start(table, job, i32(table, REQUESTED)[u(job)] > reservation.slack(table))


@kernel
def _backfill_some(table: IntArray, position: int) -> None:
    """Try the first DEPTH jobs behind the head, of which the first that fits is at `position`."""
    scalars, jobs = i64(table, SCALARS), i32(table, QUEUE_JOB)
    place, left = scalars[u(QUEUE_HEAD)] + 1, scalars[u(DEPTH)]
    slack = reservation.slack(table)
    while position >= 0:
        position = queue.search(table, position, machine.room(table), slack, machine.room_beside(table))
        while place <= position and left > 0:
            if jobs[u(place)] >= 0:
                left -= 1
            place += 1
        if position < 0 or place <= position:
            return
        _start_candidate(table, position)
        position += 1


@tiny
def _sooner(table: IntArray, one: int, other: int) -> bool:
    """Whether the candidate at heap place `one` is tried before that at `other`."""
    keys, places = f64(table, SCRATCH_KEY), i32(table, SCRATCH_JOB)
    return keys[u(one)] < keys[u(other)] or (
        keys[u(one)] == keys[u(other)] and places[u(one)] < places[u(other)]
    )


@kernel
def _sink(table: IntArray, place: int, size: int) -> None:
    """Move the entry at `place` down the heap to where it belongs."""
    keys, places = f64(table, SCRATCH_KEY), i32(table, SCRATCH_JOB)
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
    scalars, jobs, keys = i64(table, SCALARS), i32(table, QUEUE_JOB), f64(table, SCRATCH_KEY)
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
    scalars, keys, places = i64(table, SCALARS), f64(table, SCRATCH_KEY), i32(table, SCRATCH_JOB)
    need, asked = i32(table, NEED), i32(table, REQUESTED)
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
            _start_candidate(table, position)
            space = machine.room(table)


@kernel
def _backfill_choosily(table: IntArray) -> None:
    """Start later jobs, of some candidates only or in an order of their own."""
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


@tiny
def _is_out_of_reach(table: IntArray) -> bool:
    """Whether the head of the queue fits at no time that is known: too many nodes have failed."""
    scalars = i64(table, SCALARS)
    return i32(table, NEED)[u(i32(table, QUEUE_JOB)[u(scalars[u(QUEUE_HEAD)])])] > scalars[u(REACH)]


@kernel
def _next_in_reach(table: IntArray, position: int) -> int:
    """Find the first job at or after `position` that will fit some day, as far as is known; -1 if none."""
    return queue.search(table, position, i64(table, SCALARS)[u(REACH)], int64(NO_NEED - 1), int64(0))


@kernel
def _pass_over_head(table: IntArray) -> None:
    """Go on behind a head that is out of reach: it holds nobody up, and no reservation."""
    scalars, need, jobs = i64(table, SCALARS), i32(table, NEED), i32(table, QUEUE_JOB)
    position = _next_in_reach(table, scalars[u(QUEUE_HEAD)] + 1)
    while position >= 0 and need[u(jobs[u(position)])] <= machine.room(table):
        machine.start(table, queue.remove(table, position), flag(0))
        position = _next_in_reach(table, position + 1)
    scalars[u(SHADOW_VALID)] = 0
    if position >= 0:
        _backfill(table, position)
        scalars[u(SHADOW_VALID)] = 0  # it is kept for heads only


@kernel
def full_pass(table: IntArray) -> None:
    """One scheduling pass over the whole queue."""
    scalars = i64(table, SCALARS)
    scalars[u(PASSES)] += 1
    if scalars[u(REKEY_AT)] < FOREVER and not rekey.bring_up_to_date(table, machine.room(table)):
        return
    if scalars[u(OVERRUN)] != 0:
        scalars[u(SHADOW_VALID)] = 0  # whoever is late is expected now, which is another time than before
    _start_heads(table)
    if scalars[u(BACKFILL)] != EASY or scalars[u(QUEUE_LENGTH)] <= 1:
        return
    if scalars[u(TRY)] == TRY_ALL:
        if _is_out_of_reach(table):
            _pass_over_head(table)
        else:
            _backfill(table, scalars[u(QUEUE_HEAD)])
    else:
        _backfill_choosily(table)


@kernel
def _goes_first(table: IntArray, job: int) -> bool:
    """Whether an arriving job goes ahead of the head of the queue, or of who holds the reservation."""
    scalars = i64(table, SCALARS)
    if scalars[u(ORDER_KIND)] == 0:
        return False
    if _is_out_of_reach(table):
        return True  # somebody behind the head holds it: looked for anew
    return f64(table, KEY)[u(job)] < f64(table, QUEUE_KEY)[u(scalars[u(QUEUE_HEAD)])]


@kernel
def arrive(table: IntArray, job: int) -> None:
    """Handle an arrival when nothing that waits could start: only the newcomer need be looked at."""
    scalars = i64(table, SCALARS)
    need = i32(table, NEED)[u(job)]
    if scalars[u(LOOK_AGAIN)] <= scalars[u(NOW)]:
        queue.push(table, job)
        full_pass(table)
        return
    if scalars[u(QUEUE_LENGTH)] == 0:
        if need <= machine.room(table):
            machine.start(table, job, flag(0))
        else:
            queue.push(table, job)
        return
    if _goes_first(table, job):
        queue.push(table, job)
        full_pass(table)
        return
    if scalars[u(BACKFILL)] == EASY and need <= machine.room(table):
        if _is_out_of_reach(table):
            queue.push(table, job)
            full_pass(table)
            return
        reservation.reserve(table)
        beside = i32(table, REQUESTED)[u(job)] > reservation.slack(table)
        if not beside or need <= machine.room_beside(table):
            machine.start(table, job, beside)
            return
    queue.push(table, job)
