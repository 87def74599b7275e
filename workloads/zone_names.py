"""Time zones by name or offset, as logs, models and options write them; light, for who only reads a name."""

import re
from datetime import timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from workloads.errors import LogError

_OFFSET = re.compile(r"([+-])(\d\d):?(\d\d)")


def zone_named(name: str) -> tzinfo | None:
    """Return the zone of that name or offset; None if nobody knows it.

    Examples
    --------
    >>> zone_named("+09:00"), zone_named("Mars/Phobos")
    (datetime.timezone(datetime.timedelta(seconds=32400)), None)
    """
    if match := _OFFSET.fullmatch(name):
        sign, hours, minutes = match.groups()
        offset = timedelta(hours=int(hours), minutes=int(minutes))
        if offset < timedelta(hours=24):
            return timezone(-offset if sign == "-" else offset)
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def zone_called(name: str) -> tzinfo:
    """Return a zone by its name or offset.

    Raises
    ------
    LogError
        There is no such zone.

    Examples
    --------
    >>> zone_called("Asia/Seoul").key, str(zone_called("-03:30"))
    ('Asia/Seoul', 'UTC-03:30')
    """
    zone = zone_named(name)
    if zone is None:
        what, fix = f"no time zone is called '{name}'", "as Asia/Seoul, UTC or +09:00"
        raise LogError.whole_file("", what, fix)
    return zone


def zone_name(zone: tzinfo | None) -> str:
    """Return what a zone is called, so that `zone_called` finds it again; empty for none.

    Examples
    --------
    >>> from datetime import UTC
    >>> zone_name(timezone(timedelta(hours=-3, minutes=-30))), zone_name(UTC)
    ('-03:30', 'UTC')
    """
    if zone is None or isinstance(zone, ZoneInfo):
        return "" if zone is None else zone.key
    seconds = int((zone.utcoffset(None) or timedelta()).total_seconds())
    if not seconds:
        return "UTC"
    hours, minutes = divmod(abs(seconds) // 60, 60)
    return f"{'-' if seconds < 0 else '+'}{hours:02d}:{minutes:02d}"
