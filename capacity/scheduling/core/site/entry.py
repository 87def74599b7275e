"""The only door into the compiled site core: one function, one signature."""

from capacity.scheduling.core.machine import state as k
from capacity.scheduling.core.machine.native import IntArray, i64, u
from capacity.scheduling.core.site.advance import advance
from capacity.scheduling.core.site.commands import obey
from capacity.scheduling.core.site.state import ADVANCE, OP, SCALARS


def core(site: IntArray) -> int:
    """Let time pass, or carry out the command in OP. Returns REACHED or what the core needs first."""
    if i64(site, SCALARS)[u(OP)] == ADVANCE:
        return advance(site)
    obey(site)
    return k.REACHED
