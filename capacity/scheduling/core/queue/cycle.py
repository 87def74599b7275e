"""Passes on a grid: when the next one is due, and the event loop between them.

A pass needs a reason: an end, an arrival or a change of the machine since the last one, or an order that
changes while jobs wait. In the second case only those passes are made that can differ from the one before:
where keys are due, or everywhere when time alone may let a job start.
"""

from capacity.scheduling.core.machine.native import IntArray, i64, kernel, u
from capacity.scheduling.core.machine.state import (CHANGE_TREE, CURSOR, CYCLE, DIRTY, FOREVER, GROW, NOW,
    PASSED_AT, PEAK_QUEUE, PENDING, PREDICT, QUEUE_LENGTH, QUEUE_SIZE, REACHED, REKEY_AT, RESTLESS, SCALARS,
    UNTIL, WANTED)  # fmt: skip
from capacity.scheduling.core.queue import classes, instant, passes, plain, predict, queue


@kernel
def next_pass(table: IntArray) -> int:
    """When the next pass is due as things are now [s]."""
    scalars = i64(table, SCALARS)
    every = scalars[u(CYCLE)]
    time = scalars[u(NOW)]
    if scalars[u(PENDING)] == 0:
        if scalars[u(REKEY_AT)] == FOREVER or scalars[u(QUEUE_LENGTH)] == 0:
            return FOREVER
        time = max(time, scalars[u(PASSED_AT)] + 1)
        if scalars[u(RESTLESS)] == 0:
            time = max(time, scalars[u(REKEY_AT)])
    return (time + every - 1) // every * every


@kernel
def _happenings(table: IntArray, arrivals: int) -> bool:
    """Corrections, ends and arrivals of this instant; whether a pass has a reason."""
    scalars = i64(table, SCALARS)
    if scalars[u(PREDICT)] != 0:
        predict.correct_all(table)
    changed = instant.end_all(table) or arrivals > 0 or scalars[u(DIRTY)] != 0
    instant.newcomers(table, arrivals)
    first = scalars[u(CURSOR)]
    for job in range(first, first + arrivals):
        queue.push(table, job)
    scalars[u(CURSOR)] = first + arrivals
    scalars[u(DIRTY)] = 0
    return changed


@kernel
def advance(table: IntArray) -> int:
    """Handle every job event before UNTIL, as `advance.advance` does."""
    scalars = i64(table, SCALARS)
    until = scalars[u(UNTIL)]
    due = next_pass(table)
    while True:
        time = min(due, instant.next_happening(table))
        if time >= until:
            if until < FOREVER:
                plain.pass_time(table, until)
            return REACHED
        plain.pass_time(table, time)
        arrivals = plain.arrivals_until(table, scalars[u(CURSOR)], time) - scalars[u(CURSOR)]
        wanted = 2 * (scalars[u(QUEUE_LENGTH)] + arrivals + 1)
        if wanted > scalars[u(QUEUE_SIZE)]:
            scalars[u(WANTED)] = wanted
            return GROW
        if classes.searches_are_long(table):
            return CHANGE_TREE
        if _happenings(table, arrivals) and scalars[u(PENDING)] == 0:
            scalars[u(PENDING)] = 1
            due = next_pass(table)
        if due == time:
            passes.full_pass(table)
            scalars[u(PENDING)] = 0
            scalars[u(PASSED_AT)] = time
            due = next_pass(table)
        scalars[u(PEAK_QUEUE)] = max(scalars[u(PEAK_QUEUE)], scalars[u(QUEUE_LENGTH)])
