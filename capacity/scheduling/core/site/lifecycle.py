"""A job's way through the site: submitted, started, ended, interrupted, back in the queue."""

from capacity.scheduling.core.machine import ends, heap, machine
from capacity.scheduling.core.machine import state as k
from capacity.scheduling.core.machine.native import IntArray, flag, i32, i64, int64, kernel, tiny, u
from capacity.scheduling.core.site import counted_plan, in_service, limits, shares, waiting
from capacity.scheduling.core.site.access import (after_choices, asked_on, choice, duration_on, first_choice,
    is_counted, need_on, pool_table, restart_of, span_on, work_on)  # fmt: skip
from capacity.scheduling.core.site.state import (ACCOUNT, ACCOUNT_SLOTS, AFTER, AFTER_OK, ASKED_BEFORE,
    ATTEMPTS, AWAY, CANCEL_MODE, CANCELLED, CHANGED, CHECKPOINT, COMPLETED, DEADLINE, DEPENDENT_FIRST,
    DEPENDENT_NEXT, DIRTY, END, ENDED, EXACT, EXCUSED, FIRST_START, FUTILE, GRACE_END, GROUP_JOBS,
    GROUP_SLOTS, GROUP_SUBMITTED, HAS_SHARES, HELD, LAST_START, LEFT, LOST, N_ACCOUNTS, N_AWAY, N_CLEARED,
    N_ENDED, N_HELD, N_QOS, NOW, ON_POOL, OVERRUN, PARKED, PARKS, PATIENCE, PREEMPTIONS, QOS, QOS_MODE,
    QOS_RUNNING, RAN, REJECTED, REQUEUE_DELAY, REQUEUES, RESTART, RESTARTED, RUN_SLOT, RUNNING, SAFE_UNTIL,
    SCALARS, START, STARTS, STATE, SUBMIT, TIMEOUT, WAITING)  # fmt: skip


@kernel
def end_for_good(site: IntArray, job: int, state: int) -> None:
    """Record that a job has ended; its dependents are told before the next pass."""
    scalars = i64(site, SCALARS)
    if i32(site, ATTEMPTS)[u(job)] > 0:
        i64(pool_table(site, int64(i32(site, ON_POOL)[u(job)])), k.SCALARS)[u(k.N_ENDED)] += 1
        i64(site, END)[u(job)] = scalars[u(NOW)]
    i32(site, STATE)[u(job)] = state
    i32(site, ENDED)[u(scalars[u(N_ENDED)])] = job
    scalars[u(N_ENDED)] += 1
    scalars[u(DIRTY)] = 1
    scalars[u(CHANGED)] = 1  # limits and singletons may now let others start
    limits.count(site, job, int64(GROUP_SUBMITTED), int64(-1))


@tiny
def is_parked(site: IntArray, job: int) -> bool:
    """Whether a job is kept out of the queue from outside."""
    return i64(site, SCALARS)[u(PARKS)] != 0 and i32(site, PARKED)[u(job)] != 0


@kernel
def submit(site: IntArray, job: int) -> None:
    """Receive a job: it is turned away, waits for another job, or joins the queue."""
    scalars = i64(site, SCALARS)
    admitted = limits.may_submit(site, job) and first_choice(site, job) < after_choices(site, job)
    limits.count(site, job, int64(GROUP_SUBMITTED), int64(1))
    if not admitted:
        end_for_good(site, job, int64(REJECTED))
        return
    for limit in (i32(site, PATIENCE)[u(job)], i32(site, DEADLINE)[u(job)]):
        if limit >= 0:
            waiting.ring(site, i64(site, SUBMIT)[u(job)] + limit + 1, job)
    after = int64(i32(site, AFTER)[u(job)])
    waits = after >= 0 and i32(site, STATE)[u(after)] < COMPLETED
    failed = after >= 0 and i32(site, AFTER_OK)[u(job)] != 0 and i32(site, STATE)[u(after)] != COMPLETED
    if failed and not waits:
        end_for_good(site, job, int64(CANCELLED))
    elif waits or is_parked(site, job):
        i32(site, STATE)[u(job)] = HELD
        scalars[u(N_HELD)] += 1
    else:
        waiting.push(site, job)


