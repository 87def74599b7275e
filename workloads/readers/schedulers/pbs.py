"""Reads the accounting files of PBS Professional, OpenPBS and Torque, ``server_priv/accounting/YYYYMMDD``.

A line is ``MM/DD/YYYY HH:MM:SS;TYPE;ID;key=value …``, its date that of the server's wall clock, all other
times Unix seconds: ``ctime`` created, ``etime`` eligible, ``start``, ``end``. A job has a record E at its
end, R at the end of a run after which it goes back into the queue, S at its start, Q when it came, D or A
when it was deleted or could not go on. E and R say all; S counts for jobs that still run, Q and D for those
that never did. Other records are no jobs. The fields are those of src/server/accounting.c of OpenPBS. The
zone of the server is the difference between both clocks.
"""

import re
from datetime import timedelta, timezone
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workloads.jobtable import STATES, UNKNOWN, JobTable, label_column
from workloads.readers.delimited.layout import MISSING_TIME
from workloads.readers.schedulers.lines import BlockRows, Columns, Words, instants, read_lines
from workloads.readers.schedulers.pairs import Pairs
from workloads.readers.schedulers.records import ATTEMPT, RUNS, WAITS, JobNames, Records, table_of
from workloads.readers.schedulers.tokens import Places, Tokens
from workloads.readers.slots_are import SlotsAre
from workloads.readers.text import Source

_TIMES: Final = ("ctime", "etime", "start", "end")
_NUMBERS: Final = {
    "cpus": "Resource_List.ncpus", "gpus": "Resource_List.ngpus", "nodes": "Resource_List.nodect",
    "exit_code": "Exit_status",
}  # fmt: skip
_WORDS: Final = {
    "user": "user", "group": "group", "account": "account", "project": "project", "pool": "queue",
    "limit": "Resource_List.walltime", "shape": "Resource_List.nodes", "reservation": "resvID",
}  # fmt: skip
_NO_PROJECT = "_pbs_project_default"
_JOBS = "QSERDA"
"""Types of records that are about jobs, as far as they are read."""
_OTHERS = re.compile(r"[A-Za-z]\Z")
_WALL_TIME_OVER, _RERUN = -29, -11
_LINE = re.compile(rb"\d\d/\d\d/\d{4} \d\d:\d\d:\d\d;[A-Za-z];[^;\n]*;")
_TASK = re.compile(r"\[(\d*)\]")
_QUARTER_S = 900
_FARTHEST_ZONE_S = 14 * 3600


def looks_like_pbs(head: bytes) -> bool:
    """Whether a file that begins so is an accounting file of PBS."""
    first = next((line for line in head.split(b"\n", 50) if line.strip() and not line.startswith(b"#")), b"")
    return bool(_LINE.match(first))


def read_pbs(source: Source, *, lenient: bool = False, slots: SlotsAre = "auto") -> JobTable:
    """Return the jobs of an accounting file of PBS.

    Parameters
    ----------
    source : str, Path or binary file
        The log; several files of days may stand in it one behind the other.
    lenient : bool
        Leave out malformed lines instead of failing; they are counted.
    slots : {"auto", "gpus", "cpus", "nodes"}
        What a slot is.

    Raises
    ------
    LogError
        The file cannot be read, holds no job, or (unless `lenient`) has a malformed line.
    """
    log = read_lines(source, _look, between=b" ;", quoted=True, what="PBS accounting", lenient=lenient)
    return table_of(_records(log), slots=slots)


