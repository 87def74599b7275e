"""The only door into the compiled site core: one function, one signature, compiled when it is declared."""

from typing import Any

import numba

from capacity.scheduling.core.machine import state as k
from capacity.scheduling.core.machine.native import INTERPRETED, OPTIONS, IntArray, i64, u
from capacity.scheduling.core.site.advance import advance
from capacity.scheduling.core.site.commands import obey
from capacity.scheduling.core.site.state import ADVANCE, OP, SCALARS


def _core(site: IntArray) -> int:
    if i64(site, SCALARS)[u(OP)] == ADVANCE:
        return advance(site)
    obey(site)
    return k.REACHED


def declare(*, cache: bool) -> Any:  # noqa: ANN401 - a numba dispatcher, or the plain function
    """Compile the event loop, or take it from numba's file cache."""
    if INTERPRETED:
        return _core
    signature = numba.int64(numba.int64[::1])
    return numba.njit(signature, cache=cache, **OPTIONS)(_core)
