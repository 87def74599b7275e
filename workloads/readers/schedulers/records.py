"""From the records of an accounting log to a JobTable: which are jobs, which are attempts, what is left out.

Every reader of this folder fills `Records`, one row a record that holds, held or wanted resources. What
follows is the same for all: a job that ran again has a row for its last attempt, the earlier ones and the
jobs that still run go to the attempts of the table, and every other record is counted with its reason.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, tzinfo
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workloads.errors import LogError, LogProblem
from workloads.jobtable import STATES, UNKNOWN, JobTable, Tally, label_column, table_from
from workloads.readers.checks import labels_of
from workloads.readers.delimited.layout import MISSING_TIME
from workloads.readers.schedulers.resource import Counted, counted
from workloads.readers.slots_are import SlotsAre

Mask = NDArray[np.bool_]
Times = NDArray[np.int64]
RUNS, WAITS, ATTEMPT = -1, -2, -3
"""Fates of records that are not the end of a job, beside the positions in `STATES`."""
MOST_PROBLEMS = 20
_AT_ONCE_S = 600
"""A job that ran again was submitted anew within so long after the end of the attempt before. [s]"""
_LARGEST = 2**31 - 1
_LATEST_S = 7_258_118_400

_BY_ROW = ("places", "submit", "eligible", "start", "end", "processors", "gpus", "fate")


@dataclass(frozen=True, slots=True, eq=False)
class JobNames:
    """Of which job each record is.

    Attributes
    ----------
    codes : array of int64
        The same for records of the same job.
    numbers : array of int64
        The identifier of the job where it is a number, -1 where it is not.
    name : callable
        Gives the identifiers of rows as words.
    """

    codes: Times
    numbers: Times
    name: Callable[[NDArray[np.intp]], list[str]]

    @classmethod
    def numbered(cls, numbers: Times, tasks: Times, form: str) -> "JobNames":
        """Return jobs that have numbers, and tasks of arrays, which `form` makes a word of."""
        is_task = tasks > 0
        codes, _ = pd.factorize(numbers * (int(tasks.max(initial=0)) + 1) + np.maximum(tasks, 0))

        def name(rows: NDArray[np.intp]) -> list[str]:
            pairs = zip(numbers[rows].tolist(), tasks[rows].tolist(), strict=True)
            return [form.format(number, task) if task > 0 else str(number) for number, task in pairs]

        return cls(codes, np.where(is_task, UNKNOWN, numbers), name)

    @classmethod
    def named(cls, names: Sequence[str]) -> "JobNames":
        """Return jobs whose identifiers are words."""
        numbers = [int(name) if name.isdecimal() and len(name) < 16 else UNKNOWN for name in names]
        codes, _ = pd.factorize(np.array(names, dtype=object))
        return cls(codes, np.array(numbers, np.int64), lambda rows: [names[row] for row in rows])

    def take(self, rows: Mask) -> "JobNames":
        """Return those of the rows in a mask."""
        places = np.flatnonzero(rows)
        return JobNames(self.codes[rows], self.numbers[rows], lambda chosen: self.name(places[chosen]))

    @property
    def several(self) -> Mask:
        """Which rows are of a job that has several."""
        counts: Mask = np.bincount(self.codes)[self.codes] > 1 if len(self.codes) else np.zeros(0, np.bool_)
        return counts


@dataclass(slots=True, eq=False)
class Records:
    """Records of a log, column by column; a time that is not known is `MISSING_TIME`, a number -1.

    Attributes
    ----------
    path, word : str
        Name of the file, and what a record is called there: ``line`` or ``entry``.
    places : array of int64
        Number of the line or entry.
    jobs : JobNames
        Of which job each record is.
    submit, eligible, start, end : array of int64
        Instants. [s]
    processors, gpus : array of float64
        What was allocated, else asked for.
    fate : array of int
        Position in `STATES`, or `RUNS`, `WAITS`, `ATTEMPT`.
    optional : mapping of str to array
        Further numbers, by column of the JobTable.
    labels : mapping of str to Categorical
        Labels, by column of the JobTable.
    dropped, remarks : list of Tally
        Records that are gone already, and what was changed.
    zone : str
        Where the clock of the machine hangs, as far as the log says so.
    clock : tzinfo or None
        The same, to tell the time by.
    """

    path: str
    word: str
    places: Times
    jobs: JobNames
    submit: Times
    eligible: Times
    start: Times
    end: Times
    processors: NDArray[np.float64]
    gpus: NDArray[np.float64]
    fate: NDArray[np.int8]
    optional: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    labels: Mapping[str, pd.Categorical] = field(default_factory=dict)
    dropped: list[Tally] = field(default_factory=list)
    remarks: list[Tally] = field(default_factory=list)
    zone: str = ""
    clock: tzinfo | None = None

    def __len__(self) -> int:
        return len(self.places)

    @property
    def held_s(self) -> Times:
        """How long each record held what it has, 0 where that is not known [s]."""
        known = (self.start != MISSING_TIME) & (self.end != MISSING_TIME)
        return np.where(known, np.maximum(self.end - self.start, 0), 0)

    def take(self, rows: Mask) -> "Records":
        """Return the records in a mask."""
        changes: dict[str, Any] = {name: getattr(self, name)[rows] for name in _BY_ROW}
        changes["jobs"] = self.jobs.take(rows)
        changes |= {
            name: {key: values[rows] for key, values in getattr(self, name).items()}
            for name in ("optional", "labels")
        }
        return replace(self, **changes)

    def tally(self, what: str, rows: Mask, work: NDArray[np.float64] | None = None) -> list[Tally]:
        """Return the rows counted under what happened to them; nothing if there are none."""
        if not rows.any():
            return []
        examples = tuple(f"{self.word} {place}" for place in self.places[np.flatnonzero(rows)[:3]])
        return [Tally(what, int(rows.sum()), examples, 0.0 if work is None else float(work[rows].sum()))]


def malformed(
    path: str, word: str, wrong: Mapping[int, str], *, lenient: bool, all_wrong: bool
) -> list[Tally]:
    """Return malformed lines or entries counted; raise them as errors unless `lenient` and some are good."""
    if not wrong:
        return []
    if lenient and not all_wrong:
        shown = tuple(f"{word} {place}: {what}" for place, what in [*wrong.items()][:3])
        return [Tally(f"malformed {word}", len(wrong), shown)]
    problems = [
        LogProblem(path, place, None, what)
        if word == "line"
        else LogProblem(path, None, None, f"{word} {place}: {what}")
        for place, what in [*wrong.items()][:MOST_PROBLEMS]
    ]
    raise LogError(problems, more=len(wrong) - len(problems))


def table_of(records: Records, *, slots: SlotsAre) -> JobTable:
    """Return the jobs in the records of a log.

    Parameters
    ----------
    records : Records
        The records.
    slots : SlotsAre
        What a slot is.

    Raises
    ------
    LogError
        No job is left, or it is not clear what a slot is.
    """
    size = counted(records, slots)
    held = size.held
    work = np.nan_to_num(held) * records.held_s
    fate = _attempts_marked(records)
    keep, dropped = _sieve(records, fate, size, work)
    if not keep.any():
        reasons = "; ".join(str(tally) for tally in (*records.dropped, *dropped))
        raise LogError.whole_file(records.path, "no job that has ended in this log", reasons)
    begin = int(records.submit[keep].min())
    ids, columns = _columns(records, keep, held, begin)
    columns |= {name: values[keep] for name, values in size.more.items()}
    columns["state"] = label_column(np.maximum(fate, 0)[keep], STATES)
    return table_from(
        columns,
        origin=datetime.fromtimestamp(begin, tz=records.clock or UTC),
        source=records.path,
        header={"SlotsAre": size.unit},
        dropped=(*records.dropped, *dropped),
        remarks=(*records.remarks, *_remarks(records, keep, held)),
        zone=records.zone or "UTC",
        zone_from="log" if records.zone else "assumed",
        attempts=_attempts(records, fate, held, ids, keep, begin),
    )


def _attempts_marked(records: Records) -> NDArray[np.int8]:
    """Return the fates, those of all attempts of a job but the last being `ATTEMPT`."""
    fate = records.fate.copy()
    codes = records.jobs.codes
    rows = np.flatnonzero(records.jobs.several & (records.start != MISSING_TIME))
    if not len(rows):
        return fate
    order = rows[np.lexsort((records.start[rows], codes[rows]))]
    before, after = order[:-1], order[1:]
    gap = records.submit[after] - np.where(records.end[before] == MISSING_TIME, 0, records.end[before])
    again = (records.submit[after] == records.submit[before]) | ((gap >= 0) & (gap <= _AT_ONCE_S))
    same = (codes[after] == codes[before]) & again & (records.start[after] > records.start[before])
    if "user" in records.labels:
        whose = records.labels["user"].codes
        same &= whose[after] == whose[before]
    fate[before[same]] = ATTEMPT
    return fate


def _sieve(
    records: Records, fate: NDArray[np.int8], size: Counted, work: NDArray[np.float64]
) -> tuple[Mask, list[Tally]]:
    """Return which records are jobs of the table, and the others counted under the first reason they meet."""
    held, begun, ended = size.held, records.start != MISSING_TIME, records.end != MISSING_TIME
    known = (records.submit > 0) & (records.submit < _LATEST_S) & ~(begun & (records.start > _LATEST_S))
    reasons = {
        "the same record again": (_twins(records), work),
        "no time of submission between 1970 and 2200": (~known, work),
        "waiting when the log was written": (fate == WAITS, None),
        "no slots": (~(held > 0) & (begun | (fate == RUNS)), None),
        "more slots than can be counted": (held > _LARGEST, None),
        "ends before it starts": (begun & ended & (records.end < records.start), None),
        "running when the log was written": (fate == RUNS, None),
        "attempt of a job that ran again": (fate == ATTEMPT, None),
        "no time of its end": (~ended & (fate >= 0), None),
        "never started, size unknown": (~begun & ~(held > 0), None),
    }
    keep, tallies = ~size.lacks, []
    for reason, (bad, lost) in reasons.items():
        tallies += records.tally(reason, bad & keep, lost)
        keep &= ~bad
    return keep & (fate >= 0), tallies


def _columns(
    records: Records, keep: Mask, held: NDArray[np.float64], begin: int
) -> tuple[Times, dict[str, Any]]:
    """Return the number of every record's job, and the columns of the rows that are kept."""
    ids, named = _ids(records, keep)
    begun = records.start != MISSING_TIME
    eligible = np.maximum(records.eligible, records.submit)  # one that is not known is before all others
    waited = records.start - eligible
    slots = np.ceil(np.where(held > 0, held, 0))
    columns: dict[str, Any] = {
        "job_id": ids,
        "submit_s": records.submit - begin,
        "run_s": np.maximum(records.held_s - np.maximum(records.optional.get("suspended_s", 0), 0), 0),
        "slots": slots,
        "allocated_slots": np.where(begun, slots, UNKNOWN),
        "wait_s": np.where(begun & (waited >= 0), waited, UNKNOWN),
        **records.optional,
    }
    if ((records.eligible > records.submit) & keep).any():
        columns["eligible_s"] = eligible - begin
    if (slots != held)[keep & (held > 0)].any():
        columns["share_slots"] = np.where((slots != held) & (held > 0), held, UNKNOWN)
    kept = {name: values[keep] for name, values in columns.items()}
    for name in ("suspended_s", "nodes", "exit_code", "array_id"):
        if name in kept and (kept[name] <= (0 if name == "suspended_s" else UNKNOWN)).all():
            del kept[name]
    for name in ("nodes", "exit_code"):
        if name in kept:
            kept[name] = np.where(kept[name] > _LARGEST, UNKNOWN, kept[name])
    kept |= {name: labels_of(words, keep) for name, words in records.labels.items()}
    if named:
        ours = (ids != records.jobs.numbers)[keep]
        words = np.full(len(ours), "", object)
        words[ours] = records.jobs.name(np.flatnonzero(keep)[ours])
        codes, unique = pd.factorize(words)
        kept["word_id"] = label_column(codes, [*map(str, unique)])
    return ids, kept


