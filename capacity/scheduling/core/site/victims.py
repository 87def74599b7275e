"""Preemption: which running jobs must go so that a job of a higher QOS can start."""

import numpy as np

from capacity.scheduling.core.machine import state as k
from capacity.scheduling.core.machine.native import IntArray, bit, f64, i32, i64, int64, kernel, u, u64
from capacity.scheduling.core.queue import reservation
from capacity.scheduling.core.site import counted_plan, lifecycle, node_plan, placing
from capacity.scheduling.core.site.access import asked_on, is_counted, need_on, pool_table
from capacity.scheduling.core.site.state import (ACCOUNT, ASKED_BEFORE, AWAY, DRAINED, N_QOS, NODE_TAKES,
    NODE_WHY, NOW, OUT, POOL_NODE0, POOL_TAKES, QOS, QOS_GRACE, QOS_MIN_RUN, QOS_PREEMPTS, QOS_PRIORITY,
    QOS_RUNNING, RUNNING, SAFE_UNTIL, SCALARS, SCRATCH_JOB, SCRATCH_NODE, SCRATCH_TIME, START, STATE,
    TAKE_NEXT, TAKE_START)  # fmt: skip

NOBODY, LATER = -1, -3
"""Instead of a node, or ANYWHERE: nobody was preempted; some still have their grace period."""


@kernel
def _may_go(site: IntArray, victim: int, job: int) -> bool:
    """Whether a running job may be preempted for another."""
    qos = int64(i32(site, QOS)[u(victim)])
    preempts = i64(site, QOS_PREEMPTS)[u(i32(site, QOS)[u(job)])]
    if (preempts >> qos) & 1 == 0 or i32(site, ASKED_BEFORE)[u(victim)] >= 0:
        return False
    return i64(site, SCALARS)[u(NOW)] - i64(site, START)[u(victim)] >= i64(site, QOS_MIN_RUN)[u(qos)]


@kernel
def _goes_before(site: IntArray, one: int, other: int) -> bool:
    """Lower QOS first, then the one that started later, then the higher row."""
    priority = f64(site, QOS_PRIORITY)
    mine, theirs = priority[u(i32(site, QOS)[u(one)])], priority[u(i32(site, QOS)[u(other)])]
    if mine != theirs:
        return mine < theirs
    start = i64(site, START)
    if start[u(one)] != start[u(other)]:
        return start[u(one)] > start[u(other)]
    return one > other


@kernel
def _insert_sorted(site: IntArray, count: int, job: int) -> None:
    """Put a victim at its place among the first `count` of SCRATCH_JOB."""
    found = i32(site, SCRATCH_JOB)
    place = count
    while place > 0 and _goes_before(site, job, int64(found[u(place - 1)])):
        found[u(place)] = found[u(place - 1)]
        place -= 1
    found[u(place)] = job


@kernel
def _on_node(site: IntArray, pool: int, node: int, job: int) -> int:
    """Gather the possible victims on a node in SCRATCH_JOB; returns how many."""
    table = pool_table(site, pool)
    base = node * i64(table, k.SCALARS)[u(k.SLOTS_PER_NODE)]
    count = int64(0)
    for index in range(base, base + i32(table, k.NODE_COUNT)[u(node)]):
        victim = int64(i32(table, k.RUN_JOB)[u(i32(table, k.NODE_JOBS)[u(index)])])
        if _may_go(site, victim, job):
            _insert_sorted(site, count, victim)
            count += 1
    return count


@kernel
def _has_victim(site: IntArray, pool: int, node: int, job: int) -> bool:
    """Whether any job on a node may be preempted."""
    table = pool_table(site, pool)
    base = node * i64(table, k.SCALARS)[u(k.SLOTS_PER_NODE)]
    for index in range(base, base + i32(table, k.NODE_COUNT)[u(node)]):
        if _may_go(site, int64(i32(table, k.RUN_JOB)[u(i32(table, k.NODE_JOBS)[u(index)])]), job):
            return True
    return False


@kernel
def _nobody_runs(site: IntArray, pool: int, job: int) -> bool:
    """Whether no job that another may preempt runs on a pool."""
    kinds = i64(site, SCALARS)[u(N_QOS)]
    preempts = i64(site, QOS_PREEMPTS)[u(i32(site, QOS)[u(job)])]
    for qos in range(kinds):
        if (preempts >> qos) & 1 != 0 and i64(site, QOS_RUNNING)[u(pool * kinds + qos)] > 0:
            return False
    return True


@kernel
def _slots_on_node(site: IntArray, pool: int, job: int) -> int:
    """Slots that a running job holds on each of its nodes."""
    per_node = i64(pool_table(site, pool), k.SCALARS)[u(k.SLOTS_PER_NODE)]
    return min(need_on(site, pool, job), per_node)


