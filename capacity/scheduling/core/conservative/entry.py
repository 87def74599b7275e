"""The only door into the core for conservative backfilling: one function."""

from capacity.scheduling.core.conservative.advance import advance
from capacity.scheduling.core.machine.native import IntArray


def core(table: IntArray) -> int:
    """Let time pass, up to UNTIL. Returns REACHED or what the core needs first."""
    return advance(table)
