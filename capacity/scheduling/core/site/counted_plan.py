"""When a job fits into a counted pool, by expected ends, deliveries, windows and reservations.

Between the starts of takes the free slots only grow, so it is enough to look at those moments.
"""

from capacity.scheduling.core.machine import state as k
from capacity.scheduling.core.machine.native import IntArray, i32, i64, int64, kernel, u
from capacity.scheduling.core.queue import reservation
from capacity.scheduling.core.site import taken_slots
from capacity.scheduling.core.site.access import pool_table
from capacity.scheduling.core.site.state import (N_WINDOWS, NOW, POOL_TAKES, SCALARS, TAKE_END, TAKE_NEXT,
    TAKE_ROOM, TAKE_START, WINDOW_END, WINDOW_NODES, WINDOW_ON, WINDOW_POOL)  # fmt: skip


@kernel
def in_windows(site: IntArray, pool: int, time: int) -> int:
    """Slots that maintenance windows that have begun still hold at `time`."""
    per_node = i64(pool_table(site, pool), k.SCALARS)[u(k.SLOTS_PER_NODE)]
    slots = int64(0)
    for window in range(i64(site, SCALARS)[u(N_WINDOWS)]):
        is_on = i64(site, WINDOW_ON)[u(window)] != 0 and i64(site, WINDOW_END)[u(window)] > time
        if is_on and i32(site, WINDOW_POOL)[u(window)] == pool:
            slots += i64(site, WINDOW_NODES)[u(window)] * per_node
    return slots


@kernel
def _beside_running(site: IntArray, pool: int, time: int) -> int:
    """Slots expected in service at `time` beyond those that jobs hold now, takes aside; may be negative."""
    table = pool_table(site, pool)
    scalars = i64(table, k.SCALARS)
    slots = taken_slots.sound_at(site, pool, time) - in_windows(site, pool, time)
    return slots - (scalars[u(k.CAPACITY)] - scalars[u(k.FREE)])


@kernel
def room_at(site: IntArray, pool: int, time: int) -> int:
    """Slots that no running job is expected to hold at `time`, takes aside."""
    released = reservation.released_by(pool_table(site, pool), time)
    return _beside_running(site, pool, time) + released


@kernel
def taken_at(site: IntArray, pool: int, time: int, account: int) -> int:
    """Slots that takes keep from jobs of an account at `time`."""
    total = int64(0)
    take = int64(i32(site, POOL_TAKES)[u(pool)])
    while take >= 0:
        if i64(site, TAKE_START)[u(take)] <= time < i64(site, TAKE_END)[u(take)]:
            total += taken_slots.slots_for(site, pool, take, account, time)
        take = int64(i32(site, TAKE_NEXT)[u(take)])
    return total


@kernel
def lacking(site: IntArray, pool: int, need: int, start: int, end: int, account: int) -> int:
    """Latest moment from `start` to before `end` at which `need` slots are not there, or -1 [s]."""
    found = int64(-1)
    take = int64(i32(site, POOL_TAKES)[u(pool)])
    while take >= 0:
        time = i64(site, TAKE_START)[u(take)]
        if max(start, found) < time < end:
            room = i64(site, TAKE_ROOM)[u(take)]
            if room < 0:
                room = room_at(site, pool, time)
                i64(site, TAKE_ROOM)[u(take)] = room
            if room - taken_at(site, pool, time, account) < need:
                found = time
        take = int64(i32(site, TAKE_NEXT)[u(take)])
    if found >= 0:
        return found
    taken = taken_at(site, pool, start, account)
    free = i64(pool_table(site, pool), k.SCALARS)[u(k.FREE)]
    if free - taken < need and room_at(site, pool, start) - taken < need:
        return start
    return int64(-1)


@kernel
def _relief(site: IntArray, pool: int, need: int, time: int, account: int) -> int:
    """Earliest moment after `time`, at which `need` slots were not there, when they might be [s]."""
    table = pool_table(site, pool)
    scalars = i64(table, k.SCALARS)
    there = _beside_running(site, pool, time) - taken_at(site, pool, time, account)
    found = max(time + 1, reservation.time_of_release(table, need - there))
    take = int64(i32(site, POOL_TAKES)[u(pool)])
    while take >= 0:
        if i64(site, TAKE_END)[u(take)] > time:
            found = min(found, i64(site, TAKE_END)[u(take)])
        take = int64(i32(site, TAKE_NEXT)[u(take)])
    for plan in range(scalars[u(k.PLAN_NEXT)], scalars[u(k.N_PLAN)]):
        if i64(table, k.PLAN_TIME)[u(plan)] > time:
            found = min(found, i64(table, k.PLAN_TIME)[u(plan)])
    for window in range(i64(site, SCALARS)[u(N_WINDOWS)]):
        ends = i64(site, WINDOW_END)[u(window)]
        if i32(site, WINDOW_POOL)[u(window)] == pool and i64(site, WINDOW_ON)[u(window)] != 0 and ends > time:
            found = min(found, ends)
    return found


@kernel
def first_start(site: IntArray, pool: int, need: int, lasts: int, account: int) -> int:
    """Earliest time at which `need` slots are there for `lasts` seconds, FOREVER if never [s]."""
    time = i64(site, SCALARS)[u(NOW)]
    while time < k.FOREVER:
        bad = lacking(site, pool, need, time, time + lasts, account)
        if bad < 0:
            return time
        time = _relief(site, pool, need, bad, account)
    return k.FOREVER


@kernel
def forget_room(site: IntArray, pool: int) -> None:
    """Work out the free slots at the starts of takes anew when they are next needed: jobs have gone."""
    take = int64(i32(site, POOL_TAKES)[u(pool)])
    while take >= 0:
        i64(site, TAKE_ROOM)[u(take)] = -1
        take = int64(i32(site, TAKE_NEXT)[u(take)])


@kernel
def note_start(site: IntArray, pool: int, need: int, expected_end: int) -> None:
    """Keep the free slots at the starts of takes up to date when a job has just started."""
    take = int64(i32(site, POOL_TAKES)[u(pool)])
    while take >= 0:
        if i64(site, TAKE_ROOM)[u(take)] >= 0 and expected_end > i64(site, TAKE_START)[u(take)]:
            i64(site, TAKE_ROOM)[u(take)] -= need
        take = int64(i32(site, TAKE_NEXT)[u(take)])
