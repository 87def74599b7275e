"""Takes: slots that reservations of this pass and windows keep from others in planning.

A take of a node pool is on one node; a reservation of a wide job is one take per node. Windows are read from
their list on nodes, and turned into takes at the beginning of a pass on counted pools.
"""

from capacity.scheduling.core.machine import state as k
from capacity.scheduling.core.machine.native import IntArray, i32, i64, int64, kernel, tiny, u
from capacity.scheduling.core.site.access import is_counted, pool_table
from capacity.scheduling.core.site.state import (ACCOUNT, ACCOUNT_SLOTS, N_ACCOUNTS, N_POOLS, N_PROMISED,
    N_TAKES, N_WINDOWS, NODE_TAKES, NOW, POOL_CLOSED, POOL_FIRST_TAKE, POOL_NEXT_WINDOW, POOL_RESERVED,
    POOL_SOUND, POOL_TAKES, POOL_WINDOWS, RUNNING, SCALARS, STATE, TAKE_ACCOUNT, TAKE_END, TAKE_NEXT,
    TAKE_NODE, TAKE_ROOM, TAKE_SLOTS, TAKE_START, TAKE_WINDOW, WINDOW_ACCOUNT, WINDOW_END, WINDOW_FIRST,
    WINDOW_NODES, WINDOW_POOL, WINDOW_REQUEUE, WINDOW_START)  # fmt: skip


@kernel
def renew_next_windows(site: IntArray) -> None:
    """Work out for each pool when the next window begins that planning knows of."""
    scalars, soonest = i64(site, SCALARS), i64(site, POOL_NEXT_WINDOW)
    for pool in range(scalars[u(N_POOLS)]):
        soonest[u(pool)] = k.FOREVER
    for window in range(scalars[u(N_WINDOWS)]):
        over = i64(site, WINDOW_END)[u(window)] <= scalars[u(NOW)]
        if not over and window_is_known(site, window):
            pool = int64(i32(site, WINDOW_POOL)[u(window)])
            begins = max(scalars[u(NOW)], i64(site, WINDOW_START)[u(window)])
            soonest[u(pool)] = min(soonest[u(pool)], begins)


@kernel
def clear(site: IntArray) -> None:
    """Forget all takes and promises of the last pass."""
    scalars, heads = i64(site, SCALARS), i32(site, NODE_TAKES)
    for take in range(scalars[u(N_TAKES)]):
        node = i32(site, TAKE_NODE)[u(take)]
        if node >= 0:
            heads[u(node)] = -1
    scalars[u(N_TAKES)] = scalars[u(N_PROMISED)] = 0
    for pool in range(scalars[u(N_POOLS)]):
        i32(site, POOL_TAKES)[u(pool)] = -1
        i32(site, POOL_CLOSED)[u(pool)] = 0
        i32(site, POOL_RESERVED)[u(pool)] = 0
        i64(site, POOL_FIRST_TAKE)[u(pool)] = k.FOREVER


@kernel
def add(site: IntArray, pool: int, node: int, start: int, end: int, slots: int) -> int:
    """Add a take; `node` in the site's columns, -1 on a counted pool; returns its number."""
    scalars = i64(site, SCALARS)
    take = scalars[u(N_TAKES)]
    scalars[u(N_TAKES)] = take + 1
    i64(site, TAKE_START)[u(take)] = start
    i64(site, TAKE_END)[u(take)] = end
    i32(site, TAKE_SLOTS)[u(take)] = slots
    i32(site, TAKE_NODE)[u(take)] = node
    i32(site, TAKE_WINDOW)[u(take)] = -1
    i64(site, TAKE_ROOM)[u(take)] = -1  # worked out when it is needed
    if node >= 0:
        i32(site, TAKE_NEXT)[u(take)] = i32(site, NODE_TAKES)[u(node)]
        i32(site, NODE_TAKES)[u(node)] = take
    else:
        i32(site, TAKE_NEXT)[u(take)] = i32(site, POOL_TAKES)[u(pool)]
        i32(site, POOL_TAKES)[u(pool)] = take
    first = i64(site, POOL_FIRST_TAKE)
    first[u(pool)] = min(first[u(pool)], start)
    return take


@tiny
def window_is_known(site: IntArray, window: int) -> bool:
    """Whether planning takes a window into account: one that requeues jobs only once it has begun."""
    begun = i64(site, WINDOW_START)[u(window)] <= i64(site, SCALARS)[u(NOW)]
    return i32(site, WINDOW_REQUEUE)[u(window)] == 0 or begun


@kernel
def covers(site: IntArray, window: int, pool: int, node: int, account: int) -> bool:
    """Whether a window keeps a node from jobs of an account."""
    if i32(site, WINDOW_POOL)[u(window)] != pool:
        return False
    first = i64(site, WINDOW_FIRST)[u(window)]
    if node < first or node >= first + i64(site, WINDOW_NODES)[u(window)]:
        return False
    holder = i32(site, WINDOW_ACCOUNT)[u(window)]
    return (holder < 0 or holder != account) and window_is_known(site, window)


