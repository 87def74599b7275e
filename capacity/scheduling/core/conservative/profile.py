"""Free slots over the time to come, as steps in sorted blocks that know their least and most free slots.

A step says how many slots are free from its time to the next one, by the expected ends of what runs, by all
reservations and by the known deliveries. The first step is the present one and the last goes on for ever; two
neighbours never say the same. With flat arrays every look and every change of a long queue's profile would
cost as much as it has steps; here searches skip blocks, and a change adds to whole blocks at once.
"""

from capacity.scheduling.core.conservative.state import (STEP_ADD, STEP_BLOCKS, STEP_COUNT, STEP_FREE,
    STEP_LEAST, STEP_MOST, STEP_ORDER, STEP_TIME, STEPS)  # fmt: skip
from capacity.scheduling.core.machine import ends
from capacity.scheduling.core.machine.native import IntArray, i64, int64, kernel, move, u
from capacity.scheduling.core.machine.state import SCALARS


@kernel
def _find_block(table: IntArray, time: int) -> int:
    """Position, in order of time, of the last block that begins at `time` or before (or the first)."""
    used = i64(table, SCALARS)[u(STEP_BLOCKS)]
    return ends.last_block(i64(table, STEP_TIME), i64(table, STEP_ORDER), used, time)


@kernel
def _find_step(table: IntArray, block: int, time: int) -> int:
    """Index within `block` of the last step that begins at `time` or before (or the first)."""
    times = i64(table, STEP_TIME)
    base = block * STEPS
    low = 0
    high = i64(table, STEP_COUNT)[u(block)]
    while high - low > 1:
        middle = (low + high) >> 1
        if times[u(base + middle)] <= time:
            low = middle
        else:
            high = middle
    return low


@kernel
def _locate(table: IntArray, time: int) -> int:
    """Where the last step is that begins at `time` or before: position of its block * STEPS + its number."""
    position = _find_block(table, time)
    return position * STEPS + _find_step(table, i64(table, STEP_ORDER)[u(position)], time)


@kernel
def _measure(table: IntArray, block: int) -> None:
    """Work out the least and most free slots of a block."""
    free = i64(table, STEP_FREE)
    base = block * STEPS
    least = free[u(base)]
    most = least
    for spot in range(base + 1, base + i64(table, STEP_COUNT)[u(block)]):
        least = min(least, free[u(spot)])
        most = max(most, free[u(spot)])
    i64(table, STEP_LEAST)[u(block)] = least
    i64(table, STEP_MOST)[u(block)] = most


@kernel
def _split(table: IntArray, position: int) -> None:
    """Move the later half of a full block into an unused one, which becomes its right neighbour."""
    order, count, add = i64(table, STEP_ORDER), i64(table, STEP_COUNT), i64(table, STEP_ADD)
    scalars = i64(table, SCALARS)
    block = order[u(position)]
    used = scalars[u(STEP_BLOCKS)]
    fresh = order[u(used)]
    move(order, position + 2, position + 1, used - position - 1)
    order[u(position + 1)] = fresh
    scalars[u(STEP_BLOCKS)] = used + 1
    half = STEPS // 2
    move(i64(table, STEP_TIME), fresh * STEPS, block * STEPS + half, STEPS - half)
    move(i64(table, STEP_FREE), fresh * STEPS, block * STEPS + half, STEPS - half)
    count[u(fresh)] = STEPS - half
    count[u(block)] = half
    add[u(fresh)] = add[u(block)]
    _measure(table, block)
    _measure(table, fresh)


@kernel
def _drop(table: IntArray, position: int) -> None:
    """Take a block out of the order of time."""
    ends.drop_block(i64(table, STEP_ORDER), i64(table, SCALARS), int64(STEP_BLOCKS), position)


@kernel
def _merge(table: IntArray, position: int) -> None:
    """Join a block with its right neighbour when both are sparse, so that blocks stay few."""
    if position < 0 or position + 1 >= i64(table, SCALARS)[u(STEP_BLOCKS)]:
        return
    free, count, add = i64(table, STEP_FREE), i64(table, STEP_COUNT), i64(table, STEP_ADD)
    order = i64(table, STEP_ORDER)
    left, right = order[u(position)], order[u(position + 1)]
    if count[u(left)] + count[u(right)] > STEPS // 2:
        return
    first = left * STEPS + count[u(left)]
    move(i64(table, STEP_TIME), first, right * STEPS, count[u(right)])
    move(free, first, right * STEPS, count[u(right)])
    differ = add[u(right)] - add[u(left)]
    for spot in range(first, first + count[u(right)]):
        free[u(spot)] += differ
    count[u(left)] += count[u(right)]
    _measure(table, left)
    _drop(table, position + 1)


@kernel
def _insert(table: IntArray, position: int, index: int, time: int, slots: int) -> int:
    """Add a step as number `index`, not 0, of the block at `position`; return where it is, as `_locate`."""
    times, free, count = i64(table, STEP_TIME), i64(table, STEP_FREE), i64(table, STEP_COUNT)
    order = i64(table, STEP_ORDER)
    if count[u(order[u(position)])] == STEPS:
        _split(table, position)
        if index > STEPS // 2:
            position += 1
            index -= STEPS // 2
    block = order[u(position)]
    spot = block * STEPS + index
    move(times, spot + 1, spot, count[u(block)] - index)
    move(free, spot + 1, spot, count[u(block)] - index)
    times[u(spot)] = time
    free[u(spot)] = slots
    count[u(block)] += 1
    i64(table, STEP_LEAST)[u(block)] = min(i64(table, STEP_LEAST)[u(block)], slots)
    i64(table, STEP_MOST)[u(block)] = max(i64(table, STEP_MOST)[u(block)], slots)
    return position * STEPS + index


