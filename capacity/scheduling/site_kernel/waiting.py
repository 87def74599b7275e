"""The queue: waiting jobs in an array, sorted by key, submission and row."""

from capacity.scheduling.kernel import state as k
from capacity.scheduling.kernel.native import IntArray, f64, i32, i64, int64, kernel, move, u
from capacity.scheduling.site_kernel import priority
from capacity.scheduling.site_kernel.access import choice, first_choice, need_on, pool_table
from capacity.scheduling.site_kernel.state import (
    DIRTY,
    KEY,
    N_WAITING,
    ON_POOL,
    QUEUE,
    SCALARS,
    STATE,
    SUBMIT,
    WAITING,
)


@kernel
def precedes(site: IntArray, one: int, other: int) -> bool:
    """Whether a job comes before another in the queue."""
    key = f64(site, KEY)
    if key[u(one)] != key[u(other)]:
        return key[u(one)] < key[u(other)]
    submit = i64(site, SUBMIT)
    if submit[u(one)] != submit[u(other)]:
        return submit[u(one)] < submit[u(other)]
    return one < other


@kernel
def count_in(site: IntArray, job: int, sign: int) -> None:
    """Count a waiting job, or count it out, at the pool it prefers."""
    pool = int64(i32(site, ON_POOL)[u(job)])
    scalars = i64(pool_table(site, pool), k.SCALARS)
    scalars[u(k.QUEUE_LENGTH)] += sign
    scalars[u(k.QUEUED_SLOTS)] += sign * need_on(site, pool, job)


@kernel
def push(site: IntArray, job: int) -> None:
    """Put a job into the queue at its place."""
    scalars = i64(site, SCALARS)
    queue = i32(site, QUEUE)
    i32(site, STATE)[u(job)] = WAITING
    i32(site, ON_POOL)[u(job)] = choice(site, first_choice(site, job))
    priority.renew(site, job)
    length = scalars[u(N_WAITING)]
    low = int64(0)
    high = length
    if length > 0 and precedes(site, int64(queue[u(length - 1)]), job):
        low = length
    while low < high:
        middle = (low + high) >> 1
        if precedes(site, int64(queue[u(middle)]), job):
            low = middle + 1
        else:
            high = middle
    move(queue, low + 1, low, length - low)
    queue[u(low)] = job
    scalars[u(N_WAITING)] = length + 1
    scalars[u(DIRTY)] = 1
    count_in(site, job, int64(1))


@kernel
def withdraw(site: IntArray, job: int) -> None:
    """Take a job that waits out of the queue."""
    scalars = i64(site, SCALARS)
    queue = i32(site, QUEUE)
    length = scalars[u(N_WAITING)]
    place = int64(0)
    while queue[u(place)] != job:
        place += 1
    move(queue, place, place + 1, length - place - 1)
    scalars[u(N_WAITING)] = length - 1
    scalars[u(DIRTY)] = 1
    count_in(site, job, int64(-1))


@kernel
def reorder(site: IntArray) -> None:
    """Work out all keys again and sort; little has changed since last time, so insertion is fastest."""
    queue = i32(site, QUEUE)
    length = i64(site, SCALARS)[u(N_WAITING)]
    for place in range(length):
        priority.renew(site, int64(queue[u(place)]))
    for place in range(1, length):
        job = int64(queue[u(place)])
        to = place
        while to > 0 and precedes(site, job, int64(queue[u(to - 1)])):
            to -= 1
        if to < place:
            move(queue, to + 1, to, place - to)
            queue[u(to)] = job
