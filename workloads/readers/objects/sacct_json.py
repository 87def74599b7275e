"""Reads ``sacct --json`` of all versions that have it: a list ``jobs``, with fields that changed their form.

Times are Unix seconds, limits minutes. What may be unset is ``{"set": …, "infinite": …, "number": …}`` from
data_parser v0.0.39 on and a plain number before; the state is a word up to then and a list of words since
v0.0.40. ``gres/gpu`` and ``gres/gpu:type`` are the same GPUs. Fields: src/plugins/data_parser of Slurm.
"""

import math
import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from workloads.errors import LogError
from workloads.jobtable import NO_LIMIT_S, UNKNOWN, JobTable
from workloads.readers.delimited.layout import MISSING_TIME
from workloads.readers.objects.cut import NotCutError, again, pieces
from workloads.readers.objects.entries import (
    Entry,
    LeftOutError,
    NoJobError,
    instant,
    number,
    parsed,
    state,
    word,
)
from workloads.readers.objects.parts import EntryColumns, part_of, records_of
from workloads.readers.objects.sacct_columns import (
    SacctJobs,
    StrangeError,
    part_of_columns,
    schema_of,
    words_of,
)
from workloads.readers.sacct.states import ENDED
from workloads.readers.schedulers.records import ATTEMPT, RUNS, WAITS, table_of
from workloads.readers.slots_are import SlotsAre
from workloads.readers.text import Source, source_name

_WAIT = frozenset(("PENDING", "REQUEUE_HOLD", "REQUEUE_FED", "RESV_DEL_HOLD", "SPECIAL_EXIT"))
_HOLD = frozenset(
    ("RUNNING", "SUSPENDED", "COMPLETING", "CONFIGURING", "STOPPED", "SIGNALING", "STAGE_OUT", "RESIZING")
)
_BETWEEN = "\x1f"
"""Stands between states where a job has several."""
_BEGIN = re.compile(rb"\s*\{")


def looks_like_sacct_json(head: bytes) -> bool:
    """Whether a file that begins so is what ``sacct --json`` prints."""
    return bool(_BEGIN.match(head)) and b'"jobs"' in head and b'"submission"' in head and b'"tres"' in head


def read_sacct_json(source: Source, *, lenient: bool = False, slots: SlotsAre = "auto") -> JobTable:
    """Return the jobs in the output of ``sacct --json``.

    Parameters
    ----------
    source : str, Path or binary file
        The log.
    lenient : bool
        Leave out entries that are no job instead of failing; they are counted.
    slots : {"auto", "gpus", "cpus", "nodes"}
        What a slot is.

    Raises
    ------
    LogError
        The file cannot be read, is no such list, holds no job that ended, or (unless `lenient`) an entry
        is no job.
    """
    log = again(source)
    try:
        records = records_of(_parts(log), source_name(source), lenient=lenient)
    except NotCutError:
        value, path = parsed(again(log))
        jobs = value.get("jobs") if isinstance(value, dict) else None
        if not isinstance(jobs, list):
            what, fix = "no list of jobs", 'sacct --json prints {"jobs": […]}'
            raise LogError.whole_file(path, what, fix) from None
        records = records_of([part_of(jobs, _entries)], path, lenient=lenient)
    return table_of(records, slots=slots)


def _parts(source: Source) -> Iterator[EntryColumns]:
    """Yield the records of a list, some MB of it at a time.

    Raises
    ------
    NotCutError
        It cannot be cut into pieces.
    """
    schema: pa.Schema | None = None
    for piece in pieces(source, "jobs"):
        try:
            schema = schema or schema_of(piece.first())
            yield _of_one_form(SacctJobs(piece, schema))
        except StrangeError:
            yield part_of(piece.entries(), _entries)


def _of_one_form(jobs: SacctJobs) -> EntryColumns:
    """Return the records of entries of one form.

    Raises
    ------
    StrangeError
        One of them is no job, or is left out.
    """
    own = jobs.numbers("job_id")
    if not np.isfinite(own).all():
        raise StrangeError
    states = jobs.column("state")
    if pa.types.is_struct(states.type):
        states = jobs.column("state", "current")
    if pa.types.is_list(states.type):
        states = pc.binary_join(states, _BETWEEN)
    if states.null_count:
        raise StrangeError
    codes, words = words_of(states)
    began = jobs.instants("time", "start") != MISSING_TIME
    try:
        by_word = [[_fate(word.split(_BETWEEN), start) for start in (None, 1)] for word in words]
    except LeftOutError as error:
        raise StrangeError from error
    fates = np.array(by_word, np.int8).reshape(-1, 2)[codes, began.astype(np.int64)]
    names = [*map(str, own.astype(np.int64).tolist())]
    arrays = np.full(len(jobs), UNKNOWN, np.int64)
    whole, first, part = (
        jobs.numbers(*path) for path in (("array", "job_id"), ("het", "job_id"), ("het", "job_offset"))
    )
    rows = np.flatnonzero((np.nan_to_num(whole) != 0) | ~(np.isnan(first) | np.isnan(part)))
    array_of, het_of = (jobs.column(name).take(pa.array(rows)).to_pylist() for name in ("array", "het"))
    for row, array, het in zip(rows.tolist(), array_of, het_of, strict=True):
        arrays[row], names[row] = _array({"array": array, "het": het}, int(own[row]))
    return part_of_columns(jobs, fates, names, arrays)