@kernel
def _freed_by(site: IntArray, pool: int, count: int) -> int:
    """Slots that the first `count` of SCRATCH_JOB hold on each of their nodes, together."""
    freed = int64(0)
    for index in range(count):
        freed += _slots_on_node(site, pool, int64(i32(site, SCRATCH_JOB)[u(index)]))
    return freed


@kernel
def _node_usable(site: IntArray, pool: int, node: int, slots: int, job: int) -> bool:
    """Whether an otherwise empty node could take a job from now on."""
    place = i64(site, POOL_NODE0)[u(pool)] + node
    if i32(site, NODE_WHY)[u(place)] & (OUT | DRAINED) != 0:
        return False
    now = i64(site, SCALARS)[u(NOW)]
    per_node = i64(pool_table(site, pool), k.SCALARS)[u(k.SLOTS_PER_NODE)]
    account = int64(i32(site, ACCOUNT)[u(job)])
    end = now + asked_on(site, pool, job)
    most = node_plan.most_taken(site, pool, node, now, end, account)
    return most + slots <= per_node


@kernel
def _enough_on(site: IntArray, pool: int, node: int, need: int, job: int, count: int) -> bool:
    """Whether a narrow job could start on a node without the first `count` of SCRATCH_JOB."""
    table = pool_table(site, pool)
    victims = i32(site, SCRATCH_JOB)
    now, account = i64(site, SCALARS)[u(NOW)], int64(i32(site, ACCOUNT)[u(job)])
    free = i32(table, k.NODE_FREE)[u(node)] + _freed_by(site, pool, count)
    if free - node_plan.taken_at(site, pool, node, now, account) < need:
        return False
    end = now + asked_on(site, pool, job)
    take = int64(i32(site, NODE_TAKES)[u(i64(site, POOL_NODE0)[u(pool)] + node)])
    while take >= 0:
        time = i64(site, TAKE_START)[u(take)]
        if now < time < end:
            room = reservation.free_at(table, node, time)
            for index in range(count):
                victim = int64(victims[u(index)])
                if i64(site, START)[u(victim)] + asked_on(site, pool, victim) > time:
                    room += _slots_on_node(site, pool, victim)
            if room - node_plan.taken_at(site, pool, node, time, account) < need:
                return False
        take = int64(i32(site, TAKE_NEXT)[u(take)])
    return True


@kernel
def _must_go_from(site: IntArray, pool: int, node: int, need: int, job: int) -> int:
    """How many of the possible victims on a node, now in SCRATCH_JOB, must go for a narrow job, or -1."""
    count = _on_node(site, pool, node, job)
    for enough in range(count + 1):
        if _enough_on(site, pool, node, need, job, enough):
            return enough
    return -1


@kernel
def _tell(site: IntArray, victim: int) -> int:
    """Preempt a job; returns its grace period [s]."""
    grace = i64(site, QOS_GRACE)[u(i32(site, QOS)[u(victim)])]
    lifecycle.preempt(site, victim, grace)
    return grace


@kernel
def _after(site: IntArray, job: int, longest: int, place: int) -> int:
    """Where the job may start now, or LATER when somebody still has a grace period."""
    if longest == 0:
        return place
    i64(site, SAFE_UNTIL)[u(job)] = i64(site, SCALARS)[u(NOW)] + longest
    return LATER


@kernel
def _tell_first(site: IntArray, count: int, job: int, place: int) -> int:
    """Preempt the first `count` of SCRATCH_JOB for a job, which may start at `place`, or LATER."""
    longest = int64(0)
    for index in range(count):
        longest = max(longest, _tell(site, int64(i32(site, SCRATCH_JOB)[u(index)])))
    return _after(site, job, longest, place)


@kernel
def _clear_narrow(site: IntArray, pool: int, need: int, job: int) -> int:
    """Make room for a narrow job on the node where the fewest slots must be freed."""
    table = pool_table(site, pool)
    best = int64(-1)
    least = int64(k.NO_NEED)
    for node in range(len(i32(table, k.NODE_FREE))):
        if not _has_victim(site, pool, node, job) or not _node_usable(site, pool, node, need, job):
            continue
        enough = _must_go_from(site, pool, node, need, job)
        freed = _freed_by(site, pool, enough)
        if enough >= 0 and freed < least:
            least = freed
            best = node
    if best < 0:
        return NOBODY
    return _tell_first(site, _must_go_from(site, pool, best, need, job), job, best)


@kernel
def _choose_nodes(site: IntArray, pool: int, count: int, job: int) -> bool:
    """Put into SCRATCH_NODE the nodes where the fewest slots must be freed; whether there are enough."""
    table = pool_table(site, pool)
    per_node = i64(table, k.SCALARS)[u(k.SLOTS_PER_NODE)]
    cost, chosen = i64(site, SCRATCH_TIME), i32(site, SCRATCH_NODE)
    found = int64(0)
    for node in range(len(i32(table, k.NODE_FREE))):
        if not _node_usable(site, pool, node, per_node, job):
            continue
        freed = _freed_by(site, pool, _on_node(site, pool, node, job))
        if i32(table, k.NODE_FREE)[u(node)] + freed < per_node:
            continue
        place = found
        while place > 0 and cost[u(place - 1)] > freed:
            cost[u(place)] = cost[u(place - 1)]
            chosen[u(place)] = chosen[u(place - 1)]
            place -= 1
        cost[u(place)] = freed
        chosen[u(place)] = node
        found = min(found + 1, count)
    return found == count


