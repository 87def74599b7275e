"""What a site's storage held in the past: a CSV of its own, or what Open XDMoD ingests.

Open XDMoD's storage input is a JSON array with one object for each user and file system on each day
(open.xdmod.org/10.5/storage.html); its `physical_usage` is summed by day and `resource`.
"""

import csv
import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any, Final

from capacity.errors import InputError, Problem, UnitError
from capacity.quantities.units import to_si

LONG_GAP_DAYS: Final = 45
"""Longer ones are said, unless readings are as rare as that; three times the usual distance is a gap."""
FEWEST: Final = 3
HEADER_FIX: Final = "the header says the unit: date,used_PB or date,used_TiB; a column 'tier' is optional"


@dataclass(frozen=True, slots=True)
class History:
    """What one tier, or all together, held.

    Attributes
    ----------
    name : str
        The tier or resource; empty if the file does not say.
    days, used_bytes : tuple of date, tuple of float
        Days, ascending, each once, and what was held on each. [B]
    warnings : tuple of str
        Gaps and decreases, which are data and yet odd.
    """

    name: str
    days: tuple[date, ...]
    used_bytes: tuple[float, ...]
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Reading:
    """One line of a file."""

    name: str
    day: date
    used_bytes: float
    where: str


def read_history(path: Path) -> list[History]:
    """Return what a file says of the past, by tier.

    Raises
    ------
    InputError
        It cannot be read, says no unit, has a day twice, or fewer than three days; with every place.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is no text in UTF-8"
        raise InputError(f"cannot read it: {reason}", where=str(path)) from None
    json_like = path.suffix.lower() == ".json" or text.lstrip()[:1] in ("[", "{")
    problems: list[Problem] = []
    readings = list((_from_xdmod if json_like else _from_csv)(text, str(path), problems))
    found = [*_by_name(readings, problems)]
    if not problems and not found:
        problems.append(Problem("there is no reading in it", str(path), HEADER_FIX))
    for history in found:
        if len(history.days) < FEWEST:
            what = f"{history.name or 'it'} has {len(history.days)} days; a trend needs {FEWEST} or more"
            problems.append(Problem(what, str(path)))
    if problems:
        raise InputError(problems)
    return found


def _from_csv(text: str, name: str, problems: list[Problem]) -> Iterator[_Reading]:
    rows = csv.reader(io.StringIO(text))
    try:
        header = [cell.strip() for cell in next(rows)]
    except StopIteration:
        return
    lower = [cell.lower() for cell in header]
    used = next((n for n, cell in enumerate(lower) if cell == "used" or cell.startswith("used_")), None)
    if "date" not in lower or used is None:
        problems.append(Problem(f"the columns are {', '.join(header)}", f"{name}:1:1", HEADER_FIX))
        return
    unit = header[used][len("used_") :]
    tier = lower.index("tier") if "tier" in lower else None
    for row in rows:
        if not any(cell.strip() for cell in row):
            continue
        where = f"{name}:{rows.line_num}"
        if len(row) != len(header):
            problems.append(Problem(f"{len(row)} cells, and the header has {len(header)}", f"{where}:1"))
            continue
        day = _day(row[lower.index("date")], f"{where}:{_column(row, lower.index('date'))}", problems)
        amount = _bytes(row[used].strip(), unit, f"{where}:{_column(row, used)}", problems)
        if day is not None and amount is not None:
            yield _Reading("" if tier is None else row[tier].strip(), day, amount, f"{where}:1")


def _column(row: Sequence[str], cell: int) -> int:
    """Return the column at which a cell begins, as if nothing were quoted."""
    return sum(len(text) + 1 for text in row[:cell]) + 1


def _day(text: str, where: str, problems: list[Problem]) -> date | None:
    try:
        return datetime.fromisoformat(text.strip()).date()
    except ValueError:
        problems.append(Problem(f"'{text.strip()}' is not a day", where, "write it as 2021-05-01"))
        return None


def _bytes(text: str, unit: str, where: str, problems: list[Problem]) -> float | None:
    """Read an amount; the unit of the header holds for plain numbers."""
    plain = text.replace(".", "", 1).replace("-", "").replace("+", "").replace("e", "").isdigit()
    if plain and not unit:
        problems.append(Problem(f"'{text}' of what: PB or PiB?", where, HEADER_FIX))
        return None
    try:
        found = to_si(f"{text} {'B' if unit.lower() == 'bytes' else unit}" if plain else text, "bytes")
    except UnitError as error:
        fix = error.problems[0].fix if getattr(error, "problems", ()) else "write 10.7 PB"
        problems.append(Problem(f"'{text}' is no amount of data", where, fix))
        return None
    if found < 0:
        problems.append(Problem(f"'{text}' is negative", where, "0 or more"))
        return None
    return found


def _from_xdmod(text: str, name: str, problems: list[Problem]) -> Iterator[_Reading]:
    try:
        raw = json.loads(text)
    except json.JSONDecodeError as error:
        problems.append(Problem(f"it is no JSON: {error.msg}", f"{name}:{error.lineno}:{error.colno}"))
        return
    records: list[Any] = raw if isinstance(raw, list) else [raw]
    sums: dict[tuple[str, date], float] = {}
    seen: set[tuple[str, ...]] = set()
    for number, record in enumerate(records):
        where = f"{name}: [{number}]"
        if not isinstance(record, dict) or not {"dt", "physical_usage"} <= record.keys():
            fix = "Open XDMoD has resource, mountpoint, user, pi, dt, file_count, physical_usage in bytes"
            problems.append(Problem("no 'dt' and 'physical_usage'", where, fix))
            continue
        day = _day(str(record["dt"]).replace("Z", ""), f"{where}.dt", problems)
        usage = record["physical_usage"]
        if isinstance(usage, bool) or not isinstance(usage, int | float) or not 0 <= usage < float("inf"):
            fix = "a whole number of bytes"
            problems.append(Problem(f"{usage!r} is no amount of data", f"{where}.physical_usage", fix))
            continue
        if day is None:
            continue
        who = tuple(str(record.get(key, "")) for key in ("resource", "mountpoint", "user", "pi"))
        if (*who, str(day)) in seen:
            what = f"user '{who[2]}' has {who[1] or who[0]} twice on {day}"
            problems.append(Problem(what, f"{where}.dt", "one reading a day"))
            continue
        seen.add((*who, str(day)))
        sums[who[0], day] = sums.get((who[0], day), 0.0) + float(usage)
    for (resource, day), total in sums.items():
        yield _Reading(resource, day, total, name)


def _by_name(readings: Sequence[_Reading], problems: list[Problem]) -> Iterator[History]:
    for name in dict.fromkeys(reading.name for reading in readings):
        first: dict[date, _Reading] = {}
        for reading in (r for r in readings if r.name == name):
            if reading.day in first:
                fix = f"the first is at {first[reading.day].where}; keep one of them"
                problems.append(Problem(f"{reading.day} is there twice", reading.where, fix))
            first.setdefault(reading.day, reading)
        days = tuple(sorted(first))
        used = tuple(first[day].used_bytes for day in days)
        yield History(name, days, used, tuple(_oddities(name, days, used)))


def _oddities(name: str, days: Sequence[date], used: Sequence[float]) -> Iterator[str]:
    whose = f"{name}: " if name else ""
    gaps = [(later - earlier).days for earlier, later in pairwise(days)]
    long = max(LONG_GAP_DAYS, 3 * median(gaps)) if gaps else 0
    for earlier, gap in zip(days, gaps, strict=False):
        if gap > long:
            yield f"{whose}no reading for {gap} days after {earlier}; the trend goes straight through"
    falls = [later for before, after, later in zip(used, used[1:], days[1:], strict=False) if after < before]
    if falls:
        yield f"{whose}less is held than before on {len(falls)} days, first on {falls[0]}; taken as it is"
