"""One scheduling pass: who starts, who is promised a reservation, who is preempted."""

from capacity.scheduling.core.machine import state as k
from capacity.scheduling.core.machine.native import IntArray, f64, i32, i64, int64, kernel, u
from capacity.scheduling.core.site import (counted_plan, lifecycle, limits, placing, reservations,
    taken_slots, victims, waiting)  # fmt: skip
from capacity.scheduling.core.site.access import after_choices, asked_on, choice, first_choice, need_on
from capacity.scheduling.core.site.state import (BACKFILL, BACKFILL_KEY, CHANGED, DEPTH, DIRTY, EARLIEST,
    FRESH, HAS_LIMITS, HAS_PREEMPTION, LOOKED, N_FRESH, N_POOLS, N_PROMISED, N_RESERVED, N_SETS, N_WAITING,
    NEW_HEADS, NO_BACKFILL, NOW, OTHER_ORDER, PASSES, POOL_CLOSED, POOL_RESERVED, POOL_ROOM, QOS,
    QOS_PREEMPTS, QUEUE, QUEUE_NEED, QUEUE_SET, RESERVATIONS, RESERVED_JOB, RESERVED_POOL, RESTLESS, ROUTE,
    SAFE_UNTIL, SCALARS, SCRATCH_JOB, SCRATCH_KEY, SET_FIRST, SET_ROOM, STARTS, STATE, WAITING)  # fmt: skip


@kernel
def _can_try(site: IntArray, pool: int, job: int) -> bool:
    """Whether a pool is open, has room now, and no limit forbids the job there; promises are then kept."""
    if i32(site, POOL_CLOSED)[u(pool)] != 0 or need_on(site, pool, job) > i64(site, POOL_ROOM)[u(pool)]:
        return False
    if limits.forbid_on(site, pool, job):
        return False
    if i64(site, SCALARS)[u(N_PROMISED)] > 0:
        reservations.keep(site, pool)
    return True


@kernel
def _renew_sets(site: IntArray) -> None:
    """Work out for each list of pools what a job may need and still gain something from this pass."""
    scalars = i64(site, SCALARS)
    for number in range(scalars[u(N_SETS)]):
        most = int64(0)
        for index in range(i32(site, SET_FIRST)[u(number)], i32(site, SET_FIRST)[u(number + 1)]):
            pool = choice(site, index)
            if i32(site, POOL_CLOSED)[u(pool)] != 0:
                continue
            if i32(site, POOL_RESERVED)[u(pool)] < scalars[u(RESERVATIONS)]:
                most = int64(k.NO_NEED)  # it may at least be promised a reservation
            most = max(most, i64(site, POOL_ROOM)[u(pool)])
        i64(site, SET_ROOM)[u(number)] = most


@kernel
def _start(site: IntArray, pool: int, job: int, node: int) -> None:
    """Start a waiting job; it stays in the queue's array until that is closed up."""
    waiting.count_in(site, job, int64(-1))
    lifecycle.start(site, pool, job, node)
    placing.renew_room(site, pool)
    _renew_sets(site)


@kernel
def _start_preferred(site: IntArray, job: int, first: int, after: int) -> bool:
    """Start a job on the first of its pools where it may."""
    for index in range(first, after):
        pool = choice(site, index)
        if _can_try(site, pool, job):
            node = placing.place(site, pool, job)
            if node != placing.NOWHERE:
                _start(site, pool, job, node)
                return True
    return False


@kernel
def _start_earliest(site: IntArray, job: int, first: int, after: int) -> bool:
    """Start a job on the pool where it is expected to end first, of those where it may start now."""
    best = int64(-1)
    soonest = int64(k.FOREVER)
    for index in range(first, after):
        pool = choice(site, index)
        lasts = asked_on(site, pool, job)
        may = lasts < soonest and _can_try(site, pool, job)
        if may and placing.place(site, pool, job) != placing.NOWHERE:
            best = pool
            soonest = lasts
    if best < 0:
        return False
    _start(site, best, job, placing.place(site, best, job))
    return True


@kernel
def _try(site: IntArray, job: int) -> bool:
    """Start a job now if any of its pools lets it."""
    first, after = first_choice(site, job), after_choices(site, job)
    if i64(site, SCALARS)[u(ROUTE)] == EARLIEST and after - first > 1:
        return _start_earliest(site, job, first, after)
    return _start_preferred(site, job, first, after)


@kernel
def _preempt_for(site: IntArray, job: int) -> bool:
    """Preempt for a blocked job if its QOS may; whether it has started."""
    scalars = i64(site, SCALARS)
    if i64(site, QOS_PREEMPTS)[u(i32(site, QOS)[u(job)])] == 0:
        return False
    if abs(i64(site, SAFE_UNTIL)[u(job)]) > scalars[u(NOW)]:
        return False
    for index in range(first_choice(site, job), after_choices(site, job)):
        pool = choice(site, index)
        if limits.forbid_on(site, pool, job) or i32(site, POOL_CLOSED)[u(pool)] != 0:
            continue
        reservations.keep(site, pool)
        node = victims.make_room(site, pool, job)
        if node == victims.NOBODY:
            continue
        counted_plan.forget_room(site, pool)
        placing.renew_room(site, pool)
        _renew_sets(site)
        if node == victims.LATER:
            i64(site, SCALARS)[u(NEW_HEADS)] += 1
            waiting.renew_key(site, job)
            return False
        _start(site, pool, job, node)
        return True
    return False


