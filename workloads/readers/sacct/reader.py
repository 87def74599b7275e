"""Reads what Slurm's ``sacct`` exports, in the field list that Open XDMoD sites keep anyway.

    TZ=UTC sacct --allusers --parsable2 --noheader --allocations --duplicates --clusters NAME --format
    jobid,jobidraw,cluster,partition,qos,account,group,gid,user,uid,submit,eligible,start,end,elapsed,exitcode,
    state,nnodes,ncpus,reqcpus,reqmem,reqtres,alloctres,timelimit,nodelist,jobname

(https://open.xdmod.org/resource-manager-slurm.html; its older lists, without qos or with reqgres, too.) With
a header line any subset in any order will do that has a job id, the submission, and start and end or elapsed.
Times are UTC unless they state a zone, because that is what Open XDMoD asks for.

A job that was requeued has several rows with ``--duplicates``. It is one job, as ``sacct`` without that
option shows it: its last attempt; the earlier ones are left out and counted. Steps, and jobs that have not
ended, are left out and counted. A job cancelled before it started is kept, with a run time of 0.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workloads.errors import LogError
from workloads.jobtable import STATES, UNKNOWN, JobTable, Tally, label_column, table_from
from workloads.readers.checks import labels_of, repeated_ids
from workloads.readers.delimited.reader import MISSING_TIME, Delimited, read_delimited
from workloads.readers.sacct.layout import layout_of
from workloads.readers.sacct.slots import SlotsAre, slots_of
from workloads.readers.sacct.words import (
    ENDED,
    NO_LIMIT,
    NOT_ENDED,
    REVOKED,
    by_word,
    each_word,
    seconds,
    split_job_ids,
    state_word,
)
from workloads.readers.text import Source

Mask = NDArray[np.bool_]
LABELS = {"pool": "partition", "tenant": "account", "user": "user", "job_class": "qos"}
_STATE_CODES = {word: STATES.index(state) for word, state in ENDED.items()}
_HOUR_S = 3600
_EARLIEST_S = 946_684_800
"""2000-01-01, before Slurm: a time before it is that of a clock that was not set. [s]"""
_YEAR_S = 366 * 86400


def read_sacct(source: Source, *, lenient: bool = False, slots: SlotsAre = "auto") -> JobTable:
    """Return the jobs of an export of ``sacct``.

    Parameters
    ----------
    source : str, Path or binary file
        The export, plain or gzipped.
    lenient : bool
        Leave out malformed lines, and keep repeated job ids, instead of failing; both are counted.
    slots : {"auto", "gpus", "cpus", "nodes"}
        What a slot is. ``auto``: a GPU if any job of the log has one, else a processor. In a log of GPUs,
        jobs without any are left out and counted.

    Raises
    ------
    LogError
        The file cannot be read, is no such export, holds no job that ended, or (unless `lenient`) has a
        malformed line or a repeated id.
    """
    if slots not in get_args(SlotsAre):
        raise LogError.whole_file("", f"slots are {slots!r}", f"allowed: {', '.join(get_args(SlotsAre))}")
    log = read_delimited(source, layout_of, lenient=lenient)
    _check_columns(log)
    rows = _Rows(log)
    ids = _job_ids(log, rows)
    state = _states(log, rows)
    run_s, wait_s = _times(log, rows)
    _leave_out_attempts(log, rows, ids)
    asked, allocated = slots_of(log, slots, rows.leave_out, rows.remark)
    requested_s = _limits(log, rows)
    keep = rows.keep
    if not keep.any():
        reasons = "; ".join(str(tally) for tally in rows.dropped)
        raise LogError.whole_file(log.path, "no job that has ended in this log", reasons)
    submit = log.numbers("submit")
    begin = int(submit[keep].min())
    numbers = {
        "job_id": ids["id"],
        "submit_s": submit - begin,
        "run_s": run_s,
        "requested_s": requested_s,
        "slots": asked,
        "allocated_slots": allocated,
        "wait_s": wait_s,
    }
    if ids["array"][keep].any():
        numbers["array_id"] = np.where(ids["array"], ids["number"], UNKNOWN)
    columns: dict[str, Any] = {name: values[keep] for name, values in numbers.items()}
    columns |= {name: labels_of(log.labels(field), keep) for name, field in LABELS.items() if field in log}
    columns["state"] = label_column(state[keep], STATES)
    repeats = repeated_ids(columns["job_id"], log.path, lenient=lenient)
    return table_from(
        columns,
        origin=datetime.fromtimestamp(begin, tz=UTC),
        source=log.path,
        header=_header(log),
        dropped=(*log.dropped, *rows.dropped),
        remarks=(*log.remarks, *rows.remarks(), *_long_gaps(submit, rows), *repeats),
    )


class _Rows:
    """Which rows are kept, and what was done to them; examples are lines of the file."""

    def __init__(self, log: Delimited) -> None:
        self.lines = log.lines
        self.keep = np.ones(len(log), np.bool_)
        self.dropped: list[Tally] = []
        self._noted: list[tuple[Mask, str]] = []

    def leave_out(self, mask: Mask, reason: str) -> None:
        """Leave rows out, under the first reason that hits them."""
        hit = mask & self.keep
        self.keep &= ~mask
        self.dropped += self._tally(hit, reason)

    def remark(self, mask: Mask, what: str) -> None:
        """Say what was changed in rows, as far as they are kept in the end."""
        self._noted.append((mask, what))

    def remarks(self) -> list[Tally]:
        """Return what was changed in the rows that are kept now."""
        return [tally for mask, what in self._noted for tally in self._tally(mask & self.keep, what)]

    def _tally(self, mask: Mask, reason: str) -> list[Tally]:
        count = int(np.count_nonzero(mask))
        examples = tuple(f"line {line}" for line in self.lines[np.flatnonzero(mask)[:3]])
        return [Tally(reason, count, examples)] if count else []


def _check_columns(log: Delimited) -> None:
    if not ({"jobid", "jobidraw"} & set(log.columns)):
        raise LogError.whole_file(log.path, "there is neither JobID nor JobIDRaw")
    if not {"start", "end"} <= set(log.columns) and not {"elapsed", "elapsedraw"} & set(log.columns):
        raise LogError.whole_file(log.path, "no run times", "export start and end, or elapsed")


def _job_ids(log: Delimited, rows: _Rows) -> Mapping[str, NDArray[Any]]:
    """Return the parts of the job ids, and as ``id`` a number that is different for every job."""
    named = split_job_ids(log.texts("jobid" if "jobid" in log else "jobidraw"))
    raw = split_job_ids(log.texts("jobidraw")) if "jobidraw" in log else named
    rows.leave_out(named["step"] | raw["step"], "job step: the job has a row of its own")
    rows.leave_out((named["number"] < 0) & (raw["number"] < 0), "no job id")
    several = "stands for tasks of an array that never started: kept as one job"
    rows.remark(named["several"], several)
    rows.remark(named["part"], "component of a heterogeneous job: kept as a job of its own")
    number = np.where(raw["number"] < 0, named["number"], raw["number"])
    unnumbered = (named["array"] | named["part"]) & rows.keep
    if "jobidraw" not in log and unnumbered.any():
        texts = log.texts("jobid").to_numpy()[unnumbered]
        codes, _ = pd.factorize(texts)
        number[unnumbered] = int(number[rows.keep].max()) + 1 + codes
        rows.remark(unnumbered, "no JobIDRaw: numbered by us")
    return {**named, "id": number}


def _states(log: Delimited, rows: _Rows) -> NDArray[np.int8]:
    """Return positions in `STATES`, and leave out the jobs that have not ended."""
    if "state" not in log:
        return np.zeros(len(log), np.int8)
    column = log.labels("state")
    words = np.array([state_word(word) for word in column.categories], dtype=object)

    def where(test: Any) -> Mask:  # noqa: ANN401 - any function of a word
        return by_word(column, np.array([bool(test(word)) for word in words], np.bool_))

    rows.leave_out(where(lambda word: word in NOT_ENDED), "not ended when the log was written")
    rows.leave_out(where(lambda word: word == REVOKED), "revoked: ran on another cluster")
    strange = sorted({word for word in words if word not in ENDED and word not in NOT_ENDED} - {REVOKED})
    rows.remark(where(lambda word: word in strange), f"state {', '.join(strange[:3])!r} taken as unknown")
    return by_word(column, np.array([_STATE_CODES.get(word, 0) for word in words], np.int8))


def _times(log: Delimited, rows: _Rows) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return run times and waits; a job that never started ran for 0 s and its wait is unknown."""
    elapsed = _elapsed(log)
    start, end = (
        _set_times(log.numbers(name)) if name in log else np.full(len(log), MISSING_TIME)
        for name in ("start", "end")
    )
    begun, over = start != MISSING_TIME, end != MISSING_TIME
    both = begun & over
    if "end" in log:
        rows.leave_out(~over & (elapsed < 0), "not ended when the log was written: no end time")
        rows.leave_out(both & (end < start), "ends before it starts")
    span = np.where(both, end - start, UNKNOWN)
    if "start" in log:
        never = over & ~begun
        rows.remark(never, "ended before it started: run time 0, wait unknown")
        elapsed = np.where(never, 0, elapsed)
    else:
        never = np.zeros(len(log), np.bool_)
    run_s = np.where(elapsed >= 0, elapsed, span)
    rows.leave_out(run_s < 0, "no run time")
    _compare_clocks(span, elapsed, rows)
    submit = log.numbers("submit")
    rows.leave_out(submit < _EARLIEST_S, "submitted before 2000: the clock was not set")
    early = begun & (start < submit) & ~never
    rows.remark(early, "starts before it is submitted: wait unknown")
    return run_s, np.where(begun & ~early & ~never, start - submit, UNKNOWN)


