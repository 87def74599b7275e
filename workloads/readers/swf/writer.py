"""Writes a JobTable as SWF 2.2; reading it back gives the same table."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow.csv import WriteOptions, write_csv

from workloads.jobtable import LINKS, STATES, UNKNOWN, JobTable, Tally
from workloads.readers.swf.reader import NAMED, STATUS
from workloads.readers.text import open_target

REPLACED = {"Version", "MaxJobs", "MaxRecords", "MaxProcs", "UnixStartTime", "TimeZone", "TimeZoneString"}
"""Header fields that are written from the table itself, not copied from the log it came from."""
WRITTEN = ((0, "failed"), (1, "completed"), (0, "timeout"), (0, "node_fail"))
"""How states are written that SWF has several numbers, or none, for."""
_CODES = {state: status for status, state in [*STATUS.items(), *WRITTEN]}


def write_swf(table: JobTable, target: str | Path | BinaryIO) -> None:
    """Write `table` to a file, gzipped when its name ends in ``.gz``, or to a binary stream."""
    with open_target(target) as stream:
        _write(table, stream)


def fit_swf(table: JobTable) -> tuple[JobTable, list[Tally]]:
    """Return the table as it is, and what of it SWF cannot hold."""
    lost = []
    for column in LINKS:
        linked = int((table.links(column.name) != UNKNOWN).sum())
        if linked:
            lost.append(Tally(f"{column.name}: SWF has no field for it", linked))
    codes, words = table.labels("state")
    for state in ("timeout", "node_fail"):
        count = int((codes == words.index(state)).sum()) if state in words else 0
        if count:
            lost.append(Tally(f"state {state}: written as failed", count))
    for name in NAMED:
        named = _numbered(*table.labels(name))[1]
        if named:
            lost.append(Tally(f"names of {name}: written as numbers, the names in header lines", len(named)))
    return table, lost


def _write(table: JobTable, stream: BinaryIO) -> None:
    numbered = {name: _numbered(*table.labels(name)) for name in NAMED}
    lines = [*_header(table), *(line for name in NAMED for line in _names(name, numbered[name][1]))]
    stream.write("".join(f"; {line}\n" for line in lines).encode())
    fields = _fields(table, {name: numbers for name, (numbers, _) in numbered.items()})
    write_csv(
        pa.table(fields), stream, WriteOptions(include_header=False, delimiter=" ", quoting_style="none")
    )


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
        yield from _clock(table.origin)


def _clock(origin: datetime) -> Iterator[str]:
    offset = origin.utcoffset()
    yield f"UnixStartTime: {int(origin.astimezone(UTC).timestamp())}"
    yield f"TimeZone: {int(offset.total_seconds()) if offset else 0}"
    if isinstance(origin.tzinfo, ZoneInfo):
        yield f"TimeZoneString: {origin.tzinfo.key}"


def _numbered(codes: NDArray[np.integer], words: Sequence[str]) -> tuple[NDArray[np.int64], dict[int, str]]:
    """Return a number per row, and the names of the numbers that are not their own name."""
    own = all(word == "" or (word.isdecimal() and str(int(word)) == word) for word in words)
    numbers = [UNKNOWN if not word else int(word) if own else place for place, word in enumerate(words, 1)]
    names = {} if own else {number: word for number, word in zip(numbers, words, strict=True) if word}
    return np.array(numbers, dtype=np.int64)[codes], names


def _names(column: str, names: dict[int, str]) -> Iterator[str]:
    yield from (f"{NAMED[column]}: {number} {' '.join(name.split())}" for number, name in names.items())


def _fields(table: JobTable, numbered: dict[str, NDArray[np.int64]]) -> dict[str, NDArray[np.integer]]:
    """Return the 18 fields of every job, in order."""
    unknown = np.full(len(table), UNKNOWN, dtype=np.int8)
    states, words = table.labels("state")
    status = np.array([_CODES.get(word, UNKNOWN) for word in words or STATES], dtype=np.int8)[states]
    columns = {
        1: table.numbers("job_id"),
        2: table.numbers("submit_s"),
        3: table.numbers("wait_s"),
        4: table.numbers("run_s"),
        5: table.numbers("allocated_slots"),
        8: table.numbers("slots"),
        9: table.numbers("requested_s"),
        11: status,
        12: numbered["user"],
        13: numbered["tenant"],
        15: numbered["job_class"],
        16: numbered["pool"],
    }
    return {str(field): columns.get(field, unknown) for field in range(1, 19)}
