"""The event loop of the site core: windows, ends, timers, arrivals and passes up to a given time."""

from capacity.scheduling.core.machine import heap
from capacity.scheduling.core.machine import state as k
from capacity.scheduling.core.machine.native import IntArray, i32, i64, int64, kernel, u
from capacity.scheduling.core.site import lifecycle, outage, passes, shares, waiting
from capacity.scheduling.core.site.access import pass_time, pool_table
from capacity.scheduling.core.site.state import (ARRIVAL, CURSOR, CYCLE, DIRTY, EDGE_TIME, HAS_SHARES,
    LAST_RECOMPUTE, N_AWAY, N_EDGES, N_HELD, N_JOBS, N_POOLS, N_TIMERS, N_WAITING, N_WINDOWS, NEXT_EDGE, NOW,
    POOL_NODE0, QUEUE, QUEUE_SIZE, RECOMPUTE, RESERVATIONS, SCALARS, SUBMIT, TAKES_SIZE, TIME_VARYING, TIMERS,
    TIMERS_SIZE, UNTIL, WANTED_QUEUE, WANTED_TAKES, WANTED_TIMERS)  # fmt: skip


@kernel
def _grid(site: IntArray, time: int) -> int:
    """Earliest time from `time` on at which a pass may happen [s]."""
    cycle = i64(site, SCALARS)[u(CYCLE)]
    return time if cycle == 0 else (time + cycle - 1) // cycle * cycle


@kernel
def _recompute_due(site: IntArray) -> int:
    """When the keys of a time-varying order are next to be worked out again [s]."""
    scalars = i64(site, SCALARS)
    return (scalars[u(LAST_RECOMPUTE)] + 1) * scalars[u(RECOMPUTE)]


@kernel
def _next_time(site: IntArray) -> int:
    """When something is due next [s]."""
    scalars = i64(site, SCALARS)
    now = scalars[u(NOW)]
    time = int64(k.FOREVER)
    for pool in range(scalars[u(N_POOLS)]):
        table = pool_table(site, pool)
        if i64(table, k.SCALARS)[u(k.RUNNING)] > 0:
            time = min(time, i64(table, k.HEAP)[u(0)] >> k.SLOT_BITS)
    if scalars[u(N_TIMERS)] > 0:
        time = min(time, i64(site, TIMERS)[u(0)] >> k.SLOT_BITS)
    if scalars[u(CURSOR)] < scalars[u(N_JOBS)]:
        time = min(time, i64(site, SUBMIT)[u(int64(i32(site, ARRIVAL)[u(scalars[u(CURSOR)])]))])
    if scalars[u(NEXT_EDGE)] < scalars[u(N_EDGES)]:
        time = min(time, i64(site, EDGE_TIME)[u(scalars[u(NEXT_EDGE)])])
    if scalars[u(DIRTY)] != 0:
        time = min(time, _grid(site, now))
    elif _waits_for_the_clock(site) and min(time, scalars[u(UNTIL)]) < k.FOREVER - 1:
        # A job may wait for ever: its turn is not looked for when nothing else will ever happen.
        time = min(time, max(_grid(site, now + 1), _grid(site, _recompute_due(site))))
    return max(time, now)


@kernel
def _waits_for_the_clock(site: IntArray) -> bool:
    """Whether the passing of time alone may change who is next, and somebody waits."""
    scalars = i64(site, SCALARS)
    return scalars[u(TIME_VARYING)] != 0 and scalars[u(CYCLE)] > 0 and scalars[u(N_WAITING)] > 0


@kernel
def _arrivals(site: IntArray, time: int) -> int:
    """How many jobs are submitted up to `time` that are not yet here."""
    scalars = i64(site, SCALARS)
    first = scalars[u(CURSOR)]
    after = first
    while after < scalars[u(N_JOBS)] and i64(site, SUBMIT)[u(int64(i32(site, ARRIVAL)[u(after)]))] <= time:
        after += 1
    return after - first


