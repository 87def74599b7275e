"""Reads any table of jobs: the user says which column is which, and in what unit.

    capacity workload describe t.csv --column submit=submitted:ms --column run=duration --column slots=gpus

A time is a date, with or without a zone, or a number: seconds unless its column names a unit, since 1970
where that is so large, else since a beginning of the log's own.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, tzinfo

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workloads.jobtable import STATES, UNKNOWN, JobTable, Tally
from workloads.readers.any_table.mapping import CLOCK, LABELS, SPANS, TIMES, UNITS, NamedColumn, mapped
from workloads.readers.any_table.sources import read_columns
from workloads.readers.delimited.layout import MISSING_TIME
from workloads.readers.delimited.reader import Delimited
from workloads.readers.instants import LATEST_S as _LATEST_S
from workloads.readers.instants import local_to_utc
from workloads.readers.sacct.states import ENDED
from workloads.readers.sacct.words import by_word, seconds
from workloads.readers.schedulers.records import JobNames, Records, table_of
from workloads.readers.text import Source
from workloads.zone_names import zone_called

_UNIX_FROM_S = 1_000_000_000
"""A first submission beyond this is Unix time: no log begins 30 years after its own beginning. [s]"""
_WORDS = ENDED | {
    "PASS": "completed", "SUCCESS": "completed", "SUCCEEDED": "completed", "DONE": "completed",
    "FINISHED": "completed", "TERMINATED": "completed", "FAIL": "failed", "ERROR": "failed",
    "KILLED": "cancelled", "CANCELED": "cancelled", "STOPPED": "cancelled",
}  # fmt: skip


def read_table(
    source: Source, *, columns: Mapping[str, str], lenient: bool = False, zone: str | None = None
) -> JobTable:
    """Return the jobs of a table.

    Parameters
    ----------
    source : str, Path or binary file
        CSV, TSV or the like with a header row, JSON lines, a list in JSON, or Parquet.
    columns : mapping of str to str
        What each column is, as ``{"submit": "submit_time:ms", "run": "duration", "slots": "num_gpu"}``.
    lenient : bool
        Leave out malformed rows instead of failing; they are counted.
    zone : str, optional
        That of dates that name none.

    Raises
    ------
    LogError
        The file cannot be read, has not these columns, holds no job, or (unless `lenient`) has a malformed
        row.
    """
    wanted = mapped(columns)
    log, word = read_columns(source, wanted, lenient=lenient)
    clock = zone_called(zone) if zone else UTC
    times: dict[str, NDArray[np.int64]] = {
        part: _instants(log, wanted[part], clock) for part in TIMES if part in wanted
    }
    spans: dict[str, NDArray[np.int64]] = {
        part: _spans(log, wanted[part]) for part in SPANS if part in wanted
    }
    records = _records(log, word, wanted, times, spans)
    submit = records.submit[records.submit != MISSING_TIME]
    own_clock = not len(submit) or int(submit.min()) < _UNIX_FROM_S
    if own_clock:  # moved so far that no time is one of before 1970
        for name in TIMES:
            given = getattr(records, name)
            setattr(records, name, np.where(given == MISSING_TIME, MISSING_TIME, given + _UNIX_FROM_S))
    table = table_of(records, slots="cpus")
    if "start" not in wanted and "wait" not in wanted:
        table = replace(table, frame=table.frame.assign(wait_s=np.full(len(table), UNKNOWN, np.int64)))
    if own_clock:
        return _from_its_own_beginning(table)
    naive = bool(log.without_zone & {wanted[part].name for part in times})
    return replace(table, zone=zone or "UTC", zone_from="option" if zone else "assumed") if naive else table


def _instants(log: Delimited, column: NamedColumn, clock: tzinfo) -> NDArray[np.int64]:
    """Return a column of times [s]; dates that name no zone are those of `clock`."""
    values = log.numbers(column.name)
    if column.unit:
        with np.errstate(invalid="ignore"):
            whole = np.floor(np.nan_to_num(values) * UNITS[column.unit])
        return np.where(np.isnan(values) | (np.abs(whole) > _LATEST_S), MISSING_TIME, whole.astype(np.int64))
    known = values != MISSING_TIME
    if column.name in log.without_zone and clock is not UTC:
        values = values.copy()
        values[known], _ = local_to_utc(values[known], clock)
    return values


def _spans(log: Delimited, column: NamedColumn) -> NDArray[np.int64]:
    """Return a column of durations [s]; -1 for none."""
    if column.unit == CLOCK:
        return np.maximum(
            by_word(log.labels(column.name), _of_clock([*log.labels(column.name).categories])), -1
        )
    values = np.nan_to_num(log.numbers(column.name) * UNITS[column.unit or "s"], nan=UNKNOWN)
    good = (values >= 0) & (values < _LATEST_S)
    return np.where(good, np.floor(np.where(good, values, 0) + 0.5), UNKNOWN).astype(np.int64)


def _of_clock(words: list[str]) -> NDArray[np.int64]:
    return seconds(words) if words else np.zeros(0, np.int64)


def _records(
    log: Delimited,
    word: str,
    wanted: Mapping[str, NamedColumn],
    times: Mapping[str, NDArray[np.int64]],
    spans: Mapping[str, NDArray[np.int64]],
) -> Records:
    none = np.full(len(log), MISSING_TIME)
    submit = times["submit"]
    start, end = times.get("start", none), times.get("end", none)
    wait, run = (spans.get(name, np.full(len(log), UNKNOWN)) for name in ("wait", "run"))
    start = np.where((start == MISSING_TIME) & (submit != MISSING_TIME), submit + np.maximum(wait, 0), start)
    if "start" in times:
        start = np.where((times["start"] == MISSING_TIME) & (wait < 0), MISSING_TIME, start)
    if "run" in spans:
        end = np.where((run >= 0) & (start != MISSING_TIME), start + np.maximum(run, 0), MISSING_TIME)
    numbers = {"requested_s": spans["requested"]} if "requested" in spans else {}
    if "nodes" in wanted:
        numbers["nodes"] = np.nan_to_num(log.numbers(wanted["nodes"].name), nan=UNKNOWN).astype(np.int64)
    labels = {part: log.labels(wanted[part].name) for part in LABELS if part in wanted}
    remarks: list[Tally] = [*log.remarks]
    fate = np.full(len(log), STATES.index("unknown"), np.int8)
    if "state" in labels:
        fate = _fates(labels.pop("state"), remarks)
    if "id" in wanted:
        jobs = JobNames.named([name or f"row {place}" for name, place in _names(log, wanted["id"])])
    else:
        jobs = JobNames.numbered(np.arange(1, len(log) + 1), np.zeros(len(log), np.int64), "")
    slots = np.nan_to_num(log.numbers(wanted["slots"].name), nan=0.0)
    return Records(
        log.path, word, log.lines, jobs, submit, times.get("eligible", none), start, end,
        processors=slots, gpus=np.zeros(len(log)), fate=fate, optional=numbers, labels=labels,
        dropped=[*log.dropped], remarks=remarks,
    )  # fmt: skip


def _names(log: Delimited, column: NamedColumn) -> list[tuple[str, int]]:
    return [*zip(log.texts(column.name).to_pylist(), log.lines.tolist(), strict=True)]


def _fates(column: pd.Categorical, remarks: list[Tally]) -> NDArray[np.int8]:
    """Return the states that words mean; one that we do not know is unknown, and told."""
    spellings = [str(word).upper() for word in column.categories]
    codes = [STATES.index(_WORDS.get(word, "unknown")) for word in spellings]
    strange = np.array(
        [bool(word) and word not in _WORDS and word != "UNKNOWN" for word in spellings], np.bool_
    )
    if codes and (count := int(strange[column.codes].sum())):
        examples = tuple(np.array(spellings)[strange][:3])
        remarks.append(Tally("state is no word we know: taken as unknown", count, examples))
    return by_word(column, np.array(codes, np.int8))


def _from_its_own_beginning(table: JobTable) -> JobTable:
    """Return times as they stand in a log whose clock began at some second of its own."""
    assert table.origin is not None
    back = int(table.origin.timestamp()) - _UNIX_FROM_S
    moved = {name: table.frame[name] + back for name in ("submit_s", "eligible_s") if name in table.frame}
    attempts = table.attempts
    if attempts is not None:
        attempts = attempts.assign(start_s=attempts["start_s"] + back)
    frame = table.frame.assign(**moved)
    return replace(table, frame=frame, attempts=attempts, origin=None, zone="", zone_from="")
