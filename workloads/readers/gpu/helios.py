"""Reads the Helios traces of SenseTime (2020): ``cluster_log.csv`` of Earth, Saturn, Uranus and Venus.

One row per Slurm job. Times are wall-clock times without a zone; the clusters stand in China.

References
----------
Q. Hu et al., "Characterization and Prediction of Deep Learning Workloads in Large-Scale GPU Datacenters",
SC '21, doi:10.1145/3458817.3476223; layout: README of S-Lab-System-Group/HeliosData.
"""

from workloads.jobtable import JobTable
from workloads.readers.gpu.cluster import ClusterLog, cluster_layout
from workloads.readers.gpu.head import has_columns
from workloads.readers.gpu.times import CHINA
from workloads.readers.text import Source

HELIOS = ClusterLog(
    cluster_layout("vc", known=("cpu_num", "node_num", "duration", "queue")),
    {"user": "user", "tenant": "vc"},
    CHINA,
    "assumed",
)


def read_helios(source: Source, *, lenient: bool = False, zone: str | None = None) -> JobTable:
    """Return the GPU jobs of a Helios ``cluster_log.csv``, plain or gzipped.

    Parameters
    ----------
    source : str, Path or binary file
        The log.
    lenient : bool
        Leave out malformed lines, and keep repeated ids, instead of failing; both are counted.
    zone : str, optional
        Time zone of its wall clock; without it, that of China.

    Raises
    ------
    LogError
        The file cannot be read, holds no GPU job, or (unless `lenient`) has a malformed line or a
        repeated id.
    """
    return HELIOS.read(source, lenient=lenient, asked=zone)


def looks_like_helios(head: bytes) -> bool:
    """Return whether the first bytes of a file are those of a Helios log."""
    return has_columns(head, "job_id", "vc", "gpu_num", "state", "submit_time", "start_time")
