"""Reads the Alibaba trace of pods that share GPUs (2023): ``openb_pod_list_*.csv``.

One row per pod: it asks for ``num_gpu`` GPUs, or for ``gpu_milli`` thousandths of one. Times are seconds on a
clock of its own, of which neither day nor zone is known. The deletion of a pod is its end; pods that were
still there when the trace ended are kept with the time seen.

References
----------
Q. Weng et al., "Beware of Fragmentation: Scheduling GPU-Sharing Workloads with Fragmentation Gradient
Descent", USENIX ATC '23; layout: README of cluster-trace-gpu-v2023 in alibaba/clusterdata.
"""

import numpy as np
import pandas as pd

from workloads.jobtable import STATES, JobTable, label_column
from workloads.readers.delimited.reader import Field, Layout, read_delimited
from workloads.readers.gpu.head import MISSING, has_columns
from workloads.readers.gpu.rows import Mask, Rows, row_numbers, slots_of, states
from workloads.readers.gpu.times import moments, right_clock, spans
from workloads.readers.text import Source

LAYOUT = Layout(
    (
        Field("num_gpu", "number", least=0, blank=True),
        Field("gpu_milli", "number", least=0, blank=True),
        Field("gpu_spec", required=False, blank=True),
        Field("qos", blank=True),
        Field("pod_phase", blank=True),
        Field("creation_time", "integer", least=0, blank=True),
        Field("deletion_time", "integer", least=0, blank=True),
        Field("scheduled_time", "integer", least=0, blank=True),
    ),
    missing=MISSING,
    known=("name", "cpu_milli", "memory_mib"),
)
STATES_OF_PODS = {"SUCCEEDED": "completed", "FAILED": "failed", "RUNNING": "cancelled", "PENDING": "unknown"}
"""A pod that was running when it was deleted has been stopped by somebody."""


def read_openb(source: Source, *, lenient: bool = False) -> JobTable:
    """Return the GPU pods of an openb list, plain or gzipped; an id is the number of the row, from 1.

    Parameters
    ----------
    source : str, Path or binary file
        The log.
    lenient : bool
        Leave out malformed lines instead of failing; they are counted.

    Raises
    ------
    LogError
        The file cannot be read, holds no GPU pod, or (unless `lenient`) has a malformed line.
    """
    log = read_delimited(source, LAYOUT, lenient=lenient)
    rows = Rows(log, lenient=lenient)
    milli = log.numbers("gpu_milli")
    slots = slots_of(rows, log.numbers("num_gpu") * np.where(np.isnan(milli), 1000, milli) / 1000)
    submit, start, end = (
        moments(log.numbers(name)) for name in ("creation_time", "scheduled_time", "deletion_time")
    )
    phase = log.labels("pod_phase")
    state = states(rows, phase, STATES_OF_PODS)
    times = spans(rows, submit, start, end, state)
    right_clock(rows, submit)
    last = rows.keep & (end == end.max()) & _is(phase, "Running")
    rows.remark("still there when the trace ends: run for the time seen, state unknown", last)
    columns = {
        "job_id": row_numbers(rows),
        "submit_s": submit,
        "slots": slots,
        "job_class": log.labels("qos"),
        "state": _unknown(state, last),
        **times,
    }
    if "gpu_spec" in log:
        columns["pool"] = log.labels("gpu_spec")
    return rows.table(columns, origin=None)


def _is(column: pd.Categorical, word: str) -> Mask:
    hit: Mask = (column.categories.to_numpy() == word)[column.codes]
    return hit


def _unknown(column: pd.Categorical, rows: Mask) -> pd.Categorical:
    return label_column(np.where(rows, STATES.index("unknown"), column.codes), STATES)


def looks_like_openb(head: bytes) -> bool:
    """Return whether the first bytes of a file are those of an openb list of pods."""
    return has_columns(head, "num_gpu", "gpu_milli", "pod_phase", "creation_time", "scheduled_time")