@kernel
def tell_dependents(site: IntArray) -> None:
    """Jobs that waited for one that has ended join the queue, or are cancelled with it."""
    scalars = i64(site, SCALARS)
    while scalars[u(N_CLEARED)] < scalars[u(N_ENDED)]:
        ended = int64(i32(site, ENDED)[u(scalars[u(N_CLEARED)])])
        scalars[u(N_CLEARED)] += 1
        job = int64(i32(site, DEPENDENT_FIRST)[u(ended)])
        while job >= 0:
            if i32(site, STATE)[u(job)] == HELD:
                if i32(site, AFTER_OK)[u(job)] != 0 and i32(site, STATE)[u(ended)] != COMPLETED:
                    scalars[u(N_HELD)] -= 1
                    end_for_good(site, job, int64(CANCELLED))
                elif not is_parked(site, job):
                    scalars[u(N_HELD)] -= 1
                    waiting.push(site, job)
            job = int64(i32(site, DEPENDENT_NEXT)[u(job)])


@kernel
def expire(site: IntArray, job: int) -> None:
    """Handle the timer of a job: it is back from being requeued, or has waited too long."""
    scalars = i64(site, SCALARS)
    state = i32(site, STATE)[u(job)]
    now = scalars[u(NOW)]
    if state == AWAY:
        if i64(site, START)[u(job)] == now:
            scalars[u(N_AWAY)] -= 1
            waiting.push(site, job)
        return
    if i32(site, ATTEMPTS)[u(job)] > 0 or state not in (HELD, WAITING):
        return
    waited = now - i64(site, SUBMIT)[u(job)]
    patience, deadline = i32(site, PATIENCE)[u(job)], i32(site, DEADLINE)[u(job)]
    gives_up = 0 <= patience < waited
    too_late = 0 <= deadline < waited
    if not gives_up and not too_late:
        return
    if state == HELD:
        scalars[u(N_HELD)] -= 1
        scalars[u(DIRTY)] = 1
    else:
        waiting.withdraw(site, job)
    i64(site, LEFT)[u(job)] = now
    if gives_up and (not too_late or patience <= deadline):
        end_for_good(site, job, int64(CANCELLED))
    else:
        end_for_good(site, job, int64(REJECTED))


@kernel
def _count_slots(site: IntArray, pool: int, job: int, sign: int) -> None:
    """Count the slots of a running job for its limits, its account and its owner's share."""
    scalars = i64(site, SCALARS)
    slots = need_on(site, pool, job)
    limits.count(site, job, int64(GROUP_JOBS), sign)
    limits.count(site, job, int64(GROUP_SLOTS), sign * slots)
    account = i32(site, ACCOUNT)[u(job)]
    i64(site, ACCOUNT_SLOTS)[u(pool * scalars[u(N_ACCOUNTS)] + account)] += sign * slots
    qos = i32(site, QOS)[u(job)]
    i64(site, QOS_RUNNING)[u(pool * scalars[u(N_QOS)] + qos)] += sign
    if scalars[u(HAS_SHARES)] != 0:
        shares.charge(site, job, sign * slots)


@kernel
def start(site: IntArray, pool: int, job: int, node: int) -> None:
    """Start a job that has left the queue: on `node` if narrow, on idle nodes not in HELD_BITS if wide."""
    table = pool_table(site, pool)
    scalars = i64(table, k.SCALARS)
    now = scalars[u(k.NOW)]
    need = need_on(site, pool, job)
    slot = machine.take_slot(table, job, need)
    i64(site, START)[u(job)] = now
    i64(site, LAST_START)[u(job)] = now
    i32(site, ATTEMPTS)[u(job)] += 1
    heap.push(table, (now + duration_on(site, pool, job)) << k.SLOT_BITS | slot)
    end = now + asked_on(site, pool, job)
    ends.insert(table, end << k.SLOT_BITS | slot, need)
    if is_counted(site, pool):
        counted_plan.note_start(site, pool, need, end)
    elif need > scalars[u(k.SLOTS_PER_NODE)]:
        count = need // scalars[u(k.SLOTS_PER_NODE)]
        machine.take_whole_nodes(table, slot, count, flag(1), end)
    else:
        i32(table, k.RUN_NODE)[u(slot)] = node
        machine.sit_on(table, node, slot, need, end)
    i64(site, SCALARS)[u(STARTS)] += 1
    i64(site, SAFE_UNTIL)[u(job)] = -abs(i64(site, SAFE_UNTIL)[u(job)])
    i32(site, RUN_SLOT)[u(job)] = slot
    i32(site, ON_POOL)[u(job)] = pool
    i32(site, STATE)[u(job)] = RUNNING
    if i32(site, ATTEMPTS)[u(job)] == 1:
        i64(site, FIRST_START)[u(job)] = now
    _count_slots(site, pool, job, int64(1))


