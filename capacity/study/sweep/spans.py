"""What a sweep moved: for each figure the lowest and the highest case, by the means over its replications."""

import json
import math
from collections import defaultdict
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import pyarrow.parquet as pq

from capacity.measure.findings import Labels
from capacity.measure.metrics import units_in
from capacity.study.sweep.asked import figures
from capacity.study.sweep.cases import Cases

MOST: Final = 40
"""Figures told of, where none of the usual ones was asked for."""


@dataclass(frozen=True, slots=True)
class Span:
    """Between which cases a figure lies; a case's value is the mean over its replications. [unit].

    `low_is_least` and `high_is_least`: of a replication at any rate only the least is known that it can be.
    """

    metric: str
    labels: Labels
    unit: str
    low: float
    low_case: int
    high: float
    high_case: int
    low_is_least: bool
    high_is_least: bool

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {**asdict(self), "labels": dict(self.labels)}


def spans(runs: Path, cases: Cases) -> list[Span]:
    """Return the spans of the usual figures in a ``runs.parquet``; without any, of what is of all months."""
    usual = figures(cases.base.scenario)
    wanted: dict[tuple[str, str], Labels | None] = {}
    sums: dict[tuple[str, str], dict[int, list[float]]] = defaultdict(
        lambda: defaultdict(lambda: [0.0, 0.0, 0.0])
    )
    with pq.ParquetFile(runs) as file:
        for batch in file.iter_batches(columns=["case", "metric", "labels", "value", "censored"]):
            for case, metric, words, value, least in zip(
                *(column.to_pylist() for column in batch), strict=True
            ):
                key = metric, words
                if key not in wanted:
                    labels = tuple(json.loads(words).items())
                    wanted[key] = labels if dict(labels).get("month", "all") == "all" else None
                if wanted[key] is not None and not math.isnan(value):
                    one = sums[key][case]
                    one[0] += value
                    one[1] += 1
                    one[2] += least
    units = units_in(cases.base.scenario.site.reporting_currency)
    found = []
    for (metric, words), by_case in sums.items():
        labels = wanted[metric, words] or ()
        means = {case: total / count for case, (total, count, _) in by_case.items()}
        low, high = min(means, key=means.__getitem__), max(means, key=means.__getitem__)
        least = [by_case[case][2] > 0 for case in (low, high)]
        found.append(Span(metric, labels, units[metric], means[low], low, means[high], high, *least))
    among = [one for one in found if (one.metric, one.labels) in usual]
    return among or found[:MOST]
