"""What comes from outside: failures, repairs, deliveries, drains, cancellations, preemptions, releases."""

from capacity.scheduling.core.machine import state as k
from capacity.scheduling.core.machine.native import IntArray, i32, i64, int64, kernel, u
from capacity.scheduling.core.site import in_service, lifecycle, outage, waiting
from capacity.scheduling.core.site.access import is_counted, pool_table
from capacity.scheduling.core.site.state import (AFTER, AWAY, CANCEL, CANCELLED, CHANGED, COMPLETED, DELIVER,
    DIRTY, DRAIN, DRAINED, FAIL, FAILED, HELD, N_AWAY, N_HELD, N_RELEASED, NODE_WHY, ON_POOL, OP, OP_ITEM,
    OP_POOL, PARKED, PENDING, POOL_NODE0, POOL_SOUND, PREEMPT, RELEASE, RELEASED, REPAIR, RESUME, RUNNING,
    SCALARS, STATE, UNDELIVERED, WAITING)  # fmt: skip


@kernel
def _deliver(site: IntArray, pool: int) -> None:
    """Put the next known delivery of a pool into service."""
    table = pool_table(site, pool)
    scalars = i64(table, k.SCALARS)
    plan = scalars[u(k.PLAN_NEXT)]
    slots = i64(table, k.PLAN_SLOTS)[u(plan)]
    scalars[u(k.PLAN_NEXT)] = plan + 1
    if is_counted(site, pool):
        i64(site, POOL_SOUND)[u(pool)] += slots
        outage.settle(site, pool, False)
        return
    per_node = scalars[u(k.SLOTS_PER_NODE)]
    left = slots // per_node
    node = int64(0)
    while left > 0:
        place = i64(site, POOL_NODE0)[u(pool)] + node
        if i32(site, NODE_WHY)[u(place)] & UNDELIVERED != 0:
            in_service.drop_reason(site, pool, node, int64(UNDELIVERED))
            left -= 1
        node += 1


@kernel
def _cancel(site: IntArray, job: int) -> None:
    """Take a job back for its user, whatever it is doing."""
    scalars = i64(site, SCALARS)
    state = i32(site, STATE)[u(job)]
    if state == RUNNING:
        pool = int64(i32(site, ON_POOL)[u(job)])
        lifecycle.take_off_calendar(site, pool, job)
        lifecycle.interrupt(site, pool, job, int64(CANCELLED), False)
        return
    if state == HELD:
        scalars[u(N_HELD)] -= 1
    elif state == AWAY:
        scalars[u(N_AWAY)] -= 1
    elif state == WAITING:
        waiting.withdraw(site, job)
    lifecycle.end_for_good(site, job, int64(CANCELLED))


@kernel
def _release(site: IntArray) -> None:
    """Take the marks off the jobs in RELEASED; who waits for nothing else joins the queue."""
    scalars = i64(site, SCALARS)
    for index in range(scalars[u(N_RELEASED)]):
        job = int64(i32(site, RELEASED)[u(index)])
        if i32(site, PARKED)[u(job)] == 0:
            continue
        i32(site, PARKED)[u(job)] = 0
        after = int64(i32(site, AFTER)[u(job)])
        if i32(site, STATE)[u(job)] == HELD and (after < 0 or i32(site, STATE)[u(after)] >= COMPLETED):
            scalars[u(N_HELD)] -= 1
            waiting.push(site, job)


@kernel
def _changes_nothing(site: IntArray, op: int, pool: int, item: int) -> bool:
    """Whether what a command asks for is so already, or comes too early or too late."""
    if op == CANCEL:
        return i32(site, STATE)[u(item)] == PENDING or i32(site, STATE)[u(item)] >= COMPLETED
    if op == PREEMPT:
        return i32(site, STATE)[u(item)] != RUNNING
    if op in (DELIVER, RELEASE) or is_counted(site, pool):
        return False
    why = i32(site, NODE_WHY)[u(i64(site, POOL_NODE0)[u(pool)] + item)]
    if op in (DRAIN, RESUME):
        return (why & DRAINED != 0) == (op == DRAIN)
    return (why & FAILED != 0) == (op == FAIL)


@kernel
def obey(site: IntArray) -> None:
    """Carry out the command in OP; one that changes nothing makes no pass."""
    scalars = i64(site, SCALARS)
    op, pool = scalars[u(OP)], scalars[u(OP_POOL)]
    item = scalars[u(OP_ITEM)]
    if _changes_nothing(site, op, pool, item):
        return
    if op == RELEASE:
        _release(site)  # whoever joins the queue says so
        return
    scalars[u(DIRTY)] = scalars[u(CHANGED)] = 1
    if op == FAIL:
        outage.fail(site, pool, item)
    elif op == REPAIR:
        outage.repair(site, pool, item)
    elif op == DRAIN:
        in_service.add_reason(site, pool, item, int64(DRAINED))
    elif op == RESUME:
        in_service.drop_reason(site, pool, item, int64(DRAINED))
    elif op == CANCEL:
        _cancel(site, item)
    elif op == PREEMPT:
        lifecycle.preempt(site, item, int64(0))
    elif op == DELIVER:
        _deliver(site, pool)