@kernel
def _block(site: IntArray, job: int) -> bool:
    """Let a job that cannot start block those behind it; whether it has started after all."""
    scalars = i64(site, SCALARS)
    if scalars[u(BACKFILL)] == NO_BACKFILL:
        if scalars[u(HAS_PREEMPTION)] != 0 and _preempt_for(site, job):
            return True
        for index in range(first_choice(site, job), after_choices(site, job)):
            if not limits.forbid_on(site, choice(site, index), job):
                i32(site, POOL_CLOSED)[u(choice(site, index))] = 1
        _renew_sets(site)
        return False
    pool = reservations.pool_to_wait_for(site, job)
    reserved = i32(site, POOL_RESERVED)
    if reserved[u(pool)] >= scalars[u(RESERVATIONS)]:
        return False
    if scalars[u(HAS_PREEMPTION)] != 0:
        if _preempt_for(site, job):
            return True
        pool = reservations.pool_to_wait_for(site, job)  # those who were told to go change what comes first
    if reserved[u(pool)] >= scalars[u(RESERVATIONS)] or reservations.never_fits(site, pool, job):
        if scalars[u(OTHER_ORDER)] != 0:
            scalars[u(CHANGED)] = 1  # it counts as blocked, and nobody remembers that it is
        return False
    reserved[u(pool)] += 1
    last = scalars[u(N_RESERVED)]
    i32(site, RESERVED_JOB)[u(last)] = job
    i32(site, RESERVED_POOL)[u(last)] = pool
    scalars[u(N_RESERVED)] = last + 1
    _renew_sets(site)
    reservations.add(site, pool, job)
    return False


@kernel
def _no_more_room(site: IntArray) -> bool:
    """Whether nobody can start any more and nobody can be promised anything any more."""
    scalars = i64(site, SCALARS)
    for pool in range(scalars[u(N_POOLS)]):
        closed = i32(site, POOL_CLOSED)[u(pool)] != 0
        served = i32(site, POOL_RESERVED)[u(pool)] >= scalars[u(RESERVATIONS)]
        if not closed and not (served and i64(site, POOL_ROOM)[u(pool)] == 0):
            return False
    return True


@kernel
def _passed_over(site: IntArray, job: int) -> bool:
    """Whether a job is left out of this pass by its limits."""
    return limits.passed_over(site, job, first_choice(site, job), after_choices(site, job))


@kernel
def _skip(site: IntArray, place: int) -> int:
    """First place from `place` on whose job has something to gain from this pass."""
    need, which, room = i32(site, QUEUE_NEED), i32(site, QUEUE_SET), i64(site, SET_ROOM)
    length = i64(site, SCALARS)[u(N_WAITING)]
    while place < length and need[u(place)] > room[u(int64(which[u(place)]))]:
        place += 1
    return place


@kernel
def _walk(site: IntArray) -> tuple[int, int]:
    """Look at the queue in order; returns where it stopped, and how many it saw behind the first blocked."""
    scalars, queue = i64(site, SCALARS), i32(site, QUEUE)
    blocked, behind = int64(0), int64(0)
    other_order = scalars[u(OTHER_ORDER)] != 0
    place = int64(0)
    while place < scalars[u(N_WAITING)]:
        if other_order and blocked >= scalars[u(RESERVATIONS)]:
            break
        if blocked > 0:
            before = place
            place = _skip(site, place)
            behind += place + 1 - before
            if behind > scalars[u(DEPTH)] or place >= scalars[u(N_WAITING)]:
                break
        job = int64(queue[u(place)])
        place += 1
        if _passed_over(site, job) or _try(site, job):
            continue
        if not _block(site, job):
            blocked += 1
            if _no_more_room(site):
                break
    scalars[u(LOOKED)] += place
    return place, behind


@kernel
def _is_tried_before(site: IntArray, one: int, other: int) -> bool:
    """Whether a candidate comes before another in the backfilling order."""
    key = f64(site, SCRATCH_KEY)
    if key[u(one)] != key[u(other)]:
        return key[u(one)] < key[u(other)]
    return one < other


