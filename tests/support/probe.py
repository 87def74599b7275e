"""Single kernel functions called on a pool's arrays: compiled for the tests, plain where numba is off."""

from functools import lru_cache

import numba

from capacity.scheduling.core.machine import nodes
from capacity.scheduling.core.machine.native import INTERPRETED, OPTIONS
from capacity.scheduling.core.queue import queue, reservation

SEARCH, TIME_OF_RELEASE, RELEASED_BY, CHOOSE = range(4)


def _probe(table, what, a, b, c, d):
    if what == SEARCH:
        return queue.search(table, a, b, c, d)
    if what == TIME_OF_RELEASE:
        return reservation.time_of_release(table, a)
    if what == RELEASED_BY:
        return reservation.released_by(table, a)
    return nodes.choose(table, a, b != 0)


@lru_cache
def probe():
    """``(table, what, a, b, c, d) -> int64``."""
    if INTERPRETED:
        return _probe
    signature = numba.int64(numba.int64[::1], *[numba.int64] * 5)
    return numba.njit(signature, **OPTIONS)(_probe)
