"""The queue, waiting jobs in an array sorted by key, submission and row; and the timers of all jobs.

Keys, smaller first, stay, or vary with time: those of WFP3 and its like, and of the multifactor priority.
"""

import numpy as np

from capacity.scheduling.core.machine import heap
from capacity.scheduling.core.machine import state as k
from capacity.scheduling.core.machine.native import IntArray, f64, i32, i64, int64, kernel, move, u
from capacity.scheduling.core.queue import scores
from capacity.scheduling.core.site.access import (after_choices, asked_on, choice, first_choice, need_on,
    pool_table)  # fmt: skip
from capacity.scheduling.core.site.state import (BASE_KEY, CHANGED, DIRTY, FAVOR_SMALL, FRESH, KEY, LEAF,
    LEAF_FACTOR, MULTIFACTOR, N_FRESH, N_TIMERS, N_WAITING, NOW, ON_POOL, ORDER_KIND, QOS, QOS_PRIORITY,
    QUEUE, QUEUE_NEED, QUEUE_SET, SAFE_UNTIL, SCALARS, SET_OF, SLOTS, STATE, SUBMIT, TIME_VARYING, TIMERS,
    W_AGE, W_LARGEST, W_MAX_AGE, W_POOL, W_POOL_FACTORS, W_QOS, W_SHARE, W_SIZE, WAITING,
    WEIGHTS)  # fmt: skip


@kernel
def _multifactor(site: IntArray, job: int, wait: int) -> float:
    """Slurm's weighted sum, https://slurm.schedmd.com/priority_multifactor.html."""
    weight = f64(site, WEIGHTS)
    home = i32(site, ON_POOL)[u(job)]
    age = min(wait / weight[u(W_MAX_AGE)], 1.0)
    size = need_on(site, home, job) / weight[u(W_LARGEST)]
    if i64(site, SCALARS)[u(FAVOR_SMALL)] != 0:
        size = 1.0 - size
    qos = f64(site, QOS_PRIORITY)[u(i32(site, QOS)[u(job)])]
    pool = weight[u(W_POOL_FACTORS + home)]
    share = f64(site, LEAF_FACTOR)[u(i32(site, LEAF)[u(job)])]
    return (
        weight[u(W_AGE)] * age
        + weight[u(W_SIZE)] * size
        + weight[u(W_QOS)] * qos
        + weight[u(W_POOL)] * pool
        + weight[u(W_SHARE)] * share
    )


@kernel
def renew_key(site: IntArray, job: int) -> None:
    """Work out the key of a waiting job as of now; static ones stay."""
    scalars = i64(site, SCALARS)
    if i64(site, SAFE_UNTIL)[u(job)] > 0:
        f64(site, KEY)[u(job)] = -np.inf  # others were told to go for it
        return
    if scalars[u(TIME_VARYING)] == 0:
        f64(site, KEY)[u(job)] = f64(site, BASE_KEY)[u(job)]
        return
    wait = scalars[u(NOW)] - i64(site, SUBMIT)[u(job)]
    if scalars[u(ORDER_KIND)] == MULTIFACTOR:
        f64(site, KEY)[u(job)] = -_multifactor(site, job, wait)
        return
    asked = max(int64(1), asked_on(site, i32(site, ON_POOL)[u(job)], job))
    slots = i32(site, SLOTS)[u(job)]
    f64(site, KEY)[u(job)] = scores.score_key(scalars[u(ORDER_KIND)], wait, asked, slots)


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
    scalars, queue = i64(site, SCALARS), i32(site, QUEUE)
    i32(site, STATE)[u(job)] = WAITING
    i32(site, ON_POOL)[u(job)] = choice(site, first_choice(site, job))
    renew_key(site, job)
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
    scalars, queue = i64(site, SCALARS), i32(site, QUEUE)
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


@kernel
def ring(site: IntArray, time: int, job: int) -> None:
    """Set a timer for a job: TIMERS is a heap of packed times and jobs, the earliest first."""
    scalars = i64(site, SCALARS)
    scalars[u(N_TIMERS)] += 1
    heap.rise(i64(site, TIMERS), scalars[u(N_TIMERS)] - 1, time << k.SLOT_BITS | job)
