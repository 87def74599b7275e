"""What every replication measured, kept beside the findings in ``replications.parquet``.

With it a report, or anybody's own script, can work from the replications themselves: draw an interval anew,
pair two sites, count in how many of them a tier filled.
"""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

from capacity.measure.findings import Labels
from capacity.study.task import OneRun

FILE: Final = "replications.parquet"


def write_replications(cases: Iterable[tuple[str, Sequence[OneRun]]], folder: Path) -> None:
    """Write every value of every replication into a run directory: ``case replication metric labels value``.

    Labels are JSON, in the order in which findings have them; what was not measured is NaN.

    Parameters
    ----------
    cases : iterable of (str, sequence of OneRun)
        Name of each scenario, and its replications.
    folder : Path
        The run directory.
    """
    names: list[str] = []
    places: list[int] = []
    numbers: list[int] = []
    metrics: list[str] = []
    labels: list[str] = []
    values: list[float] = []
    written: dict[Labels, str] = {}
    for name, runs in cases:
        for number, run in enumerate(runs):
            for (metric, where), value in run.values.items():
                if where not in written:
                    written[where] = json.dumps(dict(where), ensure_ascii=False)
                metrics.append(metric)
                labels.append(written[where])
                values.append(value)
            places += [len(names)] * len(run.values)
            numbers += [number] * len(run.values)
        names.append(name)
    case = pa.DictionaryArray.from_arrays(pa.array(places, pa.int32()), pa.array(names, pa.string()))
    table = pa.table(
        {
            "case": case,
            "replication": pa.array(numbers, pa.int32()),
            "metric": pa.array(metrics, pa.string()).dictionary_encode(),
            "labels": pa.array(labels, pa.string()).dictionary_encode(),
            "value": pa.array(values, pa.float64()),
        }
    )
    pq.write_table(table, folder / FILE, compression="zstd")
