"""Giving reservations to waiting jobs, moving them when slots came free, and starting the jobs in time."""

from capacity.scheduling.core.conservative import due, profile
from capacity.scheduling.core.conservative.state import (ANEW, BROKEN, DUE_PLACE, ENDED_EARLY, FIRST_UNPLACED,
    FREED_UNTIL, HELD, REPLAN, RESERVED, STEP_ADD, STEP_BLOCKS, STEP_COUNT, STEP_FREE, STEP_LEAST, STEP_MOST,
    STEP_ORDER, STEP_TIME, STEPS)  # fmt: skip
from capacity.scheduling.core.machine import machine
from capacity.scheduling.core.machine.native import IntArray, flag, i32, i64, int64, kernel, tiny, u
from capacity.scheduling.core.machine.state import (CYCLE, DEPTH, FOREVER, FREE, NEED, NO_NEED, NOW,
    ORDER_KIND, PASSES, QUEUE_HEAD, QUEUE_JOB, QUEUE_LENGTH, REQUESTED, RUN_JOB, SCALARS)  # fmt: skip
from capacity.scheduling.core.queue import queue


@kernel
def _earliest(table: IntArray, need: int, duration: int, start: int, limit: int) -> int:
    """Earliest time at which a job fits that holds a reservation from `start` on [s].

    `start` itself if it fits nowhere before `limit`, which is not above `start`. Both are FOREVER for a job
    without a reservation. Its own slots are taken in the profile, but whoever starts earlier needs free
    slots only up to `start`: from there on they are its own. So nothing need be taken out to look.
    """
    times, free, count = i64(table, STEP_TIME), i64(table, STEP_FREE), i64(table, STEP_COUNT)
    order = i64(table, STEP_ORDER)
    every = i64(table, SCALARS)[u(CYCLE)]
    found, enough = int64(-1), int64(0)
    for position in range(i64(table, SCALARS)[u(STEP_BLOCKS)]):
        block = order[u(position)]
        spot = block * STEPS
        stop = spot + count[u(block)]
        wanted = need - i64(table, STEP_ADD)[u(block)]
        if found >= 0:
            if times[u(spot)] >= enough:
                return found
            if i64(table, STEP_LEAST)[u(block)] >= wanted:
                continue
        elif times[u(spot)] >= limit:
            return start
        elif i64(table, STEP_MOST)[u(block)] < wanted:
            continue
        while True:
            if found < 0:
                while spot < stop and free[u(spot)] < wanted:
                    spot += 1
                if spot == stop:
                    break
                time = max(times[u(spot)], i64(table, SCALARS)[u(NOW)])
                found = time if every == 0 else (time + every - 1) // every * every
                if found >= limit:
                    return start
                enough = min(found + duration, start)
            while spot < stop and free[u(spot)] >= wanted:
                spot += 1
            if spot == stop:
                break
            if times[u(spot)] >= enough:
                return found
            found = int64(-1)
    return found if found >= 0 else start


@tiny
def _next_waiting(table: IntArray, position: int, room: int) -> int:
    """Queue position at or after `position` of the next job that needs at most `room` slots, or -1."""
    return queue.search(table, position, min(room, NO_NEED - 1), int64(NO_NEED - 1), int64(0))


@kernel
def _place(table: IntArray, job: int) -> None:
    """Reserve slots for a job at its earliest fit."""
    need, duration = int64(i32(table, NEED)[u(job)]), int64(i32(table, REQUESTED)[u(job)])
    start = _earliest(table, need, duration, int64(FOREVER), int64(FOREVER))
    profile.change(table, start, start + duration, -need)
    i64(table, RESERVED)[u(job)] = start
    due.push(table, job)


@kernel
def _fill(table: IntArray) -> None:
    """Give reservations, in queue order, to jobs without one, as far as the depth allows."""
    scalars, jobs = i64(table, SCALARS), i32(table, QUEUE_JOB)
    without = scalars[u(QUEUE_LENGTH)] - scalars[u(HELD)] - scalars[u(BROKEN)]
    if scalars[u(DEPTH)] > 0:
        without = min(without, scalars[u(DEPTH)] - scalars[u(HELD)] - scalars[u(BROKEN)])
    if without <= 0:
        return
    position = queue.find(table, scalars[u(FIRST_UNPLACED)])
    while without > 0:
        position = _next_waiting(table, position, int64(NO_NEED))
        job = int64(jobs[u(position)])
        position += 1
        if i64(table, RESERVED)[u(job)] < 0:
            _place(table, job)
            scalars[u(FIRST_UNPLACED)] = job
            without -= 1


@kernel
def _take_back_all(table: IntArray) -> None:
    """Leave every waiting job without a reservation."""
    scalars = i64(table, SCALARS)
    if scalars[u(QUEUE_LENGTH)] == 0:
        return
    jobs, reserved = i32(table, QUEUE_JOB), i64(table, RESERVED)
    now = scalars[u(NOW)]
    left = scalars[u(HELD)] + scalars[u(BROKEN)]
    position = scalars[u(QUEUE_HEAD)]
    while left > 0:
        position = _next_waiting(table, position, int64(NO_NEED))
        job = int64(jobs[u(position)])
        position += 1
        if reserved[u(job)] < 0:
            continue
        end = reserved[u(job)] + i32(table, REQUESTED)[u(job)]
        if end > now:
            need = int64(i32(table, NEED)[u(job)])
            profile.change(table, max(reserved[u(job)], now), end, need)
        reserved[u(job)] = -1
        left -= 1
    scalars[u(HELD)] = scalars[u(BROKEN)] = 0
    scalars[u(FIRST_UNPLACED)] = int64(jobs[u(scalars[u(QUEUE_HEAD)])])
    scalars[u(FREED_UNTIL)] = 0


