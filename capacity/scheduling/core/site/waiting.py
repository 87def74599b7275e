"""The queue: waiting jobs in an array, sorted by key, submission and row."""

from capacity.scheduling.core.machine import state as k
from capacity.scheduling.core.machine.native import IntArray, f64, i32, i64, int64, kernel, move, u
from capacity.scheduling.core.site import priority
from capacity.scheduling.core.site.access import after_choices, choice, first_choice, need_on, pool_table
from capacity.scheduling.core.site.state import (CHANGED, DIRTY, FRESH, KEY, N_FRESH, N_WAITING, ON_POOL,
    QUEUE, QUEUE_NEED, QUEUE_SET, SCALARS, SET_OF, STATE, SUBMIT, WAITING)  # fmt: skip


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
def _note(site: IntArray, place: int) -> None:
    """Write beside a place of the queue what passes look at first."""
    job = int64(i32(site, QUEUE)[u(place)])
    least = int64(k.NO_NEED)
    for index in range(first_choice(site, job), after_choices(site, job)):
        least = min(least, need_on(site, choice(site, index), job))
    i32(site, QUEUE_NEED)[u(place)] = least
    i32(site, QUEUE_SET)[u(place)] = i32(site, SET_OF)[u(job)]


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
    for column in (QUEUE, QUEUE_NEED, QUEUE_SET):
        move(i32(site, column), low + 1, low, length - low)
    queue[u(low)] = job
    _note(site, low)
    scalars[u(N_WAITING)] = length + 1
    scalars[u(DIRTY)] = 1
    i32(site, FRESH)[u(scalars[u(N_FRESH)])] = job
    scalars[u(N_FRESH)] += 1
    count_in(site, job, int64(1))


@kernel
def remove(site: IntArray, job: int) -> None:
    """Take a job out of the array of the queue; the latest are found fastest."""
    scalars = i64(site, SCALARS)
    queue = i32(site, QUEUE)
    length = scalars[u(N_WAITING)]
    place = length - 1
    while queue[u(place)] != job:
        place -= 1
    for column in (QUEUE, QUEUE_NEED, QUEUE_SET):
        move(i32(site, column), place, place + 1, length - place - 1)
    scalars[u(N_WAITING)] = length - 1


@kernel
def withdraw(site: IntArray, job: int) -> None:
    """Take a waiting job out of the queue without having started."""
    remove(site, job)
    i64(site, SCALARS)[u(DIRTY)] = 1
    i64(site, SCALARS)[u(CHANGED)] = 1
    count_in(site, job, int64(-1))


@kernel
def renew_keys(site: IntArray) -> None:
    """Work out the keys of all waiting jobs again and sort."""
    queue = i32(site, QUEUE)
    for place in range(i64(site, SCALARS)[u(N_WAITING)]):
        priority.renew(site, int64(queue[u(place)]))
    sort(site)


@kernel
def sort(site: IntArray) -> None:
    """Put the queue in the order of its keys; little has changed, so insertion is fastest."""
    queue = i32(site, QUEUE)
    length = i64(site, SCALARS)[u(N_WAITING)]
    for place in range(1, length):
        job = int64(queue[u(place)])
        to = place
        while to > 0 and precedes(site, job, int64(queue[u(to - 1)])):
            to -= 1
        if to < place:
            move(queue, to + 1, to, place - to)
            queue[u(to)] = job
    for place in range(length):
        _note(site, place)
