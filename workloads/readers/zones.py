"""Time zones by the names that people and logs give them: ``Asia/Seoul``, ``UTC``, ``+09:00``."""

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from workloads.errors import LogError

_OFFSET = re.compile(r"([+-])(\d\d):?(\d\d)")


def zone_named(name: str) -> tzinfo | None:
    """Return the zone of that name; None if nobody knows it.

    Examples
    --------
    >>> zone_named("+09:00"), zone_named("Mars/Phobos")
    (datetime.timezone(datetime.timedelta(seconds=32400)), None)
    """
    if name == "UTC":
        return UTC
    offset = _OFFSET.fullmatch(name)
    if offset:
        minutes = int(offset[2]) * 60 + int(offset[3])
        away = timedelta(minutes=-minutes if offset[1] == "-" else minutes)
        return timezone(away) if minutes < 24 * 60 else None
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def zone_asked_for(name: str) -> tzinfo:
    """Return the zone that a user named.

    Raises
    ------
    LogError
        There is no such zone.
    """
    zone = zone_named(name)
    if zone is None:
        raise LogError.whole_file("", f"no such time zone: '{name}'", "as Asia/Seoul, UTC or +09:00")
    return zone


def name_of(zone: tzinfo) -> str:
    """Return the name that `zone_named` takes for a zone; one of a clock that is moved has that of today.

    Examples
    --------
    >>> name_of(timezone(timedelta(hours=-5)))
    '-05:00'
    """
    if isinstance(zone, ZoneInfo):
        return zone.key
    away = zone.utcoffset(datetime(2000, 1, 1)) or timedelta(0)
    seconds = int(away.total_seconds())
    if not seconds:
        return "UTC"
    return f"{'-' if seconds < 0 else '+'}{abs(seconds) // 3600:02d}:{abs(seconds) % 3600 // 60:02d}"
