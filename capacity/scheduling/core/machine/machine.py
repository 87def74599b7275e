"""Starting and ending jobs: what happens to slots, nodes and calendars."""

import numpy as np

from capacity.scheduling.core.machine import ends, heap, nodes
from capacity.scheduling.core.machine.native import (IntArray, bit, flag, i32, i64, int64, kernel, lowest_bit,
    tiny, u)  # fmt: skip
from capacity.scheduling.core.machine.state import (COUNTED, ENDED, FREE, HELD_NODE, HELD_SPARE, MACHINE,
    N_ENDED, NEED, NODE_COUNT, NODE_FREE, NODE_JOBS, NODE_LAST, NODE_NEXT, NOW, REQUESTED, RUN, RUN_FREE,
    RUN_JOB, RUN_NODE, RUN_ORDER, RUNNING, SCALARS, SHADOW, SHADOW_VALID, SLOT_BITS, SLOTS_PER_NODE,
    SLOTS_UNUSED, SPARE, START, STARTED, WIDE, WORDS)  # fmt: skip


@tiny
def expected_end(table: IntArray, job: int) -> int:
    """When the scheduler expects a running job to end [s]."""
    return i64(table, START)[u(job)] + i32(table, REQUESTED)[u(job)]


@kernel
def _room_on_nodes(table: IntArray) -> int:
    """Most slots a job may need to find its nodes now."""
    scalars = i64(table, SCALARS)
    per_node = scalars[u(SLOTS_PER_NODE)]
    idle = nodes.usable_at(table, per_node, flag(0))
    return idle * per_node if idle > 0 else nodes.most_free(table, flag(0))


@kernel
def _room_beside_on_nodes(table: IntArray) -> int:
    """Most slots a job may need to find nodes that the reservation leaves."""
    scalars = i64(table, SCALARS)
    per_node = scalars[u(SLOTS_PER_NODE)]
    idle = nodes.usable_at(table, per_node, flag(1))
    if idle > 0:
        return idle * per_node
    most = nodes.most_free(table, flag(1))
    held = scalars[u(HELD_NODE)]
    if held >= 0:
        most = max(most, min(int64(i32(table, NODE_FREE)[u(held)]), scalars[u(HELD_SPARE)]))
    return most


@tiny
def room(table: IntArray) -> int:
    """Most slots a job may need to start now."""
    scalars = i64(table, SCALARS)
    if scalars[u(MACHINE)] == COUNTED:
        return scalars[u(FREE)]
    return _room_on_nodes(table)


@tiny
def room_beside(table: IntArray) -> int:
    """Most slots a job may need to start now and outlast the reservation without touching it."""
    scalars = i64(table, SCALARS)
    if scalars[u(MACHINE)] == COUNTED:
        return scalars[u(SPARE)]
    return _room_beside_on_nodes(table)


@kernel
def sit_on(table: IntArray, node: int, slot: int, need: int, end: int) -> None:
    """Add a running job to a node."""
    scalars, count = i64(table, SCALARS), i32(table, NODE_COUNT)
    i32(table, NODE_JOBS)[u(node * scalars[u(SLOTS_PER_NODE)] + count[u(node)])] = slot
    count[u(node)] += 1
    last = i64(table, NODE_LAST)
    last[u(node)] = max(last[u(node)], end)
    nodes.set_free(table, node, i32(table, NODE_FREE)[u(node)] - need)


@kernel
def _leave(table: IntArray, node: int, slot: int, need: int, end: int) -> None:
    """Take a running job off a node; the reservation falls if it could now be earlier."""
    scalars, count, jobs = i64(table, SCALARS), i32(table, NODE_COUNT), i32(table, NODE_JOBS)
    last = i64(table, NODE_LAST)
    base = node * scalars[u(SLOTS_PER_NODE)]
    left = count[u(node)] - 1
    count[u(node)] = left
    latest = int64(0)
    for index in range(left + 1):
        if jobs[u(base + index)] == slot:
            jobs[u(base + index)] = jobs[u(base + left)]
        if index < left:
            latest = max(latest, expected_end(table, i32(table, RUN_JOB)[u(jobs[u(base + index)])]))
    last[u(node)] = latest
    nodes.set_free(table, node, i32(table, NODE_FREE)[u(node)] + need)
    shadow = scalars[u(SHADOW)]
    if end >= shadow and (scalars[u(HELD_NODE)] != WIDE or latest <= shadow):
        scalars[u(SHADOW_VALID)] = 0


@kernel
def _narrow_node(table: IntArray, need: int, beside: bool) -> int:
    """Node for a narrow job; one that outlasts a reservation may also use the spare slots of its node."""
    scalars = i64(table, SCALARS)
    held = scalars[u(HELD_NODE)]
    if not beside or held < 0 or scalars[u(HELD_SPARE)] < need:
        return nodes.choose(table, need, beside)
    level = i32(table, NODE_FREE)[u(held)]
    nodes.unhold(table, held, level)
    node = nodes.choose(table, need, flag(1))
    nodes.hold(table, held, level)
    if node == held:
        scalars[u(HELD_SPARE)] -= need
    return node


