"""The arrays of ``core/queue/classes.py``, made anew from those who wait when searches have become long."""

from typing import Any

import numpy as np
import numpy.typing as npt

from capacity.scheduling.core.machine import state as k


def bounds(need: npt.NDArray[Any]) -> npt.NDArray[np.int32]:
    """Return the largest need in each class but the last, for the needs of those who wait."""
    found: npt.NDArray[np.int32] = np.quantile(
        need, np.arange(1, k.CLASSES) / k.CLASSES, method="lower"
    ).astype(np.int32)
    return found


def build(tree: npt.NDArray[np.int32], limits: npt.NDArray[np.int32]) -> npt.NDArray[np.int32]:
    """Return the least request [s] up to each class, and the least need in it, below every node of a tree.

    Parameters
    ----------
    tree : ndarray of int32, shape (4 * size,)
        Need and requested time [s] of each node, interleaved.
    limits : ndarray of int32, shape (CLASSES - 1,)
        What `bounds` gave.

    Returns
    -------
    ndarray of int32, shape (2 * size * 2 * CLASSES,)
    """
    pairs = tree.reshape(-1, 2)
    size = len(pairs) // 2
    need, requested = pairs[size:, :1], pairs[size:, 1:]
    own, numbers = np.searchsorted(limits, need), np.arange(k.CLASSES)
    found = np.empty((2 * size, 2 * k.CLASSES), np.int32)
    found[size:, : k.CLASSES] = np.where(own <= numbers, requested, k.NO_NEED)
    found[size:, k.CLASSES :] = np.where(own == numbers, need, k.NO_NEED)
    level = size
    while level > 1:
        found[level // 2 : level] = found[level : 2 * level].reshape(-1, 2, 2 * k.CLASSES).min(axis=1)
        level //= 2
    return found.reshape(-1)