def _look(tokens: Tokens) -> BlockRows:
    every = np.arange(len(tokens))
    codes, kinds = tokens.words(tokens.at(every, 2))
    wall_s, dated = _wall_clock(tokens)
    is_kind = np.array([bool(_OTHERS.match(kind)) for kind in kinds], np.bool_)[codes]
    of_job = np.array([kind in _JOBS and len(kind) == 1 for kind in kinds], np.bool_)[codes]
    torn = ~(dated & is_kind & (tokens.count > 3))
    rows = every[of_job & ~torn]
    kind_codes = np.array([_JOBS.find(kind) for kind in kinds], np.int64)[codes][rows]
    pairs = Pairs(tokens, rows, skip=4)
    why = np.full(len(rows), "", object)
    whole = np.isin(kind_codes, [_JOBS.index(kind) for kind in "SER"])
    numbers = {"kind": kind_codes, "wall_s": wall_s[rows]}
    for name in _TIMES:
        numbers[name], good = pairs.integers(name)
        needed = whole & ((name != "end") | (kind_codes != _JOBS.index("S"))) & (name != "etime")
        why[(~good & needed) | (~good & pairs.has(name))] = f"{name} is no Unix time"
    for name, key in _NUMBERS.items():
        numbers[name], good = pairs.integers(key)
        why[~good & pairs.has(key)] = f"{key} is no whole number"
    numbers["entries"] = _entries(tokens, pairs.tokens("exec_host"))
    words: dict[str, Words] = {name: pairs.words(key) for name, key in _WORDS.items()}
    names = tokens.at(rows, 3)
    begin = tokens.starts[names]
    numbers["number"], digits = tokens.digits(begin, tokens.ends[names] - begin)
    why[digits == 0] = "the identifier of the job does not begin with a number"
    words["suffix"] = tokens.words(names, skip=digits)
    wrong = dict.fromkeys(tokens.lines[torn].tolist(), "no record of PBS: date;type;id;…")
    bad = why != ""
    wrong |= {int(line): str(what) for line, what in zip(tokens.lines[rows[bad]], why[bad], strict=True)}
    kept = {name: (rows_of[~bad], unique) for name, (rows_of, unique) in words.items()}
    return BlockRows(
        tokens.lines[rows[~bad]], {name: values[~bad] for name, values in numbers.items()}, kept, wrong
    )


def _wall_clock(tokens: Tokens) -> tuple[Places, NDArray[np.bool_]]:
    """Return the date at the beginning of each line as if it were UTC, and which lines begin with one [s]."""
    rows = np.arange(len(tokens))
    day, hour = tokens.at(rows, 0), tokens.at(rows, 1)
    good = (day >= 0) & (hour >= 0)
    begin = np.where(good, tokens.starts[day], 0)
    clock = np.where(good, tokens.starts[hour], 0)
    good &= (tokens.ends[day] - begin == 10) & (tokens.ends[hour] - clock == 8)
    parts = {}
    for name, start, length in (
        ("month", begin, 2), ("day", begin + 3, 2), ("year", begin + 6, 4),
        ("hour", clock, 2), ("minute", clock + 3, 2), ("second", clock + 6, 2),
    ):  # fmt: skip
        parts[name], digits = tokens.whole(start, np.full(len(rows), length))
        good &= digits
    good &= (parts["month"] >= 1) & (parts["month"] <= 12) & (parts["year"] >= 1970) & (parts["year"] < 2200)
    months = np.where(good, (parts["year"] - 1970) * 12 + parts["month"] - 1, 0)
    days = months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64) + parts["day"] - 1
    return days * 86400 + parts["hour"] * 3600 + parts["minute"] * 60 + parts["second"], good


def _entries(tokens: Tokens, hosts: Places) -> Places:
    """Return the processors in ``exec_host``, as ``n1/0*32+n2/0*32`` or ``n1/0+n1/1``; 0 for none."""
    there = hosts >= 0
    begin = np.where(there, tokens.starts[np.where(there, hosts, 0)], 0)
    end = np.where(there, tokens.ends[np.where(there, hosts, 0)], 0)
    plus, stars = np.flatnonzero(tokens.data == ord("+")), np.flatnonzero(tokens.data == ord("*"))
    entries = np.searchsorted(plus, end) - np.searchsorted(plus, begin) + there
    low, high = np.searchsorted(stars, begin), np.searchsorted(stars, end)
    value, digits = tokens.digits(stars + 1, np.full(len(stars), 9))
    total = np.concatenate([[0], np.cumsum(np.where(digits > 0, value, 1) - 1)])
    slots: Places = entries + total[high] - total[low]
    return np.where(end > begin, slots, 0)