@kernel
def _move_earlier(table: IntArray, job: int, start: int) -> None:
    """Move a job's reservation to an earlier time."""
    reserved = i64(table, RESERVED)
    need, duration = int64(i32(table, NEED)[u(job)]), int64(i32(table, REQUESTED)[u(job)])
    profile.change(table, reserved[u(job)], reserved[u(job)] + duration, need)
    profile.change(table, start, start + duration, -need)
    reserved[u(job)] = start
    due.rise(table, job, int64(i32(table, DUE_PLACE)[u(job)]))


@kernel
def _look_through(table: IntArray) -> None:
    """Move every reservation, in queue order, to its earliest fit while the others stay.

    A job can only fit earlier than when it was last looked at in slots that came free since. They all lie
    before FREED_UNTIL; so jobs that need more than is free before then are not looked at, and no search goes
    further. What a move frees lies before others in the queue, too: for them it counts next time.
    """
    scalars, jobs = i64(table, SCALARS), i32(table, QUEUE_JOB)
    now, until = scalars[u(NOW)], scalars[u(FREED_UNTIL)]
    scalars[u(FREED_UNTIL)] = 0
    if until <= now or scalars[u(HELD)] == 0:
        return
    room = profile.most_before(table, until)
    position = _next_waiting(table, scalars[u(QUEUE_HEAD)], room)
    while position >= 0:
        job = int64(jobs[u(position)])
        before = i64(table, RESERVED)[u(job)]
        if before < 0 and scalars[u(ORDER_KIND)] == 0:
            break  # nobody behind it has one
        if before > now:
            need, duration = int64(i32(table, NEED)[u(job)]), int64(i32(table, REQUESTED)[u(job)])
            start = _earliest(table, need, duration, before, min(before, until))
            if start < before:
                _move_earlier(table, job, start)
                until = max(until, before + duration)
                scalars[u(FREED_UNTIL)] = max(scalars[u(FREED_UNTIL)], before + duration)
                room = profile.most_before(table, until)
        position = _next_waiting(table, position + 1, room)


@kernel
def _start_due(table: IntArray) -> bool:
    """Start the jobs whose time has come, in queue order; True when there was one.

    Where jobs may run past their requests, slots may still be held by such a job: then the promise is broken
    and the next pass plans anew.
    """
    scalars = i64(table, SCALARS)
    some = False
    while due.next_start(table) <= scalars[u(NOW)]:
        job = due.pop(table)
        if i32(table, NEED)[u(job)] > scalars[u(FREE)]:
            scalars[u(BROKEN)] += 1
            continue
        queue.remove(table, queue.find(table, job))
        machine.start(table, job, flag(0))
        some = True
    return some


@kernel
def revise(table: IntArray) -> None:
    """Bring the reservations up to date with what happened."""
    scalars = i64(table, SCALARS)
    scalars[u(PASSES)] += 1
    if scalars[u(BROKEN)] > 0 or scalars[u(ANEW)] != 0:
        _take_back_all(table)
    elif scalars[u(ENDED_EARLY)] != 0:
        _look_through(table)
    scalars[u(ANEW)] = scalars[u(ENDED_EARLY)] = 0
    _fill(table)


@kernel
def start_due(table: IntArray) -> None:
    """Start the jobs whose time has come, also those that get a reservation because others started."""
    while _start_due(table):
        _fill(table)


@kernel
def arrive(table: IntArray, job: int) -> None:
    """Put a newcomer into the queue, without a reservation yet."""
    scalars = i64(table, SCALARS)
    if scalars[u(REPLAN)] != 0 and scalars[u(ORDER_KIND)] != 0 and scalars[u(HELD)] > 0:
        scalars[u(ANEW)] = 1  # it may go before others
    all_placed = scalars[u(QUEUE_LENGTH)] == scalars[u(HELD)] + scalars[u(BROKEN)]
    if all_placed or due.goes_before(table, job, scalars[u(FIRST_UNPLACED)]):
        scalars[u(FIRST_UNPLACED)] = job
    queue.push(table, job)


@kernel
def give_back(table: IntArray, slot: int) -> None:
    """Give back to the profile what a job that ends now was still expected to hold."""
    scalars = i64(table, SCALARS)
    job = int64(i32(table, RUN_JOB)[u(slot)])
    end = machine.expected_end(table, job)
    if end <= scalars[u(NOW)]:
        return
    profile.change(table, scalars[u(NOW)], end, int64(i32(table, NEED)[u(job)]))
    scalars[u(FREED_UNTIL)] = max(scalars[u(FREED_UNTIL)], end)
    scalars[u(ENDED_EARLY)] = 1
    if scalars[u(REPLAN)] != 0:
        scalars[u(ANEW)] = 1
