"""Small looks into the tables of the pools, and the clock."""

from capacity.scheduling.core.machine import state as k
from capacity.scheduling.core.machine.native import IntArray, i32, i64, int64, kernel, pasted, tiny, u
from capacity.scheduling.core.site.state import (ATTEMPTS, N_POOLS, NOW, OVERRUN, POOL_TABLES, RESTART,
    SCALARS, SET_FIRST, SET_OF, SET_POOLS)  # fmt: skip


@pasted
def pool_table(site: IntArray, pool: int) -> IntArray:
    """Table of one pool."""
    return i64(i64(site, POOL_TABLES), pool)


@tiny
def need_on(site: IntArray, pool: int, job: int) -> int:
    """Slots a job occupies on a pool."""
    return int64(i32(pool_table(site, pool), k.NEED)[u(job)])


@tiny
def asked_on(site: IntArray, pool: int, job: int) -> int:
    """Look up the requested time of a job on a pool [s]."""
    return int64(i32(pool_table(site, pool), k.REQUESTED)[u(job)])


@tiny
def work_on(site: IntArray, pool: int, job: int) -> int:
    """Run time a job still needs on a pool [s]."""
    return int64(i32(pool_table(site, pool), k.RUN)[u(job)])


@tiny
def restart_of(site: IntArray, job: int) -> int:
    """How long the attempt of a job that runs takes to get going again, if it is not the first [s]."""
    return int64(i32(site, RESTART)[u(job)]) if i32(site, ATTEMPTS)[u(job)] > 1 else int64(0)


@tiny
def span_on(site: IntArray, pool: int, job: int) -> int:
    """How long the attempt of a job that runs would last if nothing ended it [s]."""
    return restart_of(site, job) + work_on(site, pool, job)


@kernel
def duration_on(site: IntArray, pool: int, job: int) -> int:
    """How long the attempt of a job that runs will really hold its slots [s]."""
    if i64(site, SCALARS)[u(OVERRUN)] != 0:
        return span_on(site, pool, job)
    return min(span_on(site, pool, job), asked_on(site, pool, job))


@tiny
def is_counted(site: IntArray, pool: int) -> bool:
    """Whether any free slots of a pool will do."""
    return i64(pool_table(site, pool), k.SCALARS)[u(k.MACHINE)] == k.COUNTED


@tiny
def first_choice(site: IntArray, job: int) -> int:
    """Index into SET_POOLS of the pool a job prefers."""
    return int64(i32(site, SET_FIRST)[u(i32(site, SET_OF)[u(job)])])


@tiny
def after_choices(site: IntArray, job: int) -> int:
    """Index into SET_POOLS after the last pool of a job."""
    return int64(i32(site, SET_FIRST)[u(i32(site, SET_OF)[u(job)] + 1)])


@tiny
def choice(site: IntArray, index: int) -> int:
    """Pool at an index of SET_POOLS."""
    return int64(i32(site, SET_POOLS)[u(index)])


@kernel
def pass_time(site: IntArray, time: int) -> None:
    """Move all clocks to `time`, adding to the integrals of every pool."""
    own = i64(site, SCALARS)
    elapsed = time - own[u(NOW)]
    own[u(NOW)] = time
    for pool in range(own[u(N_POOLS)]):
        scalars = i64(pool_table(site, pool), k.SCALARS)
        scalars[u(k.BUSY_SLOT_S)] += (scalars[u(k.CAPACITY)] - scalars[u(k.FREE)]) * elapsed
        scalars[u(k.CAPACITY_SLOT_S)] += scalars[u(k.CAPACITY)] * elapsed
        scalars[u(k.WAITING_JOB_S)] += scalars[u(k.QUEUE_LENGTH)] * elapsed
        scalars[u(k.WAITING_SLOT_S)] += scalars[u(k.QUEUED_SLOTS)] * elapsed
        scalars[u(k.NOW)] = time
