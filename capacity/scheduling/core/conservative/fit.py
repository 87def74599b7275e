"""The earliest time at which a job fits into the profile."""

from capacity.scheduling.core.conservative.state import (STEP_ADD, STEP_BLOCKS, STEP_COUNT, STEP_FREE,
    STEP_LEAST, STEP_MOST, STEP_ORDER, STEP_TIME, STEPS)  # fmt: skip
from capacity.scheduling.core.machine.native import IntArray, i64, int64, kernel, tiny, u
from capacity.scheduling.core.machine.state import CYCLE, NOW, SCALARS


@tiny
def _possible(table: IntArray, time: int) -> int:
    """First moment at or after `time` at which jobs may start [s]."""
    scalars = i64(table, SCALARS)
    time = max(time, scalars[u(NOW)])
    every = scalars[u(CYCLE)]
    return time if every == 0 else (time + every - 1) // every * every


@kernel
def earliest(table: IntArray, need: int, duration: int, start: int, limit: int) -> int:
    """Earliest time at which a job fits that holds a reservation from `start` on [s].

    `start` itself if it fits nowhere before `limit`, which is not above `start`. Both are FOREVER for a job
    without a reservation. Its own slots are taken in the profile, but whoever starts earlier needs free
    slots only up to `start`: from there on they are its own. So nothing need be taken out to look.
    """
    times = i64(table, STEP_TIME)
    free = i64(table, STEP_FREE)
    count = i64(table, STEP_COUNT)
    order = i64(table, STEP_ORDER)
    found = int64(-1)
    enough = int64(0)
    for position in range(i64(table, SCALARS)[u(STEP_BLOCKS)]):
        block = order[u(position)]
        spot = block * STEPS
        stop = spot + count[u(block)]
        wanted = need - i64(table, STEP_ADD)[u(block)]
        if found >= 0:
            if times[u(spot)] >= enough:
                return found
            if i64(table, STEP_LEAST)[u(block)] >= wanted:
                continue
        elif times[u(spot)] >= limit:
            return start
        elif i64(table, STEP_MOST)[u(block)] < wanted:
            continue
        while True:
            if found < 0:
                while spot < stop and free[u(spot)] < wanted:
                    spot += 1
                if spot == stop:
                    break
                found = _possible(table, times[u(spot)])
                if found >= limit:
                    return start
                enough = min(found + duration, start)
            while spot < stop and free[u(spot)] >= wanted:
                spot += 1
            if spot == stop:
                break
            if times[u(spot)] >= enough:
                return found
            found = int64(-1)
    return found if found >= 0 else start
