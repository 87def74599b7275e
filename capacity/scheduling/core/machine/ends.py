"""Expected ends of the running jobs in order of time, in sorted blocks that also know the slots they free.

A flat sorted array costs as much as there are running jobs for every start and end; blocks of at most
`BLOCK` keys keep that flat to 100,000 running jobs, and their sums let the search for the shadow time skip
whole blocks.
"""

from capacity.scheduling.core.machine.native import IntArray, i32, i64, int64, kernel, move, u
from capacity.scheduling.core.machine.state import (BLOCK, BLOCKS_USED, END_COUNT, END_KEYS, END_NEED,
    END_ORDER, END_SLOTS, SCALARS, SLOT_MASK)  # fmt: skip


@kernel
def last_block(firsts: IntArray, order: IntArray, used: int, key: int) -> int:
    """Position in `order` of the last of `used` blocks of BLOCK whose first entry is at most `key`, or 0."""
    low = 0
    high = used
    while high - low > 1:
        middle = (low + high) >> 1
        if firsts[u(order[u(middle)] * BLOCK)] <= key:
            low = middle
        else:
            high = middle
    return low


@kernel
def drop_block(order: IntArray, scalars: IntArray, counter: int, position: int) -> None:
    """Take a block out of `order` and keep it for later; scalar number `counter` counts those in use."""
    block = order[u(position)]
    used = scalars[u(counter)] - 1
    scalars[u(counter)] = used
    move(order, position, position + 1, used - position)
    order[u(used)] = block


@kernel
def _find_block(table: IntArray, key: int) -> int:
    """Position, in order of time, of the last block whose first key is at most `key` (or the first)."""
    return last_block(i64(table, END_KEYS), i32(table, END_ORDER), i64(table, SCALARS)[u(BLOCKS_USED)], key)


@kernel
def _find_key(table: IntArray, block: int, key: int) -> int:
    """Index within `block` of the first key not below `key`."""
    keys = i64(table, END_KEYS)
    base = block * BLOCK
    low = 0
    high = i32(table, END_COUNT)[u(block)]
    while low < high:
        middle = (low + high) >> 1
        if keys[u(base + middle)] < key:
            low = middle + 1
        else:
            high = middle
    return low


@kernel
def _split(table: IntArray, position: int) -> None:
    """Move the upper half of a full block into an unused one, which becomes its right neighbour."""
    keys, count, needs = i64(table, END_KEYS), i32(table, END_COUNT), i64(table, END_NEED)
    order, scalars = i32(table, END_ORDER), i64(table, SCALARS)
    block = int64(order[u(position)])
    used = scalars[u(BLOCKS_USED)]
    fresh = int64(order[u(used)])
    move(order, position + 2, position + 1, used - position - 1)
    order[u(position + 1)] = fresh
    scalars[u(BLOCKS_USED)] = used + 1
    half = BLOCK // 2
    move(keys, fresh * BLOCK, block * BLOCK + half, BLOCK - half)
    slots = i32(table, END_SLOTS)
    count[u(fresh)] = BLOCK - half
    count[u(block)] = half
    upper = int64(0)
    for index in range(BLOCK - half):
        upper += slots[u(keys[u(fresh * BLOCK + index)] & SLOT_MASK)]
    needs[u(fresh)] = upper
    needs[u(block)] -= upper


@kernel
def insert(table: IntArray, key: int, need: int) -> None:
    """Add an expected end that frees `need` slots."""
    keys, count, order = i64(table, END_KEYS), i32(table, END_COUNT), i32(table, END_ORDER)
    scalars = i64(table, SCALARS)
    if scalars[u(BLOCKS_USED)] == 0:
        scalars[u(BLOCKS_USED)] = 1
        count[u(order[u(0)])] = 0
        i64(table, END_NEED)[u(order[u(0)])] = 0
    position = _find_block(table, key)
    block = int64(order[u(position)])
    if count[u(block)] == BLOCK:
        _split(table, position)
        if keys[u(order[u(position + 1)] * BLOCK)] <= key:
            position += 1
        block = int64(order[u(position)])
    index = _find_key(table, block, key)
    base = block * BLOCK
    move(keys, base + index + 1, base + index, count[u(block)] - index)
    keys[u(base + index)] = key
    i32(table, END_SLOTS)[u(key & SLOT_MASK)] = need
    count[u(block)] += 1
    i64(table, END_NEED)[u(block)] += need


@kernel
def _drop(table: IntArray, position: int) -> None:
    """Take an empty block out of the order of time."""
    drop_block(i32(table, END_ORDER), i64(table, SCALARS), int64(BLOCKS_USED), position)


@kernel
def _merge(table: IntArray, position: int) -> None:
    """Join a block with its right neighbour when both are sparse, so that blocks stay few."""
    if position < 0 or position + 1 >= i64(table, SCALARS)[u(BLOCKS_USED)]:
        return
    keys, count, needs = i64(table, END_KEYS), i32(table, END_COUNT), i64(table, END_NEED)
    left = int64(i32(table, END_ORDER)[u(position)])
    right = int64(i32(table, END_ORDER)[u(position + 1)])
    if count[u(left)] + count[u(right)] > BLOCK // 2:
        return
    move(keys, left * BLOCK + count[u(left)], right * BLOCK, count[u(right)])
    count[u(left)] += count[u(right)]
    needs[u(left)] += needs[u(right)]
    _drop(table, position + 1)


@kernel
def remove(table: IntArray, key: int, need: int) -> None:
    """Take an expected end out again; it must be there."""
    keys, count = i64(table, END_KEYS), i32(table, END_COUNT)
    position = _find_block(table, key)
    block = int64(i32(table, END_ORDER)[u(position)])
    index = _find_key(table, block, key)
    base = block * BLOCK
    left = count[u(block)] - 1
    count[u(block)] = left
    i64(table, END_NEED)[u(block)] -= need
    move(keys, base + index, base + index + 1, left - index)
    if left == 0:
        _drop(table, position)
        _merge(table, position - 1)
    elif left < BLOCK // 2:
        order = i32(table, END_ORDER)
        used = i64(table, SCALARS)[u(BLOCKS_USED)]
        if position + 1 < used and left + count[u(order[u(position + 1)])] <= BLOCK // 2:
            _merge(table, position)
        if position > 0 and left + count[u(order[u(position - 1)])] <= BLOCK // 2:
            _merge(table, position - 1)
