"""The only door into the compiled core: one function, one signature."""

from capacity.scheduling.core.machine.native import IntArray, i64, u
from capacity.scheduling.core.machine.state import ADVANCE, OP, REACHED, SCALARS
from capacity.scheduling.core.queue.advance import advance
from capacity.scheduling.core.queue.failing import obey


def core(table: IntArray) -> int:
    """Let time pass, or carry out the command in OP. Returns REACHED or what the core needs first."""
    if i64(table, SCALARS)[u(OP)] == ADVANCE:
        return advance(table)
    obey(table)
    return REACHED
