"""Reads ``sacct --json`` of all versions that have it: a list ``jobs``, with fields that changed their form.

Times are Unix seconds, limits minutes. What may be unset is ``{"set": …, "infinite": …, "number": …}`` from
data_parser v0.0.39 on and a plain number before; the state is a word up to then and a list of words since
v0.0.40. ``gres/gpu`` and ``gres/gpu:type`` are the same GPUs. Fields: src/plugins/data_parser of Slurm.
"""

import math
import re
from typing import Any

from workloads.errors import LogError
from workloads.jobtable import NO_LIMIT_S, UNKNOWN, JobTable
from workloads.readers.objects.entries import (
    Entry,
    LeftOutError,
    NoJobError,
    instant,
    number,
    parsed,
    records_of,
    state,
    word,
)
from workloads.readers.sacct.states import ENDED
from workloads.readers.schedulers.records import ATTEMPT, RUNS, WAITS, table_of
from workloads.readers.slots_are import SlotsAre
from workloads.readers.text import Source

_WAIT = frozenset(("PENDING", "REQUEUE_HOLD", "REQUEUE_FED", "RESV_DEL_HOLD", "SPECIAL_EXIT"))
_HOLD = frozenset(
    ("RUNNING", "SUSPENDED", "COMPLETING", "CONFIGURING", "STOPPED", "SIGNALING", "STAGE_OUT", "RESIZING")
)
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
    value, path = parsed(source)
    jobs = value.get("jobs") if isinstance(value, dict) else None
    if not isinstance(jobs, list):
        raise LogError.whole_file(path, "no list of jobs", 'sacct --json prints {"jobs": […]}')
    return table_of(records_of(jobs, _entries, path, lenient=lenient), slots=slots)


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
