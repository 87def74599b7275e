"""The event loop: ends, arrivals and passes up to a given time, in one of three dialects of ties.

At one instant everything that ends, ends first; then jobs arrive by submission and number; then one pass
(``instant``). ``event`` passes after every single end and arrival. ``pyss`` handles arrivals before ends,
while slots whose job is expected to end by now already count as free. With a cycle, passes wait for the next
multiple of it on the clock (`cycle`).
"""

from capacity.scheduling.core.machine import machine
from capacity.scheduling.core.machine.native import IntArray, i32, i64, kernel, u
from capacity.scheduling.core.machine.state import (BACKFILL, CHANGE_TREE, CURSOR, CYCLE, DIRTY, EASY, EVENT,
    FOREVER, GROW, IN_ORDER_OF_SUBMIT, INSTANT, LOOK_AGAIN, NEED, NOW, ORDER_KIND, PEAK_QUEUE, PLAIN, PREDICT,
    PYSS, QUEUE_LENGTH, QUEUE_SIZE, REACHED, RUN_JOB, RUN_ORDER, SCALARS, TIED, TIES, TOGETHER, UNTIL,
    WANTED)  # fmt: skip
from capacity.scheduling.core.queue import classes, cycle, instant, passes, plain, predict, queue


@kernel
def _instant(table: IntArray, arrivals: int) -> None:
    """One pass after everything that happens at this instant."""
    scalars = i64(table, SCALARS)
    changed = instant.end_all(table) or scalars[u(DIRTY)] != 0
    instant.newcomers(table, arrivals)
    first = scalars[u(CURSOR)]
    together = scalars[u(TOGETHER)] != 0 and (arrivals > 1 or (changed and arrivals > 0))
    if scalars[u(LOOK_AGAIN)] <= scalars[u(NOW)]:
        together = changed or arrivals > 0
    if together:
        for job in range(first, first + arrivals):
            if not plain.is_parked(table, job):
                queue.push(table, job)
    if together or (changed and scalars[u(QUEUE_LENGTH)] > 0):
        passes.full_pass(table)
    if not together:
        for job in range(first, first + arrivals):
            if not plain.is_parked(table, job):
                passes.arrive(table, job)


@kernel
def _event(table: IntArray, arrivals: int) -> None:
    """Handle one instant with a pass after every end and every arrival."""
    scalars = i64(table, SCALARS)
    count = instant.gather_ends(table)
    if scalars[u(DIRTY)] != 0:
        passes.full_pass(table)
    for index in range(count):
        slot = i64(table, TIED)[u(index)]
        machine.release(table, slot)
        instant.retire(table, slot)
        passes.full_pass(table)
    instant.newcomers(table, arrivals)
    first = scalars[u(CURSOR)]
    for job in range(first, first + arrivals):
        passes.arrive(table, job)


@kernel
def _pyss(table: IntArray, arrivals: int) -> None:
    """Arrivals before ends; slots whose job is expected to end by now already count as free."""
    scalars = i64(table, SCALARS)
    tied = i64(table, TIED)
    count = instant.gather_ends(table)
    for index in range(count):
        slot = tied[u(index)]
        if machine.expected_end(table, i32(table, RUN_JOB)[u(slot)]) <= scalars[u(NOW)]:
            machine.release(table, slot)
            i64(table, RUN_ORDER)[u(slot)] = -1
    if scalars[u(DIRTY)] != 0:
        passes.full_pass(table)
    instant.newcomers(table, arrivals)
    first = scalars[u(CURSOR)]
    for job in range(first, first + arrivals):
        if count == 0 and scalars[u(ORDER_KIND)] == IN_ORDER_OF_SUBMIT and scalars[u(LOOK_AGAIN)] == FOREVER:
            passes.arrive(table, job)
        else:
            queue.push(table, job)
            # Under EASY without predictions this dialect looks at the queue only if the newcomer fits.
            always = scalars[u(BACKFILL)] != EASY or scalars[u(PREDICT)] != 0
            if always or i32(table, NEED)[u(job)] <= machine.room(table):
                passes.full_pass(table)
    for index in range(count):
        slot = tied[u(index)]
        if i64(table, RUN_ORDER)[u(slot)] >= 0:
            machine.release(table, slot)
        instant.retire(table, slot)
        passes.full_pass(table)


@kernel
def _at_one_instant(table: IntArray, arrivals: int) -> None:
    """All that happens now, in the order of the dialect."""
    scalars = i64(table, SCALARS)
    ties = scalars[u(TIES)]
    if scalars[u(PREDICT)] != 0:
        predict.correct_all(table)
    if ties == INSTANT:
        _instant(table, arrivals)
    elif ties == EVENT:
        _event(table, arrivals)
    elif ties == PYSS:
        _pyss(table, arrivals)


@kernel
def advance(table: IntArray) -> int:
    """Handle every job event before UNTIL and set the clock to UNTIL.

    With UNTIL at FOREVER the clock stays at the last event. Returns REACHED; GROW when the queue arrays
    must first be enlarged to WANTED positions; CHANGE_TREE when searches are long and the guard of the
    queue's tree should be set up for those who wait now. Calling again goes on where it stopped.
    """
    scalars = i64(table, SCALARS)
    until = scalars[u(UNTIL)]
    while True:
        if scalars[u(CYCLE)] != 0:
            return cycle.advance(table)
        if scalars[u(PLAIN)] != 0 and scalars[u(DIRTY)] == 0:
            return plain.advance(table)
        time = instant.next_happening(table)
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
        _at_one_instant(table, arrivals)
        scalars[u(CURSOR)] += arrivals
        scalars[u(DIRTY)] = 0
        scalars[u(PEAK_QUEUE)] = max(scalars[u(PEAK_QUEUE)], scalars[u(QUEUE_LENGTH)])
