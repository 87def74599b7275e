"""Nodes that go out of service and come back: what the scheduler sees of the machine.

A node that is out keeps its row, with all slots free, but is in none of the sets of nodes by free slots.
"""

import numpy as np

from capacity.scheduling.core.machine.native import IntArray, bit, i32, i64, kernel, u, u64
from capacity.scheduling.core.machine.state import (CAPACITY, FREE, LEVEL_ANY, LEVEL_BITS, LEVEL_COUNT,
    NODE_FREE, SCALARS, SLOTS_PER_NODE, SUMMARY_WORDS, WORDS)  # fmt: skip


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
