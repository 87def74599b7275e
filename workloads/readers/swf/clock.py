"""The clock of an SWF log: which instant second 0 is, and in which zone its hours are told."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workloads.jobtable import Tally
from workloads.readers.swf.header import start_of, zone_of
from workloads.zone_names import zone_called, zone_name

UNIX_FROM_S = 10**9
"""A log whose submissions are mostly later, 31 years after its second 0, counts from 1970. [s]"""
BESIDE_S = 366 * 86400
"""If it also names a start, its first submission is that close to it. [s]"""


def clock_of(
    header: Mapping[str, str], submit_s: NDArray[np.number], asked: str | None
) -> tuple[dict[str, Any], list[Tally]]:
    """Return the fields `origin`, `zone` and `zone_from` of a JobTable, and what had to be supposed.

    Parameters
    ----------
    header : mapping
        Header fields of the log.
    submit_s : array of int, shape (n_jobs,)
        Submissions as they stand in the log. [s]
    asked : str or None
        The zone that the user names; it goes before that of the log.

    Raises
    ------
    LogError
        There is no such zone.
    """
    start, wrong = start_of(header)
    count, remarks = len(submit_s), []
    if _is_unix(submit_s, start):
        if start is None:
            remarks.append(Tally("submissions are Unix time: second 0 is 1970-01-01", count))
        elif start:
            what = "submissions are Unix time: second 0 is 1970-01-01, UnixStartTime is left out"
            remarks.append(Tally(what, count))
        start, wrong = 0, ""
    zone, strange = zone_of(header)
    if asked:
        zone, strange = zone_called(asked), ""
    remarks += [Tally(what, count) for what in (wrong, strange) if what]
    where = zone or UTC
    about = {
        "origin": None if start is None else datetime.fromtimestamp(start, tz=where),
        "zone": "" if zone is None and start is None else zone_name(where),
        "zone_from": "option" if asked else "log" if zone else "" if start is None else "assumed",
    }
    return about, remarks


def _is_unix(submit_s: NDArray[np.number], start: int | None) -> bool:
    """Whether submissions are Unix time, although the log says otherwise or nothing."""
    if float(np.median(submit_s)) < UNIX_FROM_S:
        return False
    return not start or abs(int(submit_s[submit_s >= 0].min()) - start) <= BESIDE_S
