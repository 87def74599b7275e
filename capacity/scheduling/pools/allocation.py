"""Arrays of a pool's queue, of the jobs that run and of its nodes: made at the start, and made larger."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from capacity.scheduling.core.machine import state as k

Arrays: TypeAlias = Mapping[int, npt.NDArray[Any]]
"""Arrays of the core by their index in its table."""

Scalars: TypeAlias = npt.NDArray[np.int64]


def fill_up(nodes: npt.NDArray[np.int32]) -> None:
    """Give all nodes of a tree, shape (2 * size, columns), the least of those below; leaves come last."""
    level = len(nodes) // 2
    while level > 1:
        nodes[level // 2 : level] = nodes[level : 2 * level].reshape(-1, 2, nodes.shape[1]).min(axis=1)
        level //= 2


def class_bounds(need: npt.NDArray[Any]) -> npt.NDArray[np.int32]:
    """Return the largest need in each class but the last, for the needs of those who wait."""
    parts = np.arange(1, k.CLASSES) / k.CLASSES
    return np.asarray(np.quantile(need, parts, method="lower"), np.int32)


def class_tree(tree: npt.NDArray[np.int32], bounds: npt.NDArray[np.int32]) -> npt.NDArray[np.int32]:
    """Return the least request [s] up to each class, and the least need in it, below every node of a tree.

    `tree` has need and requested time [s] of each node, interleaved, shape (4 * size,), and `bounds` are
    those of `class_bounds`. The result, shape (2 * size * 2 * CLASSES,), is for ``core/queue/classes.py``.
    """
    pairs = tree.reshape(-1, 2)
    size = len(pairs) // 2
    need, requested = pairs[size:, :1], pairs[size:, 1:]
    own, numbers = np.searchsorted(bounds, need), np.arange(k.CLASSES)
    found = np.empty((2 * size, 2 * k.CLASSES), np.int32)
    found[size:, : k.CLASSES] = np.where(own <= numbers, requested, k.NO_NEED)
    found[size:, k.CLASSES :] = np.where(own == numbers, need, k.NO_NEED)
    fill_up(found)
    return found.reshape(-1)


def queue(arrays: Sequence[npt.NDArray[Any]], scalars: Scalars, wanted: int) -> Arrays:
    """Make room for `wanted` queue positions or more, keeping what waits; QUEUE_SIZE is written here."""
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
        fill_up(tree.reshape(-1, 2))
    scalars[k.QUEUE_SIZE] = size
    scratch = size if scalars[k.PREPARE] or scalars[k.TRY] == k.TRY_BY_KEY else 1
    made: dict[int, npt.NDArray[Any]] = {k.QUEUE_JOB: jobs, k.QUEUE_KEY: keys, k.QUEUE_TREE: tree}
    made |= {k.SCRATCH_KEY: np.zeros(scratch), k.SCRATCH_JOB: np.zeros(scratch, np.int32)}
    if scalars[k.GUARD]:
        made[k.CLASS_TREE] = class_tree(tree, arrays[k.CLASS_BOUND])
    return made


def running(scalars: Scalars, jobs: int) -> Arrays:
    """Make room for so many jobs that run at once, twice: pyss frees slots before it retires jobs."""
    most = 2 * jobs + 2
    predicted = most if scalars[k.PREDICT] else 1
    blocks = most // (k.BLOCK // 4) + 4
    scalars[k.SLOTS_UNUSED] = most
    return {
        **{index: np.zeros(most, np.int64) for index in (k.HEAP, k.RUN_ORDER, k.TIED)},
        **{index: np.zeros(most, np.int32) for index in (k.RUN_JOB, k.RUN_NODE, k.END_SLOTS)},
        **{index: np.zeros(predicted, np.int32) for index in (k.RUN_GUESS, k.RUN_OUTLIVED)},
        k.RUN_FREE: np.arange(most - 1, -1, -1, dtype=np.int32),
        k.END_KEYS: np.zeros(blocks * k.BLOCK, np.int64),
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
        **{index: np.zeros(some, np.int32) for index in (k.NODE_FREE, k.NODE_COUNT, k.NODE_NEXT)},
        k.NODE_LAST: np.zeros(some, np.int64),
        k.NODE_JOBS: np.zeros(some * slots_per_node, np.int32),
        k.LEVEL_BITS: np.zeros(levels * words, np.uint64),
        k.LEVEL_ANY: np.zeros(levels * summary, np.uint64),
        k.HELD_BITS: np.zeros(words, np.uint64),
        **{index: np.zeros(levels, np.int32) for index in (k.LEVEL_COUNT, k.HELD_COUNT)},
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