@kernel
def _has_room(site: IntArray, arrivals: int) -> bool:
    """Whether the arrays have room for whatever this instant may add; else what is wanted is noted."""
    scalars = i64(site, SCALARS)
    running, queued, nodes = int64(0), int64(0), int64(0)
    pools = scalars[u(N_POOLS)]
    for pool in range(pools):
        there = i64(pool_table(site, pool), k.SCALARS)
        running += there[u(k.RUNNING)]
        queued += there[u(k.QUEUED_SLOTS)]
    nodes = i64(site, POOL_NODE0)[u(pools)]
    here = scalars[u(N_WAITING)] + scalars[u(N_HELD)] + scalars[u(N_AWAY)] + arrivals + running
    scalars[u(WANTED_QUEUE)] = here + 2
    scalars[u(WANTED_TIMERS)] = scalars[u(N_TIMERS)] + 2 * arrivals + 2 * running + 2
    every = min(scalars[u(RESERVATIONS)], here)
    promised = every * pools + min(every * pools * nodes, queued + here)
    scalars[u(WANTED_TAKES)] = scalars[u(N_WINDOWS)] + promised
    if here + 2 > scalars[u(QUEUE_SIZE)] or scalars[u(WANTED_TIMERS)] > scalars[u(TIMERS_SIZE)]:
        return False
    return scalars[u(WANTED_TAKES)] <= scalars[u(TAKES_SIZE)]


@kernel
def _end_jobs(site: IntArray) -> None:
    """End every job whose time has come."""
    now = i64(site, SCALARS)[u(NOW)]
    for pool in range(i64(site, SCALARS)[u(N_POOLS)]):
        table = pool_table(site, pool)
        scalars = i64(table, k.SCALARS)
        while scalars[u(k.RUNNING)] > 0 and i64(table, k.HEAP)[u(0)] < (now + 1) << k.SLOT_BITS:
            slot = heap.pop(table) & k.SLOT_MASK
            lifecycle.finish(site, pool, int64(i32(table, k.RUN_JOB)[u(slot)]))


@kernel
def _renew_order(site: IntArray) -> None:
    """Work out the keys of a time-varying order again when that is due."""
    scalars = i64(site, SCALARS)
    every = scalars[u(RECOMPUTE)]
    if every > 0:
        reached = scalars[u(NOW)] // every
        if reached == scalars[u(LAST_RECOMPUTE)]:
            return
        scalars[u(LAST_RECOMPUTE)] = reached
    if scalars[u(HAS_SHARES)] != 0:
        shares.update(site)
    for place in range(scalars[u(N_WAITING)]):
        waiting.renew_key(site, int64(i32(site, QUEUE)[u(place)]))
    waiting.sort(site)


@kernel
def _instant(site: IntArray, arrivals: int) -> None:
    """Everything that happens now."""
    scalars = i64(site, SCALARS)
    now = scalars[u(NOW)]
    outage.edges(site, False)
    _end_jobs(site)
    outage.edges(site, True)
    while scalars[u(N_TIMERS)] > 0 and i64(site, TIMERS)[u(0)] < (now + 1) << k.SLOT_BITS:
        lifecycle.expire(site, heap.take(i64(site, TIMERS), scalars, int64(N_TIMERS)) & k.SLOT_MASK)
    lifecycle.tell_dependents(site)
    if arrivals > 0:
        scalars[u(DIRTY)] = 1
    first = scalars[u(CURSOR)]
    for index in range(first, first + arrivals):
        lifecycle.submit(site, int64(i32(site, ARRIVAL)[u(index)]))
    scalars[u(CURSOR)] = first + arrivals
    lifecycle.tell_dependents(site)
    is_due = _waits_for_the_clock(site) and _recompute_due(site) <= now
    if (scalars[u(DIRTY)] != 0 or is_due) and _grid(site, now) == now:
        if scalars[u(TIME_VARYING)] != 0:
            _renew_order(site)
        passes.one_pass(site)
        lifecycle.tell_dependents(site)
    for pool in range(scalars[u(N_POOLS)]):
        there = i64(pool_table(site, pool), k.SCALARS)
        there[u(k.PEAK_QUEUE)] = max(there[u(k.PEAK_QUEUE)], there[u(k.QUEUE_LENGTH)])


@kernel
def advance(site: IntArray) -> int:
    """Handle everything due before UNTIL and set the clock to it; REACHED, or GROW to be called again."""
    scalars = i64(site, SCALARS)
    until = scalars[u(UNTIL)]
    while True:
        time = _next_time(site)
        if time >= until:
            pass_time(site, until)
            return k.REACHED
        arrivals = _arrivals(site, time)
        if not _has_room(site, arrivals):
            return k.GROW
        pass_time(site, time)
        _instant(site, arrivals)
