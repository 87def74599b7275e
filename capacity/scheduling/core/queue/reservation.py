"""The shadow time: when, by expected ends and known deliveries, the head of the queue fits.

On a counted machine a reservation is a number of slots at that time. On nodes it is the lowest-numbered
nodes that will have room then; the choice does not change while only jobs beside it start, so it is kept
between passes until a job that was expected to end at the shadow time or later ends early.
"""

import numpy as np

from capacity.scheduling.core.machine import nodes
from capacity.scheduling.core.machine.native import (IntArray, bit, flag, i32, i64, int64, kernel, lowest_bit,
    tiny, u, u64)  # fmt: skip
from capacity.scheduling.core.machine.state import (BLOCK, BLOCKS_USED, COUNTED, END_COUNT, END_KEYS,
    END_NEED, END_ORDER, END_SLOTS, FOREVER, FREE, HELD_BITS, HELD_COUNT, HELD_NODE, HELD_SPARE, MACHINE,
    N_PLAN, NEED, NO_NEED, NO_NODE, NODE_COUNT, NODE_FREE, NODE_JOBS, NODE_LAST, NODE_NEXT, NOW, PLAN_NEXT,
    PLAN_SLOTS, PLAN_TIME, QUEUE_HEAD, QUEUE_JOB, REQUESTED, RUN_JOB, RUN_NODE, SCALARS, SHADOW, SHADOW_VALID,
    SLOT_BITS, SLOT_MASK, SLOTS_PER_NODE, SPARE, START, WIDE, WORDS)  # fmt: skip


@kernel
def _surplus(table: IntArray, position: int, index: int, time: int) -> int:
    """Slots freed by `time` by the keys that follow entry `index` of block number `position`."""
    keys, slots, order = i64(table, END_KEYS), i32(table, END_SLOTS), i32(table, END_ORDER)
    total = int64(0)
    while position < i64(table, SCALARS)[u(BLOCKS_USED)]:
        block = int64(order[u(position)])
        index += 1
        if index == i32(table, END_COUNT)[u(block)]:
            position += 1
            index = -1
            continue
        if keys[u(block * BLOCK + index)] >> SLOT_BITS > time:
            break
        total += slots[u(keys[u(block * BLOCK + index)] & SLOT_MASK)]
    return total


@kernel
def time_of_release(table: IntArray, wanted: int) -> int:
    """When expected ends will have freed `wanted` slots [s], FOREVER if never; SPARE gets the surplus.

    A job that has outrun its expected end is expected to end now.
    """
    keys, slots, count = i64(table, END_KEYS), i32(table, END_SLOTS), i32(table, END_COUNT)
    needs, order = i64(table, END_NEED), i32(table, END_ORDER)
    for position in range(i64(table, SCALARS)[u(BLOCKS_USED)]):
        block = int64(order[u(position)])
        if needs[u(block)] < wanted:
            wanted -= needs[u(block)]
            continue
        for index in range(count[u(block)]):
            key = keys[u(block * BLOCK + index)]
            wanted -= slots[u(key & SLOT_MASK)]
            if wanted <= 0:
                time = key >> SLOT_BITS
                time = max(time, i64(table, SCALARS)[u(NOW)])
                i64(table, SCALARS)[u(SPARE)] = _surplus(table, position, index, time) - wanted
                return time
    i64(table, SCALARS)[u(SPARE)] = 0
    return FOREVER


@kernel
def released_by(table: IntArray, time: int) -> int:
    """Slots that expected ends free up to and including `time`."""
    keys, count, needs = i64(table, END_KEYS), i32(table, END_COUNT), i64(table, END_NEED)
    order = i32(table, END_ORDER)
    total = int64(0)
    for position in range(i64(table, SCALARS)[u(BLOCKS_USED)]):
        block = int64(order[u(position)])
        base = block * BLOCK
        if keys[u(base + count[u(block)] - 1)] >> SLOT_BITS <= time:
            total += needs[u(block)]
            continue
        for index in range(base, base + count[u(block)]):
            if keys[u(index)] >> SLOT_BITS > time:
                break
            total += i32(table, END_SLOTS)[u(keys[u(index)] & SLOT_MASK)]
        break
    return total


