"""Reads the Philly trace of Microsoft (2017) as published: the JSON file ``cluster_job_log``.

A list of jobs, each with the attempts to run it. A job holds GPUs while an attempt runs, so its run time is
that of all attempts together, and its size that of its largest attempt. The wait is that for the first
attempt. Times are wall-clock times without a zone. JSON has no rows, so this one file is read entry by entry.

References
----------
M. Jeon et al., "Analysis of Large-Scale Multi-Tenant GPU Clusters for DNN Training Workloads", USENIX
ATC '19; layout: README of msr-fiddle/philly-traces.
"""

import gc
import json
import re
from datetime import tzinfo
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from workloads.errors import LogError, LogProblem
from workloads.jobtable import STATES, JobTable, label_column
from workloads.readers.delimited.reader import MISSING_TIME, Delimited
from workloads.readers.gpu.head import MISSING
from workloads.readers.gpu.rows import Rows, ids, slots_of, states
from workloads.readers.gpu.times import right_clock, since_month, spans, told
from workloads.readers.instants import LATEST_S, local_to_utc, seconds_of
from workloads.readers.text import BYTE_ORDER_MARK, Source, decode, open_log
from workloads.zone_names import zone_called, zone_name

STATES_OF_PHILLY = {"PASS": "completed", "KILLED": "cancelled", "FAILED": "failed"}
_BEGIN = re.compile(rb'\s*\[\s*\{[^\[]*"(jobid|attempts|submitted_time|vc)"\s*:')
_NONE = frozenset(("", *MISSING))

Attempt = tuple[int, str, str, int]
"""Number of its job, start, end, GPUs."""


def read_philly_json(source: Source, *, lenient: bool = False, zone: str | None = None) -> JobTable:
    """Return the jobs of a Philly ``cluster_job_log``, plain or gzipped.

    Parameters
    ----------
    source : str, Path or binary file
        The log.
    lenient : bool
        Leave out malformed entries, and keep repeated ids, instead of failing; both are counted.
    zone : str, optional
        Time zone of its wall clock; without it, UTC.

    Raises
    ------
    LogError
        The file cannot be read, is no such list, holds no GPU job, or (unless `lenient`) has a malformed
        entry or a repeated id.
    """
    with open_log(source) as (stream, path):
        entries = _entries(stream.read().removeprefix(BYTE_ORDER_MARK), path)
    clock = zone_called(zone) if zone else None
    attempts = [attempt for number, entry in enumerate(entries) for attempt in _attempts(number, entry)]
    log = Delimited(path, {}, np.arange(1, len(entries) + 1, dtype=np.int64), frozenset(), (), ())
    rows = Rows(log, lenient=lenient, word="entry")
    rows.refuse("not a job of a Philly log", np.array([not _is_job(entry) for entry in entries], np.bool_))
    labels = {"tenant": "vc", "user": "user", "state": "status"}
    columns: dict[str, Any] = {
        name: _labels([_word(entry, key) for entry in entries]) for name, key in labels.items()
    }
    columns["state"] = states(rows, columns["state"], STATES_OF_PHILLY)
    words = [_word(entry, "submitted_time") for entry in entries]
    submit = _seconds(rows, "submitted_time", words, clock=clock)
    columns |= _held(rows, attempts, submit, columns["state"], clock)
    right_clock(rows, submit)
    submit_s, origin = since_month(rows, submit, clock)
    where = "UTC, for want of better" if clock is None else zone_name(clock)
    rows.remark(f"times without a zone: taken as {where}", rows.keep.copy())
    names = pa.chunked_array([pa.array([_word(entry, "jobid") for entry in entries], pa.string())])
    return rows.table(
        {**columns, "submit_s": submit_s, "job_id": ids(rows, names)}, origin=origin, **told(clock)
    )


def looks_like_philly_json(head: bytes) -> bool:
    """Return whether the first bytes of a file are those of a ``cluster_job_log``."""
    return bool(_BEGIN.match(head))


def _entries(raw: bytes, path: str) -> list[Any]:
    collecting = gc.isenabled()
    gc.disable()  # the collector would look through all that is there again and again, in vain
    try:
        entries = json.loads(decode(raw))
    except json.JSONDecodeError as error:
        raise LogError([LogProblem(path, error.lineno, error.colno, f"not JSON: {error.msg}")]) from None
    except (RecursionError, ValueError) as error:
        raise LogError.whole_file(path, f"not JSON that can be read: {error}") from None
    finally:
        if collecting:
            gc.enable()
    if not isinstance(entries, list) or not entries:
        raise LogError.whole_file(path, "no job in this log", "a Philly log is a list of jobs in JSON")
    return entries


