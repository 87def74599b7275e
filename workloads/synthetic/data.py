"""How much data demand leaves behind without a job: what comes in, and what people have in their homes."""

import numpy as np
from numpy.typing import NDArray

from workloads.synthetic.calendar import EPOCH, Clock, Ramp

Floats = NDArray[np.float64]


def ingest_bytes(
    sources: Ramp,
    bytes_per_source_s: float,
    brought_bytes: float,
    clock: Clock,
    *,
    times: float | Floats = 1.0,
) -> Floats:
    """Return what has come in by each edge of the clock's hours, shape ``(n_hours + 1,)``.

    What came in before the horizon begins is not counted; what was brought along at the start is.

    Parameters
    ----------
    sources : Ramp
        How many sources there are.
    bytes_per_source_s : float
        What is stored of what each produces. [B/s]
    brought_bytes : float
        Stored at once on the first day of the sources. [B]
    clock : Clock
        The hours.
    times : float or array, shape (n_hours,)
        So many times as many sources, hour by hour.
    """
    there = sources.at(clock.days) * times
    arrived = np.concatenate(([0.0], np.cumsum(there * bytes_per_source_s * np.diff(clock.edges_s))))
    first = (sources.points[0][0] - EPOCH).days
    begun = np.concatenate(([False], clock.days >= first))  # it comes within the first hour of that day
    return arrived + brought_bytes * begun


def holding_bytes(
    members: Floats, bytes_per_member: float, bytes_per_member_s: float, clock: Clock
) -> Floats:
    """Return what people have put into their homes by each edge of the hours, shape ``(n_hours + 1,)``.

    Those who are there when the horizon begins bring theirs along in its first hour. What members who leave
    have put there stays.

    Parameters
    ----------
    members : array of float, shape (n_hours,)
        How many there are in each hour.
    bytes_per_member : float
        What each brings along on joining. [B]
    bytes_per_member_s : float
        What each adds as time goes by. [B/s]
    clock : Clock
        The hours.
    """
    most = np.maximum.accumulate(members)
    added = np.cumsum(members * np.diff(clock.edges_s)) * bytes_per_member_s
    return np.concatenate(([0.0], most * bytes_per_member + added))
