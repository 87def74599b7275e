"""When a job fits on a node, or a wide one on enough nodes, by expected ends, windows and reservations."""

from capacity.scheduling.core.machine import state as k
from capacity.scheduling.core.machine.native import IntArray, i32, i64, int64, kernel, u
from capacity.scheduling.core.queue import reservation
from capacity.scheduling.core.site import taken_slots
from capacity.scheduling.core.site.access import pool_table
from capacity.scheduling.core.site.state import (N_WINDOWS, NODE_FROM, NODE_TAKES, NOW, POOL_NEXT_WINDOW,
    POOL_NODE0, SCALARS, SCRATCH_TIME, TAKE_END, TAKE_NEXT, TAKE_SLOTS, TAKE_START, WINDOW_END,
    WINDOW_START)  # fmt: skip


@kernel
def taken_at(site: IntArray, pool: int, node: int, time: int, account: int) -> int:
    """Slots of a node that takes keep from jobs of an account at `time`."""
    total = int64(0)
    take = int64(i32(site, NODE_TAKES)[u(i64(site, POOL_NODE0)[u(pool)] + node)])
    while take >= 0:
        if i64(site, TAKE_START)[u(take)] <= time < i64(site, TAKE_END)[u(take)]:
            total += i32(site, TAKE_SLOTS)[u(take)]
        take = int64(i32(site, TAKE_NEXT)[u(take)])
    if i64(site, POOL_NEXT_WINDOW)[u(pool)] <= time:
        for window in range(i64(site, SCALARS)[u(N_WINDOWS)]):
            now_on = i64(site, WINDOW_START)[u(window)] <= time < i64(site, WINDOW_END)[u(window)]
            if now_on and taken_slots.covers(site, window, pool, node, account):
                total += i64(pool_table(site, pool), k.SCALARS)[u(k.SLOTS_PER_NODE)]
    return total


@kernel
def most_taken(site: IntArray, pool: int, node: int, start: int, end: int, account: int) -> int:
    """Most slots of a node that takes keep from jobs of an account from `start` to before `end`."""
    most = taken_at(site, pool, node, start, account)
    take = int64(i32(site, NODE_TAKES)[u(i64(site, POOL_NODE0)[u(pool)] + node)])
    while take >= 0:
        if start < i64(site, TAKE_START)[u(take)] < end:
            most = max(most, taken_at(site, pool, node, i64(site, TAKE_START)[u(take)], account))
        take = int64(i32(site, TAKE_NEXT)[u(take)])
    if i64(site, POOL_NEXT_WINDOW)[u(pool)] < end:
        for window in range(i64(site, SCALARS)[u(N_WINDOWS)]):
            if start < i64(site, WINDOW_START)[u(window)] < end:
                most = max(most, taken_at(site, pool, node, i64(site, WINDOW_START)[u(window)], account))
    return most


@kernel
def lacking(site: IntArray, pool: int, node: int, slots: int, start: int, end: int, account: int) -> int:
    """Latest moment from `start` to before `end` at which a node has not that many slots, or -1 [s]."""
    table = pool_table(site, pool)
    found = int64(-1)
    take = int64(i32(site, NODE_TAKES)[u(i64(site, POOL_NODE0)[u(pool)] + node)])
    while take >= 0:
        time = i64(site, TAKE_START)[u(take)]
        if max(start, found) < time < end:
            room = reservation.free_at(table, node, time)
            if room - taken_at(site, pool, node, time, account) < slots:
                found = time
        take = int64(i32(site, TAKE_NEXT)[u(take)])
    if i64(site, POOL_NEXT_WINDOW)[u(pool)] < end:
        for window in range(i64(site, SCALARS)[u(N_WINDOWS)]):
            time = i64(site, WINDOW_START)[u(window)]
            if max(start, found) < time < end and taken_slots.covers(site, window, pool, node, account):
                found = time
    if found < 0:
        room = reservation.free_at(table, node, start)
        if room < slots or room - taken_at(site, pool, node, start, account) < slots:
            found = start
    return found