def _set_times(seconds: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.where(seconds < _EARLIEST_S, MISSING_TIME, seconds)


def _long_gaps(submit: NDArray[np.int64], rows: _Rows) -> list[Tally]:
    """Return the remark on jobs before which nobody submitted anything for more than a year."""
    kept = np.flatnonzero(rows.keep)
    order = kept[np.argsort(submit[kept], kind="stable")]
    after = order[1:][np.diff(submit[order]) > _YEAR_S]
    examples = tuple(f"line {line}" for line in rows.lines[after[:3]])
    what = "nothing submitted for more than a year before it: was the clock right?"
    return [Tally(what, len(after), examples)] if len(after) else []


def _elapsed(log: Delimited) -> NDArray[np.int64]:
    if "elapsedraw" in log:
        raw: NDArray[np.int64] = np.maximum(log.numbers("elapsedraw"), UNKNOWN)
        return raw
    if "elapsed" in log:
        column = log.labels("elapsed")
        return by_word(column, np.maximum(seconds([*column.categories]), UNKNOWN))
    return np.full(len(log), UNKNOWN, np.int64)


def _compare_clocks(span: NDArray[np.int64], elapsed: NDArray[np.int64], rows: _Rows) -> None:
    """Remark on jobs whose end minus start is not what Slurm says has elapsed."""
    off = np.where((span >= 0) & (elapsed >= 0), span - elapsed, 0)
    hour = np.abs(np.abs(off) - _HOUR_S) <= 1
    rows.remark(
        hour, "end − start differs from elapsed by an hour (daylight saving? export in UTC): elapsed taken"
    )
    what = "end − start is not elapsed (suspended, or the clock was set): elapsed taken"
    rows.remark((np.abs(off) > 1) & ~hour, what)


def _leave_out_attempts(log: Delimited, rows: _Rows, ids: Mapping[str, NDArray[Any]]) -> None:
    """Leave out all attempts of a requeued job but the last: same id, user and cluster, later submission."""
    kept = np.flatnonzero(rows.keep)
    number = ids["id"][kept]
    if len(number) < 2 or (np.diff(number) > 0).all():
        return
    whose = [log.labels(name).codes[kept].astype(np.int64) for name in ("user", "cluster") if name in log]
    order = np.lexsort((kept, log.numbers("submit")[kept], *whose, number))
    same = np.diff(number[order]) == 0
    for codes in whose:
        same &= np.diff(codes[order]) == 0
    earlier = np.zeros(len(rows.keep), np.bool_)
    earlier[kept[order[:-1][same]]] = True
    rows.leave_out(earlier, "earlier attempt of a requeued job: the last one is kept")


def _limits(log: Delimited, rows: _Rows) -> NDArray[np.int64]:
    """Return time limits; what sets none is -1 and remarked on."""
    if "timelimitraw" in log:
        limit = each_word(log.labels("timelimitraw"), _minutes)
    elif "timelimit" in log:
        column = log.labels("timelimit")
        limit = by_word(column, seconds([*column.categories]))
    else:
        return np.full(len(log), UNKNOWN, np.int64)
    rows.remark(limit == NO_LIMIT, "time limit UNLIMITED or Partition_Limit: requested time unknown")
    rows.remark(limit == UNKNOWN, "no time limit given: requested time unknown")
    rows.remark(limit == 0, "time limit 0: requested time unknown")
    return np.where(limit > 0, limit, UNKNOWN)


def _minutes(word: str) -> int:
    if word.isascii() and word.isdigit() and len(word) < 10:
        return 60 * int(word)
    return int(seconds([word])[0])


def _header(log: Delimited) -> dict[str, str]:
    names = [word for word in log.labels("cluster").categories if word] if "cluster" in log else []
    return {"Computer": ", ".join(names)} if names else {}