@kernel
def _backfill_in_other_order(site: IntArray, place: int, behind: int) -> None:
    """Try the jobs from `place` on in the order of backfilling; `behind` jobs have been looked at already."""
    scalars, queue, order = i64(site, SCALARS), i32(site, QUEUE), i32(site, SCRATCH_JOB)
    key = f64(site, SCRATCH_KEY)
    count = scalars[u(N_WAITING)] - place
    for index in range(count):
        key[u(index)] = f64(site, BACKFILL_KEY)[u(int64(queue[u(place + index)]))]
        order[u(index)] = index
    gap = count // 2
    while gap > 0:
        for index in range(gap, count):
            mine = int64(order[u(index)])
            to = index
            while to >= gap and _is_tried_before(site, mine, int64(order[u(to - gap)])):
                order[u(to)] = order[u(to - gap)]
                to -= gap
            order[u(to)] = mine
        gap //= 2
    for index in range(min(count, scalars[u(DEPTH)] - behind)):
        job = int64(queue[u(place + order[u(index)])])
        scalars[u(LOOKED)] += 1
        if not _passed_over(site, job):
            _try(site, job)
        if _no_more_room(site):
            break


@kernel
def _close_up(site: IntArray) -> None:
    """Take the jobs that have started out of the queue's array."""
    scalars, queue, state = i64(site, SCALARS), i32(site, QUEUE), i32(site, STATE)
    need, which = i32(site, QUEUE_NEED), i32(site, QUEUE_SET)
    left = int64(0)
    for place in range(scalars[u(N_WAITING)]):
        job = queue[u(place)]
        if state[u(job)] == WAITING:
            if left < place:
                queue[u(left)] = job
                need[u(left)] = need[u(place)]
                which[u(left)] = which[u(place)]
            left += 1
    scalars[u(N_WAITING)] = left


@kernel
def _begin(site: IntArray) -> None:
    """Forget the last pass, and look at windows and room anew."""
    taken_slots.clear(site)
    taken_slots.add_windows(site)
    for pool in range(i64(site, SCALARS)[u(N_POOLS)]):
        placing.renew_room(site, pool)


@kernel
def full_pass(site: IntArray) -> None:
    """Look at every waiting job once."""
    scalars = i64(site, SCALARS)
    scalars[u(PASSES)] += 1
    scalars[u(N_RESERVED)] = 0
    if scalars[u(N_WAITING)] == 0:
        return
    _begin(site)
    _renew_sets(site)
    started = scalars[u(STARTS)]
    place, behind = _walk(site)
    if scalars[u(OTHER_ORDER)] != 0 and place < scalars[u(N_WAITING)]:
        _backfill_in_other_order(site, place, behind)
    if scalars[u(STARTS)] > started:
        _close_up(site)
    if scalars[u(NEW_HEADS)] > 0:
        scalars[u(NEW_HEADS)] = 0
        waiting.sort(site)


@kernel
def _only_newcomers_matter(site: IntArray) -> bool:
    """Whether nobody can start but the jobs that have just joined the queue, in the order they did."""
    scalars = i64(site, SCALARS)
    fresh = scalars[u(N_FRESH)]
    if scalars[u(CHANGED)] != 0 or scalars[u(RESTLESS)] != 0 or fresh > 1:
        return False
    for index in range(fresh):
        job = int64(i32(site, FRESH)[u(index)])
        for reserved in range(scalars[u(N_RESERVED)]):
            if waiting.precedes(site, job, int64(i32(site, RESERVED_JOB)[u(reserved)])):
                return False
    return True


@kernel
def _try_newcomer(site: IntArray, job: int) -> None:
    """Make a pass for a job that has joined the queue behind all who hold a reservation."""
    scalars = i64(site, SCALARS)
    _begin(site)
    for index in range(scalars[u(N_RESERVED)]):
        pool = int64(i32(site, RESERVED_POOL)[u(index)])
        i32(site, POOL_RESERVED)[u(pool)] += 1
        reservations.add(site, pool, int64(i32(site, RESERVED_JOB)[u(index)]))
    promises = scalars[u(OTHER_ORDER)] == 0 or scalars[u(N_RESERVED)] < scalars[u(RESERVATIONS)]
    if not _passed_over(site, job) and (_try(site, job) or (promises and _block(site, job))):
        waiting.remove(site, job)


@kernel
def _a_promise_lapsed(site: IntArray) -> bool:
    """Whether a limit now forbids a job with a reservation: then the next pass must look at everybody."""
    for index in range(i64(site, SCALARS)[u(N_RESERVED)]):
        job, pool = int64(i32(site, RESERVED_JOB)[u(index)]), int64(i32(site, RESERVED_POOL)[u(index)])
        if limits.forbid_everywhere(site, job) or limits.forbid_on(site, pool, job):
            return True
    return False


@kernel
def one_pass(site: IntArray) -> None:
    """Start whatever may start now."""
    scalars = i64(site, SCALARS)
    started = scalars[u(STARTS)]
    taken_slots.renew_next_windows(site)
    quick = _only_newcomers_matter(site)
    scalars[u(CHANGED)] = 0
    if quick:
        scalars[u(PASSES)] += 1
        for index in range(scalars[u(N_FRESH)]):
            _try_newcomer(site, int64(i32(site, FRESH)[u(index)]))
    else:
        full_pass(site)
    scalars[u(N_FRESH)] = scalars[u(DIRTY)] = 0
    if scalars[u(HAS_LIMITS)] != 0 and scalars[u(STARTS)] > started and _a_promise_lapsed(site):
        scalars[u(CHANGED)] = 1