def _records(log: Columns) -> Records:
    kind, numbers = log.numbers["kind"], log.numbers
    jobs, arrays, parents = _jobs(numbers["number"], log.labels["suffix"])
    last, begun = _last_records(kind, jobs.codes)
    is_end, is_rerun = kind == _JOBS.index("E"), kind == _JOBS.index("R")
    runs = last & (kind == _JOBS.index("S"))
    waits = last & (kind == _JOBS.index("Q"))
    gone = last & np.isin(kind, (_JOBS.index("D"), _JOBS.index("A"))) & ~begun
    start, end = (instants(numbers[name], numbers[name] > 0) for name in ("start", "end"))
    processors = np.maximum(
        np.maximum(numbers["cpus"], numbers["entries"]), log.each_word("shape", _processors)
    )
    records = Records(
        log.path, "line", log.places, jobs=jobs,
        submit=np.where(gone, numbers["wall_s"], instants(numbers["ctime"], numbers["ctime"] > 0)),
        eligible=instants(numbers["etime"], numbers["etime"] > 0),
        start=start, end=np.where(is_end | is_rerun, end, MISSING_TIME),
        processors=processors.astype(np.float64),
        gpus=np.maximum(numbers["gpus"].astype(np.float64), log.each_word("shape", _gpus)),
        fate=_fates(numbers["exit_code"], is_rerun, runs, waits, gone),
        optional={
            "requested_s": log.each_word("limit", seconds_of_clock).astype(np.int64),
            "exit_code": np.where(numbers["exit_code"] >= 0, numbers["exit_code"], UNKNOWN),
            "nodes": np.where(numbers["nodes"] > 0, numbers["nodes"], UNKNOWN),
            "array_id": arrays,
        },
        labels={"user": log.labels["user"], "pool": log.labels["pool"], "tenant": _tenants(log)},
    )  # fmt: skip
    ahead_s = _ahead_s(numbers["wall_s"][is_end], end[is_end])
    if ahead_s is not None:
        records.clock = timezone(timedelta(seconds=ahead_s))
        records.zone = str(records.clock).removeprefix("UTC") or "UTC"
    counted = (is_end | is_rerun | runs | waits | gone) & ~parents
    deleted = records.tally("deleted before it started: size unknown", counted & gone)
    kept = records.take(counted & ~gone)
    kept.dropped = [*log.dropped, *deleted]
    return kept


