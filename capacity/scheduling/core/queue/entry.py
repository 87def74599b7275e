"""The only door into the compiled core: one function, one signature, compiled when it is declared."""

from typing import Any

import numba

from capacity.scheduling.core.machine.native import INTERPRETED, OPTIONS, IntArray, i64, u
from capacity.scheduling.core.machine.state import ADVANCE, OP, REACHED, SCALARS
from capacity.scheduling.core.queue.advance import advance
from capacity.scheduling.core.queue.failing import obey


def _core(table: IntArray) -> int:
    if i64(table, SCALARS)[u(OP)] == ADVANCE:
        return advance(table)
    obey(table)
    return REACHED


def declare(*, cache: bool) -> Any:  # noqa: ANN401 - a numba dispatcher, or the plain function
    """Compile the event loop, or take it from numba's file cache."""
    if INTERPRETED:
        return _core
    signature = numba.int64(numba.int64[::1])
    return numba.njit(signature, cache=cache, **OPTIONS)(_core)
