"""Writes a JobTable as SWF 2.2; reading it back gives the same table."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow.csv import WriteOptions, write_csv

from workloads.jobtable import COLUMNS, NO_LIMIT_S, OPTIONAL, STATES, UNKNOWN, JobTable, Tally
from workloads.readers.swf.columns import LABELS, NAMED, NUMBERS, STATUS
from workloads.readers.swf.columns import OPTIONAL as FIELDS
from workloads.readers.swf.lines import STATUS as STATUS_FIELD
from workloads.readers.swf.period import KEY
from workloads.readers.text import open_target
from workloads.zone_names import zone_named

BLOCK_ROWS = 1_000_000
AFTER_OK, AFTER_ENDED, ASKED = "afterok_id", "afterany_id", "requested_s"
REPLACED = {
    "Version", "MaxJobs", "MaxRecords", "MaxProcs", "UnixStartTime", "TimeZone", "TimeZoneString", KEY,
}  # fmt: skip
"""Header fields that are written from the table itself, not copied from the log it came from."""
WRITTEN = ((0, "failed"), (1, "completed"), (0, "timeout"), (0, "node_fail"))
"""How states are written that SWF has several numbers, or none, for."""
_CODES = {state: status for status, state in [*STATUS.items(), *WRITTEN]}


def write_swf(table: JobTable, target: str | Path | BinaryIO) -> None:
    """Write `table` to a file, gzipped when its name ends in ``.gz``, or to a binary stream."""
    with open_target(target) as stream:
        _write(table, stream)


def fit_swf(table: JobTable) -> tuple[JobTable, list[Tally]]:
    """Return the table as far as SWF can hold it, and what of it is lost."""
    frame = table.frame
    lost = [*_without_field(table)]
    if AFTER_OK in frame:
        ended, completed = table.links(AFTER_ENDED), table.links(AFTER_OK)
        told, both = completed != UNKNOWN, (ended != UNKNOWN) & (completed != UNKNOWN)
        lost += [Tally("afterok_id: written as the preceding job, however that ended", int(told.sum()))]
        if both.any():
            lost += [Tally("waits for two other jobs: only one of them is written", int(both.sum()))]
        frame = frame.assign(**{AFTER_ENDED: _preceding(table)})
    free = int((table.numbers(ASKED) == NO_LIMIT_S).sum())
    if free:
        lost += [Tally("no time limit: written as a request that is not known", free)]
        frame = frame.assign(**{ASKED: _requested(table)})
    codes, words = table.labels("state")
    for state in ("timeout", "node_fail"):
        count = int((codes == words.index(state)).sum()) if state in words else 0
        if count:
            lost.append(Tally(f"state {state}: written as failed", count))
    for name in NAMED:
        named = _numbered(*table.labels(name))[1]
        if named:
            lost.append(Tally(f"names of {name}: written as numbers, the names in header lines", len(named)))
    names = [column.name for column in (*COLUMNS, *OPTIONAL) if column.name in frame]
    kept = [name for name in names if name in FIELDS or name not in {column.name for column in OPTIONAL}]
    if kept != [*frame.columns]:
        frame = frame[kept]
    return replace(table, frame=frame, attempts=None), lost


def _without_field(table: JobTable) -> Iterator[Tally]:
    for column in OPTIONAL:
        if column.name in table.frame and column.name not in (*FIELDS, AFTER_OK):
            told = int(_told(table, column.name).sum())
            if told:
                yield Tally(f"{column.name}: SWF has no field for it", told)
    if table.attempts is not None and len(table.attempts):
        yield Tally("attempts: SWF has no field for it", len(table.attempts))


def _told(table: JobTable, name: str) -> NDArray[np.bool_]:
    """Return for which jobs an optional column says something."""
    if table.frame[name].dtype != "category":
        return np.asarray(table.numbers(name) != UNKNOWN)
    codes, words = table.labels(name)
    return np.asarray(np.array([bool(word) for word in words], np.bool_)[codes])


def _preceding(table: JobTable) -> NDArray[np.int64]:
    ended, completed = table.links(AFTER_ENDED), table.links(AFTER_OK)
    return np.where(ended != UNKNOWN, ended, completed).astype(np.int64)


def _requested(table: JobTable) -> NDArray[np.int64]:
    """Return requested times as other programs understand them: no limit is no number of seconds."""
    asked = table.numbers(ASKED)
    return np.where(asked == NO_LIMIT_S, UNKNOWN, asked)


def _write(table: JobTable, stream: BinaryIO) -> None:
    numbered = {name: _numbered(*table.labels(name)) for name in NAMED}
    lines = [*_header(table), *(line for name in NAMED for line in _names(name, numbered[name][1]))]
    stream.write("".join(f"; {line}\n" for line in lines).encode())
    fields = _fields(table, {name: numbers for name, (numbers, _) in numbered.items()})
    options = WriteOptions(include_header=False, delimiter=" ", quoting_style="none")
    for start in range(0, len(table), BLOCK_ROWS):  # a table of arrow is a copy of what is not contiguous
        block = {name: column[start : start + BLOCK_ROWS] for name, column in fields.items()}
        write_csv(pa.table(block), stream, options)


def _header(table: JobTable) -> Iterator[str]:
    yield "Version: 2.2"
    for key, value in table.header.items():
        if key not in REPLACED and key not in NAMED.values():
            yield from (f"{key}: {line}" for line in value.split("\n"))
    yield f"MaxJobs: {len(table)}"
    yield f"MaxRecords: {len(table)}"
    if table.max_slots is not None:
        yield f"MaxProcs: {table.max_slots}"
    if table.origin is not None:
        yield f"UnixStartTime: {int(table.origin.astimezone(UTC).timestamp())}"
    yield from _zone(table)
    if table.period_s is not None:
        yield "{}: {}..{}".format(KEY, *table.period_s)


def _zone(table: JobTable) -> Iterator[str]:
    """Yield the zone of the clock, unless it was only supposed."""
    zone = zone_named(table.zone) or (table.origin.tzinfo if table.origin else None)
    if zone is None or table.zone_from == "assumed":
        return
    offset = (table.origin or datetime(2000, 1, 1, tzinfo=UTC)).astimezone(zone).utcoffset()
    yield f"TimeZone: {int(offset.total_seconds()) if offset else 0}"
    if isinstance(zone, ZoneInfo):
        yield f"TimeZoneString: {zone.key}"


def _numbered(codes: NDArray[np.integer], words: Sequence[str]) -> tuple[NDArray[np.integer], dict[int, str]]:
    """Return a number per row, and the names of the numbers that are not their own name."""
    own = all(word == "" or (word.isdecimal() and str(int(word)) == word) for word in words)
    numbers = [UNKNOWN if not word else int(word) if own else place for place, word in enumerate(words, 1)]
    names = {} if own else {number: word for number, word in zip(numbers, words, strict=True) if word}
    largest = np.min_scalar_type(-max(map(abs, numbers), default=1) - 1)
    return np.array(numbers, dtype=largest)[codes], names


def _names(column: str, names: dict[int, str]) -> Iterator[str]:
    yield from (f"{NAMED[column]}: {number} {' '.join(name.split())}" for number, name in names.items())


def _fields(table: JobTable, numbered: Mapping[str, NDArray[np.integer]]) -> dict[str, NDArray[np.number]]:
    """Return the 18 fields of every job, in order."""
    unknown = np.broadcast_to(np.int8(UNKNOWN), len(table))
    states, words = table.labels("state")
    status = np.array([_CODES.get(word, UNKNOWN) for word in words or STATES], dtype=np.int8)[states]
    columns = {position: table.numbers(name) for name, position in NUMBERS.items()}
    columns |= {position: table.numbers(name) for name, position in FIELDS.items() if name in table.frame}
    columns[NUMBERS[ASKED]] = _requested(table)
    columns |= {position: numbered[name] for name, position in LABELS.items()}
    columns[STATUS_FIELD] = status
    if AFTER_OK in table.frame:
        columns[FIELDS[AFTER_ENDED]] = _preceding(table)
    return {str(field): columns.get(field, unknown) for field in range(18)}