@kernel
def _says_the_same(table: IntArray, position: int, index: int) -> bool:
    """Whether a step has as many free slots as the one before."""
    free, add, order = i64(table, STEP_FREE), i64(table, STEP_ADD), i64(table, STEP_ORDER)
    block = order[u(position)]
    spot = block * STEPS + index
    if index > 0:
        return free[u(spot)] == free[u(spot - 1)]
    if position == 0:
        return False
    before = order[u(position - 1)]
    last = before * STEPS + i64(table, STEP_COUNT)[u(before)] - 1
    return free[u(spot)] + add[u(block)] == free[u(last)] + add[u(before)]


@kernel
def _remove(table: IntArray, position: int, index: int) -> None:
    """Remove a step that says the same as the one before."""
    count = i64(table, STEP_COUNT)
    block = i64(table, STEP_ORDER)[u(position)]
    left = count[u(block)] - 1
    count[u(block)] = left
    if left == 0:
        _drop(table, position)
        _merge(table, position - 1)
        return
    spot = block * STEPS + index
    move(i64(table, STEP_TIME), spot, spot + 1, left - index)
    move(i64(table, STEP_FREE), spot, spot + 1, left - index)
    if index == 0:
        _measure(table, block)
    if left < STEPS // 2:
        _merge(table, position)
        _merge(table, position - 1)


@kernel
def _add_within(table: IntArray, position: int, index: int, end: int, slots: int) -> int:
    """Add to the steps of a block from number `index` on that begin before `end`; return the next number."""
    times, free = i64(table, STEP_TIME), i64(table, STEP_FREE)
    block = i64(table, STEP_ORDER)[u(position)]
    spot = block * STEPS + index
    stop = block * STEPS + i64(table, STEP_COUNT)[u(block)]
    while spot < stop and times[u(spot)] < end:
        free[u(spot)] += slots
        spot += 1
    _measure(table, block)
    return spot - block * STEPS


@kernel
def _end_at(table: IntArray, position: int, index: int, end: int, slots: int) -> None:
    """Make what was added stop at `end`, before or at step number `index` of the block at `position`."""
    block = i64(table, STEP_ORDER)[u(position)]
    spot = block * STEPS + index
    if index < i64(table, STEP_COUNT)[u(block)] and i64(table, STEP_TIME)[u(spot)] == end:
        if _says_the_same(table, position, index):
            _remove(table, position, index)
    else:
        _insert(table, position, index, end, i64(table, STEP_FREE)[u(spot - 1)] - slots)


@kernel
def change(table: IntArray, start: int, end: int, slots: int) -> None:
    """Add `slots` free slots from `start`, which is not over, to `end`; a negative number takes them."""
    times, order = i64(table, STEP_TIME), i64(table, STEP_ORDER)
    place = _locate(table, start)
    spot = order[u(place // STEPS)] * STEPS + place % STEPS
    new = times[u(spot)] != start
    if new:
        place = _insert(table, place // STEPS, place % STEPS + 1, start, i64(table, STEP_FREE)[u(spot)])
    position = place // STEPS
    index = place % STEPS
    same = False
    while True:
        following = position + 1
        if following == i64(table, SCALARS)[u(STEP_BLOCKS)] or times[u(order[u(following)] * STEPS)] > end:
            following = position
        if following > position and index == 0:
            i64(table, STEP_ADD)[u(order[u(position)])] += slots
        else:
            index = _add_within(table, position, index, end, slots)
        if not new:
            same = _says_the_same(table, place // STEPS, place % STEPS)
            new = True
        if following == position:
            break
        position = following
        index = 0
        if times[u(order[u(position)] * STEPS)] == end:
            break
    _end_at(table, position, index, end, slots)
    if same:
        place = _locate(table, start)
        _remove(table, place // STEPS, place % STEPS)


@kernel
def forget(table: IntArray, now: int) -> None:
    """Drop the steps that are over at `now`."""
    times, order, count = i64(table, STEP_TIME), i64(table, STEP_ORDER), i64(table, STEP_COUNT)
    while i64(table, SCALARS)[u(STEP_BLOCKS)] > 1 and times[u(order[u(1)] * STEPS)] <= now:
        _drop(table, 0)
    block = order[u(0)]
    over = _find_step(table, block, now)
    if over == 0:
        return
    base = block * STEPS
    count[u(block)] -= over
    move(times, base, base + over, count[u(block)])
    move(i64(table, STEP_FREE), base, base + over, count[u(block)])
    _measure(table, block)


@kernel
def most_before(table: IntArray, time: int) -> int:
    """Most slots that are free at any moment from now to before `time`, which is later than now."""
    times, free, order = i64(table, STEP_TIME), i64(table, STEP_FREE), i64(table, STEP_ORDER)
    last = _find_block(table, time - 1)
    block = order[u(last)]
    base = block * STEPS
    most = free[u(base)]
    for spot in range(base + 1, base + i64(table, STEP_COUNT)[u(block)]):
        if times[u(spot)] >= time:
            break
        most = max(most, free[u(spot)])
    most += i64(table, STEP_ADD)[u(block)]
    for position in range(last):
        block = order[u(position)]
        most = max(most, i64(table, STEP_MOST)[u(block)] + i64(table, STEP_ADD)[u(block)])
    return most
