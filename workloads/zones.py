"""By whose clock a log tells the time: the zone of a table, and what its clock on the wall shows."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workloads.jobtable import JobTable
from workloads.zone_names import zone_called, zone_name


def zone_of(table: JobTable) -> str:
    """Return the zone of the clock of a table: the one it states, else that of its origin; empty for none."""
    if table.zone or table.origin is None:
        return table.zone
    return zone_name(table.origin.tzinfo)


def in_zone(table: JobTable, name: str) -> JobTable:
    """Return the same instants by the clock of a zone that somebody asked for."""
    zone = zone_called(name)
    origin = table.origin.astimezone(zone) if table.origin is not None else None
    return replace(table, origin=origin, zone=name, zone_from="option")


def wall_seconds(times_s: NDArray[Any], table: JobTable) -> NDArray[np.int64]:
    """Return what the clock of a table shows at times since its origin, as seconds since 1970 [s].

    Summer time is in it: an hour of the wall may come twice, or not at all. The origin must be known.
    """
    assert table.origin is not None
    start = int((table.origin if table.origin.tzinfo else table.origin.replace(tzinfo=UTC)).timestamp())
    moments = (times_s.astype(np.int64) + start).astype("datetime64[s]")
    name = zone_of(table)
    if not name:
        return moments.astype(np.int64)
    local = pd.DatetimeIndex(moments, tz="UTC").tz_convert(zone_called(name)).tz_localize(None)
    seconds: NDArray[np.int64] = local.to_numpy().astype("datetime64[s]").astype(np.int64)
    return seconds


def moment(time_s: float, table: JobTable) -> datetime | None:
    """Return when a time since the origin was, by the clock of the table; None where nobody knows."""
    if table.origin is None:
        return None
    zone = zone_called(zone_of(table) or "UTC")
    try:
        zero = table.origin if table.origin.tzinfo else table.origin.replace(tzinfo=UTC)
        return (zero.astimezone(UTC) + timedelta(seconds=int(time_s))).astimezone(zone)
    except (OverflowError, ValueError):
        return None
