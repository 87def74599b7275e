"""Reads workloads of the Batsim simulator as far as they are delays: what it asks is what a log has.

Schema: https://batsim.readthedocs.io/en/latest/input-workload.html. The file is one JSON value, so it is
taken into memory as a whole.
"""

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeGuard

import numpy as np
import pandas as pd

from workloads.errors import LogError, LogProblem
from workloads.jobtable import JobTable, Tally
from workloads.readers.batsim.writer import ABOUT, DELAY, FURTHER_LABELS, FURTHER_NUMBERS
from workloads.readers.columns import table_from_loose
from workloads.readers.text import BYTE_ORDER_MARK, Source, decode, open_log

DELAYS = (DELAY, "DelayProfile")
MOST_PROBLEMS = 20
_NUMBERED = re.compile(r"^(?:.*!)?(\d{1,16})$")
_BEGINNING = re.compile(rb'^\s*\{\s*"')


def looks_like_batsim(head: bytes) -> bool:
    """Whether a file that begins so is a workload of Batsim."""
    return bool(_BEGINNING.match(head)) and (
        b'"nb_res"' in head or (b'"jobs"' in head and b'"subtime"' in head)
    )


def read_batsim(source: Source, *, lenient: bool = False) -> JobTable:
    """Return the jobs of a Batsim workload; a profile that is no delay gives no run time.

    Raises
    ------
    LogError
        The file cannot be read, is no such workload, or (unless `lenient`) has a malformed job.
    """
    with open_log(source) as (stream, path):
        text = decode(stream.read().removeprefix(BYTE_ORDER_MARK))
    workload = _parsed(text, path)
    jobs, profiles = workload["jobs"], workload["profiles"]
    wrong = {place: what for place, job in enumerate(jobs) if (what := _wrong(job, profiles))}
    if wrong and (not lenient or len(wrong) == len(jobs)):
        shown = [
            LogProblem(path, None, None, f"jobs[{at}]: {what}")
            for at, what in [*wrong.items()][:MOST_PROBLEMS]
        ]
        raise LogError(shown, more=len(wrong) - len(shown))
    good = [job for place, job in enumerate(jobs) if place not in wrong] if wrong else jobs
    if not good:
        raise LogError.whole_file(path, "no job in this workload")
    ids, remarks = _ids(good)
    columns, more = _columns(good, profiles)
    about = dict(workload.get(ABOUT) or {})
    if ABOUT not in workload:
        about["max_slots"] = workload.get("nb_res")
    dropped = [Tally("malformed job", len(wrong), tuple(f"jobs[{at}]: {wrong[at]}" for at in [*wrong][:3]))]
    told = {"dropped": dropped if wrong else [], "remarks": [*remarks, *more]}
    for kind, tallies in told.items():
        plain = [{"reason": t.reason, "count": t.count, "examples": t.examples} for t in tallies]
        about[kind] = [*(about.get(kind) or ()), *plain]
    return table_from_loose({"job_id": ids, **columns}, about, path, first_line=1, lenient=lenient)


def _parsed(text: str, path: str) -> dict[str, Any]:
    try:
        workload = json.loads(text)
    except json.JSONDecodeError as error:
        raise LogError([LogProblem(path, error.lineno, error.colno, f"not JSON: {error.msg}")]) from None
    except (RecursionError, ValueError):  # ValueError: a number of thousands of digits
        raise LogError.whole_file(path, "not a workload: nested too deeply, or an endless number") from None
    shape = isinstance(workload, dict)
    if (
        not shape
        or not isinstance(workload.get("jobs"), list)
        or not isinstance(workload.get("profiles"), dict)
    ):
        fix = 'a workload of Batsim is {"nb_res": …, "jobs": […], "profiles": {…}}'
        raise LogError.whole_file(path, "no workload of Batsim", fix)
    if not isinstance(workload.get(ABOUT, {}), dict):
        raise LogError.whole_file(path, f'"{ABOUT}" is no object', "leave it out if in doubt")
    size = workload.get("nb_res")
    if size is not None and (not _is_number(size) or size != int(size) or size < 1):
        raise LogError.whole_file(path, f"nb_res is {size!r}, not a positive number")
    return dict(workload)


