"""Queue orders that change while jobs wait: work all keys out again, and put the queue back in order.

From one time to the next few jobs change places, so runs of the previous order are sorted by insertion and
joined where they overlap: that costs little more than working the keys out, and at worst n log n.
"""

from capacity.scheduling.core.machine.native import IntArray, f64, i32, i64, int64, kernel, tiny, u
from capacity.scheduling.core.machine.state import (BACKFILL_KEY, BACKFILL_ORDER, CHANGING, EVENT, KEY,
    KEY_TIME, LOOK_AGAIN, NOW, ORDER_KIND, QUEUE_HEAD, QUEUE_JOB, QUEUE_KEY, QUEUE_LENGTH, QUEUE_TAIL,
    RECOMPUTE, REKEY_AT, RESTLESS, SCALARS, SCRATCH_JOB, SCRATCH_KEY, STALE, TIES)  # fmt: skip
from capacity.scheduling.core.queue import queue
from capacity.scheduling.core.queue.scores import key_at

RUN = 32
"""Jobs sorted by insertion before runs are joined."""


@tiny
def _before(key: float, job: int, other_key: float, other: int, stable: bool) -> bool:
    """Whether a job must go before another that now stands before it."""
    return key < other_key or (key == other_key and not stable and job < other)


@kernel
def _rescore(table: IntArray, stable: bool) -> bool:
    """Work out the keys of the queue; whether it is still in order. A hole takes the key before it."""
    jobs, keys, static = i32(table, QUEUE_JOB), f64(table, QUEUE_KEY), f64(table, KEY)
    scalars = i64(table, SCALARS)
    kind, time = scalars[u(ORDER_KIND)], scalars[u(KEY_TIME)]
    in_order = True
    last_job = int64(jobs[u(scalars[u(QUEUE_HEAD)])])
    last = key_at(table, kind, last_job, time)
    for position in range(scalars[u(QUEUE_HEAD)]):
        keys[u(position)] = last
    for position in range(scalars[u(QUEUE_HEAD)], scalars[u(QUEUE_TAIL)]):
        job = int64(jobs[u(position)])
        if job >= 0:
            key = key_at(table, kind, job, time)
            static[u(job)] = key
            if _before(key, job, last, last_job, stable):
                in_order = False
            last = key
            last_job = job
        keys[u(position)] = last
    return in_order


@kernel
def _close_holes(table: IntArray) -> int:
    """Bring the waiting jobs and their keys to the first positions, in order; return how many there are."""
    jobs, keys, scalars = i32(table, QUEUE_JOB), f64(table, QUEUE_KEY), i64(table, SCALARS)
    count = int64(0)
    for position in range(scalars[u(QUEUE_HEAD)], scalars[u(QUEUE_TAIL)]):
        if jobs[u(position)] >= 0:
            jobs[u(count)] = jobs[u(position)]
            keys[u(count)] = keys[u(position)]
            count += 1
    return count


@kernel
def _sort_run(table: IntArray, first: int, after: int, stable: bool) -> None:
    """Sort positions `first` to `after` - 1 by insertion."""
    jobs, keys = i32(table, QUEUE_JOB), f64(table, QUEUE_KEY)
    for position in range(first + 1, after):
        job, key = int64(jobs[u(position)]), keys[u(position)]
        place = position
        while place > first and _before(key, job, keys[u(place - 1)], int64(jobs[u(place - 1)]), stable):
            keys[u(place)] = keys[u(place - 1)]
            jobs[u(place)] = jobs[u(place - 1)]
            place -= 1
        keys[u(place)] = key
        jobs[u(place)] = job