def _last_records(kind: Places, codes: Places) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return which records are the last of their jobs, and which are of jobs that started."""
    last = np.zeros(len(kind), np.bool_)
    place = np.full(int(codes.max(initial=-1)) + 1, -1, np.int64)
    place[codes] = np.arange(len(kind))
    last[place[place >= 0]] = True
    started = np.zeros(len(place), np.bool_)
    started[codes[np.isin(kind, [_JOBS.index(letter) for letter in "SER"])]] = True
    return last, started[codes]


def _jobs(numbers: Places, suffixes: pd.Categorical) -> tuple[JobNames, Places, NDArray[np.bool_]]:
    """Return which job each record is of, the number of its array, and whether it stands for an array.

    Parameters
    ----------
    numbers : array of int64
        What the identifiers begin with.
    suffixes : Categorical
        What follows: the server, and before it the task of an array.
    """
    words = [str(word) for word in suffixes.categories]
    if len({word.partition(".")[2] for word in words}) == 1:  # else two servers count alike
        words = [word.partition(".")[0] for word in words]
    tasks = [_TASK.match(word) for word in words]
    codes = suffixes.codes.astype(np.int64)
    plain = np.array([not word for word in words], np.bool_)[codes]
    parents = np.array([found is not None and not found[1] for found in tasks], np.bool_)[codes]
    is_task = np.array([found is not None for found in tasks], np.bool_)[codes]
    jobs, _ = pd.factorize(numbers * len(words) + codes)

    def name(rows: NDArray[np.intp]) -> list[str]:
        pairs = zip(numbers[rows].tolist(), codes[rows].tolist(), strict=True)
        return [f"{number}{words[code]}" for number, code in pairs]

    own = np.where(plain, numbers, UNKNOWN)
    return JobNames(jobs, own, name), np.where(is_task, numbers, UNKNOWN), parents


def _fates(
    exit_code: Places,
    is_rerun: NDArray[np.bool_],
    runs: NDArray[np.bool_],
    waits: NDArray[np.bool_],
    gone: NDArray[np.bool_],
) -> NDArray[np.int8]:
    fate = np.where(exit_code == 0, STATES.index("completed"), STATES.index("failed"))
    fate = np.where(exit_code == _WALL_TIME_OVER, STATES.index("timeout"), fate)
    fate = np.where(is_rerun | (exit_code == _RERUN), ATTEMPT, fate)
    fate = np.where(gone, STATES.index("cancelled"), fate)
    return np.where(runs, RUNS, np.where(waits, WAITS, fate)).astype(np.int8)


def _ahead_s(wall_s: Places, end: Places) -> int | None:
    """Return by how much the server's clock is ahead of UTC, None if not always by the same [s]."""
    known = end != MISSING_TIME
    ahead = np.unique(np.round((wall_s[known] - end[known]) / _QUARTER_S)) * _QUARTER_S
    return int(ahead[0]) if len(ahead) == 1 and abs(ahead[0]) <= _FARTHEST_ZONE_S else None


def _tenants(log: Columns) -> pd.Categorical:
    """Return what pays for each job: its account, else its project, else its group."""
    accounts, projects = log.texts("account"), log.texts("project")
    named = (projects != "") & (projects != _NO_PROJECT)
    payers = np.where(accounts != "", accounts, np.where(named, projects, log.texts("group")))
    codes, words = pd.factorize(payers)
    return label_column(codes, [*map(str, words)])


def seconds_of_clock(text: str) -> int:
    """Return a duration as PBS writes it [s]; -1 for none.

    Examples
    --------
    >>> [seconds_of_clock(text) for text in ("02:00:00", "3600", "1:00:00:00", "")]
    [7200, 3600, 86400, -1]
    """
    parts = text.split(":")
    if not all(part.isdecimal() and len(part) < 12 for part in parts) or len(parts) > 4:
        return UNKNOWN
    return sum(int(part) * size for part, size in zip(reversed(parts), (1, 60, 3600, 86400), strict=False))


def _processors(shape: str) -> int:
    """Return the processors that Torque's ``nodes`` asks for.

    Examples
    --------
    >>> _processors("2:ppn=4+1:ppn=8:gpus=2"), _processors("n01:ppn=3"), _processors("")
    (16, 3, 0)
    """
    total = 0
    for part in shape.split("+") if shape else []:
        count, *more = part.split(":")
        per_node = [word[4:] for word in more if word.startswith("ppn=")]
        total += _whole(count) * (_whole(per_node[0]) if per_node else 1)
    return total


def _gpus(shape: str) -> int:
    """Return the GPUs that Torque's ``nodes`` asks for.

    Examples
    --------
    >>> _gpus("2:ppn=4:gpus=2+1:ppn=8"), _gpus("4")
    (4, 0)
    """
    total = 0
    for part in shape.split("+"):
        count, *more = part.split(":")
        total += _whole(count) * sum(_whole(word[5:]) for word in more if word.startswith("gpus="))
    return total


def _whole(text: str) -> int:
    """Return a number; a name of a node is one node."""
    return int(text) if text.isdecimal() and len(text) < 8 else 1
