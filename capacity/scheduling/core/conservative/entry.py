"""The only door into the core for conservative backfilling: one function, compiled when it is declared."""

from typing import Any

import numba

from capacity.scheduling.core.conservative.advance import advance
from capacity.scheduling.core.machine.native import INTERPRETED, OPTIONS, IntArray


def _core(table: IntArray) -> int:
    return advance(table)


def declare(*, cache: bool) -> Any:  # noqa: ANN401 - a numba dispatcher, or the plain function
    """Compile the event loop, or take it from numba's file cache."""
    if INTERPRETED:
        return _core
    signature = numba.int64(numba.int64[::1])
    return numba.njit(signature, cache=cache, **OPTIONS)(_core)