@kernel
def _vacate(site: IntArray, pool: int, job: int) -> None:
    """Give back what a running job holds; it is off the calendar already."""
    table = pool_table(site, pool)
    scalars = i64(table, k.SCALARS)
    slot = int64(i32(site, RUN_SLOT)[u(job)])
    node = int64(i32(table, k.RUN_NODE)[u(slot)])
    machine.release(table, slot)
    machine.give_slot(table, slot)
    if not is_counted(site, pool):
        in_service.take_out_drained(site, pool, node, need_on(site, pool, job) > scalars[u(k.SLOTS_PER_NODE)])
    before = i32(site, ASKED_BEFORE)[u(job)]
    if before >= 0:
        i32(table, k.REQUESTED)[u(job)] = before
        i32(site, ASKED_BEFORE)[u(job)] = -1
    ran = scalars[u(k.NOW)] - i64(site, START)[u(job)]
    i64(site, RAN)[u(job)] += ran
    i64(site, RESTARTED)[u(job)] += min(ran, restart_of(site, job))
    _count_slots(site, pool, job, int64(-1))
    i64(site, SCALARS)[u(DIRTY)] = 1
    i64(site, SCALARS)[u(CHANGED)] = 1


@tiny
def _worked(site: IntArray, job: int) -> int:
    """How long the attempt of a running job has worked, after it got going again [s]."""
    ran = i64(site, SCALARS)[u(NOW)] - i64(site, START)[u(job)]
    return max(int64(0), ran - restart_of(site, job))


@kernel
def saved_now(site: IntArray, job: int) -> int:
    """How much of the attempt of a running job its last checkpoint has [s]."""
    every = i32(site, CHECKPOINT)[u(job)]
    return _worked(site, job) // every * every if every > 0 else int64(0)


@kernel
def _ask_exactly(site: IntArray, job: int) -> None:
    """Let the scheduler know how long the next attempt of a job lasts, wherever it runs."""
    for index in range(first_choice(site, job), after_choices(site, job)):
        table = pool_table(site, choice(site, index))
        lasts = int64(i32(site, RESTART)[u(job)]) + i32(table, k.RUN)[u(job)]
        i32(table, k.REQUESTED)[u(job)] = max(int64(1), min(lasts, int64(i32(table, k.LIMIT)[u(job)])))


@kernel
def _keep_saved_work(site: IntArray, pool: int, job: int) -> None:
    """Take off the work of a job what was saved at its last checkpoint, wherever it runs next."""
    saved = saved_now(site, job)
    i64(site, LOST)[u(job)] += _worked(site, job) - saved
    if saved > 0:
        i32(site, FUTILE)[u(job)] = 0
    here = work_on(site, pool, job)
    if saved == 0 or here == 0:
        return
    for index in range(first_choice(site, job), after_choices(site, job)):
        there = choice(site, index)
        left = work_on(site, there, job) * (here - saved)
        i32(pool_table(site, there), k.RUN)[u(job)] = (left + here - 1) // here


