"""Arrays of a pool's queue, of the jobs that run and of its nodes: made at the start, and made larger."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from capacity.scheduling.core.machine import state as k
from capacity.scheduling.pools import class_tree

Arrays: TypeAlias = Mapping[int, npt.NDArray[Any]]
"""Arrays of the core by their index in its table."""

Scalars: TypeAlias = npt.NDArray[np.int64]


def tree_filled_up(tree: npt.NDArray[np.int32]) -> npt.NDArray[np.int32]:
    """Give every node above the leaves of a tree of (need, request) the least of those below it; in place.

    Parameters
    ----------
    tree : ndarray of int32, shape (4 * size,)
        Need and requested time [s] of each node, interleaved; the leaves are the last `size` of them.
    """
    pairs = tree.reshape(-1, 2)
    level = len(pairs) // 2
    while level > 1:
        pairs[level // 2 : level] = pairs[level : 2 * level].reshape(-1, 2, 2).min(axis=1)
        level //= 2
    return tree


def queue(arrays: Sequence[npt.NDArray[Any]], scalars: Scalars, wanted: int) -> Arrays:
    """Make room for `wanted` queue positions or more, keeping what waits.

    Parameters
    ----------
    arrays, scalars : sequence of ndarray, ndarray
        What the pool has; the size of the queue is written here.
    wanted : int
        Positions that are needed.
    """
    old = int(scalars[k.QUEUE_SIZE])
    size = 1 << max(6, int(wanted - 1).bit_length())
    jobs = np.full(size, -1, np.int32)
    keys = np.zeros(size if scalars[k.ORDER_KIND] else 1)
    tree = np.full(4 * size, k.NO_NEED, np.int32)
    if old:
        jobs[:old] = arrays[k.QUEUE_JOB]
        if len(keys) > 1:
            keys[:old] = arrays[k.QUEUE_KEY]
        tree[2 * size : 2 * (size + old)] = arrays[k.QUEUE_TREE][2 * old :]
        tree_filled_up(tree)
    scalars[k.QUEUE_SIZE] = size
    scratch = size if scalars[k.PREPARE] or scalars[k.TRY] == k.TRY_BY_KEY else 1
    made: dict[int, npt.NDArray[Any]] = {
        k.QUEUE_JOB: jobs,
        k.QUEUE_KEY: keys,
        k.QUEUE_TREE: tree,
        k.SCRATCH_KEY: np.zeros(scratch),
        k.SCRATCH_JOB: np.zeros(scratch, np.int32),
    }
    if scalars[k.GUARD]:
        made[k.CLASS_TREE] = class_tree.build(tree, arrays[k.CLASS_BOUND])
    return made


def running(scalars: Scalars, jobs: int) -> Arrays:
    """Make room for so many jobs that run at once, twice: pyss frees slots before it retires jobs."""
    most = 2 * jobs + 2
    predicted = most if scalars[k.PREDICT] else 1
    blocks = most // (k.BLOCK // 4) + 4
    scalars[k.SLOTS_UNUSED] = most
    return {
        k.HEAP: np.zeros(most, np.int64),
        k.RUN_JOB: np.zeros(most, np.int32),
        k.RUN_NODE: np.zeros(most, np.int32),
        k.RUN_ORDER: np.zeros(most, np.int64),
        k.TIED: np.zeros(most, np.int64),
        k.RUN_GUESS: np.zeros(predicted, np.int32),
        k.RUN_OUTLIVED: np.zeros(predicted, np.int32),
        k.RUN_FREE: np.arange(most - 1, -1, -1, dtype=np.int32),
        k.END_KEYS: np.zeros(blocks * k.BLOCK, np.int64),
        k.END_SLOTS: np.zeros(most, np.int32),
        k.END_COUNT: np.zeros(blocks, np.int32),
        k.END_NEED: np.zeros(blocks, np.int64),
        k.END_ORDER: np.arange(blocks, dtype=np.int32),
    }


def nodes(scalars: Scalars, slots_per_node: int, count: int) -> Arrays:
    """Make room for `count` nodes, none of which is in service."""
    levels = slots_per_node + 1
    words = max(1, -(-count // 64))
    summary = max(1, -(-words // 64))
    scalars[k.WORDS], scalars[k.SUMMARY_WORDS] = words, summary
    some = max(1, count)
    return {
        k.NODE_FREE: np.zeros(some, np.int32),
        k.NODE_LAST: np.zeros(some, np.int64),
        k.NODE_JOBS: np.zeros(some * slots_per_node, np.int32),
        k.NODE_COUNT: np.zeros(some, np.int32),
        k.NODE_NEXT: np.zeros(some, np.int32),
        k.LEVEL_BITS: np.zeros(levels * words, np.uint64),
        k.LEVEL_ANY: np.zeros(levels * summary, np.uint64),
        k.LEVEL_COUNT: np.zeros(levels, np.int32),
        k.HELD_BITS: np.zeros(words, np.uint64),
        k.HELD_COUNT: np.zeros(levels, np.int32),
    }


def add_idle(arrays: Sequence[npt.NDArray[Any]], scalars: Scalars, slots_per_node: int, count: int) -> None:
    """Mark `count` nodes after those delivered so far as free, all their slots."""
    first = int(scalars[k.NODES_DELIVERED])
    new = np.arange(first, first + count)
    bit = new.astype(np.uint64)
    word = slots_per_node * int(scalars[k.WORDS]) + new // 64
    summary = slots_per_node * int(scalars[k.SUMMARY_WORDS]) + new // 4096
    np.bitwise_or.at(arrays[k.LEVEL_BITS], word, np.uint64(1) << bit % np.uint64(64))
    np.bitwise_or.at(arrays[k.LEVEL_ANY], summary, np.uint64(1) << bit // np.uint64(64) % np.uint64(64))
    arrays[k.LEVEL_COUNT][slots_per_node] += count
    arrays[k.NODE_FREE][new] = slots_per_node
