"""Scheduling passes: which waiting jobs start now."""

from capacity.scheduling.core.machine import machine
from capacity.scheduling.core.machine.native import IntArray, f64, flag, i32, i64, int64, kernel, tiny, u
from capacity.scheduling.core.machine.state import (BACKFILL, EASY, FOREVER, KEY, LOOK_AGAIN, NEED, NO_NEED,
    NOW, ORDER_KIND, OVERRUN, PASSES, QUEUE_HEAD, QUEUE_JOB, QUEUE_KEY, QUEUE_LENGTH, REACH, REKEY_AT,
    REQUESTED, SCALARS, SHADOW_VALID, TRY, TRY_ALL)  # fmt: skip
from capacity.scheduling.core.queue import backfilling, queue, rekey, reservation


@kernel
def _start_heads(table: IntArray) -> None:
    """Start jobs from the head of the queue while they fit."""
    scalars = i64(table, SCALARS)
    need = i32(table, NEED)
    jobs = i32(table, QUEUE_JOB)
    space = machine.room(table)
    while scalars[u(QUEUE_LENGTH)] > 0 and need[u(jobs[u(scalars[u(QUEUE_HEAD)])])] <= space:
        machine.start(table, queue.remove(table, scalars[u(QUEUE_HEAD)]), flag(0))
        space = machine.room(table)


@kernel
def _backfill(table: IntArray, head: int) -> None:
    """Start later jobs that leave the reservation of the blocked one at position `head` untouched."""
    scalars = i64(table, SCALARS)
    asked = i32(table, REQUESTED)
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
    scalars = i64(table, SCALARS)
    need = i32(table, NEED)
    jobs = i32(table, QUEUE_JOB)
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
        backfilling.backfill(table)


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
