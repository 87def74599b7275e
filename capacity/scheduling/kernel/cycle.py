"""Passes on a grid: when the next one is due, and whether it is due now.

A pass needs a reason: an end, an arrival or a change of the machine since the last one, or an order that
changes while jobs wait. In the second case only those passes are made that can differ from the one before:
where keys are due, or everywhere when time alone may let a job start.
"""

from capacity.scheduling.kernel.native import IntArray, i64, kernel, u
from capacity.scheduling.kernel.state import (
    CYCLE,
    EVERY_POINT,
    FOREVER,
    NOW,
    PASSED_AT,
    PENDING,
    QUEUE_LENGTH,
    REKEY_AT,
    SCALARS,
)


@kernel
def next_pass(table: IntArray) -> int:
    """When the next pass is due as things are now [s]."""
    scalars = i64(table, SCALARS)
    every = scalars[u(CYCLE)]
    if every == 0:
        return FOREVER
    time = scalars[u(NOW)]
    if scalars[u(PENDING)] == 0:
        if scalars[u(REKEY_AT)] == FOREVER or scalars[u(QUEUE_LENGTH)] == 0:
            return FOREVER
        time = max(time, scalars[u(PASSED_AT)] + 1)
        if scalars[u(EVERY_POINT)] == 0:
            time = max(time, scalars[u(REKEY_AT)])
    return (time + every - 1) // every * every


@kernel
def due(table: IntArray) -> bool:
    """Whether a pass is due at this instant."""
    return next_pass(table) == i64(table, SCALARS)[u(NOW)]