def _twins(records: Records) -> Mask:
    """Return which records say of a job what an earlier record said."""
    rows = np.flatnonzero(records.jobs.several)
    said = {"job": records.jobs.codes, "submit": records.submit, "start": records.start, "end": records.end}
    twins = np.zeros(len(records), np.bool_)
    twins[rows] = pd.DataFrame({name: values[rows] for name, values in said.items()}).duplicated().to_numpy()
    return twins


def _again(records: Records, keep: Mask) -> Mask:
    """Return which rows that are kept are of a job that has an earlier one: another job of that name."""
    again = np.zeros(len(records), np.bool_)
    rows = np.flatnonzero(keep & records.jobs.several)
    again[rows] = pd.Series(records.jobs.codes[rows]).duplicated().to_numpy()
    return again


def _ids(records: Records, keep: Mask) -> tuple[Times, bool]:
    """Return a number for every record's job, and whether some are ours: words, or used for several jobs."""
    jobs, again = records.jobs, _again(records, keep)
    beyond = int(jobs.numbers.max(initial=0)) + 1
    ids = np.where(jobs.numbers < 0, beyond + jobs.codes, jobs.numbers)
    ids[again] = beyond + len(records) + np.arange(int(again.sum()))
    return ids, bool(((ids != jobs.numbers) & keep).any())


