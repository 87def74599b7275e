"""The event loop of conservative backfilling: ends, arrivals, reservations whose time has come.

The dialects of ties are those of ``core/queue/advance.py``. Under sticky reservations nothing that starts now
can be moved any more, so jobs start once, after all events of an instant; plans that are made anew at every
event start jobs at every event.
"""

from capacity.scheduling.core.conservative import due, plan, profile
from capacity.scheduling.core.conservative.state import ENDED_EARLY, REPLAN
from capacity.scheduling.core.machine import machine
from capacity.scheduling.core.machine.native import IntArray, i64, kernel, u
from capacity.scheduling.core.machine.state import (CURSOR, CYCLE, DIRTY, EVENT, FOREVER, GROW, NOW,
    PEAK_QUEUE, PENDING, PYSS, QUEUE_LENGTH, QUEUE_SIZE, REACHED, RUN_ORDER, SCALARS, TIED, TIES, UNTIL,
    WANTED)  # fmt: skip
from capacity.scheduling.core.queue import instant


@kernel
def _together(table: IntArray, arrivals: int) -> None:
    """All ends, all arrivals, and one pass, now or at the next multiple of the cycle."""
    scalars = i64(table, SCALARS)
    ends = instant.gather_ends(table)
    for index in range(ends):
        slot = i64(table, TIED)[u(index)]
        plan.give_back(table, slot)
        machine.finish(table, slot)
    for job in range(scalars[u(CURSOR)], scalars[u(CURSOR)] + arrivals):
        plan.arrive(table, job)
    now = scalars[u(NOW)]
    if ends > 0 or arrivals > 0 or scalars[u(DIRTY)] != 0 or due.next_start(table) <= now:
        scalars[u(PENDING)] = 1
    every = scalars[u(CYCLE)]
    if scalars[u(PENDING)] != 0 and (every == 0 or now % every == 0):
        scalars[u(PENDING)] = 0
        plan.revise(table)
        plan.start_due(table)


@kernel
def _react(table: IntArray) -> None:
    """Revise the reservations after a single event."""
    plan.revise(table)
    if i64(table, SCALARS)[u(REPLAN)] != 0:
        plan.start_due(table)


@kernel
def _arrive_singly(table: IntArray, arrivals: int) -> None:
    """Handle the arrivals of this instant one by one."""
    first = i64(table, SCALARS)[u(CURSOR)]
    for job in range(first, first + arrivals):
        plan.arrive(table, job)
        _react(table)


@kernel
def _end_singly(table: IntArray, ends: int) -> None:
    """Handle the ends of this instant one by one, in the order their jobs started."""
    scalars = i64(table, SCALARS)
    for index in range(ends):
        slot = i64(table, TIED)[u(index)]
        plan.give_back(table, slot)
        if i64(table, RUN_ORDER)[u(slot)] >= 0:
            machine.release(table, slot)
        machine.retire(table, slot)
        if scalars[u(TIES)] == PYSS:
            scalars[u(ENDED_EARLY)] = 1  # this dialect looks through the reservations after any end
        _react(table)


@kernel
def _one_by_one(table: IntArray, arrivals: int) -> None:
    """Every end and every arrival of this instant by itself, in the order of the dialect."""
    scalars = i64(table, SCALARS)
    ends = instant.gather_ends(table)
    if scalars[u(TIES)] == PYSS:
        instant.release_expected(table, ends)
    if scalars[u(DIRTY)] != 0:
        _react(table)
    if scalars[u(TIES)] == EVENT:
        _end_singly(table, ends)
        _arrive_singly(table, arrivals)
    else:
        _arrive_singly(table, arrivals)
        _end_singly(table, ends)
    plan.start_due(table)


@kernel
def _next_time(table: IntArray) -> int:
    """When the next job event is due [s]."""
    scalars = i64(table, SCALARS)
    now, every = scalars[u(NOW)], scalars[u(CYCLE)]
    time = min(instant.next_happening(table), due.next_start(table))
    if scalars[u(PENDING)] != 0:
        time = min(time, (now + every - 1) // every * every)
    return max(time, now)


@kernel
def advance(table: IntArray) -> int:
    """Handle every job event before UNTIL and set the clock to it, as that of ``core/queue``."""
    scalars = i64(table, SCALARS)
    until = scalars[u(UNTIL)]
    while True:
        time = _next_time(table)
        if time >= until:
            if until < FOREVER:
                instant.pass_time(table, until)
            return REACHED
        instant.pass_time(table, time)
        arrivals = instant.arrivals_until(table, scalars[u(CURSOR)], time) - scalars[u(CURSOR)]
        wanted = 2 * (scalars[u(QUEUE_LENGTH)] + arrivals + 1)
        if wanted > scalars[u(QUEUE_SIZE)]:
            scalars[u(WANTED)] = wanted
            return GROW
        profile.forget(table, time)
        if scalars[u(TIES)] == PYSS or scalars[u(TIES)] == EVENT:
            _one_by_one(table, arrivals)
        else:
            _together(table, arrivals)
        scalars[u(CURSOR)] += arrivals
        scalars[u(DIRTY)] = 0
        scalars[u(PEAK_QUEUE)] = max(scalars[u(PEAK_QUEUE)], scalars[u(QUEUE_LENGTH)])
