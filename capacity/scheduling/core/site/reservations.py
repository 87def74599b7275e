"""Reservations of blocked jobs: promised as the pass meets them, placed when a later job might start.

Many passes find nothing that could start, and then nobody needs to know when the first blocked job will.
"""

import numpy as np

from capacity.scheduling.core.machine import state as k
from capacity.scheduling.core.machine.native import IntArray, i32, i64, int64, kernel, lowest_bit, u, u64
from capacity.scheduling.core.queue import reservation
from capacity.scheduling.core.site import counted_plan, limits, node_plan, taken_slots
from capacity.scheduling.core.site.access import (after_choices, asked_on, choice, first_choice, is_counted,
    need_on, pool_table)  # fmt: skip
from capacity.scheduling.core.site.state import (ACCOUNT, EARLIEST, N_PROMISED, POOL_DRAINED, POOL_FIRST_TAKE,
    POOL_GONE, POOL_NEXT_WINDOW, POOL_NODE0, PROMISED_JOB, PROMISED_POOL, RESERVATIONS, ROUTE,
    SCALARS, TAKE_ACCOUNT)  # fmt: skip


@kernel
def _earliest(site: IntArray, pool: int, job: int) -> int:
    """Earliest time at which a job fits into a pool [s]."""
    need, lasts = need_on(site, pool, job), asked_on(site, pool, job)
    account = int64(i32(site, ACCOUNT)[u(job)])
    if is_counted(site, pool):
        return counted_plan.first_start(site, pool, need, lasts, account)
    return node_plan.first_start(site, pool, need, lasts, account)


@kernel
def _reserve_first(site: IntArray, pool: int, need: int, lasts: int) -> bool:
    """Give a reservation in a pool of nodes where nothing else is planned: the queue core knows how.

    False when it would reach into a window; then windows must be planned around.
    """
    table = pool_table(site, pool)
    scalars = i64(table, k.SCALARS)
    reservation.reserve_nodes(table, need)
    time = scalars[u(k.SHADOW)]
    if time + lasts > i64(site, POOL_NEXT_WINDOW)[u(pool)]:
        return False
    rules = i64(site, SCALARS)
    is_only_one = rules[u(RESERVATIONS)] == 1 and rules[u(ROUTE)] != EARLIEST
    if scalars[u(k.PLAN_NEXT)] < scalars[u(k.N_PLAN)] and not is_only_one:
        return False  # it names no nodes still to be delivered, which whoever is planned later must know
    slots = min(need, scalars[u(k.SLOTS_PER_NODE)])
    node0 = i64(site, POOL_NODE0)[u(pool)]
    held = u64(table, k.HELD_BITS)
    for word in range(scalars[u(k.WORDS)]):
        found = held[u(word)]
        while found != np.uint64(0):
            node = (word << 6) + lowest_bit(found)
            found &= found - np.uint64(1)
            taken_slots.add(site, pool, node0 + node, time, time + lasts, slots)
    return True


@kernel
def _reserve(site: IntArray, pool: int, job: int) -> None:
    """Give a blocked job its reservation."""
    untouched = i64(site, POOL_FIRST_TAKE)[u(pool)] >= k.FOREVER and i64(site, POOL_DRAINED)[u(pool)] == 0
    simple = untouched and not is_counted(site, pool)
    if simple and _reserve_first(site, pool, need_on(site, pool, job), asked_on(site, pool, job)):
        return
    time = _earliest(site, pool, job)
    if time >= k.FOREVER:
        return
    need, lasts = need_on(site, pool, job), asked_on(site, pool, job)
    if is_counted(site, pool):
        take = taken_slots.add(site, pool, int64(-1), time, time + lasts, need)
        i32(site, TAKE_ACCOUNT)[u(take)] = i32(site, ACCOUNT)[u(job)]
    else:
        node_plan.take_nodes(site, pool, need, lasts, time, int64(i32(site, ACCOUNT)[u(job)]))


@kernel
def keep(site: IntArray, pool: int) -> None:
    """Place the reservations of a pool that have been promised and not yet placed, in order."""
    scalars, pools, jobs = i64(site, SCALARS), i32(site, PROMISED_POOL), i32(site, PROMISED_JOB)
    left = int64(0)
    for index in range(scalars[u(N_PROMISED)]):
        if pools[u(index)] == pool:
            _reserve(site, pool, int64(jobs[u(index)]))
        else:
            pools[u(left)] = pools[u(index)]
            jobs[u(left)] = jobs[u(index)]
            left += 1
    scalars[u(N_PROMISED)] = left


@kernel
def add(site: IntArray, pool: int, job: int) -> None:
    """Remember that a job gets a reservation; it is placed when somebody else might start."""
    scalars = i64(site, SCALARS)
    count = scalars[u(N_PROMISED)]
    i32(site, PROMISED_JOB)[u(count)] = job
    i32(site, PROMISED_POOL)[u(count)] = pool
    scalars[u(N_PROMISED)] = count + 1


@kernel
def never_fits(site: IntArray, pool: int, job: int) -> bool:
    """Whether no time is known at which a blocked job fits; only slots away for good can cause that."""
    if i64(site, POOL_GONE)[u(pool)] == 0:
        return False
    keep(site, pool)
    return _earliest(site, pool, job) >= k.FOREVER


@kernel
def pool_to_wait_for(site: IntArray, job: int) -> int:
    """Pool in which a blocked job gets its reservation."""
    first, after = first_choice(site, job), after_choices(site, job)
    while first < after - 1 and limits.forbid_on(site, choice(site, first), job):
        first += 1
    best = choice(site, first)
    if i64(site, SCALARS)[u(ROUTE)] != EARLIEST or after - first == 1:
        return best
    soonest = int64(k.FOREVER)
    for index in range(first, after):
        pool = choice(site, index)
        if limits.forbid_on(site, pool, job):
            continue
        keep(site, pool)
        time = _earliest(site, pool, job)
        if time < soonest:
            best = pool
            soonest = time
    return best
