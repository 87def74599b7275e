"""The files of a run as Arrow tables: jobs, series, events; columns are fixed, their names documented."""

from dataclasses import fields
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from capacity.measure.outcomes import STATES, JobOutcomes
from capacity.scheduling.pools.pool import PoolState
from capacity.simulation.record import RunRecord, TierReading

JOB_COLUMNS: Final = (
    "job_id", "submit_s", "start_s", "end_s", "wait_s", "run_s", "requested_s", "slots", "nodes", "pool",
    "tenant", "user", "job_class", "state", "attempts", "lost_s",
)  # fmt: skip


def _labels(codes: npt.NDArray[Any], words: list[str]) -> pa.Array:
    kind = np.int8 if len(words) < 128 else np.int32
    return pa.DictionaryArray.from_arrays(pa.array(codes.astype(kind)), pa.array(words, pa.string()))


def jobs_table(jobs: JobOutcomes) -> pa.Table:
    """One row per job, in order of submission."""
    table, outcome, batch = jobs.table, jobs.outcome, jobs.batch
    per_node = np.array([spec.slots_per_node for spec in batch.specs])
    columns = [
        pa.array(table.numbers("job_id")), pa.array(jobs.submit_s), pa.array(outcome.start_s),
        pa.array(outcome.end_s), pa.array(np.where(outcome.start_s >= 0, jobs.wait_s, -1)),
        pa.array(np.where(jobs.ended, jobs.run_s, -1)),
        pa.array(np.asarray(batch.jobs.requested_s, np.int64)), pa.array(jobs.slots.astype(np.int32)),
        pa.array((-(-outcome.held_slots // per_node[jobs.pool])).astype(np.int32)),
        _labels(jobs.pool, [spec.name for spec in batch.specs]),
        *(_labels(*table.labels(name)) for name in ("tenant", "user", "job_class")),
        _labels(jobs.state, list(STATES)), pa.array(jobs.outcome.attempts),
        pa.array(np.minimum(outcome.lost_s, np.iinfo(np.int32).max).astype(np.int32)),
    ]  # fmt: skip
    return pa.table(dict(zip(JOB_COLUMNS, columns, strict=True)))


def series_table(record: RunRecord) -> pa.Table:
    """Long form, one row per time, metric and place: levels at local midnights, totals since the start."""
    times: list[int] = []
    metrics: list[str] = []
    places: list[str] = []
    values: list[float] = []
    for reading in record.readings:
        states: list[tuple[str, PoolState | TierReading]] = [*reading.pools.items(), *reading.tiers.items()]
        for place, found in states:
            names = [field.name for field in fields(found) if field.name != "now_s"]
            times += [reading.time_s] * len(names)
            metrics += names
            places += [place] * len(names)
            values += [float(getattr(found, name)) for name in names]
    return pa.table(
        {
            "time_s": pa.array(times, pa.int64()),
            "metric": pa.array(metrics).dictionary_encode(),
            "labels": pa.array(places).dictionary_encode(),
            "value": pa.array(values, pa.float64()),
        }
    )


def events_table(record: RunRecord) -> pa.Table:
    """One row per event of the site."""
    return pa.table(
        {
            "time_s": pa.array([e.time_s for e in record.events], pa.int64()),
            "kind": pa.array([e.kind for e in record.events], pa.string()),
            "place": pa.array([e.place for e in record.events], pa.string()),
            "amount": pa.array([float(e.amount) for e in record.events], pa.float64()),
            "text": pa.array([e.text for e in record.events], pa.string()),
        }
    )


def write(table: pa.Table, path: Path | pa.NativeFile) -> None:
    """Write a table as Parquet: zstd, times and ids as differences."""
    deltas = [f.name for f in table.schema if pa.types.is_int64(f.type)]
    labelled = [f.name for f in table.schema if pa.types.is_dictionary(f.type)]
    pq.write_table(
        table, path, compression="zstd", use_dictionary=labelled or False,
        column_encoding=dict.fromkeys(deltas, "DELTA_BINARY_PACKED"),
    )  # fmt: skip
