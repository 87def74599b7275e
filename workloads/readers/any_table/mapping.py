"""Which column of a table holds what, as ``submit=submit_time:ms``: the words for it, and the units."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final

from workloads.errors import LogError

TIMES: Final = ("submit", "eligible", "start", "end")
SPANS: Final = ("run", "wait", "requested")
COUNTS: Final = ("slots", "nodes")
LABELS: Final = ("pool", "tenant", "user", "job_class", "state", "qos")
PARTS: Final = ("id", *TIMES, *SPANS, *COUNTS, *LABELS)
"""What a column can be."""
UNITS: Final = {"s": 1.0, "ms": 1e-3, "us": 1e-6, "min": 60.0, "h": 3600.0, "d": 86400.0}
"""Seconds in each unit of time."""
CLOCK: Final = "hms"
"""Unit of durations written as ``days-hours:minutes:seconds``."""


@dataclass(frozen=True, slots=True)
class NamedColumn:
    """A column of the file: its name there, and its unit, empty where none was given."""

    name: str
    unit: str = ""


def mapped(pairs: Mapping[str, str]) -> dict[str, NamedColumn]:
    """Return columns by what they hold.

    Parameters
    ----------
    pairs : mapping of str to str
        One of `PARTS` to a column, with its unit behind a colon: seconds without one, or dates.

    Raises
    ------
    LogError
        There is no such part or unit, or the parts are not enough to know jobs by.

    Examples
    --------
    >>> mapped({"submit": "submit_time:ms", "run": "duration", "slots": "num_gpu"})["submit"]
    NamedColumn(name='submit_time', unit='ms')
    """
    for part in pairs:
        if part not in PARTS:
            raise LogError.whole_file("", f"a job has no '{part}'", near(part, PARTS))
    columns = {part: _column(part, text) for part, text in pairs.items()}
    missing = [part for part in ("submit", "slots") if part not in columns]
    if "run" not in columns and not {"start", "end"} <= set(columns):
        missing.append("run, or start and end")
    if missing:
        what = f"no column is named for {', '.join(missing)}"
        raise LogError.whole_file("", what, "as --column submit=submit_time:ms")
    return columns


def near(name: str, known: Sequence[str]) -> str:
    """Return which name was probably meant, else which there are."""
    close = get_close_matches(name.lower(), [*map(str.lower, known)], n=1)
    right = [one for one in known if close and one.lower() == close[0]]
    return f"did you mean '{right[0]}'?" if right else f"allowed: {', '.join(known)}"


def _column(part: str, text: str) -> NamedColumn:
    name, colon, unit = text.rpartition(":")
    allowed = (*UNITS, *((CLOCK,) if part in SPANS else ())) if part in (*TIMES, *SPANS) else ()
    if not colon or (unit not in allowed and (not unit.isalpha() or len(unit) > len(CLOCK) or not allowed)):
        name, unit = text, ""
    elif unit not in allowed:
        raise LogError.whole_file("", f"{part}={text}: there is no unit '{unit}'", near(unit, allowed))
    if not name:
        raise LogError.whole_file(
            "", f"{part}={text}: no column is named", "as --column submit=submit_time:ms"
        )
    return NamedColumn(name, unit)
