"""The event loop: ends, arrivals and passes up to a given time, in one of three dialects of ties.

At one instant everything that ends, ends first; then jobs arrive by submission and number; then one pass
(``instant``). ``event`` passes after every single end and arrival. ``pyss`` handles arrivals before ends,
while slots whose job is expected to end by now already count as free. With a cycle, passes wait for the next
multiple of it on the clock (`cycle`).
"""

from capacity.scheduling.kernel import cycle, heap, machine, passes, predict, queue, scores
from capacity.scheduling.kernel.native import IntArray, i32, i64, int64, kernel, tiny, u
from capacity.scheduling.kernel.state import (
    BACKFILL,
    BUSY_SLOT_S,
    CAPACITY,
    CAPACITY_SLOT_S,
    CURSOR,
    CYCLE,
    DIRTY,
    EASY,
    EVENT,
    EXTRA_EVENTS,
    FOREVER,
    FREE,
    GROW,
    HEAP,
    IN_ORDER_OF_SUBMIT,
    INSTANT,
    LOOK_AGAIN,
    N_JOBS,
    NEED,
    NOW,
    ORDER_KIND,
    PASSED_AT,
    PEAK_QUEUE,
    PENDING,
    PREDICT,
    PREPARE,
    PYSS,
    QUEUE_LENGTH,
    QUEUE_SIZE,
    QUEUED_SLOTS,
    REACHED,
    RUN_JOB,
    RUN_ORDER,
    RUNNING,
    SCALARS,
    SLOT_BITS,
    SLOT_MASK,
    SUBMIT,
    TIED,
    TIES,
    TOGETHER,
    UNTIL,
    WAITING_JOB_S,
    WAITING_SLOT_S,
    WANTED,
)


@kernel
def pass_time(table: IntArray, time: int) -> None:
    """Move the clock to `time`, adding to the integrals."""
    scalars = i64(table, SCALARS)
    elapsed = time - scalars[u(NOW)]
    scalars[u(BUSY_SLOT_S)] += (scalars[u(CAPACITY)] - scalars[u(FREE)]) * elapsed
    scalars[u(CAPACITY_SLOT_S)] += scalars[u(CAPACITY)] * elapsed
    scalars[u(WAITING_JOB_S)] += scalars[u(QUEUE_LENGTH)] * elapsed
    scalars[u(WAITING_SLOT_S)] += scalars[u(QUEUED_SLOTS)] * elapsed
    scalars[u(NOW)] = time


@kernel
def arrivals_now(table: IntArray) -> int:
    """How many jobs are submitted at this instant."""
    submit = i64(table, SUBMIT)
    scalars = i64(table, SCALARS)
    first = scalars[u(CURSOR)]
    after = first
    while after < scalars[u(N_JOBS)] and submit[u(after)] <= scalars[u(NOW)]:
        after += 1
    return after - first


@tiny
def _retire(table: IntArray, slot: int) -> None:
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
        _retire(table, slot)
    return count > 0


@kernel
def _end_all(table: IntArray) -> bool:
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
def _newcomers(table: IntArray, arrivals: int) -> None:
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
def _instant(table: IntArray, arrivals: int) -> None:
    """One pass after everything that happens at this instant."""
    scalars = i64(table, SCALARS)
    changed = _end_all(table) or scalars[u(DIRTY)] != 0
    _newcomers(table, arrivals)
    first = scalars[u(CURSOR)]
    together = scalars[u(TOGETHER)] != 0 and (arrivals > 1 or (changed and arrivals > 0))
    if scalars[u(LOOK_AGAIN)] <= scalars[u(NOW)]:
        together = changed or arrivals > 0
    if together:
        for job in range(first, first + arrivals):
            queue.push(table, job)
    if together or (changed and scalars[u(QUEUE_LENGTH)] > 0):
        passes.full_pass(table)
    if not together:
        for job in range(first, first + arrivals):
            passes.arrive(table, job)


@kernel
def _on_grid(table: IntArray, arrivals: int) -> None:
    """Note what happens at this instant; a pass if it is one of a cycle and there is a reason."""
    scalars = i64(table, SCALARS)
    if _end_all(table) or arrivals > 0 or scalars[u(DIRTY)] != 0:
        scalars[u(PENDING)] = 1
    _newcomers(table, arrivals)
    first = scalars[u(CURSOR)]
    for job in range(first, first + arrivals):
        queue.push(table, job)
    if cycle.due(table):
        passes.full_pass(table)
        scalars[u(PENDING)] = 0
        scalars[u(PASSED_AT)] = scalars[u(NOW)]


@kernel
def _event(table: IntArray, arrivals: int) -> None:
    """Handle one instant with a pass after every end and every arrival."""
    scalars = i64(table, SCALARS)
    count = gather_ends(table)
    if scalars[u(DIRTY)] != 0:
        passes.full_pass(table)
    for index in range(count):
        slot = i64(table, TIED)[u(index)]
        machine.release(table, slot)
        _retire(table, slot)
        passes.full_pass(table)
    _newcomers(table, arrivals)
    first = scalars[u(CURSOR)]
    for job in range(first, first + arrivals):
        passes.arrive(table, job)


@kernel
def _pyss(table: IntArray, arrivals: int) -> None:
    """Arrivals before ends; slots whose job is expected to end by now already count as free."""
    scalars = i64(table, SCALARS)
    tied = i64(table, TIED)
    count = gather_ends(table)
    for index in range(count):
        slot = tied[u(index)]
        if machine.expected_end(table, i32(table, RUN_JOB)[u(slot)]) <= scalars[u(NOW)]:
            machine.release(table, slot)
            i64(table, RUN_ORDER)[u(slot)] = -1
    if scalars[u(DIRTY)] != 0:
        passes.full_pass(table)
    _newcomers(table, arrivals)
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
        _retire(table, slot)
        passes.full_pass(table)


@kernel
def _next_time(table: IntArray) -> int:
    """When the next job event is due [s]."""
    scalars = i64(table, SCALARS)
    if scalars[u(DIRTY)] != 0:
        return scalars[u(NOW)]
    time = int64(FOREVER)
    if scalars[u(RUNNING)] > 0:
        time = i64(table, HEAP)[u(0)] >> SLOT_BITS
    if scalars[u(CURSOR)] < scalars[u(N_JOBS)]:
        time = min(time, i64(table, SUBMIT)[u(scalars[u(CURSOR)])])
    if scalars[u(EXTRA_EVENTS)] != 0:
        time = min(time, cycle.next_pass(table), predict.next_correction(table))
    return max(time, scalars[u(NOW)])


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
def advance(table: IntArray) -> int:
    """Handle every job event before UNTIL and set the clock to UNTIL.

    With UNTIL at FOREVER the clock stays at the last event. Returns REACHED, or GROW when the queue arrays
    must first be enlarged to WANTED positions; calling again goes on where it stopped.
    """
    scalars = i64(table, SCALARS)
    until = scalars[u(UNTIL)]
    while True:
        time = _next_time(table)
        if time >= until:
            if until < FOREVER:
                pass_time(table, until)
            return REACHED
        pass_time(table, time)
        arrivals = arrivals_now(table)
        wanted = 2 * (scalars[u(QUEUE_LENGTH)] + arrivals + 1)
        if wanted > scalars[u(QUEUE_SIZE)]:
            scalars[u(WANTED)] = wanted
            return GROW
        _at_one_instant(table, arrivals)
        scalars[u(CURSOR)] += arrivals
        scalars[u(DIRTY)] = 0
        scalars[u(PEAK_QUEUE)] = max(scalars[u(PEAK_QUEUE)], scalars[u(QUEUE_LENGTH)])
