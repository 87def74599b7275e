"""Reads lists of Jobs of Kubernetes, Workloads of Kueue and Jobs of Volcano: ``kubectl get … -A -o json``.

An object is what is left of a job: conditions are overwritten, objects vanish some time after their end. A
Workload whose Job is in the same list is that Job. A namespace is a tenant; nobody is named.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any, Final

from workloads.errors import LogError
from workloads.jobtable import UNKNOWN, JobTable
from workloads.readers.objects.cut import NotCutError, again, pieces
from workloads.readers.objects.entries import Entry, LeftOutError, NoJobError, parsed, state, word
from workloads.readers.objects.parts import part_of, records_of
from workloads.readers.objects.quantities import duration, moment, used_by, used_by_pod
from workloads.readers.schedulers.records import ATTEMPT, RUNS, WAITS, table_of
from workloads.readers.slots_are import SlotsAre
from workloads.readers.text import Source, source_name

Object = Mapping[str, Any]
_KINDS = re.compile(rb'"apiVersion"\s*:\s*"(batch/v1|kueue\.x-k8s\.io/\w+|batch\.volcano\.sh/\w+)"')
_BEGIN = re.compile(rb"\s*[\[{]")
_OVER: Final = {
    "Completed": "completed",
    "Failed": "failed",
    "Terminated": "cancelled",
    "Aborted": "cancelled",
}
_LEAVING: Final = {"Completing", "Terminating", "Aborting", "Restarting", *_OVER}
"""Phases of a Job of Volcano in which its resources are given back."""
_OWNER = b'"ownerReferences"'
_QUEUE = "kueue.x-k8s.io/queue-name"


def looks_like_kubernetes(head: bytes) -> bool:
    """Whether a file that begins so is a list of jobs of Kubernetes."""
    return bool(_BEGIN.match(head) and _KINDS.search(head))


def read_kubernetes(source: Source, *, lenient: bool = False, slots: SlotsAre = "auto") -> JobTable:
    """Return the jobs in a list of objects, or in one object a line.

    Parameters
    ----------
    source : str, Path or binary file
        The list.
    lenient : bool
        Leave out objects that make no sense instead of failing; they are counted.
    slots : {"auto", "gpus", "cpus", "nodes"}
        What a slot is.

    Raises
    ------
    LogError
        The file cannot be read, holds no job that ended, or (unless `lenient`) an object makes no sense.
    """
    log = again(source)
    try:
        owned = any(_OWNER in piece.text for piece in pieces(log, "items"))
        jobs = _numbers_of_jobs(piece.entries() for piece in pieces(again(log), "items")) if owned else set()
        parts = (
            part_of(piece.entries(), partial(_entries, jobs=jobs)) for piece in pieces(again(log), "items")
        )
        records = records_of(parts, source_name(source), lenient=lenient)
    except NotCutError:
        value, path = parsed(again(log))
        objects: list[Any] = []
        for part in value if isinstance(value, list) else [value]:
            items = part.get("items") if isinstance(part, dict) else None
            objects += items if isinstance(items, list) else [part]
        if not objects:
            raise LogError.whole_file(path, "no job in this log", "the list of objects is empty") from None
        understand = partial(_entries, jobs=_numbers_of_jobs([objects]))
        records = records_of([part_of(objects, understand)], path, lenient=lenient)
    return table_of(records, slots=slots)


def _numbers_of_jobs(parts: Iterable[list[Any]]) -> set[str]:
    """Return the ``uid`` of every Job in a list."""
    return {
        one["metadata"]["uid"]
        for objects in parts
        for one in objects
        if isinstance(one, dict) and one.get("kind") == "Job" and isinstance(one.get("metadata"), dict)
        and isinstance(one["metadata"].get("uid"), str)
    }  # fmt: skip


def _entries(entry: Any, jobs: set[str]) -> list[Entry]:  # noqa: ANN401 - from a file
    if not isinstance(entry, dict) or not isinstance(entry.get("metadata"), dict):
        raise NoJobError("no object of Kubernetes")
    group = word(entry.get("apiVersion")).partition("/")[0]
    understand = _UNDERSTOOD.get((group, word(entry.get("kind"))))
    if understand is None:
        raise LeftOutError("an object of Kubernetes that is no job")
    if any(owner.get("uid") in jobs for owner in entry["metadata"].get("ownerReferences") or ()):
        raise LeftOutError("belongs to a job of the same list")
    if moment(entry["metadata"].get("creationTimestamp")) is None:
        raise NoJobError("there is no creationTimestamp")
    return understand(entry)


def _name(entry: Object) -> str:
    return f"{word(entry['metadata'].get('namespace'))}/{word(entry['metadata'].get('name'))}"


def _words(entry: Object, queue: Any, priority: Any) -> dict[str, str]:  # noqa: ANN401 - from a file
    tenant = word(entry["metadata"].get("namespace"))
    return {"tenant": tenant, "pool": word(queue), "job_class": word(priority)}


def _conditions(status: Object) -> dict[str, Object]:
    """Return the conditions that hold, by their type; others carry the time of their last change."""
    return {
        word(one.get("type")): one for one in status.get("conditions") or () if one.get("status") == "True"
    }


def _count(value: Any) -> int:  # noqa: ANN401 - from a file
    if isinstance(value, bool) or not isinstance(value, int) or not UNKNOWN <= value < 2**31:
        raise NoJobError(f"{str(value)[:24]!r} is no count")
    return value


def _job(entry: Object) -> list[Entry]:
    spec, status = entry["spec"], entry.get("status") or {}
    told = _conditions(status)
    pod = spec["template"]["spec"]
    side_by_side = _count(spec.get("parallelism", 1))
    count = min(side_by_side, _count(spec.get("completions") or side_by_side))
    processors, gpus = used_by_pod(pod)
    start, end = moment(status.get("startTime")), moment(status.get("completionTime"))
    failed = told.get("Failed")
    done = told.get("Complete")
    if failed is not None:
        end = moment(failed.get("lastTransitionTime"))
        fate = state("timeout" if failed.get("reason") == "DeadlineExceeded" else "failed")
    elif done is not None or end is not None:
        end = end if end is not None or done is None else moment(done.get("lastTransitionTime"))
        fate = state("completed")
    else:
        fate = WAITS if start is None or "Suspended" in told else RUNS
    queue = (entry["metadata"].get("labels") or {}).get(_QUEUE)
    return [
        Entry(
            _name(entry), fate, moment(entry["metadata"]["creationTimestamp"]), start, end, None,
            processors * count, gpus * count,
            {"requested_s": _count(spec.get("activeDeadlineSeconds") or UNKNOWN)},
            _words(entry, queue, pod.get("priorityClassName")),
        )
    ]  # fmt: skip


def _workload(entry: Object) -> list[Entry]:
    spec, status = entry["spec"], entry.get("status") or {}
    told = _conditions(status)
    admission = status.get("admission") or {}
    parts = [used_by(one.get("resourceUsage") or {}) for one in admission.get("podSetAssignments") or ()]
    if not any(processors or gpus for processors, gpus in parts):
        pods = [
            (used_by_pod(one["template"]["spec"]), _count(one.get("count", 1))) for one in spec["podSets"]
        ]
        parts = [(processors * count, gpus * count) for (processors, gpus), count in pods]
    queue = admission.get("clusterQueue") or spec.get("queueName")
    admitted = told.get("Admitted") or told.get("QuotaReserved")
    start = moment(admitted.get("lastTransitionTime")) if admitted else None
    finished = told.get("Finished")
    end = moment(finished.get("lastTransitionTime")) if finished else None
    if finished:
        well = finished.get("reason") in ("Succeeded", "JobFinished", "AllPodsSucceeded")
        fate = state("completed" if well else "failed")
    else:
        fate = WAITS if start is None else RUNS
    return [
        Entry(
            _name(entry), fate, moment(entry["metadata"]["creationTimestamp"]), start, end, None,
            sum(processors for processors, _ in parts), sum(gpus for _, gpus in parts),
            {"requested_s": _count(spec.get("maximumExecutionTimeSeconds") or UNKNOWN)},
            _words(entry, queue, spec.get("priorityClassName")),
        )
    ]  # fmt: skip


def _volcano(entry: Object) -> list[Entry]:
    spec, status = entry["spec"], entry.get("status") or {}
    pods = [(used_by_pod(one["template"]["spec"]), _count(one.get("replicas", 1))) for one in spec["tasks"]]
    processors = sum(of_one * count for (of_one, _), count in pods)
    gpus = sum(of_one * count for (_, of_one), count in pods)
    submit = moment(entry["metadata"]["creationTimestamp"])
    numbers = {"requested_s": duration(spec.get("runningEstimate"))}
    words = _words(entry, spec.get("queue") or "default", spec.get("priorityClassName"))
    phase = word((status.get("state") or {}).get("phase"))
    over = _OVER.get(phase)
    entries: list[Entry] = []
    began: int | None = None
    ended: int | None = None
    for told in status.get("conditions") or ():
        now = moment(told.get("lastTransitionTime"))
        if told.get("status") == "Running" and began is None:
            began = now
        elif told.get("status") in _LEAVING and began is not None:
            one = Entry(_name(entry), ATTEMPT, submit, began, now, ended, processors, gpus, numbers, words)
            entries.append(one)
            began, ended = None, now
    if began is not None:
        end = moment((status.get("state") or {}).get("lastTransitionTime")) if over else None
        fate = state(over) if over else RUNS
        entries.append(Entry(_name(entry), fate, submit, began, end, ended, processors, gpus, numbers, words))
    elif over and entries:
        entries[-1].fate = state(over)
    elif not entries:
        end = moment((status.get("state") or {}).get("lastTransitionTime")) if over else None
        fate = state(over) if over else WAITS
        entries.append(Entry(_name(entry), fate, submit, None, end, None, processors, gpus, numbers, words))
    return entries


_UNDERSTOOD: Final[Mapping[tuple[str, str], Callable[[Object], list[Entry]]]] = {
    ("batch", "Job"): _job,
    ("kueue.x-k8s.io", "Workload"): _workload,
    ("batch.volcano.sh", "Job"): _volcano,
}
