"""Whether and where a waiting job may start now: it fits, and collides with no reservation or window."""

import numpy as np

from capacity.scheduling.core.machine import nodes
from capacity.scheduling.core.machine import state as k
from capacity.scheduling.core.machine.native import (IntArray, bit, bit_count, flag, i32, i64, int64, kernel,
    lowest_bit, u, u64)  # fmt: skip
from capacity.scheduling.core.site import counted_plan, node_plan
from capacity.scheduling.core.site.access import asked_on, is_counted, need_on, pool_table
from capacity.scheduling.core.site.state import (ACCOUNT, DRAINED, NODE_WHY, NOW, POOL_DRAINED,
    POOL_FIRST_TAKE, POOL_NEXT_WINDOW, POOL_NODE0, POOL_ROOM, POOL_TAKES, SCALARS)  # fmt: skip

NOWHERE, ANYWHERE = -1, -2
"""Instead of a node: the job may not start; it needs none (a counted pool) or several (a wide job)."""


@kernel
def renew_room(site: IntArray, pool: int) -> None:
    """Work out the most slots that a job may need to fit into a pool now, reservations aside."""
    table = pool_table(site, pool)
    scalars = i64(table, k.SCALARS)
    room = scalars[u(k.FREE)]
    if scalars[u(k.MACHINE)] != k.COUNTED:
        per_node = scalars[u(k.SLOTS_PER_NODE)]
        idle = int64(i32(table, k.LEVEL_COUNT)[u(per_node)])
        room = idle * per_node if idle > 0 else nodes.most_free(table, flag(0))
    i64(site, POOL_ROOM)[u(pool)] = room


@kernel
def _is_open(site: IntArray, pool: int, end: int) -> bool:
    """Whether nothing keeps a job that ends at `end` from any node of a pool."""
    first = min(i64(site, POOL_FIRST_TAKE)[u(pool)], i64(site, POOL_NEXT_WINDOW)[u(pool)])
    return i64(site, POOL_DRAINED)[u(pool)] == 0 and first >= end


@kernel
def node_is_free(site: IntArray, pool: int, node: int, slots: int, end: int, account: int) -> bool:
    """Whether a node has that many slots from now to `end`."""
    why = i32(site, NODE_WHY)[u(i64(site, POOL_NODE0)[u(pool)] + node)]
    if why & DRAINED != 0:
        return False
    return node_plan.lacking(site, pool, node, slots, i64(site, SCALARS)[u(NOW)], end, account) < 0


@kernel
def _first_at(site: IntArray, pool: int, level: int, slots: int, end: int, account: int, skip: int) -> int:
    """Node number `skip` (from 0) of those with `level` free slots that are free to `end`; -1 if none.

    Counts down: a result below -1 says how many there were, as ``-2 - count``.
    """
    table = pool_table(site, pool)
    words = i64(table, k.SCALARS)[u(k.WORDS)]
    bits = u64(table, k.LEVEL_BITS)
    count = int64(0)
    for word in range(words):
        found = bits[u(level * words + word)]
        while found != np.uint64(0):
            node = (word << 6) + lowest_bit(found)
            found &= found - np.uint64(1)
            if node_is_free(site, pool, node, slots, end, account):
                if count == skip:
                    return node
                count += 1
    return -2 - count


@kernel
def _random(site: IntArray, pool: int, need: int, end: int, account: int) -> int:
    """Any node that is free, each equally likely."""
    table = pool_table(site, pool)
    scalars = i64(table, k.SCALARS)
    total = int64(0)
    top = scalars[u(k.SLOTS_PER_NODE)]
    for level in range(need, top + 1):
        total += -2 - _first_at(site, pool, level, need, end, account, int64(k.NO_NEED))
    if total == 0:
        return NOWHERE
    rank = nodes.draw(table, total)
    for level in range(need, top + 1):
        node = _first_at(site, pool, level, need, end, account, rank)
        if node >= 0:
            return node
        rank -= -2 - node
    return NOWHERE


@kernel
def _narrow(site: IntArray, pool: int, need: int, end: int, account: int) -> int:
    """Node for a narrow job by the placement rule, NOWHERE if none may take it."""
    table = pool_table(site, pool)
    scalars = i64(table, k.SCALARS)
    if _is_open(site, pool, end):
        return nodes.choose(table, need, flag(0))
    top, rule = scalars[u(k.SLOTS_PER_NODE)], scalars[u(k.PLACEMENT)]
    if rule == k.RANDOM:
        return _random(site, pool, need, end, account)
    best = int64(NOWHERE)
    for step in range(top - need + 1):
        level = top - step if rule == k.WORST_FIT else need + step
        if i32(table, k.LEVEL_COUNT)[u(level)] == 0:
            continue
        node = _first_at(site, pool, level, need, end, account, int64(0))
        if node < 0:
            continue
        if rule != k.FIRST_FIT:
            return node
        if best < 0 or node < best:
            best = node
    return best


@kernel
def _wide(site: IntArray, pool: int, count: int, end: int, account: int) -> int:
    """ANYWHERE if enough idle nodes are free to `end`, the others then being in HELD_BITS; else NOWHERE."""
    table = pool_table(site, pool)
    scalars = i64(table, k.SCALARS)
    top = scalars[u(k.SLOTS_PER_NODE)]
    held = u64(table, k.HELD_BITS)
    words = scalars[u(k.WORDS)]
    is_open = _is_open(site, pool, end)
    for word in range(words):
        held[u(word)] = np.uint64(0)
        found = u64(table, k.LEVEL_BITS)[u(top * words + word)]
        if is_open or count <= 0:
            count -= bit_count(found)
            continue
        while found != np.uint64(0):
            node = (word << 6) + lowest_bit(found)
            found &= found - np.uint64(1)
            if node_is_free(site, pool, node, top, end, account):
                count -= 1
            else:
                held[u(word)] |= bit(node & 63)
    return ANYWHERE if count <= 0 else NOWHERE


@kernel
def place(site: IntArray, pool: int, job: int) -> int:
    """Node on which a job may start now, ANYWHERE, or NOWHERE."""
    need = need_on(site, pool, job)
    if need > i64(site, POOL_ROOM)[u(pool)]:
        return NOWHERE
    now = i64(site, SCALARS)[u(NOW)]
    end = now + asked_on(site, pool, job)
    account = int64(i32(site, ACCOUNT)[u(job)])
    if is_counted(site, pool):
        if i32(site, POOL_TAKES)[u(pool)] < 0:
            return ANYWHERE
        return ANYWHERE if counted_plan.lacking(site, pool, need, now, end, account) < 0 else NOWHERE
    per_node = i64(pool_table(site, pool), k.SCALARS)[u(k.SLOTS_PER_NODE)]
    if need <= per_node:
        return _narrow(site, pool, need, end, account)
    return _wide(site, pool, need // per_node, end, account)
