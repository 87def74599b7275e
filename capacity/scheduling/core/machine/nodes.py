"""Free slots of each node: which node takes a job, and giving them back.

Nodes are kept in one bitset per number of free slots, with a summary word over 64 words each, so the lowest
node at a level is two bit scans. A narrow job sits on one node; a wide one takes whole, entirely free nodes,
lowest numbers first. The bits of nodes that a reservation holds entirely are masked out for jobs that would
outlast it. A node out of service keeps its row, with all slots free, but is in none of the sets.
"""

from typing import Any

import numpy as np

from capacity.scheduling.core.machine.native import (IntArray, bit, bit_count, i32, i64, int64, kernel,
    lowest_bit, tiny, u, u64)  # fmt: skip
from capacity.scheduling.core.machine.state import (BEST_FIT, CAPACITY, FIRST_FIT, FREE, HELD_BITS,
    HELD_COUNT, LEVEL_ANY, LEVEL_BITS, LEVEL_COUNT, NODE_FREE, PLACEMENT, RNG, SCALARS, SLOTS_PER_NODE,
    SUMMARY_WORDS, WORDS, WORST_FIT)  # fmt: skip


@kernel
def move_word(table: IntArray, word: int, mask: Any, origin: int, to: int) -> None:
    """Move the nodes in `mask`, bits of one word, from the level `origin` to the level `to`."""
    scalars, bits, any_bits = i64(table, SCALARS), u64(table, LEVEL_BITS), u64(table, LEVEL_ANY)
    words, summary = scalars[u(WORDS)], scalars[u(SUMMARY_WORDS)]
    place = bit(word & 63)
    left = bits[u(origin * words + word)] & ~mask
    bits[u(origin * words + word)] = left
    if left == np.uint64(0):
        any_bits[u(origin * summary + (word >> 6))] &= ~place
    bits[u(to * words + word)] |= mask
    any_bits[u(to * summary + (word >> 6))] |= place
    count = i32(table, LEVEL_COUNT)
    moved = bit_count(mask)
    count[u(origin)] -= moved
    count[u(to)] += moved
    held = i32(table, HELD_COUNT)
    moved = bit_count(mask & u64(table, HELD_BITS)[u(word)])
    held[u(origin)] -= moved
    held[u(to)] += moved


@kernel
def set_free(table: IntArray, node: int, free: int) -> None:
    """Change the number of free slots of a node."""
    node_free = i32(table, NODE_FREE)
    move_word(table, node >> 6, bit(node & 63), int64(node_free[u(node)]), free)
    node_free[u(node)] = free


@tiny
def idle_in_word(table: IntArray, word: int, avoid_held: bool) -> Any:
    """Bits of the entirely free nodes in one word."""
    scalars = i64(table, SCALARS)
    found = u64(table, LEVEL_BITS)[u(scalars[u(SLOTS_PER_NODE)] * scalars[u(WORDS)] + word)]
    if avoid_held:
        found &= ~u64(table, HELD_BITS)[u(word)]
    return found


@kernel
def lowest(table: IntArray, level: int, avoid_held: bool) -> int:
    """Lowest node with exactly `level` free slots, or -1."""
    scalars, bits, any_bits = i64(table, SCALARS), u64(table, LEVEL_BITS), u64(table, LEVEL_ANY)
    held = u64(table, HELD_BITS)
    words = scalars[u(WORDS)]
    for summary in range(scalars[u(SUMMARY_WORDS)]):
        left = any_bits[u(level * scalars[u(SUMMARY_WORDS)] + summary)]
        while left != np.uint64(0):
            word = (summary << 6) + lowest_bit(left)
            found = bits[u(level * words + word)]
            if avoid_held:
                found &= ~held[u(word)]
            if found != np.uint64(0):
                return (word << 6) + lowest_bit(found)
            left &= left - np.uint64(1)
    return -1


@kernel
def usable_at(table: IntArray, level: int, avoid_held: bool) -> int:
    """How many nodes have exactly `level` free slots, those held left out on request."""
    count = int64(i32(table, LEVEL_COUNT)[u(level)])
    if avoid_held:
        count -= i32(table, HELD_COUNT)[u(level)]
    return count


@kernel
def most_free(table: IntArray, avoid_held: bool) -> int:
    """Most slots free on any one node."""
    level = i64(table, SCALARS)[u(SLOTS_PER_NODE)]
    while level > 0 and usable_at(table, level, avoid_held) == 0:
        level -= 1
    return level


