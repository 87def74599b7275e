"""Nodes that are in service and those that are not, and why."""

from capacity.scheduling.core.machine import state as k
from capacity.scheduling.core.machine.native import IntArray, i32, i64, int64, kernel, u
from capacity.scheduling.core.machine.nodes import hide, show
from capacity.scheduling.core.site.access import need_on, pool_table
from capacity.scheduling.core.site.state import (DRAINED, FAILED, IN_WINDOW, NODE_DUE, NODE_FROM, NODE_WHY,
    OUT, POOL_DRAINED, POOL_GONE, POOL_NODE0, RUN_SLOT, UNDELIVERED)  # fmt: skip


@kernel
def renew(site: IntArray, pool: int, node: int) -> None:
    """Show or hide a node as the reasons against it and the jobs on it demand."""
    table = pool_table(site, pool)
    place = i64(site, POOL_NODE0)[u(pool)] + node
    why = i32(site, NODE_WHY)
    is_out = why[u(place)] & OUT != 0
    reasons = why[u(place)] & (FAILED | DRAINED | IN_WINDOW | UNDELIVERED)
    if reasons != 0 and not is_out and i32(table, k.NODE_COUNT)[u(node)] == 0:
        hide(table, node)
        why[u(place)] |= OUT
    elif reasons == 0 and is_out:
        show(table, node)
        why[u(place)] &= ~OUT
    # Windows are known to end; a failure, a drain and a late delivery are not.
    if reasons & (FAILED | DRAINED) != 0:
        i64(site, NODE_FROM)[u(place)] = k.FOREVER
    elif reasons & UNDELIVERED != 0:
        i64(site, NODE_FROM)[u(place)] = i64(site, NODE_DUE)[u(place)]
    else:
        i64(site, NODE_FROM)[u(place)] = 0


@kernel
def add_reason(site: IntArray, pool: int, node: int, reason: int) -> None:
    """Give a reason why a node is not to be used."""
    place = i64(site, POOL_NODE0)[u(pool)] + node
    why = i32(site, NODE_WHY)
    if reason == DRAINED and why[u(place)] & DRAINED == 0:
        i64(site, POOL_DRAINED)[u(pool)] += 1
    if reason & (FAILED | DRAINED) & ~why[u(place)] != 0:
        i64(site, POOL_GONE)[u(pool)] += 1
    why[u(place)] |= reason
    renew(site, pool, node)


@kernel
def drop_reason(site: IntArray, pool: int, node: int, reason: int) -> None:
    """Take a reason back."""
    place = i64(site, POOL_NODE0)[u(pool)] + node
    why = i32(site, NODE_WHY)
    if reason == DRAINED and why[u(place)] & DRAINED != 0:
        i64(site, POOL_DRAINED)[u(pool)] -= 1
    if reason & (FAILED | DRAINED) & why[u(place)] != 0:
        i64(site, POOL_GONE)[u(pool)] -= 1
    why[u(place)] &= ~reason
    renew(site, pool, node)


@kernel
def take_out_drained(site: IntArray, pool: int, node: int, wide: bool) -> None:
    """After a job has left its nodes (`node` is the first): hide those that were only waiting for that."""
    if i64(site, POOL_DRAINED)[u(pool)] == 0:
        return
    following = i32(pool_table(site, pool), k.NODE_NEXT)
    while node >= 0:
        renew(site, pool, node)
        node = int64(following[u(node)]) if wide else int64(-1)


@kernel
def renew_last(site: IntArray, pool: int, job: int) -> None:
    """Work out the last expected end of the nodes of a job anew: its own has changed."""
    table = pool_table(site, pool)
    per_node = i64(table, k.SCALARS)[u(k.SLOTS_PER_NODE)]
    wide = need_on(site, pool, job) > per_node
    node = int64(i32(table, k.RUN_NODE)[u(i32(site, RUN_SLOT)[u(job)])])
    while node >= 0:
        last = int64(0)
        for index in range(node * per_node, node * per_node + i32(table, k.NODE_COUNT)[u(node)]):
            other = i32(table, k.RUN_JOB)[u(i32(table, k.NODE_JOBS)[u(index)])]
            last = max(last, i64(table, k.START)[u(other)] + i32(table, k.REQUESTED)[u(other)])
        i64(table, k.NODE_LAST)[u(node)] = last
        node = int64(i32(table, k.NODE_NEXT)[u(node)]) if wide else int64(-1)