@kernel
def _relief(site: IntArray, pool: int, node: int, time: int, account: int) -> int:
    """Earliest moment after `time` at which a node may have more slots, FOREVER if none is known [s]."""
    table = pool_table(site, pool)
    found = int64(k.FOREVER)
    base = node * i64(table, k.SCALARS)[u(k.SLOTS_PER_NODE)]
    for index in range(base, base + i32(table, k.NODE_COUNT)[u(node)]):
        job = i32(table, k.RUN_JOB)[u(i32(table, k.NODE_JOBS)[u(index)])]
        end = i64(table, k.START)[u(job)] + i32(table, k.REQUESTED)[u(job)]
        if end > time:
            found = min(found, end)
    take = int64(i32(site, NODE_TAKES)[u(i64(site, POOL_NODE0)[u(pool)] + node)])
    while take >= 0:
        if i64(site, TAKE_END)[u(take)] > time:
            found = min(found, i64(site, TAKE_END)[u(take)])
        take = int64(i32(site, TAKE_NEXT)[u(take)])
    if i64(site, POOL_NEXT_WINDOW)[u(pool)] <= time:
        for window in range(i64(site, SCALARS)[u(N_WINDOWS)]):
            end = i64(site, WINDOW_END)[u(window)]
            if time < end < found and taken_slots.covers(site, window, pool, node, account):
                found = end
    return found


@kernel
def first_start_on(
    site: IntArray, pool: int, node: int, slots: int, lasts: int, time: int, account: int
) -> int:
    """Earliest time from `time` on at which a node has that many slots for `lasts` seconds [s]."""
    table = pool_table(site, pool)
    time = max(time, i64(site, NODE_FROM)[u(i64(site, POOL_NODE0)[u(pool)] + node)])
    idle = i64(site, POOL_NEXT_WINDOW)[u(pool)] >= k.FOREVER
    idle = idle and i32(site, NODE_TAKES)[u(i64(site, POOL_NODE0)[u(pool)] + node)] < 0
    if idle and slots == i64(table, k.SCALARS)[u(k.SLOTS_PER_NODE)]:
        return max(time, i64(table, k.NODE_LAST)[u(node)])
    while time < k.FOREVER:
        bad = lacking(site, pool, node, slots, time, time + lasts, account)
        if bad < 0:
            return time
        time = _relief(site, pool, node, bad, account)
    return k.FOREVER


@kernel
def _smallest(values: IntArray, count: int, rank: int) -> int:
    """Value of the given rank, from 0, among the first `count`; reorders them."""
    low = int64(0)
    high = count - 1
    while low < high:
        pivot = values[u((low + high) >> 1)]
        left = low
        right = high
        while left <= right:
            while values[u(left)] < pivot:
                left += 1
            while values[u(right)] > pivot:
                right -= 1
            if left <= right:
                values[u(left)], values[u(right)] = values[u(right)], values[u(left)]
                left += 1
                right -= 1
        if rank <= right:
            high = right
        elif rank >= left:
            low = left
        else:
            break
    return values[u(rank)]


@kernel
def first_start(site: IntArray, pool: int, need: int, lasts: int, account: int) -> int:
    """Earliest time at which a job fits for `lasts` seconds, FOREVER if no time is known [s].

    Every node says from when it could take its part; the job cannot start before the k-th of them could.
    Asked again from that time on the answers only get later, until k of them agree.
    """
    table = pool_table(site, pool)
    per_node = i64(table, k.SCALARS)[u(k.SLOTS_PER_NODE)]
    nodes = int64(len(i32(table, k.NODE_FREE)))
    count = (need + per_node - 1) // per_node
    slots = min(need, per_node)
    if count > nodes:
        return k.FOREVER
    starts = i64(site, SCRATCH_TIME)
    time = i64(site, SCALARS)[u(NOW)]
    while True:
        for node in range(nodes):
            starts[u(node)] = first_start_on(site, pool, node, slots, lasts, time, account)
        found = _smallest(starts, nodes, count - 1)
        if found == time or found >= k.FOREVER or count == 1:
            return found
        time = found


@kernel
def take_nodes(site: IntArray, pool: int, need: int, lasts: int, time: int, account: int) -> None:
    """Reserve the lowest-numbered nodes on which a job fits from `time` on."""
    table = pool_table(site, pool)
    per_node = i64(table, k.SCALARS)[u(k.SLOTS_PER_NODE)]
    count = (need + per_node - 1) // per_node
    slots = min(need, per_node)
    node = int64(0)
    while count > 0:
        if first_start_on(site, pool, node, slots, lasts, time, account) == time:
            taken_slots.add(site, pool, i64(site, POOL_NODE0)[u(pool)] + node, time, time + lasts, slots)
            count -= 1
        node += 1
