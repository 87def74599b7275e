"""The JobTable: what every log becomes and what every demand model produces, one row per job.

Readers fill it, generators fill it, the simulator reads it; nobody else defines a column.
Times are whole seconds, so the sum and the product of columns are exact: everything that is
multiplied with something else is int64, because a month times a thousand slots leaves int32.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workloads.errors import LogError

UNKNOWN = -1
"""A number the log does not give."""

NO_LIMIT_S = 1 << 40
"""Requested time of a job that may run for as long as it likes, as ``UNLIMITED``: known, no number. [s]"""

MissingRequest = Literal["drop", "partition", "longest", "run"]
MISSING_REQUEST: dict[str, str] = {
    "partition": "no requested time: the longest of its partition is taken",
    "longest": "no requested time: the longest of the log is taken",
    "run": "no requested time: the run time is taken",
}
"""What is said of a job that gets a requested time, by the word that asks for it."""

STATES = ("unknown", "completed", "failed", "cancelled", "timeout", "node_fail")
"""How a job can end, in the words of Slurm."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the JobTable and where two common log formats keep it.

    Attributes
    ----------
    dtype : str
        numpy type of a number; ``"category"`` for a label.
    unit : str
        Unit of a number, empty for an identifier or a label.
    swf_field : int or None
        Field of the Standard Workload Format 2.2, from 1.
    sacct_field : str
        Field of Slurm's ``sacct --format``.
    required : bool
        Whether a table without it can be understood at all.
    """

    name: str
    dtype: str
    unit: str
    description: str
    swf_field: int | None
    sacct_field: str
    required: bool = False


COLUMNS: tuple[Column, ...] = (
    Column("job_id", "int64", "", "identifier of the job in its log", 1, "JobIDRaw", True),
    Column("submit_s", "int64", "s", "submission, since the origin of the table", 2, "Submit", True),
    Column("run_s", "int64", "s", "true run time; -1 unknown", 4, "ElapsedRaw", True),
    Column("requested_s", "int64", "s", "run time limit asked for; -1 unknown", 9, "TimelimitRaw"),
    Column(
        "slots", "int32", "slot", "accelerators, or processors, allocated; else asked for", 8, "ReqTRES", True
    ),
    Column("allocated_slots", "int32", "slot", "what the log says was allocated; -1 unknown", 5, "AllocTRES"),
    Column("wait_s", "int64", "s", "wait the log recorded; -1 unknown", 3, "Start - Submit"),
    Column("pool", "category", "", "partition asked for; empty for any", 16, "Partition"),
    Column("tenant", "category", "", "account or group", 13, "Account"),
    Column("user", "category", "", "who submitted", 12, "User"),
    Column("job_class", "category", "", "kind of work, queue or QOS", 15, "QOS"),
    Column("state", "category", "", "how the job ended: " + ", ".join(STATES), 11, "State"),
)
LINKS: tuple[Column, ...] = (
    Column("array_id", "int64", "", "number of the job array it is a task of; -1 none", None, "ArrayJobID"),
    Column("afterok_id", "int64", "", "job that must have completed before; -1 none", 17, "Dependency"),
    Column("afterany_id", "int64", "", "job that must have ended before; -1 none", 17, "Dependency"),
)
"""How jobs hang together: columns that a table has, behind all others, only where some job does."""
DETAILS: tuple[Column, ...] = (
    Column("eligible_s", "int64", "s", "when it could have started: submitted, released, what it depends on "
        "ended; since the origin, -1 unknown", None, "Eligible"),
    Column("think_s", "int64", "s", "from the end of the job before it to its submission; -1 none", 18, ""),
    Column("suspended_s", "int64", "s", "time in which it held its slots and stood still; -1 unknown", None,
        "Suspended"),
    Column("asked_slots", "int32", "slot", "asked for, where the log tells; -1 unknown", None, "ReqTRES"),
    Column("share_slots", "float64", "slot", "slots where they are parts of one, as MIG slices; `slots` is "
        "that rounded up; -1 whole ones", None, "AllocTRES"),
    Column("other_slots", "int32", "slot", "of the resource that is not counted: processors of a log in "
        "accelerators, and the reverse; -1 unknown", None, "AllocTRES"),
    Column("nodes", "int32", "node", "nodes allocated; -1 unknown", None, "NNodes"),
    Column("cpu_s", "float64", "s", "processor time, mean of its processors; -1 unknown", 6, "CPUTimeRAW"),
    Column("memory_kb", "float64", "kB", "memory used, mean of its processors; -1 unknown", 7, "AveRSS"),
    Column("requested_memory_kb", "float64", "kB", "memory asked for, of each processor; -1 unknown", 10,
        "ReqMem"),
    Column("application", "int64", "", "number of what it runs; -1 unknown", 14, ""),
    Column("exit_code", "int32", "", "what it returned; -1 unknown", None, "ExitCode"),
    Column("energy_j", "float64", "J", "energy it used; -1 unknown", None, "ConsumedEnergyRaw"),
    Column("qos", "category", "", "quality of service", None, "QOS"),
    Column("reservation", "category", "", "advance reservation it ran in", None, "Reservation"),
    Column("word_id", "category", "", "identifier in its log, where that is no number", None, ""),
)  # fmt: skip
"""What else a log may know: columns that a table has, behind those of `LINKS`, only where its log does."""
OPTIONAL: tuple[Column, ...] = (*LINKS, *DETAILS)
NUMBERS = tuple(column.name for column in COLUMNS if column.dtype != "category")
LABELS = tuple(column.name for column in COLUMNS if column.dtype == "category")


@dataclass(frozen=True, slots=True)
class Tally:
    """How many rows something happened to, with a few of them named.

    Attributes
    ----------
    reason : str
        What happened, or why the rows are gone.
    count : int
        How many rows.
    examples : tuple of str
        The first of them: ``"line 12"`` or ``"job 1435"``.
    slot_s : float
        Work of these rows as far as it is known: a row that says nothing of slots or run time adds none.
        [slot s]
    """

    reason: str
    count: int
    examples: tuple[str, ...] = ()
    slot_s: float = 0.0

    def __str__(self) -> str:
        where = f" ({', '.join(self.examples)}{', …' if self.count > len(self.examples) else ''})"
        return f"{self.count} × {self.reason}{where if self.examples else ''}"


@dataclass(frozen=True, slots=True, eq=False)
class JobTable:
    """Jobs in order of submission, with what is known about where they came from.

    Attributes
    ----------
    frame : pandas.DataFrame
        One row per job, the columns of `COLUMNS` in that order and those of `OPTIONAL` that are known, sorted
        by submission.
    origin : datetime.datetime or None
        The instant at which `submit_s` is 0, with its time zone; None when the log does not say.
    max_slots : int or None
        Size of the machine according to the log.
    source : str
        File name, or the name of the model that made it.
    header : mapping
        Header fields of the log, as they stood there.
    dropped : tuple of Tally
        Rows of the source that are not in the frame, and why.
    remarks : tuple of Tally
        Rows that are in the frame but not as the source had them, and how they differ.
    zone : str
        Time zone of the machine's clock, as ``Asia/Seoul`` or ``+09:00``: hours and weekdays are those of it;
        empty where nobody said. `zone_from` says who did: ``option``, ``log``, or ``assumed``.
    period_s : (int, int) or None
        Within which times the log is complete, since the origin; None if nobody said. [s]
    attempts : pandas.DataFrame or None
        Further times in which slots were held by jobs of the frame, or by jobs that are none of its rows:
        earlier attempts of jobs that were requeued, and jobs that still ran when the log was written. Columns
        ``job_id``, ``start_s``, ``run_s`` and ``slots``.
    """

    frame: pd.DataFrame
    origin: datetime | None = None
    max_slots: int | None = None
    source: str = ""
    header: Mapping[str, str] = field(default_factory=dict)
    dropped: tuple[Tally, ...] = ()
    remarks: tuple[Tally, ...] = ()
    zone: str = ""
    zone_from: Literal["", "option", "log", "assumed"] = ""
    period_s: tuple[int, int] | None = None
    attempts: pd.DataFrame | None = None

    def __len__(self) -> int:
        return len(self.frame)

    def numbers(self, name: str) -> NDArray[Any]:
        """Return a numeric column as a read-only array, without copying it."""
        return self.frame[name].to_numpy()

    def labels(self, name: str) -> tuple[NDArray[Any], list[str]]:
        """Return a label column as codes, shape ``(n_jobs,)``, and the words they stand for."""
        column = self.frame[name].array
        assert isinstance(column, pd.Categorical)
        return column.codes, list(column.categories)

    def links(self, name: str) -> NDArray[Any]:
        """Return a numeric column of `OPTIONAL`, -1 everywhere where the table does not have it."""
        return self.numbers(name) if name in self.frame else np.full(len(self), UNKNOWN, np.int64)

    @property
    def kept_slot_s(self) -> float:
        """Work of the jobs in the frame, what was held by `attempts` included [slot s]."""
        kept = float(slot_seconds(self).sum())
        if self.attempts is None:
            return kept
        run_s, slots = (self.attempts[name].to_numpy(np.float64) for name in ("run_s", "slots"))
        return kept + float(np.dot(run_s, slots))

    @property
    def left_out_frac(self) -> float:
        """Part of the work of the log that is not in the frame, as far as it is known."""
        gone = sum(tally.slot_s for tally in self.dropped)
        return gone / (gone + self.kept_slot_s) if gone else 0.0

    def take(self, rows: NDArray[Any], **changes: Any) -> "JobTable":  # noqa: ANN401 - fields of this class
        """Return the table with these rows only (a mask or positions), and `changes` made to the rest."""
        return replace(self, frame=self.frame.iloc[rows].reset_index(drop=True), **changes)

    def validate(self) -> None:
        """Check everything a consumer may rely on.

        Raises
        ------
        ValueError
            Wrong columns or types, rows out of order, or a number below what is possible.
        """
        wrong = [*_wrong_columns(self.frame)] or [*_wrong_values(self.frame)]
        if wrong:
            message = f"not a job table ({self.source or 'no source'}): " + "; ".join(wrong)
            raise ValueError(message)

    def clean(
        self, *, max_slots: int | None = None, cut: bool = True, missing_request: MissingRequest = "drop"
    ) -> "JobTable":
        """Return the jobs a simulator can replay, with a count of all that are not.

        The rule is that of the published reference schedules: a job needs slots (no more than the
        machine has), a run time, a requested time and a submission at or after 0; and it is killed at
        its limit. A log without any requested time is replayed with exact ones.

        Parameters
        ----------
        max_slots : int, optional
            Size of the machine. [slot] Default: what the log says.
        cut : bool
            Shorten run times to the requested time, and requests without a limit to the longest time that the
            log knows. A batch system that kills jobs at their limit itself does not need that, and then still
            knows which jobs it killed.
        missing_request : {"drop", "partition", "longest", "run"}
            What a job without a requested time asks for: it is left out, or asks for the longest request of
            its partition, for that of the log, or for its run time; never for less than it ran.

        Raises
        ------
        LogError
            No job is left.
        """
        size = self.max_slots if max_slots is None else max_slots
        remarks = [*self.remarks]
        frame = self.frame
        if len(frame) and not (frame["requested_s"] > 0).any():
            frame = frame.assign(requested_s=frame["run_s"])
            remarks.append(Tally("no requested time in the whole log: the run time is taken", len(frame)))
        elif missing_request != "drop":
            frame, asked = _with_requests(frame, missing_request)
            remarks += asked
        if cut:
            frame, limited = _with_limits(frame)
            remarks += limited
        keep, dropped = _sieve(frame, size)
        if not keep.any():
            reasons = "; ".join(str(tally) for tally in dropped) or "the log has no rows"
            raise LogError.whole_file(self.source, "no job is left after cleaning", reasons)
        kept = frame if keep.all() else frame[keep].reset_index(drop=True)
        over = (kept["run_s"] > kept["requested_s"]).to_numpy()
        if cut and over.any():
            tally = _tally("ran past the requested time: cut there", kept, over)
            remarks.append(replace(tally, slot_s=past_request_slot_s(kept)))
            kept = kept.assign(run_s=np.minimum(kept["run_s"], kept["requested_s"]))
        return replace(
            self, frame=kept, max_slots=size, dropped=(*self.dropped, *dropped), remarks=tuple(remarks)
        )


def past_request_slot_s(frame: pd.DataFrame) -> float:
    """Return the work that jobs did after the time they asked for [slot s]."""
    past_s = np.maximum(frame["run_s"].to_numpy() - frame["requested_s"].to_numpy(), 0)
    return float(np.dot(past_s.astype(np.float64), np.maximum(frame["slots"].to_numpy(), 0)))


def _with_requests(frame: pd.DataFrame, rule: str) -> tuple[pd.DataFrame, list[Tally]]:
    """Return the jobs with a request for each that has none, by a rule of `JobTable.clean`, and how many."""
    asked, run = frame["requested_s"].to_numpy(), frame["run_s"].to_numpy()
    missing = (asked <= 0) & (run > 0)
    if not missing.any():
        return frame, []
    finite = (asked > 0) & (asked != NO_LIMIT_S)
    longest = np.full(len(frame), asked[finite].max(initial=0))
    if rule == "run":
        longest[:] = 0
    elif rule == "partition":
        codes = frame["pool"].array.codes
        of_pool = np.zeros(len(frame["pool"].array.categories), np.int64)
        np.maximum.at(of_pool, codes[finite], asked[finite])
        longest = np.where(of_pool[codes] > 0, of_pool[codes], longest)
    tally = _tally(MISSING_REQUEST[rule], frame, missing)
    return frame.assign(requested_s=np.where(missing, np.maximum(longest, run), asked)), [tally]


def _with_limits(frame: pd.DataFrame) -> tuple[pd.DataFrame, list[Tally]]:
    """Return the jobs with the longest time the log knows for requests without a limit, and how many."""
    asked = frame["requested_s"].to_numpy()
    free = asked == NO_LIMIT_S
    if not free.any():
        return frame, []
    longest = max(asked[~free].max(initial=1), frame["run_s"].to_numpy().max(initial=1))
    tally = _tally("no time limit: the longest time of the log is taken", frame, free)
    return frame.assign(requested_s=np.where(free, longest, asked)), [tally]


def _sieve(frame: pd.DataFrame, size: int | None) -> tuple[NDArray[np.bool_], list[Tally]]:
    """Return which rows can be replayed, and the others counted under the first reason they meet."""
    widest = np.maximum(frame["slots"].to_numpy(), frame["allocated_slots"].to_numpy())
    reasons = {
        "no slots": frame["slots"].to_numpy() <= 0,
        f"larger than the machine ({size} slots)": widest > (widest if size is None else size),
        "no run time": frame["run_s"].to_numpy() <= 0,
        "no requested time": frame["requested_s"].to_numpy() <= 0,
        "submitted before the log begins": frame["submit_s"].to_numpy() < 0,
    }
    keep = np.ones(len(frame), dtype=np.bool_)
    tallies = []
    for reason, bad in reasons.items():
        hit = bad & keep
        if hit.any():
            tallies.append(_tally(reason, frame, hit))
        keep &= ~bad
    return keep, tallies


def _tally(reason: str, frame: pd.DataFrame, rows: NDArray[np.bool_]) -> Tally:
    first = frame["job_id"].to_numpy()[np.flatnonzero(rows)[:3]]
    slots = np.maximum(frame["slots"].to_numpy()[rows], frame["allocated_slots"].to_numpy()[rows])
    work = np.dot(np.maximum(slots, 0).astype(np.float64), np.maximum(frame["run_s"].to_numpy()[rows], 0))
    return Tally(reason, int(rows.sum()), tuple(f"job {job}" for job in first), float(work))


def _wrong_columns(frame: pd.DataFrame) -> list[str]:
    more = [column for column in OPTIONAL if column.name in frame]
    names = [column.name for column in (*COLUMNS, *more)]
    if list(frame.columns) != names:
        return [f"columns are {list(frame.columns)}, not {names}"]
    return [
        f"{column.name} is {frame[column.name].dtype}, not {column.dtype}"
        for column in (*COLUMNS, *more)
        if str(frame[column.name].dtype) != column.dtype
    ]


def _wrong_values(frame: pd.DataFrame) -> list[str]:
    lowest = {"run_s": UNKNOWN, "requested_s": UNKNOWN, "wait_s": UNKNOWN, "slots": UNKNOWN}
    wrong = [f"{name} below {low}" for name, low in lowest.items() if (frame[name].to_numpy() < low).any()]
    submit_s = frame["submit_s"].to_numpy()
    if (submit_s[1:] < submit_s[:-1]).any():
        wrong.append("rows are not in order of submission")
    wrong += [f"{name} has rows without a value" for name in LABELS if frame[name].isna().any()]
    if not set(frame["state"].array.categories) <= set(STATES):
        wrong.append(f"state has words outside {STATES}")
    return wrong


def label_column(codes: NDArray[Any], words: Sequence[str]) -> pd.Categorical:
    """Return labels as small integers, the same with and without pyarrow installed.

    Parameters
    ----------
    codes : array of int, shape (n_jobs,)
        Position of each row's word in `words`.
    words : sequence of str
        The words, without repetition.
    """
    categories = pd.Index(np.array([*words], dtype=object), dtype=object)
    smallest = np.min_scalar_type(-max(len(words), 1))
    return pd.Categorical.from_codes(codes.astype(smallest), categories=categories)


def table_from(columns: Mapping[str, Any], *, ties: Literal["id", "file"] = "id", **about: Any) -> JobTable:  # noqa: ANN401
    """Return a table from columns in any order of rows; what is missing becomes unknown.

    Parameters
    ----------
    columns : mapping of str to array or Categorical
        Numbers as arrays, labels as made by `label_column`.
    ties : {"id", "file"}
        Order of jobs submitted in the same second: by job id, or as they are given.
    **about
        Further fields of `JobTable`.
    """
    n = len(columns["job_id"])
    empty = label_column(np.zeros(n, dtype=np.int8), [""])
    unknown = label_column(np.zeros(n, dtype=np.int8), STATES)
    data: dict[str, Any] = {}
    for column in COLUMNS:
        if column.dtype == "category":
            data[column.name] = columns.get(column.name, unknown if column.name == "state" else empty)
        else:
            values = columns.get(column.name)
            data[column.name] = (
                np.full(n, UNKNOWN, dtype=column.dtype)
                if values is None
                else np.asarray(values, dtype=column.dtype)
            )
    for column in OPTIONAL:
        if column.name in columns:
            values = columns[column.name]
            is_label = column.dtype == "category"
            data[column.name] = values if is_label else np.asarray(values, dtype=column.dtype)
    order = _submission_order(data["submit_s"], data["job_id"], ties)
    if order is not None:
        data = {name: values[order] for name, values in data.items()}
    table = JobTable(frame=pd.DataFrame(data, copy=False), **about)
    table.validate()
    return table


def _submission_order(submit_s: NDArray[Any], job_id: NDArray[Any], ties: str) -> NDArray[np.intp] | None:
    """Return the permutation that sorts by submission, or None when the rows already stand so."""
    later = submit_s[1:] > submit_s[:-1]  # comparisons: a difference of ten million rows is 80 MB
    if ties == "id":
        later |= (submit_s[1:] == submit_s[:-1]) & (job_id[1:] > job_id[:-1])
    else:
        later |= submit_s[1:] == submit_s[:-1]
    if later.all():
        return None
    return np.argsort(submit_s, kind="stable") if ties == "file" else np.lexsort((job_id, submit_s))


def slot_seconds(table: JobTable) -> NDArray[np.float64]:
    """Return the work of each job: slots times run time, 0 where either is unknown [slot s]."""
    work: NDArray[np.float64] = np.maximum(table.numbers("slots"), 0).astype(np.float64)
    work *= np.maximum(table.numbers("run_s"), 0)
    return work