@kernel
def interrupt(site: IntArray, pool: int, job: int, state: int, is_failure: bool) -> None:
    """Stop a job that is off the calendar before its end; `state` is AWAY if it is to run again."""
    scalars = i64(site, SCALARS)
    _keep_saved_work(site, pool, job)
    _vacate(site, pool, job)
    if state != AWAY:
        end_for_good(site, job, state)
        return
    if scalars[u(EXACT)] != 0:
        _ask_exactly(site, job)
    scalars[u(REQUEUES)] += 1
    scalars[u(N_AWAY)] += 1
    i32(site, STATE)[u(job)] = AWAY
    if not is_failure:
        i32(site, EXCUSED)[u(job)] += 1
    back = scalars[u(NOW)] + max(int64(1), scalars[u(REQUEUE_DELAY)])
    i64(site, START)[u(job)] = back  # free while it is away: when it is back
    waiting.ring(site, back, job)


@kernel
def _lasts(site: IntArray, pool: int, job: int) -> int:
    """How long the present attempt of a job will really last [s]."""
    before = int64(i32(site, ASKED_BEFORE)[u(job)])
    if before < 0:
        return duration_on(site, pool, job)
    work = span_on(site, pool, job)
    if i64(site, SCALARS)[u(OVERRUN)] == 0:
        work = min(work, before)
    return min(work, i64(site, GRACE_END)[u(job)] - i64(site, START)[u(job)])


@kernel
def take_off_calendar(site: IntArray, pool: int, job: int) -> None:
    """Remove the end of a running job from its pool's calendar."""
    table = pool_table(site, pool)
    end = i64(site, START)[u(job)] + _lasts(site, pool, job)
    heap.remove(table, end << k.SLOT_BITS | int64(i32(site, RUN_SLOT)[u(job)]))


@kernel
def _state_after_preemption(site: IntArray, job: int) -> int:
    """Say what becomes of a job that is preempted, by its QOS."""
    mode = i32(site, QOS_MODE)[u(i32(site, QOS)[u(job)])]
    return int64(CANCELLED) if mode == CANCEL_MODE else int64(AWAY)


@kernel
def preempt(site: IntArray, job: int, grace: int) -> None:
    """End a running job now, or, if it has a grace period [s], cut its time to that."""
    scalars = i64(site, SCALARS)
    pool = int64(i32(site, ON_POOL)[u(job)])
    scalars[u(PREEMPTIONS)] += 1
    take_off_calendar(site, pool, job)
    if grace == 0:
        interrupt(site, pool, job, _state_after_preemption(site, job), False)
        return
    table = pool_table(site, pool)
    asked = i32(table, k.REQUESTED)
    begun, slot = i64(site, START)[u(job)], int64(i32(site, RUN_SLOT)[u(job)])
    need = need_on(site, pool, job)
    ends.remove(table, (begun + asked[u(job)]) << k.SLOT_BITS | slot, need)
    i32(site, ASKED_BEFORE)[u(job)] = asked[u(job)]
    i64(site, GRACE_END)[u(job)] = scalars[u(NOW)] + grace
    asked[u(job)] = min(int64(asked[u(job)]), scalars[u(NOW)] + grace - begun)
    ends.insert(table, (begun + asked[u(job)]) << k.SLOT_BITS | slot, need)
    scalars_there = i64(table, k.SCALARS)
    scalars_there[u(k.RUNNING)] += 1
    heap.push(table, (begun + _lasts(site, pool, job)) << k.SLOT_BITS | slot)
    if not is_counted(site, pool):
        in_service.renew_last(site, pool, job)


@kernel
def finish(site: IntArray, pool: int, job: int) -> None:
    """End a job that is off the calendar: it completes, hits its limit or is preempted."""
    ran = i64(site, SCALARS)[u(NOW)] - i64(site, START)[u(job)]
    done = ran >= span_on(site, pool, job)
    if not done and i32(site, ASKED_BEFORE)[u(job)] >= 0:
        killed = i64(site, SCALARS)[u(OVERRUN)] == 0 and ran >= i32(site, ASKED_BEFORE)[u(job)]
        if not killed:
            interrupt(site, pool, job, _state_after_preemption(site, job), False)
            return
    _vacate(site, pool, job)
    end_for_good(site, job, int64(COMPLETED) if done else int64(TIMEOUT))
