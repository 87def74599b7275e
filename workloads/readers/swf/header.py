"""The header of an SWF file: ``; Key: value`` comment lines, before and between the jobs."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from workloads.readers.text import decode

_FIELD = re.compile(r"^;\s?([A-Za-z]\w*):(.*)$")
_NUMBERED = re.compile(r"^(\d+)\s+(\S.*)$")
_INTEGER = re.compile(r"[-+]?\d+")
_FARTHEST_S = 200 * 366 * 86400  # a start outside 1770..2170 is a typing error, not a date


def parse_header(comments: Sequence[bytes]) -> dict[str, str]:
    r"""Return the header fields; a field given twice, or continued, holds several lines.

    Examples
    --------
    >>> parse_header([b"; MaxProcs: 128", b"; Queue:  1 express", b"; Queue:  2 high"])
    {'MaxProcs': '128', 'Queue': '1 express\n2 high'}
    """
    fields: dict[str, list[str]] = {}
    last = ""
    for comment in comments:
        text = decode(comment).rstrip()
        match = _FIELD.match(text)
        if match:
            last = match[1]
            fields.setdefault(last, []).append(match[2].strip())
        elif last and text.lstrip("; \t"):
            fields[last].append(text.lstrip("; \t"))
    return {key: "\n".join(lines) for key, lines in fields.items()}


def machine_size(header: Mapping[str, str]) -> int | None:
    """Return the processors of the machine, from MaxProcs, else MaxNodes; None when neither says."""
    for key in ("MaxProcs", "MaxNodes"):
        match = _INTEGER.match(header.get(key, ""))
        if match and int(match[0]) > 0:
            return int(match[0])
    return None


def start_of(header: Mapping[str, str]) -> datetime | None:
    """Return the instant at which the log's clock is 0, in the log's time zone; None when not given."""
    match = _INTEGER.fullmatch(header.get("UnixStartTime", ""))
    if match is None or not 0 <= int(match[0]) < _FARTHEST_S:
        return None
    return datetime.fromtimestamp(int(match[0]), tz=_zone(header))


def _zone(header: Mapping[str, str]) -> tzinfo:
    name = header.get("TimeZoneString", "")
    try:
        if name:
            return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        pass
    match = _INTEGER.fullmatch(header.get("TimeZone", ""))
    if match and abs(int(match[0])) < 86400:
        return timezone(timedelta(seconds=int(match[0])))
    return UTC


def names_of(header: Mapping[str, str], key: str) -> dict[int, str]:
    """Return the names the header gives to numbers, as in ``; Queue: 3 normal``."""
    matches = (_NUMBERED.match(line) for line in header.get(key, "").split("\n"))
    return {int(match[1]): match[2].strip() for match in matches if match}
