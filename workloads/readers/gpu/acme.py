"""Reads the Acme traces of the Shanghai AI Laboratory (2023): ``trace_seren.csv`` and ``trace_kalos.csv``.

One row per job, with the kind of work of large language models. Times state their zone: Seren +08:00, Kalos
+00:00. The run time is end less start in both: the column ``duration`` of Kalos counts from submission.

References
----------
Q. Hu et al., "Characterization of Large Language Model Development in the Datacenter", NSDI '24;
layout: README of InternLM/AcmeTrace.
"""

from workloads.jobtable import JobTable
from workloads.readers.gpu.cluster import ClusterLog, cluster_layout
from workloads.readers.gpu.head import has_columns
from workloads.readers.gpu.times import CHINA
from workloads.readers.text import Source

ONLY_KALOS = ("mem_per_pod_gb", "shared_mem_per_pod", "fail_time", "stop_time")
ACME = ClusterLog(
    cluster_layout("type", known=("node_num", "cpu_num", *ONLY_KALOS, "duration", "queue", "gpu_time")),
    {"user": "user", "job_class": "type"},
    CHINA,
    "log",
)


def read_acme(source: Source, *, lenient: bool = False, zone: str | None = None) -> JobTable:
    """Return the GPU jobs of an Acme trace, plain or gzipped.

    Parameters
    ----------
    source : str, Path or binary file
        The log.
    lenient : bool
        Leave out malformed lines, and keep repeated ids, instead of failing; both are counted.
    zone : str, optional
        Time zone of its wall clock; without it, that of China, in which the hours are told.

    Raises
    ------
    LogError
        The file cannot be read, holds no GPU job, or (unless `lenient`) has a malformed line or a
        repeated id.
    """
    return ACME.read(source, lenient=lenient, asked=zone)


def looks_like_acme(head: bytes) -> bool:
    """Return whether the first bytes of a file are those of an Acme trace."""
    return has_columns(head, "job_id", "type", "gpu_num", "state", "submit_time", "start_time")
