"""What conservative backfilling adds to a pool: its rules as numbers, its arrays, and how they grow."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from capacity.registry import CONSERVATIVE
from capacity.scheduling.core.conservative import state as p
from capacity.scheduling.core.machine import state as k
from capacity.scheduling.pools.allocation import Arrays
from capacity.scheduling.rules import Rules


def _step_blocks(arrays: Sequence[npt.NDArray[Any]], scalars: npt.NDArray[np.int64]) -> int:
    """Blocks that hold the profile at its longest.

    It has two steps for each reservation and one for each running job and delivery, and any two neighbours
    have more than half a block of steps, except beside the first.
    """
    steps = len(arrays[k.HEAP]) + 2 * int(scalars[k.QUEUE_SIZE]) + len(arrays[k.PLAN_TIME]) + 4
    return steps // (p.STEPS // 4) + 8


def set_up(arrays: Sequence[npt.NDArray[Any]], scalars: npt.NDArray[np.int64], rules: Rules) -> Arrays:
    """Arrays of the core at the start: nobody holds a reservation, and the deliveries are in the profile.

    They go by what the pool has already, `arrays` and `scalars`; the core's own scalars are written here.
    """
    scalars[p.REPLAN] = CONSERVATIVE[rules.conservative].number
    blocks = _step_blocks(arrays, scalars)
    now, free = int(scalars[k.NOW]), int(scalars[k.FREE])
    steps = {now: free}
    for time, slots in zip(arrays[k.PLAN_TIME].tolist(), arrays[k.PLAN_SLOTS].tolist(), strict=True):
        free += slots
        steps[max(time, now)] = free
    jobs = len(arrays[k.SUBMIT])
    found = _steps_in_blocks(list(steps.items()), blocks)
    scalars[p.STEP_BLOCKS] = np.count_nonzero(found[p.STEP_COUNT])
    return {
        **found,
        p.RESERVED: np.full(jobs, -1, np.int64),
        p.DUE: np.zeros(int(scalars[k.QUEUE_SIZE]), np.int32),
        p.DUE_PLACE: np.zeros(jobs, np.int32),
    }


def _steps_in_blocks(steps: list[tuple[int, int]], blocks: int) -> dict[int, npt.NDArray[np.int64]]:
    """Put steps, of which each has more free slots than the one before, into blocks half full."""
    half = p.STEPS // 2
    blocks = max(blocks, -(-len(steps) // half) + 8)
    time, free = np.zeros((2, blocks, p.STEPS), np.int64)
    count, least, most = np.zeros((3, blocks), np.int64)
    for block, first in enumerate(range(0, len(steps), half)):
        part = steps[first : first + half]
        count[block] = len(part)
        time[block, : len(part)], free[block, : len(part)] = zip(*part, strict=True)
        least[block], most[block] = part[0][1], part[-1][1]
    return {
        p.STEP_TIME: time.reshape(-1),
        p.STEP_FREE: free.reshape(-1),
        p.STEP_COUNT: count,
        p.STEP_LEAST: least,
        p.STEP_MOST: most,
        p.STEP_ADD: np.zeros(blocks, np.int64),
        p.STEP_ORDER: np.arange(blocks),
    }


def enlarged(arrays: Sequence[npt.NDArray[Any]], scalars: npt.NDArray[np.int64]) -> Arrays:
    """Arrays of the core that depend on QUEUE_SIZE, which is a new one, larger, with what was in them."""
    blocks = _step_blocks(arrays, scalars)
    more = max(0, blocks - len(arrays[p.STEP_COUNT]))
    lengths = {
        **dict.fromkeys((p.STEP_TIME, p.STEP_FREE), more * p.STEPS),
        **dict.fromkeys((p.STEP_COUNT, p.STEP_LEAST, p.STEP_MOST, p.STEP_ADD), more),
        p.DUE: max(0, int(scalars[k.QUEUE_SIZE]) - len(arrays[p.DUE])),
    }
    found = {index: np.pad(arrays[index], (0, length)) for index, length in lengths.items()}
    old = arrays[p.STEP_ORDER]
    found[p.STEP_ORDER] = np.concatenate([old, np.arange(len(old), len(old) + more)])
    return found