def _remarks(records: Records, keep: Mask, held: NDArray[np.float64]) -> list[Tally]:
    begun = records.start != MISSING_TIME
    rounded = keep & (np.ceil(held) != held)
    told = {
        "the number of a job stands for a second one: numbered by us": _again(records, keep),
        "job id is no number: numbered by us": keep & (records.jobs.numbers < 0),
        "ended before it started: run time 0, wait unknown": keep & ~begun,
        "starts before it is submitted: wait unknown": keep & begun & (records.start < records.submit),
        "part of a slot rounded up to whole slots": rounded & (held > 0),
    }
    return [tally for what, rows in told.items() for tally in records.tally(what, rows)]


def _attempts(
    records: Records, fate: NDArray[np.int8], held: NDArray[np.float64], ids: Times, keep: Mask, begin: int
) -> pd.DataFrame | None:
    """Return the further times in which slots were held; a job that runs, until the log was written."""
    now = max(int(times.max(initial=0)) for times in (records.submit, records.start, records.end))
    end = np.where((fate == RUNS) & (records.end == MISSING_TIME), now, records.end)
    rows = ~keep & ((fate == RUNS) | (fate == ATTEMPT)) & (records.start != MISSING_TIME) & (held > 0)
    rows &= (end >= records.start) & ~_twins(records)
    if not rows.any():
        return None
    by_code = dict(zip(records.jobs.codes[keep].tolist(), ids[keep].tolist(), strict=True))
    codes = records.jobs.codes[rows].tolist()
    owner = [by_code.get(code, own) for code, own in zip(codes, ids[rows].tolist(), strict=True)]
    return pd.DataFrame(
        {
            "job_id": np.array(owner, np.int64),
            "start_s": records.start[rows] - begin,
            "run_s": end[rows] - records.start[rows],
            "slots": np.ceil(held[rows]).astype(np.int32),
        }
    )
