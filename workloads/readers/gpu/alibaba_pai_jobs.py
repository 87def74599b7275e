"""Reads the samples in the simulator of the Alibaba PAI trace: ``pai_job_*_estimate_100K.csv``.

One row per job with submission and run time on a clock of its own. GPUs are counted in whole ones and parts;
as in that simulator, ``num_gpu`` is what the whole job holds, however many instances it has.

References
----------
Q. Weng et al., "MLaaS in the Wild: Workload Analysis and Scheduling in Large-Scale Heterogeneous GPU
Clusters", NSDI '22; cluster-trace-gpu-v2020/simulator in alibaba/clusterdata.
"""

from typing import Any

import numpy as np

from workloads.jobtable import UNKNOWN, JobTable
from workloads.readers.delimited.reader import Field, Layout, read_delimited
from workloads.readers.gpu.head import MISSING, has_columns
from workloads.readers.gpu.rows import Rows, ids, slots_of
from workloads.readers.gpu.times import moments, right_clock
from workloads.readers.text import Source

LAYOUT = Layout(
    (
        Field("job_id", "text"),
        Field("num_gpu", "number", least=0, blank=True),
        Field("submit_time", "integer", least=0, blank=True),
        Field("duration", "integer", least=0, blank=True),
        Field("wait_time", "number", required=False, blank=True),
        Field("gpu_type", required=False, blank=True),
        Field("user", required=False, blank=True),
    ),
    missing=MISSING,
    known=("num_inst", "num_cpu", "group", "user_dur", "user_gpu_dur", "group_dur", "group_gpu_dur"),
)


def read_pai_jobs(source: Source, *, lenient: bool = False) -> JobTable:
    """Return the GPU jobs of a sample that the PAI simulator reads, plain or gzipped.

    Parameters
    ----------
    source : str, Path or binary file
        The log.
    lenient : bool
        Leave out malformed lines, and keep repeated ids, instead of failing; both are counted.

    Raises
    ------
    LogError
        The file cannot be read, holds no GPU job, or (unless `lenient`) has a malformed line or a
        repeated id.
    """
    log = read_delimited(source, LAYOUT, lenient=lenient)
    rows = Rows(log, lenient=lenient)
    slots = slots_of(rows, log.numbers("num_gpu"))
    run_s = log.numbers("duration")
    rows.drop("no run time: never started, or still running", run_s == UNKNOWN)
    submit = moments(log.numbers("submit_time"))
    right_clock(rows, submit)
    columns: dict[str, Any] = {
        "job_id": ids(rows, log.texts("job_id")),
        "submit_s": submit,
        "run_s": run_s,
        "slots": slots,
    }
    if "wait_time" in log:
        wait = log.numbers("wait_time")
        rows.remark("wait below 0: taken as unknown", wait < 0)
        columns["wait_s"] = np.floor(np.where(wait >= 0, wait, UNKNOWN) + 0.5).astype(np.int64)
    labels = {"pool": "gpu_type", "user": "user"}
    columns |= {name: log.labels(field) for name, field in labels.items() if field in log}
    return rows.table(columns, origin=None)


def looks_like_pai_jobs(head: bytes) -> bool:
    """Return whether the first bytes of a file are those of a sample of the PAI simulator."""
    return has_columns(head, "job_id", "num_inst", "num_gpu", "submit_time", "duration")
