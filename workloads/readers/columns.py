"""Loose columns, as CSV and Parquet files have them, to a JobTable; what is known about it, to plain data."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workloads.errors import LogError, LogProblem
from workloads.jobtable import COLUMNS, OPTIONAL, STATES, UNKNOWN, JobTable, Tally, label_column, table_from
from workloads.readers.checks import early_submissions, raise_to_unknown, repeated_ids

LARGEST = {"int64": 2**53, "int32": 2**31, "float64": 2.0**1000}
MOST_PROBLEMS = 20
ATTEMPTS = ("job_id", "start_s", "run_s", "slots")
ZONE_FROM = ("", "option", "log", "assumed")
NAMES = tuple(column.name for column in COLUMNS)
FRACTIONS = frozenset(column.name for column in OPTIONAL if column.dtype == "float64")
KNOWN = (*NAMES, *(column.name for column in OPTIONAL))


def table_from_loose(
    loose: Mapping[str, "pd.Series[Any]"],
    about: Mapping[str, Any],
    path: str,
    *,
    first_line: int,
    lenient: bool,
) -> JobTable:
    """Return the JobTable in columns of any type.

    Parameters
    ----------
    loose : mapping of str to Series
        What the file holds, by column name.
    about : mapping
        What `about_of` gave when the table was written; may be empty.
    path : str
        Name of the file, for messages.
    first_line : int
        Line of the file in which the first row stands.
    lenient : bool
        Leave out rows with a bad number, and keep repeated ids, instead of failing; both are counted.

    Raises
    ------
    LogError
        A required column is missing, there is no row, or (unless `lenient`) a number is bad.
    """
    missing = [column.name for column in COLUMNS if column.required and column.name not in loose]
    if missing:
        fix = f"a job table has the columns {', '.join(NAMES)}; any other: --column submit=NAME …"
        raise LogError.whole_file(path, f"column {', '.join(missing)} is missing", fix)
    if not len(loose["job_id"]):
        raise LogError.whole_file(path, "no job in this table")
    columns, bad, rounded = _numbers(loose)
    dropped = _drop_bad(bad, path, first_line, lenient=lenient)
    good = ~np.logical_or.reduce([*bad.values()])
    columns = {name: _typed(name, values[good]) for name, values in columns.items()}
    remarks = repeated_ids(columns["job_id"], path, lenient=lenient)
    raise_to_unknown(columns, remarks)
    early_submissions(columns, remarks)
    changed = {name: int(np.count_nonzero(rows & good)) for name, rows in rounded.items()}
    remarks += [Tally(f"{name} rounded to whole numbers", count) for name, count in changed.items() if count]
    remarks += [Tally(f"column {name} is left out", len(good)) for name in loose if name not in KNOWN]
    words = {
        column.name: _labels(loose[column.name][good], column.name, remarks)
        for column in (*COLUMNS, *OPTIONAL)
        if column.dtype == "category" and column.name in loose
    }
    known = _known(about, path)
    known["dropped"] = (*known["dropped"], *dropped)
    known["remarks"] = (*known["remarks"], *remarks)
    return table_from({**columns, **words}, source=path, **known)


def _numbers(
    loose: Mapping[str, "pd.Series[Any]"],
) -> tuple[dict[str, NDArray[np.float64]], dict[str, NDArray[np.bool_]], dict[str, NDArray[np.bool_]]]:
    """Return the numeric columns, rounded, which rows of each no job can have, and which rounding changed."""
    values: dict[str, NDArray[np.float64]] = {}
    bad: dict[str, NDArray[np.bool_]] = {}
    rounded: dict[str, NDArray[np.bool_]] = {}
    for column in (*COLUMNS, *OPTIONAL):
        if column.dtype == "category" or column.name not in loose:
            continue
        raw = loose[column.name]
        number = pd.to_numeric(raw, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
        blank = raw.isna().to_numpy() & (not column.required)
        whole = number if column.dtype == "float64" else np.floor(number + 0.5)
        rounded[column.name] = (whole != number) & ~np.isnan(number)
        number = np.where(blank, UNKNOWN, whole)
        values[column.name] = number
        bad[column.name] = ~(np.abs(number) < LARGEST[column.dtype])
    return values, bad, rounded


def _typed(name: str, values: NDArray[np.float64]) -> NDArray[Any]:
    return values if name in FRACTIONS else values.astype(np.int64)


def _drop_bad(
    bad: Mapping[str, NDArray[np.bool_]], path: str, first_line: int, *, lenient: bool
) -> tuple[Tally, ...]:
    """Return the bad rows counted, or raise them as errors unless `lenient` (and some row is good)."""
    any_bad = np.logical_or.reduce([*bad.values()])
    rows = np.flatnonzero(any_bad)
    if not len(rows):
        return ()
    if lenient and len(rows) < len(any_bad):
        return (Tally("malformed row", len(rows), tuple(f"line {first_line + row}" for row in rows[:3])),)
    problems = [
        LogProblem(path, int(first_line + row), None, f"{name} is not a whole number in range")
        for row in rows[:MOST_PROBLEMS]
        for name in bad
        if bad[name][row]
    ]
    raise LogError(problems, more=max(len(rows) - MOST_PROBLEMS, 0))


def _labels(raw: "pd.Series[Any]", name: str, remarks: list[Tally]) -> pd.Categorical:
    column = raw.astype("category")
    words, codes = [*map(str, column.cat.categories)], column.cat.codes.to_numpy()
    if (codes < 0).any():
        words.append("")  # the last word is the one that code -1 stands for
    unique, place = np.unique(np.array(words, dtype=object), return_inverse=True)
    codes = place[codes]
    if name != "state":
        return label_column(codes, [*unique])
    known = np.array([STATES.index(word) if word in STATES else UNKNOWN for word in unique])[codes]
    strange = np.flatnonzero((known == UNKNOWN) & (unique != "")[codes])
    if len(strange):
        examples = tuple(unique[np.unique(codes[strange])][:3])
        remarks.append(Tally("state is no word we know: taken as unknown", len(strange), examples))
    return label_column(np.maximum(known, 0), STATES)


def about_of(table: JobTable) -> dict[str, Any]:
    """Return what is known about a table beyond its rows, as plain data for JSON."""
    zone = table.origin.tzinfo if table.origin else None
    return {
        "origin": table.origin.isoformat() if table.origin else None,
        "timezone": zone.key if isinstance(zone, ZoneInfo) else None,
        "zone": table.zone,
        "zone_from": table.zone_from,
        "period_s": None if table.period_s is None else [int(end) for end in table.period_s],
        "max_slots": table.max_slots,
        "header": dict(table.header),
        "dropped": [asdict(tally) for tally in table.dropped],
        "remarks": [asdict(tally) for tally in table.remarks],
        "attempts": _plain(table.attempts),
    }


def _plain(attempts: pd.DataFrame | None) -> dict[str, list[int]] | None:
    return None if attempts is None else {name: attempts[name].tolist() for name in ATTEMPTS}


def _known(about: Mapping[str, Any], path: str) -> dict[str, Any]:
    """Return the fields of a JobTable from what `about_of` wrote."""
    try:
        origin = datetime.fromisoformat(about["origin"]) if about.get("origin") else None
        if origin and about.get("timezone"):
            origin = origin.astimezone(ZoneInfo(about["timezone"]))
        size, period = about.get("max_slots"), about.get("period_s")
        return {
            "origin": origin,
            "zone": str(about.get("zone") or ""),
            "zone_from": _one_of(ZONE_FROM, about.get("zone_from") or ""),
            "period_s": None if period is None else (int(period[0]), int(period[1])),
            "max_slots": None if size is None else int(size),
            "header": {str(key): str(value) for key, value in dict(about.get("header") or {}).items()},
            "dropped": _tallies(about.get("dropped")),
            "remarks": _tallies(about.get("remarks")),
            "attempts": _attempts(about.get("attempts")),
        }
    except (IndexError, KeyError, TypeError, ValueError, OSError) as error:
        raise LogError.whole_file(path, f"what the file says about itself makes no sense: {error}") from None


def _tallies(plain: Any) -> tuple[Tally, ...]:  # noqa: ANN401 - from a file
    return tuple(
        Tally(str(t["reason"]), int(t["count"]), tuple(map(str, t["examples"])), float(t.get("slot_s") or 0))
        for t in plain or ()
    )


def _one_of(words: tuple[str, ...], word: Any) -> str:  # noqa: ANN401 - from a file
    if word not in words:
        raise ValueError(f"{word!r} is none of {', '.join(words)}")
    return str(word)


def _attempts(plain: Any) -> pd.DataFrame | None:  # noqa: ANN401 - from a file
    if plain is None:
        return None
    columns = {name: np.array(plain[name], np.int64) for name in ATTEMPTS}
    if len({len(column) for column in columns.values()}) > 1:
        raise ValueError("attempts have columns of different length")
    return pd.DataFrame(columns)