@kernel
def draw(table: IntArray, count: int) -> int:
    """One of the numbers from 0 to `count` - 1, each equally likely."""
    scalars = i64(table, SCALARS)
    state = np.uint64(scalars[u(RNG)])
    state ^= state << np.uint64(13)
    state ^= state >> np.uint64(7)
    state ^= state << np.uint64(17)
    scalars[u(RNG)] = int64(state)
    return int64((state >> np.uint64(33)) % np.uint64(count))


@kernel
def _random_node(table: IntArray, need: int, avoid_held: bool) -> int:
    """Any node with at least `need` free slots, each equally likely, or -1."""
    scalars = i64(table, SCALARS)
    total = 0
    for level in range(need, scalars[u(SLOTS_PER_NODE)] + 1):
        total += usable_at(table, level, avoid_held)
    if total == 0:
        return -1
    rank = draw(table, total)
    level = need
    while rank >= usable_at(table, level, avoid_held):
        rank -= usable_at(table, level, avoid_held)
        level += 1
    bits, held = u64(table, LEVEL_BITS), u64(table, HELD_BITS)
    words = scalars[u(WORDS)]
    for word in range(words):
        found = bits[u(level * words + word)]
        if avoid_held:
            found &= ~held[u(word)]
        here = bit_count(found)
        if rank >= here:
            rank -= here
            continue
        while rank > 0:
            found &= found - np.uint64(1)
            rank -= 1
        return (word << 6) + lowest_bit(found)
    return -1


@kernel
def choose(table: IntArray, need: int, avoid_held: bool) -> int:
    """Node for a narrow job by the pool's placement rule, or -1 when none fits."""
    scalars = i64(table, SCALARS)
    rule, top = scalars[u(PLACEMENT)], scalars[u(SLOTS_PER_NODE)]
    if rule == BEST_FIT:
        for level in range(need, top + 1):
            if usable_at(table, level, avoid_held) > 0:
                return lowest(table, level, avoid_held)
        return -1
    if rule == WORST_FIT:
        level = most_free(table, avoid_held)
        return lowest(table, level, avoid_held) if level >= need else -1
    if rule == FIRST_FIT:
        best = -1
        for level in range(need, top + 1):
            if usable_at(table, level, avoid_held) > 0:
                node = lowest(table, level, avoid_held)
                if best < 0 or node < best:
                    best = node
        return best
    return _random_node(table, need, avoid_held)


@kernel
def hold(table: IntArray, node: int, level: int) -> None:
    """Mark a node, now with `level` free slots, as held by the reservation."""
    u64(table, HELD_BITS)[u(node >> 6)] |= bit(node & 63)
    i32(table, HELD_COUNT)[u(level)] += 1


@kernel
def unhold(table: IntArray, node: int, level: int) -> None:
    """Undo `hold`."""
    u64(table, HELD_BITS)[u(node >> 6)] &= ~bit(node & 63)
    i32(table, HELD_COUNT)[u(level)] -= 1


@kernel
def unhold_all(table: IntArray) -> None:
    """Forget what the last reservation held."""
    u64(table, HELD_BITS)[:] = np.uint64(0)
    i32(table, HELD_COUNT)[:] = 0


@kernel
def show(table: IntArray, node: int) -> None:
    """Put an idle node among those the scheduler sees."""
    scalars = i64(table, SCALARS)
    whole = scalars[u(SLOTS_PER_NODE)]
    word = node >> 6
    u64(table, LEVEL_BITS)[u(whole * scalars[u(WORDS)] + word)] |= bit(node & 63)
    u64(table, LEVEL_ANY)[u(whole * scalars[u(SUMMARY_WORDS)] + (word >> 6))] |= bit(word & 63)
    i32(table, LEVEL_COUNT)[u(whole)] += 1
    i32(table, NODE_FREE)[u(node)] = whole
    scalars[u(CAPACITY)] += whole
    scalars[u(FREE)] += whole


@kernel
def hide(table: IntArray, node: int) -> None:
    """Take an idle node from those the scheduler sees."""
    scalars = i64(table, SCALARS)
    whole = scalars[u(SLOTS_PER_NODE)]
    word = node >> 6
    bits = u64(table, LEVEL_BITS)
    left = bits[u(whole * scalars[u(WORDS)] + word)] & ~bit(node & 63)
    bits[u(whole * scalars[u(WORDS)] + word)] = left
    if left == np.uint64(0):
        any_bits = u64(table, LEVEL_ANY)
        any_bits[u(whole * scalars[u(SUMMARY_WORDS)] + (word >> 6))] &= ~bit(word & 63)
    i32(table, LEVEL_COUNT)[u(whole)] -= 1
    scalars[u(CAPACITY)] -= whole
    scalars[u(FREE)] -= whole