def _is_job(entry: Any) -> bool:  # noqa: ANN401 - from a file
    if not isinstance(entry, dict) or not isinstance(entry.get("attempts"), list):
        return False
    return all(_is_attempt(attempt) for attempt in entry["attempts"])


def _is_attempt(attempt: Any) -> bool:  # noqa: ANN401 - from a file
    detail = attempt.get("detail") if isinstance(attempt, dict) else None
    return isinstance(detail, list) and all(
        isinstance(node, dict) and isinstance(node.get("gpus"), list) for node in detail
    )


def _word(entry: Any, key: str) -> str:  # noqa: ANN401 - from a file
    value = entry.get(key) if isinstance(entry, dict) else None
    if isinstance(value, str) and value not in _NONE:
        return value if value.isascii() else value.encode(errors="replace").decode()
    return str(value) if isinstance(value, int) else ""


def _attempts(number: int, entry: Any) -> list[Attempt]:  # noqa: ANN401 - from a file
    if not _is_job(entry):
        return []
    return [
        (number, _word(a, "start_time"), _word(a, "end_time"), sum(len(node["gpus"]) for node in a["detail"]))
        for a in entry["attempts"]
    ]


def _seconds(
    rows: Rows,
    name: str,
    words: list[str],
    of: NDArray[np.int64] | None = None,
    clock: tzinfo | None = None,
) -> NDArray[np.int64]:
    """Return instants of words, `MISSING_TIME` for none; entries with a word that is no time are refused."""
    if not words:
        return np.empty(0, np.int64)
    texts = np.array(words, dtype=object)
    seconds, good, _, _ = seconds_of(pa.chunked_array([pa.array(texts, pa.string())]))
    good &= (seconds >= 0) & (seconds <= LATEST_S)
    wrong = np.zeros(len(rows.keep), np.bool_)
    bad = np.flatnonzero(~good & (texts != ""))
    wrong[bad if of is None else of[bad]] = True
    rows.refuse(f"{name} is not a time between 1970 and 2200", wrong)
    if clock is not None and good.any():
        seconds[good], _ = local_to_utc(seconds[good], clock)
    return np.where(good, seconds, MISSING_TIME)


def _held(
    rows: Rows,
    attempts: list[Attempt],
    submit: NDArray[np.int64],
    state: pd.Categorical,
    clock: tzinfo | None,
) -> dict[str, Any]:
    """Return slots, run time and wait of each entry."""
    count = len(rows.keep)
    number = np.array([attempt[0] for attempt in attempts], np.int64)
    start = _seconds(rows, "start_time", [attempt[1] for attempt in attempts], number, clock)
    end = _seconds(rows, "end_time", [attempt[2] for attempt in attempts], number, clock)
    gpus = np.zeros(count, np.int64)
    np.maximum.at(gpus, number, np.array([attempt[3] for attempt in attempts], np.int64))
    began, ended = np.full((2, count), MISSING_TIME)
    known = start != MISSING_TIME
    began[number[known][::-1]] = start[known][::-1]  # the first attempt of a job is written last
    ended[number] = end
    never = (began == MISSING_TIME) & (state.codes == STATES.index("cancelled"))
    rows.drop("cancelled while it waited: never started", never)
    rows.drop("no start: never started", began == MISSING_TIME)
    slots = slots_of(rows, gpus.astype(np.float64))
    times = spans(rows, submit, began, ended, state)
    timed = (start != MISSING_TIME) & (end != MISSING_TIME)
    backwards = np.zeros(count, np.bool_)
    backwards[number[timed & (end < start)]] = True
    rows.drop("an attempt ends before it starts", backwards)
    rows.remark("an attempt without start or end is not counted", np.isin(np.arange(count), number[~timed]))
    held = np.zeros(count, np.int64)
    np.add.at(held, number[timed], (end - start)[timed])
    return {"slots": slots, "allocated_slots": slots, "run_s": held, "wait_s": times["wait_s"]}


def _labels(words: list[str]) -> pd.Categorical:
    codes, unique = pd.factorize(np.array(words, dtype=object), sort=True)
    return label_column(codes, [*unique])