@kernel
def _reserve_slots(table: IntArray, need: int) -> None:
    """Shadow time and spare slots on a counted machine."""
    scalars = i64(table, SCALARS)
    free = scalars[u(FREE)]
    shadow = time_of_release(table, need - free)
    scalars[u(SHADOW)] = shadow
    first = scalars[u(PLAN_NEXT)]
    if first < scalars[u(N_PLAN)] and i64(table, PLAN_TIME)[u(first)] <= shadow:
        _reserve_with_deliveries(table, need, shadow)


@kernel
def _reserve_with_deliveries(table: IntArray, need: int, shadow: int) -> None:
    """Shadow time and spare slots when a known delivery comes no later than `shadow`."""
    scalars = i64(table, SCALARS)
    free = scalars[u(FREE)]
    arrived = int64(0)
    for plan in range(scalars[u(PLAN_NEXT)], scalars[u(N_PLAN)]):
        time = i64(table, PLAN_TIME)[u(plan)]
        if time > shadow:
            break
        arrived += i64(table, PLAN_SLOTS)[u(plan)]
        lacking = need - free - arrived
        shadow = min(shadow, time if lacking <= 0 else max(time, time_of_release(table, lacking)))
    scalars[u(SHADOW)] = shadow
    spare = free + released_by(table, shadow) - need
    for plan in range(scalars[u(PLAN_NEXT)], scalars[u(N_PLAN)]):
        if i64(table, PLAN_TIME)[u(plan)] <= shadow:
            spare += i64(table, PLAN_SLOTS)[u(plan)]
    scalars[u(SPARE)] = spare


@kernel
def _mark_idle(table: IntArray, key: int) -> int:
    """Mark in HELD_BITS the nodes that the end of one running job leaves idle; return how many are new."""
    held = u64(table, HELD_BITS)
    slot = key & SLOT_MASK
    node = int64(i32(table, RUN_NODE)[u(slot)])
    if i32(table, NEED)[u(i32(table, RUN_JOB)[u(slot)])] <= i64(table, SCALARS)[u(SLOTS_PER_NODE)]:
        marked = held[u(node >> 6)] & bit(node & 63)
        if i64(table, NODE_LAST)[u(node)] != key >> SLOT_BITS or marked != np.uint64(0):
            return int64(0)  # others stay longer, or another that ends with it was counted
        held[u(node >> 6)] |= bit(node & 63)
        return int64(1)
    count = int64(0)
    while node >= 0:
        held[u(node >> 6)] |= bit(node & 63)
        count += 1
        node = int64(i32(table, NODE_NEXT)[u(node)])
    return count


@kernel
def _hold_lowest(table: IntArray, wanted: int) -> None:
    """Keep of the marked nodes the `wanted` lowest, and count them by level."""
    held, count, free = u64(table, HELD_BITS), i32(table, HELD_COUNT), i32(table, NODE_FREE)
    for word in range(i64(table, SCALARS)[u(WORDS)]):
        marked = held[u(word)]
        kept = np.uint64(0)
        while marked != np.uint64(0) and wanted > 0:
            node = (word << 6) + lowest_bit(marked)
            kept |= bit(node & 63)
            marked &= marked - np.uint64(1)
            count[u(free[u(node)])] += 1
            wanted -= 1
        held[u(word)] = kept


@kernel
def _reserve_wide(table: IntArray, wanted: int) -> None:
    """Find when `wanted` nodes are idle, going through ends and deliveries in order, and hold the lowest."""
    scalars, keys = i64(table, SCALARS), i64(table, END_KEYS)
    plan = scalars[u(PLAN_NEXT)]
    shadow = int64(FOREVER)
    idle = nodes.usable_at(table, scalars[u(SLOTS_PER_NODE)], flag(0))
    for word in range(scalars[u(WORDS)]):
        u64(table, HELD_BITS)[u(word)] = nodes.idle_in_word(table, word, flag(0))
    for position in range(scalars[u(BLOCKS_USED)]):
        block = int64(i32(table, END_ORDER)[u(position)])
        if keys[u(block * BLOCK)] >> SLOT_BITS > shadow:
            break
        for index in range(block * BLOCK, block * BLOCK + i32(table, END_COUNT)[u(block)]):
            time = max(keys[u(index)] >> SLOT_BITS, scalars[u(NOW)])
            while plan < scalars[u(N_PLAN)] and i64(table, PLAN_TIME)[u(plan)] <= time:
                idle += i64(table, PLAN_SLOTS)[u(plan)] // scalars[u(SLOTS_PER_NODE)]
                if idle >= wanted:
                    shadow = min(shadow, i64(table, PLAN_TIME)[u(plan)])
                plan += 1
            if time > shadow:
                break
            idle += _mark_idle(table, keys[u(index)])
            if idle >= wanted:
                shadow = min(shadow, time)
    while shadow == FOREVER and plan < scalars[u(N_PLAN)]:
        idle += i64(table, PLAN_SLOTS)[u(plan)] // scalars[u(SLOTS_PER_NODE)]
        if idle >= wanted:
            shadow = i64(table, PLAN_TIME)[u(plan)]
        plan += 1
    scalars[u(SHADOW)] = shadow
    _hold_lowest(table, wanted)


