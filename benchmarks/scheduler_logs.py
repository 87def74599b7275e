"""Writes a workload as other schedulers log it: lines of PBS and LSF, lists of Slurm and Kubernetes."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from workloads.jobtable import JobTable

EPOCH_S: Final = 1_600_000_000
_CPUS_PER_SLOT: Final = 8
_LSF_SERIAL: Final = " ".join(["0"] * 7)


def write_pbs(table: JobTable, target: Path) -> None:
    """Write records of the ends of jobs, as long as those of OpenPBS are."""
    with target.open("w") as stream:
        for job, submit, start, end, asked, slots, user in _jobs(table):
            cpus = slots * _CPUS_PER_SLOT
            stream.write(
                f"{datetime.fromtimestamp(end, UTC):%m/%d/%Y %H:%M:%S};E;{job}.pbs01;user={user} group=g "
                f'account="proj {job % 20}" project=_pbs_project_default jobname=train{job} queue=workq '
                f"ctime={submit} qtime={submit} etime={submit} start={start} exec_host=n{job % 999}/0*{cpus} "
                f"exec_vnode=(n{job % 999}:ncpus={cpus}:ngpus={slots}) Resource_List.ncpus={cpus} "
                f"Resource_List.ngpus={slots} Resource_List.nodect=1 Resource_List.place=scatter "
                f"Resource_List.select=1:ncpus={cpus}:ngpus={slots} "
                f"Resource_List.walltime={asked // 3600:02}:{asked // 60 % 60:02}:{asked % 60:02} "
                f"session={job % 99_999} end={end} Exit_status=0 resources_used.cpupercent=3190 "
                f"resources_used.cput=31:50:00 resources_used.mem=1200000kb resources_used.ncpus={cpus} "
                "resources_used.vmem=0kb resources_used.walltime=01:00:00 run_count=1\n"
            )


def write_lsf(table: JobTable, target: Path) -> None:
    """Write records JOB_FINISH of LSF 10.1."""
    with target.open("w") as stream:
        for job, submit, start, end, asked, slots, user in _jobs(table):
            host = f'"{slots}*n{job % 999}"'
            stream.write(
                f'"JOB_FINISH" "10.1" {end} {job} 1001 33816602 {slots} {submit} 0 0 {start} "{user}" '
                f'"normal" "span[hosts=1]" "" "" "login1" "/home/{user}" "" "out" "" "{submit}.{job}" 0 1 '
                f"{host} 64 60.0 "
                f'"a" "run.sh" 1.0 0.5 100 0 -1 {_LSF_SERIAL} -1 0 0 0 0 0 -1 "" "projA" 0 {slots} '
                '"" "" 0 2048 0 '
                f'"" "" "" "" 0 "" 0 "" -1 "/u" "" "" "" -1 "" "" 5136 "" {start} "" "" 0 0 {asked} 0 2048 '
                f'"select[type == any]" "" -1 "" -1 0 "" 0 0 "" {end - start} "" 0 "" 0.0 0.0 0.0 0.0 0.0 1 '
                f"{host} -1 0 0 0 0 0\n"
            )


def write_sacct_json(table: JobTable, target: Path) -> None:
    """Write what ``sacct --json`` of data_parser v0.0.41 prints."""
    _write_list(target, '{"jobs":[', (_sacct(*job) for job in _jobs(table)), '],"errors":[]}')


def write_kubernetes(table: JobTable, target: Path) -> None:
    """Write a list of Jobs of Kubernetes."""
    head = '{"apiVersion":"v1","kind":"List","items":['
    _write_list(target, head, (_job(*job) for job in _jobs(table)), "]}")


def _write_list(target: Path, head: str, entries: Iterator[dict[str, Any]], tail: str) -> None:
    with target.open("w") as stream:
        stream.write(head)
        for place, entry in enumerate(entries):
            stream.write(("," if place else "") + json.dumps(entry, separators=(",", ":")))
        stream.write(tail)


def _jobs(table: JobTable) -> Iterator[tuple[int, int, int, int, int, int, str]]:
    """Yield number, submission, start, end, request [s], slots and user of each job."""
    submit = table.numbers("submit_s") + EPOCH_S
    start = submit + table.numbers("wait_s")
    columns = (table.numbers("job_id"), submit, start, start + table.numbers("run_s"))
    more = (table.numbers("requested_s"), table.numbers("slots"))
    yield from zip(*(column.tolist() for column in (*columns, *more)), table.frame["user"], strict=True)


def _number(value: int | None) -> dict[str, Any]:
    return {"set": value is not None, "infinite": False, "number": value or 0}


def _sacct(job: int, submit: int, start: int, end: int, asked: int, slots: int, user: str) -> dict[str, Any]:
    cpus = slots * _CPUS_PER_SLOT
    sizes = {"cpu": cpus, "mem": 31_200, "node": 1, "billing": cpus}
    tres = [
        {"type": sort, "name": "", "id": place, "count": n} for place, (sort, n) in enumerate(sizes.items())
    ]
    tres.append({"type": "gres", "name": "gpu", "id": 1001, "count": slots})
    code = {"status": ["SUCCESS"], "return_code": _number(0), "signal": {"id": _number(None), "name": ""}}
    array = {"job_id": 0, "limits": {"max": {"running": {"tasks": 0}}}, "task_id": _number(None), "task": ""}
    time = {
        "elapsed": end - start, "eligible": submit, "end": end, "start": start, "submission": submit,
        "suspended": 0, "system": {"seconds": 1, "microseconds": 0}, "limit": _number(asked // 60 or 1),
        "total": {"seconds": 10, "microseconds": 0}, "user": {"seconds": 9, "microseconds": 0},
    }  # fmt: skip
    return {
        "account": "astro", "allocation_nodes": 1, "array": array,
        "association": {"account": "astro", "cluster": "aster", "partition": "", "user": user, "id": 7},
        "cluster": "aster", "constraints": "", "container": "", "derived_exit_code": code, "exit_code": code,
        "failed_node": "", "flags": ["STARTED_ON_BACKFILL"], "group": "users",
        "het": {"job_id": 0, "job_offset": _number(None)}, "job_id": job, "name": f"train{job}",
        "licenses": "", "nodes": f"c{job % 999}", "partition": "cpu",
        "hold": False, "priority": _number(4000),
        "qos": "normal",
        "required": {"CPUs": cpus, "memory_per_cpu": _number(3900), "memory_per_node": _number(None)},
        "kill_request_user": "", "restart_cnt": 0, "reservation": {"id": 0, "name": ""},
        "state": {"current": ["COMPLETED"], "reason": "None"}, "steps": [], "time": time,
        "tres": {"allocated": tres, "requested": tres}, "used_gres": "", "user": user,
        "wckey": {"wckey": "", "flags": []}, "working_directory": f"/home/{user}",
    }  # fmt: skip


def _job(job: int, submit: int, start: int, end: int, asked: int, slots: int, user: str) -> dict[str, Any]:
    created, began, ended = (
        f"{datetime.fromtimestamp(when, UTC):%Y-%m-%dT%H:%M:%SZ}" for when in (submit, start, end)
    )
    resources = {"requests": {"cpu": str(slots * _CPUS_PER_SLOT), "nvidia.com/gpu": str(slots)}}
    pod = {"containers": [{"name": "m", "resources": resources}], "restartPolicy": "Never"}
    conditions = [
        {"type": kind, "status": "True", "lastTransitionTime": ended}
        for kind in ("SuccessCriteriaMet", "Complete")
    ]
    return {
        "apiVersion": "batch/v1", "kind": "Job",
        "metadata": {
            "name": f"train-{job}", "namespace": user, "uid": f"{job:032x}", "creationTimestamp": created,
            "labels": {"kueue.x-k8s.io/queue-name": "lq-a"},
        },
        "spec": {
            "parallelism": 1, "completions": 1, "backoffLimit": 3, "activeDeadlineSeconds": asked,
            "suspend": False, "template": {"spec": pod},
        },
        "status": {"startTime": began, "completionTime": ended, "succeeded": 1, "conditions": conditions},
    }  # fmt: skip