def _entries(job: Any) -> list[Entry]:  # noqa: ANN401 - from a file
    if not isinstance(job, dict) or not isinstance(job.get("time"), dict):
        raise NoJobError("no job of sacct: an object with time and state")
    times, own = job["time"], number(job.get("job_id"))
    if own is None or own == math.inf:
        raise NoJobError("job_id is no number")
    submit, start, end = (instant(times.get(name)) for name in ("submission", "start", "end"))
    if submit is None:
        raise NoJobError("there is no time of submission")
    fate = _fate(job.get("state"), start)
    elapsed = number(times.get("elapsed"))
    if fate == RUNS and start is not None and elapsed is not None and elapsed < math.inf:
        end = start + int(elapsed)
    tres = _resources(job)
    array, name = _array(job, int(own))
    entry = Entry(
        name, fate, submit, start, end, instant(times.get("eligible")), tres["cpu"], tres["gpu"],
        numbers={
            "requested_s": _limit(number(times.get("limit"))),
            "suspended_s": int(number(times.get("suspended")) or 0),
            "nodes": int(tres["node"]) or UNKNOWN,
            "exit_code": _exit_code(job.get("exit_code")),
            "array_id": array,
        },
        words={
            "user": word(job.get("user")) or word((job.get("association") or {}).get("user")),
            "tenant": word(job.get("account")) or word((job.get("association") or {}).get("account")),
            "pool": word(job.get("partition")),
            "job_class": word(job.get("qos")),
        },
    )  # fmt: skip
    return [entry]


def _fate(told: Any, start: int | None) -> int:  # noqa: ANN401 - from a file
    """Return the fate that a state means: a word, a list of words, or an object with one of them."""
    told = told.get("current") if isinstance(told, dict) else told
    words = [word(part).upper() for part in (told if isinstance(told, list) else [told])]
    if "REVOKED" in words:
        raise LeftOutError("revoked: ran on another cluster")
    for one in words:
        if one in ENDED:
            if one == "DEADLINE" and start is None:
                return state("cancelled")
            return state(ENDED[one])
    if any(one in ("REQUEUED", "PREEMPTED") for one in words):
        return ATTEMPT
    if any(one in _HOLD for one in words):
        return RUNS if start is not None else WAITS
    return WAITS if any(one in _WAIT for one in words) else state("unknown")


def _resources(job: dict[str, Any]) -> dict[str, float]:
    """Return processors, GPUs and nodes: allocated, or asked for where nothing is."""
    lists = job.get("tres") or {}
    for kind in ("allocated", "requested"):
        found = {"cpu": 0.0, "gpu": 0.0, "node": 0.0, "typed": 0.0}
        for part in lists.get(kind) or ():
            count, name = number(part.get("count")) or 0.0, word(part.get("name"))
            if part.get("type") in ("cpu", "node"):
                found[part["type"]] = count
            elif part.get("type") == "gres" and name == "gpu":
                found["gpu"] = count
            elif part.get("type") == "gres" and name.startswith("gpu:"):
                found["typed"] += count
        found["gpu"] = found["gpu"] or found["typed"]
        if found["cpu"] or found["gpu"]:
            return found
    asked = number((job.get("required") or {}).get("CPUs")) or 0.0
    return {"cpu": asked, "gpu": 0.0, "node": number(job.get("allocation_nodes")) or 0.0}


def _array(job: dict[str, Any], own: int) -> tuple[int, str]:
    """Return the number of the array of a job, and its name as Slurm writes it."""
    array, het = job.get("array") or {}, job.get("het") or {}
    whole, task = number(array.get("job_id")), number(array.get("task_id"))
    if whole and task is not None:
        return int(whole), f"{int(whole)}_{int(task)}"
    if whole and word(array.get("task")):
        return int(whole), f"{int(whole)}_[{word(array.get('task'))}]"
    first, part = number(het.get("job_id")), number(het.get("job_offset"))
    return UNKNOWN, f"{int(first)}+{int(part)}" if first and part is not None else str(own)


def _limit(minutes: float | None) -> int:
    if minutes is None or minutes <= 0:
        return UNKNOWN
    return NO_LIMIT_S if minutes == math.inf else int(minutes * 60)


def _exit_code(told: Any) -> int:  # noqa: ANN401 - from a file
    code = number((told or {}).get("return_code")) if isinstance(told, dict) else number(told)
    return UNKNOWN if code is None or not 0 <= code < 2**31 else int(code)