@kernel
def take_whole_nodes(table: IntArray, slot: int, count: int, beside: bool, end: int) -> None:
    """Put a wide job on `count` idle nodes, lowest numbers first, a word of the bitset at a time."""
    scalars = i64(table, SCALARS)
    per_node = scalars[u(SLOTS_PER_NODE)]
    previous = int64(-1)
    for word in range(scalars[u(WORDS)]):
        found = nodes.idle_in_word(table, word, beside)
        taken = np.uint64(0)
        while found != np.uint64(0) and count > 0:
            node = (word << 6) + lowest_bit(found)
            taken |= bit(node & 63)
            found &= found - np.uint64(1)
            count -= 1
            i32(table, NODE_FREE)[u(node)] = 0
            i64(table, NODE_LAST)[u(node)] = end
            i32(table, NODE_JOBS)[u(node * per_node)] = slot
            i32(table, NODE_COUNT)[u(node)] = 1
            if previous < 0:
                i32(table, RUN_NODE)[u(slot)] = node
            else:
                i32(table, NODE_NEXT)[u(previous)] = node
            previous = node
        if taken != np.uint64(0):
            nodes.move_word(table, word, taken, per_node, int64(0))
        if count == 0:
            break
    i32(table, NODE_NEXT)[u(previous)] = -1


@kernel
def _give_whole_nodes(table: IntArray, slot: int) -> None:
    """Take a wide job off its nodes, which become idle, a word of the bitset at a time."""
    per_node, node = i64(table, SCALARS)[u(SLOTS_PER_NODE)], int64(i32(table, RUN_NODE)[u(slot)])
    while node >= 0:
        word = node >> 6
        given = np.uint64(0)
        while node >= 0 and node >> 6 == word:
            given |= bit(node & 63)
            i32(table, NODE_FREE)[u(node)] = per_node
            i64(table, NODE_LAST)[u(node)] = 0
            i32(table, NODE_COUNT)[u(node)] = 0
            node = int64(i32(table, NODE_NEXT)[u(node)])
        nodes.move_word(table, word, given, int64(0), per_node)


@kernel
def _occupy_nodes(table: IntArray, job: int, slot: int, beside: bool) -> None:
    """Find nodes for a job that fits and put it there."""
    per_node, need = i64(table, SCALARS)[u(SLOTS_PER_NODE)], int64(i32(table, NEED)[u(job)])
    end = expected_end(table, job)
    if need > per_node:
        take_whole_nodes(table, slot, need // per_node, beside, end)
        return
    node = _narrow_node(table, need, beside)
    i32(table, RUN_NODE)[u(slot)] = node
    sit_on(table, node, slot, need, end)


@kernel
def take_slot(table: IntArray, job: int, need: int) -> int:
    """Count a job among those that run and return its running slot."""
    scalars = i64(table, SCALARS)
    unused = scalars[u(SLOTS_UNUSED)] - 1
    scalars[u(SLOTS_UNUSED)] = unused
    slot = int64(i32(table, RUN_FREE)[u(unused)])
    i32(table, RUN_JOB)[u(slot)] = job
    i64(table, RUN_ORDER)[u(slot)] = scalars[u(STARTED)]
    scalars[u(STARTED)] += 1
    scalars[u(FREE)] -= need
    scalars[u(RUNNING)] += 1
    return slot


@kernel
def give_slot(table: IntArray, slot: int) -> None:
    """Make a running slot available again."""
    scalars = i64(table, SCALARS)
    i32(table, RUN_FREE)[u(scalars[u(SLOTS_UNUSED)])] = slot
    scalars[u(SLOTS_UNUSED)] += 1


@kernel
def start(table: IntArray, job: int, beside: bool) -> None:
    """Start a job that fits; `beside` keeps it off what a reservation holds."""
    scalars = i64(table, SCALARS)
    now = scalars[u(NOW)]
    need = int64(i32(table, NEED)[u(job)])
    slot = take_slot(table, job, need)
    i64(table, START)[u(job)] = now
    heap.push(table, (now + i32(table, RUN)[u(job)]) << SLOT_BITS | slot)
    ends.insert(table, expected_end(table, job) << SLOT_BITS | slot, need)
    if scalars[u(MACHINE)] == COUNTED:
        if beside:
            scalars[u(SPARE)] -= need
    else:
        _occupy_nodes(table, job, slot, beside)


@kernel
def release(table: IntArray, slot: int) -> None:
    """Free what a running job holds; `retire` follows, at the same instant."""
    scalars = i64(table, SCALARS)
    job = i32(table, RUN_JOB)[u(slot)]
    need = i32(table, NEED)[u(job)]
    end = expected_end(table, job)
    ends.remove(table, end << SLOT_BITS | slot, need)
    scalars[u(FREE)] += need
    if scalars[u(MACHINE)] != COUNTED and need <= scalars[u(SLOTS_PER_NODE)]:
        _leave(table, int64(i32(table, RUN_NODE)[u(slot)]), slot, need, end)
        return
    if scalars[u(MACHINE)] != COUNTED:
        _give_whole_nodes(table, slot)
    if end >= scalars[u(SHADOW)]:
        scalars[u(SHADOW_VALID)] = 0


@kernel
def retire(table: IntArray, slot: int) -> None:
    """Record a job as ended and make its running slot available."""
    scalars = i64(table, SCALARS)
    i32(table, ENDED)[u(scalars[u(N_ENDED)])] = i32(table, RUN_JOB)[u(slot)]
    scalars[u(N_ENDED)] += 1
    give_slot(table, slot)


@kernel
def finish(table: IntArray, slot: int) -> None:
    """Free what a running job holds and record it as ended."""
    release(table, slot)
    retire(table, slot)