@kernel
def sound_at(site: IntArray, pool: int, time: int) -> int:
    """Slots of a counted pool that will be delivered and have not failed at `time`."""
    table = pool_table(site, pool)
    scalars = i64(table, k.SCALARS)
    slots = i64(site, POOL_SOUND)[u(pool)]
    for plan in range(scalars[u(k.PLAN_NEXT)], scalars[u(k.N_PLAN)]):
        if i64(table, k.PLAN_TIME)[u(plan)] <= time:
            slots += i64(table, k.PLAN_SLOTS)[u(plan)]
    return slots


@kernel
def _running_at(site: IntArray, pool: int, account: int, time: int) -> int:
    """Slots of a counted pool that running jobs of an account are expected to hold at `time`."""
    table = pool_table(site, pool)
    keys, order = i64(table, k.END_KEYS), i32(table, k.END_ORDER)
    left = i64(site, ACCOUNT_SLOTS)[u(pool * i64(site, SCALARS)[u(N_ACCOUNTS)] + account)]
    total = int64(0)
    position = i64(table, k.SCALARS)[u(k.BLOCKS_USED)] - 1
    while position >= 0 and total < left:
        block = int64(order[u(position)])
        index = int64(i32(table, k.END_COUNT)[u(block)]) - 1
        while index >= 0:
            key = keys[u(block * k.BLOCK + index)]
            if key >> k.SLOT_BITS <= time:
                return total
            slot = key & k.SLOT_MASK
            job = i32(table, k.RUN_JOB)[u(slot)]
            if i32(site, ACCOUNT)[u(job)] == account and i32(site, STATE)[u(job)] == RUNNING:
                total += i32(table, k.END_SLOTS)[u(slot)]
            index -= 1
        position -= 1
    return total


@kernel
def _kept_for(site: IntArray, pool: int, take: int, holder: int, time: int) -> int:
    """Slots that a window of a tenant, and others of his at that time, keep from the others at `time`.

    Those that jobs of his are expected to hold then, running or reserved, are among them. Of several windows
    at once the one that was added last counts them all.
    """
    slots, held = int64(0), int64(0)
    other = int64(i32(site, POOL_TAKES)[u(pool)])
    while other >= 0:
        if i64(site, TAKE_START)[u(other)] <= time < i64(site, TAKE_END)[u(other)]:
            window = i32(site, TAKE_WINDOW)[u(other)]
            if window >= 0 and i32(site, WINDOW_ACCOUNT)[u(window)] == holder:
                if other > take:
                    return int64(0)
                slots += i32(site, TAKE_SLOTS)[u(other)]
            elif window < 0 and i32(site, TAKE_ACCOUNT)[u(other)] == holder:
                held += i32(site, TAKE_SLOTS)[u(other)]
        other = int64(i32(site, TAKE_NEXT)[u(other)])
    held += _running_at(site, pool, holder, time)
    return max(int64(0), min(slots, sound_at(site, pool, time)) - held)


@kernel
def slots_for(site: IntArray, pool: int, take: int, account: int, time: int) -> int:
    """Slots that a take of a counted pool keeps from jobs of an account at `time`."""
    slots, window = int64(i32(site, TAKE_SLOTS)[u(take)]), i32(site, TAKE_WINDOW)[u(take)]
    if window < 0:
        return slots
    holder = int64(i32(site, WINDOW_ACCOUNT)[u(window)])
    if holder < 0:
        return slots
    if holder == account:
        return int64(0)
    return _kept_for(site, pool, take, holder, time)


@kernel
def add_windows(site: IntArray) -> None:
    """Turn the windows of counted pools that are still to come, or held for a tenant, into takes."""
    scalars = i64(site, SCALARS)
    now = scalars[u(NOW)]
    for window in range(scalars[u(N_WINDOWS)]):
        pool = int64(i32(site, WINDOW_POOL)[u(window)])
        if i64(site, POOL_WINDOWS)[u(pool)] == 0 or not is_counted(site, pool):
            continue
        start, end = i64(site, WINDOW_START)[u(window)], i64(site, WINDOW_END)[u(window)]
        is_on = start <= now and i32(site, WINDOW_ACCOUNT)[u(window)] < 0  # for maintenance
        if end <= now or not window_is_known(site, window) or is_on:
            continue
        slots = (
            i64(site, WINDOW_NODES)[u(window)] * i64(pool_table(site, pool), k.SCALARS)[u(k.SLOTS_PER_NODE)]
        )
        take = add(site, pool, int64(-1), max(now, start), end, slots)
        i32(site, TAKE_WINDOW)[u(take)] = window