@kernel
def free_at(table: IntArray, node: int, time: int) -> int:
    """Slots of a node that no running job is expected to hold at `time`."""
    jobs = i32(table, NODE_JOBS)
    free = int64(i32(table, NODE_FREE)[u(node)])
    base = node * i64(table, SCALARS)[u(SLOTS_PER_NODE)]
    per_node = i64(table, SCALARS)[u(SLOTS_PER_NODE)]
    for index in range(base, base + i32(table, NODE_COUNT)[u(node)]):
        job = i32(table, RUN_JOB)[u(jobs[u(index)])]
        if i64(table, START)[u(job)] + i32(table, REQUESTED)[u(job)] <= time:
            free += min(int64(i32(table, NEED)[u(job)]), per_node)
    return free


@kernel
def _reserve_narrow(table: IntArray, need: int) -> None:
    """Hold `need` slots on the lowest-numbered node that has them at the shadow time."""
    scalars, keys, count = i64(table, SCALARS), i64(table, END_KEYS), i32(table, END_COUNT)
    order = i32(table, END_ORDER)
    shadow = int64(FOREVER)
    if scalars[u(PLAN_NEXT)] < scalars[u(N_PLAN)]:
        shadow = i64(table, PLAN_TIME)[u(scalars[u(PLAN_NEXT)])]
    held = int64(NO_NODE)
    for position in range(scalars[u(BLOCKS_USED)]):
        block = int64(order[u(position)])
        if keys[u(block * BLOCK)] >> SLOT_BITS > shadow:
            break
        for index in range(block * BLOCK, block * BLOCK + count[u(block)]):
            time = max(keys[u(index)] >> SLOT_BITS, scalars[u(NOW)])
            if time > shadow:
                break
            node = int64(i32(table, RUN_NODE)[u(keys[u(index)] & SLOT_MASK)])
            # A wide job frees all its nodes at once; the first of the chain is its lowest.
            if (held < 0 or node < held) and free_at(table, node, time) >= need:
                shadow = time
                held = node
    scalars[u(SHADOW)] = shadow
    scalars[u(HELD_NODE)] = held
    if held >= 0:
        nodes.hold(table, held, i32(table, NODE_FREE)[u(held)])
        scalars[u(HELD_SPARE)] = free_at(table, held, shadow) - need


@kernel
def reserve_nodes(table: IntArray, need: int) -> None:
    """Find when and on which nodes a job fits that does not fit now."""
    scalars = i64(table, SCALARS)
    nodes.unhold_all(table)
    per_node = scalars[u(SLOTS_PER_NODE)]
    if need <= per_node:
        _reserve_narrow(table, need)
    else:
        scalars[u(HELD_NODE)] = WIDE
        _reserve_wide(table, need // per_node)


@kernel
def reserve_for(table: IntArray, position: int) -> None:
    """Compute the reservation of the job at a position of the queue unless it still holds."""
    scalars = i64(table, SCALARS)
    if scalars[u(SHADOW_VALID)] != 0:
        return
    scalars[u(SHADOW_VALID)] = 1
    need = int64(i32(table, NEED)[u(i32(table, QUEUE_JOB)[u(position)])])
    if scalars[u(MACHINE)] == COUNTED:
        _reserve_slots(table, need)
        return
    reserve_nodes(table, need)


@kernel
def reserve(table: IntArray) -> None:
    """Compute the reservation of the job at the head of the queue unless it still holds."""
    reserve_for(table, i64(table, SCALARS)[u(QUEUE_HEAD)])


@tiny
def slack(table: IntArray) -> int:
    """Longest request that ends by the shadow time [s]."""
    scalars = i64(table, SCALARS)
    return min(scalars[u(SHADOW)] - scalars[u(NOW)], NO_NEED - 1)
