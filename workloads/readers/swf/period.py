"""The period of an SWF log as its header states it: when it is complete."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

import numpy as np
from numpy.typing import NDArray

from workloads.readers.swf.header import zone_of

KEY: Final = "Period"
"""Our own header field, beside those of the standard: from when until when, in seconds of the log."""
_SECONDS = re.compile(r"(-?\d{1,15})\.\.(-?\d{1,15})")
_WORDS = re.compile(r"[A-Z][a-z]{2} ([A-Z][a-z]{2}) +(\d{1,2}) (\d{2}:\d{2}:\d{2})(?: [A-Z]{2,5})? (\d{4})")


def period_of(
    header: Mapping[str, str], submit_s: NDArray[np.number], origin: datetime | None
) -> tuple[int, int] | None:
    """Return within which times a log is complete, since its origin, or None where it does not say [s].

    `StartTime` and `EndTime` of the standard are those of the log, not of what is complete in it: a cleaned
    log keeps them. They are taken where jobs were submitted before the one or after the other.
    """
    if match := _SECONDS.fullmatch(header.get(KEY, "").strip()):
        first, last = int(match[1]), int(match[2])
        return (first, last) if first < last else None
    begin, end = (_seconds(header, key, origin) for key in ("StartTime", "EndTime"))
    earliest, latest = int(submit_s.min()), int(submit_s.max())
    early = begin is not None and earliest < begin <= latest
    late = end is not None and earliest < end < latest
    if not early and not late:
        return None
    first = begin if early and begin is not None else earliest
    last = end if late and end is not None else latest + 1
    return (first, last) if first < last else None


def _seconds(header: Mapping[str, str], key: str, origin: datetime | None) -> int | None:
    """Return a time of the header, as ``Wed Jun 26 17:06:00 EDT 1996``, since the origin [s]."""
    match = _WORDS.match(header.get(key, "").strip())
    if match is None or origin is None:
        return None
    try:
        wall = datetime.strptime(" ".join(match.groups()), "%b %d %H:%M:%S %Y")
    except ValueError:
        return None
    zone = zone_of(header)[0] or UTC
    return int(wall.replace(tzinfo=zone).timestamp() - origin.timestamp())  # summer time may lie between
