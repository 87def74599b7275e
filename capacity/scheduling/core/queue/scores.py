"""Keys of the orders that change while jobs wait; a larger score is a smaller key, which goes first.

WFP3 and UNICEF are the utility functions of Tang, Lan, Desai and Buettner, "Fault-aware, utility-based job
scheduling on Blue Gene/P systems", CLUSTER 2009, https://doi.org/10.1109/CLUSTR.2009.5289206; expansion is
the factor by which waiting has stretched the job. Every core that knows such an order calls this one.
"""

import math

from capacity.scheduling.core.machine.native import IntArray, f64, i32, i64, int64, kernel, u
from capacity.scheduling.core.machine.state import (BACKFILL_KEY, BACKFILL_ORDER, CHANGING, KEY, LIMIT, NOW,
    ORDER_KIND, SCALARS, SLOTS, SUBMIT, UNICEF, WFP3)  # fmt: skip


@kernel
def score_key(kind: int, wait: int, requested: int, slots: int) -> float:
    """Key of a job after `wait` seconds in the queue.

    Parameters
    ----------
    kind : int
        WFP3, UNICEF or EXPANSION of `state`.
    wait, requested : int
        Time since its submission, and the time it asks for, at least 1. [s]
    slots : int
        Slots it asks for.

    Returns
    -------
    float
        WFP3: -(wait / requested)³ · slots; UNICEF: -wait / (log₂(max(slots, 2)) · requested);
        EXPANSION: -(wait + requested) / requested.
    """
    if kind == WFP3:
        share = wait / requested
        return -(share * share * share) * slots
    if kind == UNICEF:
        return -wait / (math.log2(max(slots, 2)) * requested)
    return -(wait + requested) / requested


@kernel
def key_at(table: IntArray, kind: int, job: int, time: int) -> float:
    """Key of a waiting job by a changing order; one that came after `time` has that of its submission."""
    wait = max(int64(0), time - i64(table, SUBMIT)[u(job)])
    return score_key(kind, wait, int64(i32(table, LIMIT)[u(job)]), int64(i32(table, SLOTS)[u(job)]))


@kernel
def first_keys(table: IntArray, job: int) -> None:
    """Give a newcomer its keys."""
    scalars = i64(table, SCALARS)
    if scalars[u(ORDER_KIND)] >= CHANGING:
        f64(table, KEY)[u(job)] = key_at(table, scalars[u(ORDER_KIND)], job, scalars[u(NOW)])
    if scalars[u(BACKFILL_ORDER)] >= CHANGING:
        f64(table, BACKFILL_KEY)[u(job)] = key_at(table, scalars[u(BACKFILL_ORDER)], job, scalars[u(NOW)])
