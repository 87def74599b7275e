"""The times of an export of ``sacct`` as instants: it prints the wall clock of who ran it, without a zone."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, tzinfo
from typing import Literal
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from workloads.errors import LogError
from workloads.jobtable import Tally
from workloads.readers.delimited.reader import MISSING_TIME, Delimited
from workloads.readers.instants import local_to_utc
from workloads.zone_names import zone_called

TIMES = ("submit", "eligible", "start", "end")


@dataclass(frozen=True, slots=True)
class Instants:
    """The times of a log, and whose clock they were read from.

    Attributes
    ----------
    seconds : mapping of str to array of int64
        Instants since 1970 by name of the column; `MISSING_TIME` where there is none. [s]
    zone, zone_from : str
        As in a JobTable.
    tz : tzinfo
        The zone, UTC where nobody said.
    remarks : tuple of Tally
        What had to be assumed.
    """

    seconds: Mapping[str, NDArray[np.int64]]
    zone: str
    zone_from: Literal["", "option", "log", "assumed"]
    tz: tzinfo
    remarks: tuple[Tally, ...]


def clock_of(log: Delimited, zone: str | None) -> Instants:
    """Return the times of a log; those that state no zone are of `zone`, or of UTC.

    Raises
    ------
    LogError
        There is no such zone, or some times of a column state theirs and others do not.
    """
    seconds = {name: log.numbers(name) for name in TIMES if name in log}
    naive = [name for name in seconds if name in log.without_zone]
    if zone is None:
        if not naive:
            return Instants(seconds, "", "", UTC, ())
        assumed = Tally("times without a zone: taken as UTC", len(log))
        return Instants(seconds, "UTC", "assumed", UTC, (assumed,))
    tz = zone_called(zone)
    mixed = [name for name in naive if name in log.with_zone]
    if mixed:
        both = f"column {', '.join(mixed)} holds times with and without a zone"
        raise LogError.whole_file(log.path, both, "export all of them in one way")
    unclear = 0
    for name in naive:
        known = seconds[name] != MISSING_TIME
        shifted = seconds[name].copy()
        shifted[known], more = _instants(seconds[name][known], tz)
        seconds[name] = shifted
        unclear += more
    what = "time that the clock showed twice, or jumped over, in its change to or from summer time"
    return Instants(seconds, zone, "option", tz, (Tally(what, unclear),) if unclear else ())


def _instants(wall: NDArray[np.int64], tz: tzinfo) -> tuple[NDArray[np.int64], int]:
    """Return instants of wall-clock times that were read as UTC, and how many are unclear."""
    if isinstance(tz, ZoneInfo):
        return local_to_utc(wall, tz)
    east = tz.utcoffset(None)
    assert east is not None
    return wall - int(east.total_seconds()), 0
