"""Jobs of a pool that are put aside when they are submitted: who they are, and their way into the queue.

The compiled core only passes over them. Marking them and putting many into the queue at once is vector work
on its arrays between two steps of the clock.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from capacity.scheduling.core.machine import state as k
from capacity.scheduling.pools.allocation import Arrays, class_tree, fill_up

Column = npt.NDArray[np.integer]


def mark(arrays: Sequence[npt.NDArray[Any]], scalars: npt.NDArray[np.int64], jobs: Column) -> Arrays:
    """Mark those of `jobs` that are not yet submitted; return the array of marks the first time."""
    made: dict[int, npt.NDArray[Any]] = {}
    jobs = jobs[jobs >= scalars[k.CURSOR]]
    if not scalars[k.PARKS] and len(jobs):
        scalars[k.PARKS] = 1
        made[k.PARKED] = np.zeros(int(scalars[k.N_JOBS]), np.int32)
    if len(jobs):
        made.get(k.PARKED, arrays[k.PARKED])[jobs] = 1
    return made


def unmark(arrays: Sequence[npt.NDArray[Any]], scalars: npt.NDArray[np.int64], jobs: Column) -> Column:
    """Take the marks off; return those of `jobs` that were put aside already, in ascending order."""
    if not scalars[k.PARKS]:
        return jobs[:0]
    marks = arrays[k.PARKED]
    marked = np.unique(jobs[marks[jobs] != 0])
    marks[marked] = 0
    submitted: Column = marked[marked < scalars[k.CURSOR]]
    return submitted


def aside(arrays: Sequence[npt.NDArray[Any]], scalars: npt.NDArray[np.int64]) -> Column:
    """Jobs that are put aside now, in ascending order."""
    if not scalars[k.PARKS]:
        return np.zeros(0, np.int64)
    return np.flatnonzero(arrays[k.PARKED][: int(scalars[k.CURSOR])])


def into_queue(arrays: Sequence[npt.NDArray[Any]], scalars: npt.NDArray[np.int64], jobs: Column) -> Arrays:
    """Let jobs join the queue, each at its place among those who wait; return the arrays that are new.

    The queue has room: fewer than half of its positions will be in use.
    """
    waiting = arrays[k.QUEUE_JOB][: int(scalars[k.QUEUE_TAIL])]
    both = np.concatenate([waiting[waiting >= 0], jobs.astype(np.int32)])
    count = len(both)
    if scalars[k.ORDER_KIND] == k.IN_ORDER_OF_SUBMIT:
        both.sort()
    else:
        both = both[np.lexsort((both, arrays[k.KEY][both]))]
        arrays[k.QUEUE_KEY][:count] = arrays[k.KEY][both]
    arrays[k.QUEUE_JOB][:count] = both
    arrays[k.QUEUE_JOB][count:] = -1
    size = int(scalars[k.QUEUE_SIZE])
    tree = arrays[k.QUEUE_TREE].reshape(2 * size, 2)
    tree[size:] = k.NO_NEED
    tree[size : size + count, 0] = arrays[k.NEED][both]
    tree[size : size + count, 1] = arrays[k.REQUESTED][both]
    fill_up(tree)
    scalars[k.QUEUE_HEAD], scalars[k.QUEUE_TAIL] = 0, count
    scalars[k.QUEUE_LENGTH] = count
    scalars[k.QUEUED_SLOTS] += int(arrays[k.NEED][jobs].sum(dtype=np.int64))
    scalars[k.DIRTY], scalars[k.SHADOW_VALID] = 1, 0
    if not scalars[k.GUARD]:
        return {}
    return {k.CLASS_TREE: class_tree(arrays[k.QUEUE_TREE], arrays[k.CLASS_BOUND])}