def _wrong(job: object, profiles: Mapping[str, Any]) -> str:
    """Return what is wrong with a job; nothing if it is one."""
    if not isinstance(job, dict):
        return "not an object"
    if not isinstance(job.get("id"), str | int) or isinstance(job.get("id"), bool):
        return "id is neither a string nor a number"
    for name, least in (("subtime", 0), ("res", 1)):
        value = job.get(name)
        if not _is_number(value) or value < least:
            return f"{name} is {_shown(value)}, not a number from {least}"
    limit = job.get("walltime", -1)
    if not _is_number(limit) or (limit <= 0 and limit != -1):
        return f"walltime is {_shown(limit)}, neither positive nor -1"
    profile = profiles.get(job["profile"]) if isinstance(job.get("profile"), str) else None
    if not isinstance(profile, dict):
        return f"profile {_shown(job.get('profile'))} is not among the profiles"
    delay = profile.get("delay")
    if profile.get("type") in DELAYS and not (_is_number(delay) and delay >= 0):
        return f"the delay of profile {_shown(job['profile'])} is {_shown(delay)}"
    return ""


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 24 else text[:24] + "…"


def _is_number(value: object) -> TypeGuard[float]:
    return (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and abs(value) < 2**53
        and math.isfinite(value)
    )


def _ids(jobs: Sequence[Mapping[str, Any]]) -> tuple["pd.Series[Any]", list[Tally]]:
    """Return a number per job: the one in its id, else its place in the file."""
    found = [_NUMBERED.match(str(job["id"])) for job in jobs]
    if all(found):
        return pd.Series([int(match[1]) for match in found if match], dtype="int64"), []
    names = [str(job["id"]) for job in jobs]
    codes, words = pd.factorize(np.array(names, dtype=object))
    return pd.Series(codes + 1), [Tally("job id is no number: numbered by us", len(words), tuple(names[:3]))]


def _columns(
    jobs: Sequence[Mapping[str, Any]], profiles: Mapping[str, Any]
) -> tuple[dict[str, "pd.Series[Any]"], list[Tally]]:
    delays = {name: profile for name, profile in profiles.items() if isinstance(profile, dict)}
    run = [
        delays[job["profile"]].get("delay", -1) if _is_delay(delays[job["profile"]]) else -1 for job in jobs
    ]
    numbers: dict[str, Sequence[Any]] = {
        "submit_s": [job["subtime"] for job in jobs],
        "run_s": run,
        "slots": [job["res"] for job in jobs],
        "requested_s": [job.get("walltime", -1) for job in jobs],
    }
    remarks = [*_remarks(jobs, delays)]
    keys = {key for job in jobs for key in job}
    numbers |= {name: [job.get(name, -1) for job in jobs] for name in FURTHER_NUMBERS if name in keys}
    columns = {name: pd.Series(values) for name, values in numbers.items()}
    for name in FURTHER_LABELS:
        if name in keys:
            columns[name] = pd.Series([str(job.get(name, "")) for job in jobs], dtype=object)
    if "state" not in keys:
        codes = [delays[job["profile"]].get("ret", 0) for job in jobs]
        if any(codes):
            columns["state"] = pd.Series(["failed" if code else "completed" for code in codes], dtype=object)
    elif not all("state" in job for job in jobs):
        columns["state"] = columns["state"].replace("", "unknown")
    return columns, remarks


def _is_delay(profile: Mapping[str, Any]) -> bool:
    return profile.get("type") in DELAYS


def _remarks(jobs: Sequence[Mapping[str, Any]], profiles: Mapping[str, Any]) -> Iterator[Tally]:
    others = [job for job in jobs if not _is_delay(profiles[job["profile"]])]
    if others:
        examples = tuple(f"job {job['id']}" for job in others[:3])
        yield Tally("profile is no delay: run time unknown", len(others), examples)
