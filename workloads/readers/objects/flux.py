"""Reads ``flux jobs -A --json``: a list ``jobs`` of what flux-jobs(1) calls its fields.

Times are Unix seconds with a fraction, a duration of 0 is no limit. A job holds its resources from
``t_run`` to ``t_cleanup``. When it could have started is not told, and neither are GPUs.
"""

from typing import Any, Final

from workloads.errors import LogError
from workloads.jobtable import NO_LIMIT_S, UNKNOWN, JobTable
from workloads.readers.objects.entries import (
    Entry,
    NoJobError,
    instant,
    number,
    parsed,
    state,
    word,
)
from workloads.readers.objects.parts import part_of, records_of
from workloads.readers.schedulers.records import RUNS, WAITS, table_of
from workloads.readers.slots_are import SlotsAre
from workloads.readers.text import Source

_RESULTS: Final = {
    "COMPLETED": "completed", "FAILED": "failed", "CANCELED": "cancelled", "CANCELLED": "cancelled",
    "TIMEOUT": "timeout",
}  # fmt: skip


def looks_like_flux(head: bytes) -> bool:
    """Whether a file that begins so is what ``flux jobs --json`` prints."""
    return head.lstrip().startswith(b"{") and b'"t_submit"' in head


def read_flux(source: Source, *, lenient: bool = False, slots: SlotsAre = "auto") -> JobTable:
    """Return the jobs in the output of ``flux jobs --json``.

    Parameters
    ----------
    source : str, Path or binary file
        The log.
    lenient : bool
        Leave out entries that are no job instead of failing; they are counted.
    slots : {"auto", "gpus", "cpus", "nodes"}
        What a slot is; by itself a core.

    Raises
    ------
    LogError
        The file cannot be read, is no such list, holds no job that ended, or (unless `lenient`) an entry
        is no job.
    """
    value, path = parsed(source)
    jobs: list[Any] = []
    for part in value if isinstance(value, list) else [value]:
        listed = part.get("jobs") if isinstance(part, dict) else None
        jobs += listed if isinstance(listed, list) else [part]
    if not jobs:
        raise LogError.whole_file(path, "no job in this log", "the list of jobs is empty")
    return table_of(records_of([part_of(jobs, _entries)], path, lenient=lenient), slots=slots)


def _entries(job: Any) -> list[Entry]:  # noqa: ANN401 - from a file
    if not isinstance(job, dict) or not (word(job.get("id")) and word(job.get("state"))):
        raise NoJobError("no job of Flux: an object with id and state")
    submit, start = instant(job.get("t_submit")), instant(job.get("t_run"))
    end = instant(job.get("t_cleanup")) or instant(job.get("t_inactive"))
    if submit is None:
        raise NoJobError("there is no time of submission")
    if job["state"] in ("INACTIVE", "CLEANUP") and end is not None:
        fate = state(_RESULTS.get(word(job.get("result")).upper(), "unknown"))
    else:
        fate, end = RUNS if start is not None else WAITS, None
    limit, code = number(job.get("duration")), number(job.get("returncode"))
    entry = Entry(
        word(job["id"]), fate, submit, start, end, None, number(job.get("ncores")) or 0.0, 0.0,
        {
            "requested_s": UNKNOWN if limit is None else int(limit) if limit > 0 else NO_LIMIT_S,
            "nodes": int(number(job.get("nnodes")) or UNKNOWN),
            "exit_code": int(code) if code is not None and 0 <= code < 2**31 else UNKNOWN,
        },
        {
            "user": word(job.get("username")) or word(job.get("userid")),
            "tenant": word(job.get("bank")) or word(job.get("project")),
            "pool": word(job.get("queue")),
        },
    )  # fmt: skip
    return [entry]
