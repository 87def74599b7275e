"""The event loop: ends, arrivals and passes up to a given time, in one of three dialects of ties.

At one instant everything that ends, ends first; then jobs arrive by submission and number; then one pass
(``instant``). ``event`` passes after every single end and arrival. ``pyss`` handles arrivals before ends,
while slots whose job is expected to end by now already count as free. With a cycle, passes wait for the next
multiple of it on the clock.
"""

from capacity.scheduling.core.machine import heap, machine
from capacity.scheduling.core.machine.native import IntArray, i32, i64, int64, kernel, u
from capacity.scheduling.core.machine.state import (BACKFILL, CHANGE_TREE, CURSOR, CYCLE, DIRTY, EASY, EVENT,
    FOREVER, GROW, HEAP, IN_ORDER_OF_SUBMIT, INSTANT, LOOK_AGAIN, N_JOBS, NEED, NOW, ORDER_KIND, PASSED_AT,
    PEAK_QUEUE, PENDING, PLAIN, PREDICT, PYSS, QUEUE_LENGTH, QUEUE_SIZE, REACHED, REKEY_AT, RESTLESS,
    RUN_ORDER, RUNNING, SCALARS, SLOT_BITS, SLOT_MASK, SUBMIT, TIED, TIES, TOGETHER, UNTIL,
    WANTED)  # fmt: skip
from capacity.scheduling.core.queue import classes, instant, passes, predict, queue


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
            if not instant.is_parked(table, job):
                queue.push(table, job)
    if together or (changed and scalars[u(QUEUE_LENGTH)] > 0):
        passes.full_pass(table)
    if not together:
        for job in range(first, first + arrivals):
            if not instant.is_parked(table, job):
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
    scalars, tied = i64(table, SCALARS), i64(table, TIED)
    count = instant.gather_ends(table)
    instant.release_expected(table, count)
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
def _next_pass(table: IntArray) -> int:
    """When the next pass on the grid is due as things are now [s].

    A pass needs a reason: an end, an arrival or a change of the machine since the last one, or an order that
    changes while jobs wait. In the second case only those passes are made that can differ from the one
    before: where keys are due, or everywhere when time alone may let a job start.
    """
    scalars = i64(table, SCALARS)
    every, time = scalars[u(CYCLE)], scalars[u(NOW)]
    if scalars[u(PENDING)] == 0:
        if scalars[u(REKEY_AT)] == FOREVER or scalars[u(QUEUE_LENGTH)] == 0:
            return FOREVER
        time = max(time, scalars[u(PASSED_AT)] + 1)
        if scalars[u(RESTLESS)] == 0:
            time = max(time, scalars[u(REKEY_AT)])
    return (time + every - 1) // every * every


@kernel
def _on_grid(table: IntArray, arrivals: int) -> None:
    """Handle one instant, with a pass if one is due by then."""
    scalars = i64(table, SCALARS)
    changed = instant.end_all(table) or arrivals > 0 or scalars[u(DIRTY)] != 0
    instant.newcomers(table, arrivals)
    first = scalars[u(CURSOR)]
    for job in range(first, first + arrivals):
        queue.push(table, job)
    if changed:
        scalars[u(PENDING)] = 1
    if _next_pass(table) == scalars[u(NOW)]:
        passes.full_pass(table)
        scalars[u(PENDING)] = 0
        scalars[u(PASSED_AT)] = scalars[u(NOW)]


@kernel
def _at_one_instant(table: IntArray, arrivals: int) -> None:
    """All that happens now, in the order of the dialect."""
    scalars = i64(table, SCALARS)
    ties = scalars[u(TIES)]
    if scalars[u(PREDICT)] != 0:
        predict.correct_all(table)
    if scalars[u(CYCLE)] != 0:
        _on_grid(table, arrivals)
    elif ties == INSTANT:
        _instant(table, arrivals)
    elif ties == EVENT:
        _event(table, arrivals)
    elif ties == PYSS:
        _pyss(table, arrivals)


@kernel
def _advance_plainly(table: IntArray) -> int:
    """Do as `advance` does under first come first served with one pass per instant, the commonest rules.

    Without the questions that only other rules ask: at two events per job those cost a fifth of a run.
    Anything else, and a machine that just changed, goes the long way.
    """
    scalars, ends, submit = i64(table, SCALARS), i64(table, HEAP), i64(table, SUBMIT)
    until, job = scalars[u(UNTIL)], scalars[u(CURSOR)]
    while True:
        time = submit[u(job)] if job < scalars[u(N_JOBS)] else int64(FOREVER)
        if scalars[u(RUNNING)] > 0:
            time = min(time, ends[u(0)] >> SLOT_BITS)
        time = max(time, scalars[u(NOW)])
        if time >= until:
            if until < FOREVER:
                instant.pass_time(table, until)
            return REACHED
        instant.pass_time(table, time)
        after = instant.arrivals_until(table, job, time)
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
            if not instant.is_parked(table, job):
                passes.arrive(table, job)
            job += 1
        scalars[u(CURSOR)] = job
        scalars[u(PEAK_QUEUE)] = max(scalars[u(PEAK_QUEUE)], scalars[u(QUEUE_LENGTH)])


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
        if scalars[u(PLAIN)] != 0 and scalars[u(DIRTY)] == 0:
            return _advance_plainly(table)
        time = instant.next_happening(table)
        if scalars[u(CYCLE)] != 0:
            time = min(time, _next_pass(table))
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
        if classes.searches_are_long(table):
            return CHANGE_TREE
        _at_one_instant(table, arrivals)
        scalars[u(CURSOR)] += arrivals
        scalars[u(DIRTY)] = 0
        scalars[u(PEAK_QUEUE)] = max(scalars[u(PEAK_QUEUE)], scalars[u(QUEUE_LENGTH)])
