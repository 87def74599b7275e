"""The header of an SWF file: ``; Key: value`` comment lines, before and between the jobs."""

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta, timezone, tzinfo

from workloads.readers.text import decode
from workloads.zone_names import zone_named

KEYS = (
    "Version", "Computer", "Installation", "Acknowledge", "Information", "Conversion", "MaxJobs",
    "MaxRecords", "Preemption", "UnixStartTime", "TimeZone", "TimeZoneString", "StartTime", "EndTime",
    "MaxNodes", "MaxProcs", "MaxRuntime", "MaxMemory", "AllowOveruse", "MaxQueues", "Queues", "Queue",
    "MaxPartitions", "Partitions", "Partition", "Note", "User", "Group",
)  # fmt: skip
"""What the standard names, and User and Group, which logs name likewise."""
_STANDARD = {key.lower(): key for key in KEYS}
_FIELD = re.compile(r"^;+(\s*)([A-Za-z]\w*)\s*:(.*)$")
_NUMBERED = re.compile(r"^(\d+)\s+(\S.*)$")
_COUNT = re.compile(r"(\d{1,3}(?:,\d{3})+|\d+)(?:\s*(?:[(;]|$)|\s+[^\d\s])")
_OFFSET_S = re.compile(r"[-+]?\d+")
FARTHEST_S = 200 * 366 * 86400
"""A start later than this, after 1970, is a typing error, not a date. [s]"""
MOST_HOURS = 14
"""No clock is further from UTC, so that a smaller number is in hours. [h]"""


def parse_header(comments: Sequence[bytes]) -> dict[str, str]:
    r"""Return the header fields; a field given twice, or continued, holds several lines.

    A line that is set in by more than a blank continues the one before, unless it begins with a key of the
    standard.

    Examples
    --------
    >>> parse_header([b"; MaxProcs: 128", b"; Queue:  1 express", b"; Queue:  2 high"])
    {'MaxProcs': '128', 'Queue': '1 express\n2 high'}
    >>> parse_header([b"  ;   maxprocs : 128"])
    {'MaxProcs': '128'}
    """
    fields: dict[str, list[str]] = {}
    last = ""
    for comment in comments:
        text = decode(comment).strip()
        match = _FIELD.match(text)
        key = _STANDARD.get(match[2].lower(), match[2]) if match else ""
        if match and (len(match[1]) <= 1 or key in KEYS):
            last = key
            fields.setdefault(last, []).append(match[3].strip())
        elif last and text.lstrip("; \t"):
            fields[last].append(text.lstrip("; \t"))
    return {key: "\n".join(lines) for key, lines in fields.items()}


def machine_size(header: Mapping[str, str]) -> tuple[int | None, str]:
    """Return the processors of the machine, from MaxProcs, else MaxNodes, and what is wrong with them.

    Examples
    --------
    >>> machine_size({"MaxProcs": "1,152 (of 2,304)"}), machine_size({"MaxProcs": "11,52"})
    ((1152, ''), (None, "MaxProcs is '11,52', no whole number"))
    """
    for key in ("MaxProcs", "MaxNodes"):
        text = header.get(key, "").partition("\n")[0]
        number, wrong = _count(text)
        if wrong:
            return None, f"{key} is {text[:24]!r}, no whole number"
        if number:
            return number, ""
    return None, ""


def _count(text: str) -> tuple[int | None, bool]:
    """Return a count as people write it, None for none, and whether it is one that cannot be read."""
    match = _COUNT.match(text)
    if match and len(match[1]) <= 15:
        return int(match[1].replace(",", "")), False
    return None, any(letter.isdigit() for letter in text) and not text.startswith("-")


def start_of(header: Mapping[str, str]) -> tuple[int | None, str]:
    """Return the Unix time at which the log's clock is 0, None where not given; and what is wrong with it."""
    text = header.get("UnixStartTime", "")
    number, _ = _count(text)
    if number is not None and number < FARTHEST_S:
        return number, ""
    return None, "UnixStartTime is no date: left out" if text else ""


def zone_of(header: Mapping[str, str]) -> tuple[tzinfo | None, str]:
    """Return the zone of the log's clock, None where not given, and what of it cannot be understood."""
    name, offset = header.get("TimeZoneString", ""), header.get("TimeZone", "")
    zone = zone_named(name)
    if zone is not None:
        return zone, ""
    strange = f"TimeZoneString is no zone that is known: {name[:24]}" if name else ""
    if (zone := zone_named(offset)) is not None:
        return zone, strange
    match = _OFFSET_S.fullmatch(offset)
    if match and len(match[0]) <= 6 and abs(int(match[0])) < 86400:
        number = int(match[0])
        hours = 0 < abs(number) <= MOST_HOURS
        return timezone(timedelta(seconds=number * 3600 if hours else number)), strange
    return None, strange or ("TimeZone is no offset in seconds: left out" if offset else "")


def names_of(header: Mapping[str, str], key: str) -> dict[int, str]:
    """Return the names the header gives to numbers, as in ``; Queue: 3 normal``."""
    matches = (_NUMBERED.match(line) for line in header.get(key, "").split("\n"))
    return {int(match[1]): match[2].strip() for match in matches if match}
