"""Reads the Philly trace of Microsoft (2017) in the CSV form that simulators carry.

Columns ``timestamp,duration,num_gpus,gpu_time,cluster``: submission, run time in seconds, GPUs, their
product, and the virtual cluster. There are no ids, users, waits or states. Times are wall-clock times without
a zone.

References
----------
M. Jeon et al., "Analysis of Large-Scale Multi-Tenant GPU Clusters for DNN Training Workloads", USENIX
ATC '19; the CSV form: S. Jayaram Subramanya et al., "Sia", SOSP '23, repository siasosp23/artifacts.
"""

from workloads.jobtable import JobTable
from workloads.readers.delimited.reader import Field, Layout, read_delimited
from workloads.readers.gpu.head import MISSING, has_columns
from workloads.readers.gpu.rows import Rows, row_numbers, slots_of
from workloads.readers.gpu.times import instants, right_clock, since_month, told
from workloads.readers.text import Source
from workloads.zone_names import zone_called

LAYOUT = Layout(
    (
        Field("timestamp", "time", blank=True),
        Field("duration", "integer", least=0, blank=True),
        Field("num_gpus", "number", least=0, blank=True),
        Field("cluster", blank=True),
    ),
    missing=MISSING,
    known=("gpu_time",),
)


def read_philly(source: Source, *, lenient: bool = False, zone: str | None = None) -> JobTable:
    """Return the jobs of a Philly CSV file, plain or gzipped; an id is the number of the row, from 1.

    Parameters
    ----------
    source : str, Path or binary file
        The log.
    lenient : bool
        Leave out malformed lines instead of failing; they are counted.
    zone : str, optional
        Time zone of its wall clock; without it, UTC.

    Raises
    ------
    LogError
        The file cannot be read, holds no GPU job, or (unless `lenient`) has a malformed line.
    """
    log = read_delimited(source, LAYOUT, lenient=lenient)
    rows = Rows(log, lenient=lenient)
    clock = zone_called(zone) if zone else None
    (submit,) = instants(rows, ("timestamp",), clock)
    run_s = log.numbers("duration")
    slots = slots_of(rows, log.numbers("num_gpus"))
    rows.drop("no run time: never started, or still running", run_s < 0)
    right_clock(rows, submit)
    submit_s, origin = since_month(rows, submit, clock)
    columns = {
        "job_id": row_numbers(rows),
        "submit_s": submit_s,
        "run_s": run_s,
        "slots": slots,
        "tenant": log.labels("cluster"),
    }
    return rows.table(columns, origin=origin, **told(clock))


def looks_like_philly(head: bytes) -> bool:
    """Return whether the first bytes of a file are those of the Philly trace as CSV."""
    return has_columns(head, "timestamp", "duration", "num_gpus", "cluster")