@kernel
def _clear_wide(site: IntArray, pool: int, count: int, job: int) -> int:
    """Make room for a wide job."""
    if not _choose_nodes(site, pool, count, job):
        return NOBODY
    table = pool_table(site, pool)
    longest = int64(0)
    for rank in range(count):
        node = int64(i32(site, SCRATCH_NODE)[u(rank)])
        for index in range(_on_node(site, pool, node, job)):
            victim = int64(i32(site, SCRATCH_JOB)[u(index)])
            if i32(site, STATE)[u(victim)] == RUNNING and i32(site, ASKED_BEFORE)[u(victim)] < 0:
                longest = max(longest, _tell(site, victim))
    if longest == 0:
        # Of the idle nodes only those that were cleared may be taken.
        u64(table, k.HELD_BITS)[:] = ~np.uint64(0)
        for rank in range(count):
            node = int64(i32(site, SCRATCH_NODE)[u(rank)])
            u64(table, k.HELD_BITS)[u(node >> 6)] &= ~bit(node & 63)
    return _after(site, job, longest, int64(placing.ANYWHERE))


@kernel
def _clear_counted(site: IntArray, pool: int, need: int, job: int) -> int:
    """Make room for a job on a counted pool."""
    table = pool_table(site, pool)
    heap, victims = i64(table, k.HEAP), i32(site, SCRATCH_JOB)
    count = int64(0)
    for index in range(i64(table, k.SCALARS)[u(k.RUNNING)]):
        victim = int64(i32(table, k.RUN_JOB)[u(heap[u(index)] & k.SLOT_MASK)])
        if _may_go(site, victim, job):
            _insert_sorted(site, count, victim)
            count += 1
    free = i64(table, k.SCALARS)[u(k.FREE)]
    enough = int64(0)
    while enough < count and free < need:
        free += need_on(site, pool, int64(victims[u(enough)]))
        enough += 1
    if free < need:
        return NOBODY
    while not _enough_counted(site, pool, need, job, enough):
        enough += 1
        if enough > count:
            return NOBODY
    return _tell_first(site, enough, job, int64(placing.ANYWHERE))


@kernel
def _enough_counted(site: IntArray, pool: int, need: int, job: int, count: int) -> bool:
    """Whether a job collides with no reservation or window without the first `count` of SCRATCH_JOB."""
    now = i64(site, SCALARS)[u(NOW)]
    end = now + asked_on(site, pool, job)
    account = int64(i32(site, ACCOUNT)[u(job)])
    # Without its jobs a tenant is owed more of what is held for it.
    _mark(site, count, int64(AWAY))
    take = int64(i32(site, POOL_TAKES)[u(pool)])
    enough = _enough_at(site, pool, need, now, account, count)
    while take >= 0 and enough:
        time = i64(site, TAKE_START)[u(take)]
        if now < time < end:
            enough = _enough_at(site, pool, need, time, account, count)
        take = int64(i32(site, TAKE_NEXT)[u(take)])
    _mark(site, count, int64(RUNNING))
    return enough


@kernel
def _mark(site: IntArray, count: int, state: int) -> None:
    """Let the first `count` of SCRATCH_JOB count among what their accounts have running, or not."""
    for index in range(count):
        i32(site, STATE)[u(i32(site, SCRATCH_JOB)[u(index)])] = state


@kernel
def _enough_at(site: IntArray, pool: int, need: int, time: int, account: int, count: int) -> bool:
    """Whether a job fits at one moment without the first `count` of SCRATCH_JOB."""
    room = counted_plan.room_at(site, pool, time) - counted_plan.taken_at(site, pool, time, account)
    for index in range(count):
        victim = int64(i32(site, SCRATCH_JOB)[u(index)])
        if i64(site, START)[u(victim)] + asked_on(site, pool, victim) > time:
            room += need_on(site, pool, victim)
    return room >= need


@kernel
def make_room(site: IntArray, pool: int, job: int) -> int:
    """Preempt what must go so that a job can start on a pool, and say where; NOBODY if that would not do."""
    if _nobody_runs(site, pool, job):
        return NOBODY
    need = need_on(site, pool, job)
    if is_counted(site, pool):
        return _clear_counted(site, pool, need, job)
    per_node = i64(pool_table(site, pool), k.SCALARS)[u(k.SLOTS_PER_NODE)]
    if need <= per_node:
        return _clear_narrow(site, pool, need, job)
    return _clear_wide(site, pool, need // per_node, job)
