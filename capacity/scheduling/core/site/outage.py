"""Nodes that fail or are taken out by windows: what happens to the jobs on them."""

from capacity.scheduling.core.machine import state as k
from capacity.scheduling.core.machine.native import IntArray, i32, i64, int64, kernel, u
from capacity.scheduling.core.queue.failing import latest_job
from capacity.scheduling.core.site import counted_plan, in_service, lifecycle, taken_slots
from capacity.scheduling.core.site.access import is_counted, pool_table
from capacity.scheduling.core.site.state import (ATTEMPTS, AWAY, CHANGED, DIRTY, EDGE_TIME, EDGE_WINDOW,
    EXCUSED, FAILED, FUTILE, IN_WINDOW, MAX_ATTEMPTS, MAX_FUTILE, N_EDGES, N_WINDOWS, NEXT_EDGE, NODE_FAIL,
    NOW, POOL_GONE, POOL_SOUND, POOL_WINDOWS, REQUEUE_ON_FAIL, SCALARS, WINDOW_ACCOUNT, WINDOW_END,
    WINDOW_FIRST, WINDOW_NODES, WINDOW_ON, WINDOW_POOL, WINDOW_REQUEUE, WINDOW_START)  # fmt: skip


@kernel
def _stop_job(site: IntArray, pool: int, job: int, is_failure: bool) -> None:
    """End a running job because its node is gone."""
    scalars = i64(site, SCALARS)
    counted = i32(site, ATTEMPTS)[u(job)] - i32(site, EXCUSED)[u(job)]
    may_again = scalars[u(REQUEUE_ON_FAIL)] != 0 and counted < scalars[u(MAX_ATTEMPTS)]
    if is_failure and lifecycle.saved_now(site, job) == 0:
        i32(site, FUTILE)[u(job)] += 1
        may_again = may_again and i32(site, FUTILE)[u(job)] < scalars[u(MAX_FUTILE)]
    lifecycle.take_off_calendar(site, pool, job)
    again = may_again or not is_failure
    lifecycle.interrupt(site, pool, job, int64(AWAY) if again else int64(NODE_FAIL), is_failure)


@kernel
def clear_node(site: IntArray, pool: int, node: int, is_failure: bool) -> None:
    """End all jobs on a node."""
    table = pool_table(site, pool)
    base = node * i64(table, k.SCALARS)[u(k.SLOTS_PER_NODE)]
    while i32(table, k.NODE_COUNT)[u(node)] > 0:
        slot = i32(table, k.NODE_JOBS)[u(base)]
        _stop_job(site, pool, int64(i32(table, k.RUN_JOB)[u(slot)]), is_failure)


@kernel
def settle(site: IntArray, pool: int, is_failure: bool) -> None:
    """Bring the slots of a counted pool in service to what failures and windows leave.

    If too few are free for that, the jobs that started last end.
    """
    scalars = i64(pool_table(site, pool), k.SCALARS)
    left = i64(site, POOL_SOUND)[u(pool)] - counted_plan.in_windows(site, pool, i64(site, SCALARS)[u(NOW)])
    more = max(int64(0), left) - scalars[u(k.CAPACITY)]
    while scalars[u(k.FREE)] + more < 0:
        _stop_job(site, pool, latest_job(pool_table(site, pool)), is_failure)
    scalars[u(k.CAPACITY)] += more
    scalars[u(k.FREE)] += more


@kernel
def fail(site: IntArray, pool: int, node: int) -> None:
    """Take a failed node out of service until it is repaired; its jobs end."""
    if is_counted(site, pool):
        per_node = i64(pool_table(site, pool), k.SCALARS)[u(k.SLOTS_PER_NODE)]
        i64(site, POOL_SOUND)[u(pool)] -= per_node
        i64(site, POOL_GONE)[u(pool)] += 1
        settle(site, pool, True)
        return
    clear_node(site, pool, node, True)
    in_service.add_reason(site, pool, node, int64(FAILED))


@kernel
def repair(site: IntArray, pool: int, node: int) -> None:
    """Put a repaired node back into service."""
    if is_counted(site, pool):
        per_node = i64(pool_table(site, pool), k.SCALARS)[u(k.SLOTS_PER_NODE)]
        i64(site, POOL_SOUND)[u(pool)] += per_node
        i64(site, POOL_GONE)[u(pool)] -= 1
        settle(site, pool, False)
        return
    in_service.drop_reason(site, pool, node, int64(FAILED))


@kernel
def _window_starts(site: IntArray, window: int) -> None:
    """Take the nodes of a maintenance window out of service."""
    pool = int64(i32(site, WINDOW_POOL)[u(window)])
    i64(site, WINDOW_ON)[u(window)] = 1
    nodes = i64(site, WINDOW_NODES)[u(window)]
    # Who is still there although nothing should have started is in the way of the plan, like a failure.
    is_failure = i32(site, WINDOW_REQUEUE)[u(window)] == 0
    if is_counted(site, pool):
        settle(site, pool, is_failure)
        return
    first = i64(site, WINDOW_FIRST)[u(window)]
    for node in range(first, min(first + nodes, len(i32(pool_table(site, pool), k.NODE_FREE)))):
        clear_node(site, pool, node, is_failure)
        in_service.add_reason(site, pool, node, int64(IN_WINDOW))


@kernel
def _in_another_window(site: IntArray, window: int, pool: int, node: int) -> bool:
    """Whether a node is in a maintenance window other than `window` now."""
    now = i64(site, SCALARS)[u(NOW)]
    for other in range(i64(site, SCALARS)[u(N_WINDOWS)]):
        if other == window or i32(site, WINDOW_ACCOUNT)[u(other)] >= 0:
            continue
        is_on = i64(site, WINDOW_START)[u(other)] <= now < i64(site, WINDOW_END)[u(other)]
        if is_on and taken_slots.covers(site, other, pool, node, int64(-1)):
            return True
    return False


@kernel
def _window_ends(site: IntArray, window: int) -> None:
    """Put the nodes of a maintenance window back, unless there is another reason against them."""
    pool = int64(i32(site, WINDOW_POOL)[u(window)])
    i64(site, WINDOW_ON)[u(window)] = 0
    if is_counted(site, pool):
        settle(site, pool, False)
        return
    first = i64(site, WINDOW_FIRST)[u(window)]
    last = min(first + i64(site, WINDOW_NODES)[u(window)], len(i32(pool_table(site, pool), k.NODE_FREE)))
    for node in range(first, last):
        if not _in_another_window(site, window, pool, node):
            in_service.drop_reason(site, pool, node, int64(IN_WINDOW))


@kernel
def edges(site: IntArray, starts: bool) -> None:
    """Handle the windows that end now, or those that start now."""
    scalars, times, which = i64(site, SCALARS), i64(site, EDGE_TIME), i32(site, EDGE_WINDOW)
    edge = scalars[u(NEXT_EDGE)]
    while edge < scalars[u(N_EDGES)] and times[u(edge)] <= scalars[u(NOW)]:
        window = int64(which[u(edge)])
        if (window < 0) != starts:
            break
        scalars[u(DIRTY)] = scalars[u(CHANGED)] = 1
        if window < 0 and i32(site, WINDOW_ACCOUNT)[u(~window)] < 0:
            _window_starts(site, ~window)
        elif window >= 0:
            i64(site, POOL_WINDOWS)[u(int64(i32(site, WINDOW_POOL)[u(window)]))] -= 1
            if i32(site, WINDOW_ACCOUNT)[u(window)] < 0:
                _window_ends(site, window)
        edge += 1
    scalars[u(NEXT_EDGE)] = edge