@kernel
def _join(table: IntArray, first: int, middle: int, after: int, stable: bool) -> None:
    """Merge two sorted neighbours; what is in place at the front stays."""
    jobs, keys, spare_jobs = i32(table, QUEUE_JOB), f64(table, QUEUE_KEY), i32(table, SCRATCH_JOB)
    spare_keys = f64(table, SCRATCH_KEY)
    key, job = keys[u(middle)], int64(jobs[u(middle)])
    if not _before(key, job, keys[u(middle - 1)], int64(jobs[u(middle - 1)]), stable):
        return
    while not _before(key, job, keys[u(first)], int64(jobs[u(first)]), stable):
        first += 1
    count = middle - first
    for index in range(count):
        spare_jobs[u(index)] = jobs[u(first + index)]
        spare_keys[u(index)] = keys[u(first + index)]
    left = int64(0)
    right = middle
    place = first
    while left < count:
        if right < after and _before(
            keys[u(right)], int64(jobs[u(right)]), spare_keys[u(left)], int64(spare_jobs[u(left)]), stable
        ):
            keys[u(place)] = keys[u(right)]
            jobs[u(place)] = jobs[u(right)]
            right += 1
        else:
            keys[u(place)] = spare_keys[u(left)]
            jobs[u(place)] = spare_jobs[u(left)]
            left += 1
        place += 1


@kernel
def _sort(table: IntArray, count: int, stable: bool) -> None:
    """Sort the first `count` positions."""
    for first in range(0, count, RUN):
        _sort_run(table, first, min(first + RUN, count), stable)
    width = int64(RUN)
    while width < count:
        first = int64(0)
        while first + width < count:
            _join(table, first, first + width, min(first + 2 * width, count), stable)
            first += 2 * width
        width *= 2


@kernel
def _put_in_order(table: IntArray) -> None:
    """Work the keys of the queue out again and sort it by them."""
    scalars = i64(table, SCALARS)
    stable = scalars[u(TIES)] == EVENT
    if _rescore(table, stable):
        return
    head = int64(i32(table, QUEUE_JOB)[u(scalars[u(QUEUE_HEAD)])])
    count = _close_holes(table)
    _sort(table, count, stable)
    queue.rebuild(table, count, head)


@kernel
def _note_if_due(table: IntArray) -> None:
    """Remember that changing keys are due now, if they are."""
    scalars = i64(table, SCALARS)
    if scalars[u(NOW)] < scalars[u(REKEY_AT)]:
        return
    every = scalars[u(RECOMPUTE)]
    if every > 0:
        scalars[u(REKEY_AT)] = (scalars[u(NOW)] // every + 1) * every
    scalars[u(KEY_TIME)] = scalars[u(NOW)]
    scalars[u(STALE)] = 1


@kernel
def _work_out(table: IntArray) -> None:
    """Work out all changing keys for the time at which they were due."""
    scalars = i64(table, SCALARS)
    kind = scalars[u(BACKFILL_ORDER)]
    if kind >= CHANGING:
        jobs, keys = i32(table, QUEUE_JOB), f64(table, BACKFILL_KEY)
        for position in range(scalars[u(QUEUE_HEAD)], scalars[u(QUEUE_TAIL)]):
            job = int64(jobs[u(position)])
            if job >= 0:
                keys[u(job)] = key_at(table, kind, job, scalars[u(KEY_TIME)])
    if scalars[u(ORDER_KIND)] >= CHANGING:
        _put_in_order(table)


@kernel
def bring_up_to_date(table: IntArray, space: int) -> bool:
    """Before a pass: work changing keys out if they are due; False when nobody fits into `space` anyway.

    Then they can wait, still as of the time at which they were due: equal keys go by submission and so do
    not depend on the order before. Under ``event`` they do, and nothing waits.
    """
    scalars = i64(table, SCALARS)
    _note_if_due(table)
    fits = queue.least_need(table) <= space
    if scalars[u(STALE)] != 0:
        if fits or scalars[u(TIES)] == EVENT:
            scalars[u(STALE)] = 0
            if scalars[u(QUEUE_LENGTH)] > 0:
                _work_out(table)
        if scalars[u(RESTLESS)] == 0:
            scalars[u(LOOK_AGAIN)] = 0 if scalars[u(STALE)] != 0 else scalars[u(REKEY_AT)]
    return fits
