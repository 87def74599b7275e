"""Reads the Alibaba PAI trace of 2020: ``pai_task_table.csv``, with ``pai_job_table.csv`` beside it if there.

A row of the task table is some instances of one role (workers, evaluators) of a job; it becomes one job that
holds the GPUs of all of them. The files have no header row. The table of jobs adds who submitted and when;
without it the submission is the start of the task. Seconds count from an unknown day, but hours and weekdays
are right in China.

References
----------
Q. Weng et al., "MLaaS in the Wild: Workload Analysis and Scheduling in Large-Scale Heterogeneous GPU
Clusters", NSDI '22; layout: README and header files of cluster-trace-gpu-v2020 in alibaba/clusterdata.
"""

from datetime import datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from workloads.jobtable import UNKNOWN, JobTable, Tally, label_column
from workloads.readers.delimited.reader import MISSING_TIME, Delimited, Field, Layout, read_delimited
from workloads.readers.gpu.head import MISSING, first_row
from workloads.readers.gpu.rows import Rows, row_numbers, slots_of, states, unrepeated
from workloads.readers.gpu.times import CHINA, moments, right_clock, spans
from workloads.readers.text import Source

TASK_COLUMNS = (
    "job_name", "task_name", "inst_num", "status", "start_time", "end_time",
    "plan_cpu", "plan_mem", "plan_gpu", "gpu_type",
)  # fmt: skip
JOB_COLUMNS = ("job_name", "inst_id", "user", "status", "start_time", "end_time")
STATES_OF_PAI = {"TERMINATED": "completed", "FAILED": "failed", "RUNNING": "unknown", "WAITING": "unknown"}
"""Only terminated tasks were successful."""
_TASKS = (
    Field("job_name", "text"),
    Field("task_name", blank=True),
    Field("inst_num", "integer", least=0, blank=True),
    Field("status", blank=True),
    Field("start_time", "integer", least=0, blank=True),
    Field("end_time", "integer", least=0, blank=True),
    Field("plan_gpu", "number", least=0, blank=True),
    Field("gpu_type", blank=True),
)
_JOBS = (
    Field("job_name", "text"),
    Field("user", blank=True),
    Field("start_time", "integer", least=0, blank=True),
)


def read_pai(source: Source, *, lenient: bool = False) -> JobTable:
    """Return the GPU tasks of an Alibaba PAI task table, plain or gzipped; an id is the number of the line.

    Parameters
    ----------
    source : str, Path or binary file
        The task table. If a file of the same name with "job" for "task" lies beside it, it is read as well.
    lenient : bool
        Leave out malformed lines, and keep repeated tasks, instead of failing; both are counted.

    Raises
    ------
    LogError
        A file cannot be read, holds no GPU task, or (unless `lenient`) has a malformed line or a repeated
        task.
    """
    log = read_delimited(source, lambda first: _layout(first, TASK_COLUMNS, _TASKS), lenient=lenient)
    rows = Rows(log, lenient=lenient)
    instances = log.numbers("inst_num")
    rows.remark("number of instances is missing: taken as 1", instances == UNKNOWN)
    slots = slots_of(rows, np.where(instances == UNKNOWN, 1, instances) * log.numbers("plan_gpu") / 100)
    start, end = _clock(log, "start_time"), _clock(log, "end_time")
    told, user = _from_jobs(rows, source)
    submit = np.where(told == MISSING_TIME, start, told)
    state = states(rows, log.labels("status"), STATES_OF_PAI)
    times = spans(rows, submit, start, end, state)
    times["wait_s"][told == MISSING_TIME] = UNKNOWN
    right_clock(rows, submit)
    unrepeated(rows, pc.binary_join_element_wise(log.texts("job_name"), _words(log.labels("task_name")), "/"))
    columns = {
        "job_id": row_numbers(rows, header=False),
        "submit_s": submit,
        "slots": slots,
        "pool": log.labels("gpu_type"),
        "user": user,
        "job_class": log.labels("task_name"),
        "state": state,
        **times,
    }
    return rows.table(columns, origin=datetime.fromtimestamp(0, CHINA), zone=CHINA.key, zone_from="log")


def _layout(first: str, names: tuple[str, ...], fields: tuple[Field, ...]) -> Layout:
    """Return the layout of a table, which somebody may have given the header row that it lacks."""
    header = first.partition(",")[0].strip() == names[0]
    known = tuple({*names} - {field.name for field in fields})
    return Layout(fields, header=header, names=names, missing=MISSING, known=known)


def _clock(log: Delimited, name: str) -> NDArray[np.int64]:
    """Return a time column; the trace writes 0 where it has no time."""
    seconds = log.numbers(name)
    return moments(np.where(seconds == 0, UNKNOWN, seconds))


def _words(column: pd.Categorical) -> pa.ChunkedArray:
    words = pa.DictionaryArray.from_arrays(pa.array(column.codes), pa.array(column.categories, pa.string()))
    return pa.chunked_array([words.cast(pa.string())])


def _from_jobs(rows: Rows, source: Source) -> tuple[NDArray[np.int64], pd.Categorical]:
    """Return when the table of jobs, if there is one, says that each task was submitted, and by whom."""
    beside = _job_table(source)
    if beside is None:
        rows.tell(
            Tally("no table of jobs beside it: submission is the start, users are unknown", len(rows.log))
        )
        nothing = np.full(len(rows.log), MISSING_TIME)
        return nothing, label_column(np.zeros(len(nothing), np.int8), [""])
    jobs = read_delimited(beside, lambda first: _layout(first, JOB_COLUMNS, _JOBS), lenient=rows.lenient)
    for tally in (*jobs.dropped, *jobs.remarks):
        rows.tell(Tally(f"{beside.name}: {tally.reason}", tally.count, tally.examples))
    found = pc.index_in(rows.log.texts("job_name"), value_set=jobs.texts("job_name").combine_chunks())
    place = found.fill_null(-1).to_numpy()
    rows.remark("not in the table of jobs: submission is the start, the user is unknown", place < 0)
    submitted = np.append(_clock(jobs, "start_time"), MISSING_TIME)[place]  # place -1 is the last
    unsaid = (submitted == MISSING_TIME) & (place >= 0)
    rows.remark("the table of jobs has no submission: it is the start", unsaid)
    users = jobs.labels("user")
    words = [str(word) for word in users.categories]
    nobody = words.index("") if "" in words else len(words)
    codes = np.append(users.codes.astype(np.int64), nobody)[place]
    return submitted, label_column(codes, [*words, *[""][: nobody == len(words)]])


def _job_table(source: Source) -> Path | None:
    """Return the table of jobs that belongs to a table of tasks, if it lies in the same folder."""
    path = Path(source) if isinstance(source, str | Path) else Path()
    name = path.name.replace("task", "job")
    if name == path.name:
        return None
    spellings = (name, f"{name}.gz", name.removesuffix(".gz"))
    return next((path.with_name(other) for other in spellings if path.with_name(other).is_file()), None)


def looks_like_pai(head: bytes) -> bool:
    """Return whether the first bytes of a file are those of a PAI task table, with or without header row."""
    cells = first_row(head)
    return len(cells) == len(TASK_COLUMNS) and (cells == [*TASK_COLUMNS] or cells[3].upper() in STATES_OF_PAI)
