"""How long jobs waited: of a pool and of the site, and by how wide and how long the jobs were.

A wait counts in the month of submission. Jobs that still wait at the end of the horizon count with their wait
so far; those that were rejected, or withdrawn before they started, do not count.
"""

import math
from collections.abc import Iterator, Mapping
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from capacity.inputs.scenario import Scenario
from capacity.measure.demand import never_started
from capacity.measure.findings import Labels, labels
from capacity.measure.outcomes import pool_of
from capacity.scheduling.outcome import Outcome
from capacity.simulation.build import Built
from capacity.statistics.quantiles import quantiles

Measured: TypeAlias = Iterator[tuple[tuple[str, Labels], float]]

WIDTHS: Final = (
    (1, "1"),
    (4, "2-4"),
    (8, "5-8"),
    (16, "9-16"),
    (64, "17-64"),
    (256, "65-256"),
    (1 << 62, ">256"),
)
"""Classes of width: up to so many slots, and the label."""
LENGTHS: Final = (
    (600, "<10min"), (3_600, "10min-1h"), (14_400, "1-4h"), (43_200, "4-12h"), (86_400, "12-24h"),
    (259_200, "1-3d"), (1 << 62, ">=3d"),
)  # fmt: skip
"""Classes of run time on this hardware: below so much [s], and the label."""


def waits_s(scenario: Scenario, built: Built, outcome: Outcome) -> npt.NDArray[np.int64]:
    """Return the wait of each job, so far at the end of the horizon if not started, shape (n_jobs,) [s]."""
    submit = np.asarray(built.site.batch.jobs.submit_s)
    found: npt.NDArray[np.int64] = (
        np.where(outcome.start_s >= 0, outcome.start_s, scenario.horizon_s) - submit
    )
    return found


def counted(outcome: Outcome) -> npt.NDArray[np.bool_]:
    """Return which jobs' waits count, shape (n_jobs,)."""
    return np.asarray(~outcome.rejected & ~never_started(outcome))


def wait_metrics(
    scenario: Scenario, built: Built, outcome: Outcome, months: Mapping[str, tuple[int, int]]
) -> Measured:
    """Yield mean waits by pool and month, the waits of the whole site, and waits by width and length."""
    submit = np.asarray(built.site.batch.jobs.submit_s)
    wait, counts = waits_s(scenario, built, outcome), counted(outcome)
    pool = pool_of(built.site.batch, outcome)
    first, last = np.searchsorted(submit, months["all"])
    of_all = wait[first:last][counts[first:last]]
    yield ("mean_wait_s", labels(month="all")), _mean(of_all)
    for metric, value in zip(("p50_wait_s", "p95_wait_s"), quantiles(of_all), strict=True):
        yield (metric, labels(month="all")), value
    for number, name in enumerate(scenario.site.pools):
        mine = counts & (pool == number)
        for month, span in months.items():
            rows = slice(*np.searchsorted(submit, span))
            yield ("mean_wait_s", labels(pool=name, month=month)), _mean(wait[rows][mine[rows]])
        rows = slice(first, last)
        chosen = np.flatnonzero(mine[rows]) + first
        yield from _by_size(name, built, wait, chosen)


def _mean(values: npt.NDArray[np.int64]) -> float:
    return float(values.mean()) if len(values) else math.nan


def _by_size(
    pool: str, built: Built, wait: npt.NDArray[np.int64], chosen: npt.NDArray[np.integer]
) -> Measured:
    """Yield waits of every width and length that some job of the pool has."""
    jobs = built.site.batch.jobs
    slots, run = np.asarray(jobs.slots)[chosen], np.asarray(jobs.run_s)[chosen]
    width = np.searchsorted([most for most, _ in WIDTHS], slots, side="left")
    length = np.searchsorted([below for below, _ in LENGTHS], run, side="right")
    cell = (width * len(LENGTHS) + length).astype(np.int8)
    order = np.argsort(cell, kind="stable")
    edges = np.searchsorted(cell[order], np.arange(len(WIDTHS) * len(LENGTHS) + 1))
    for code in range(len(WIDTHS) * len(LENGTHS)):
        rows = chosen[order[edges[code] : edges[code + 1]]]
        if len(rows):
            name = {"width": WIDTHS[code // len(LENGTHS)][1], "length": LENGTHS[code % len(LENGTHS)][1]}
            where = labels(pool=pool, month="all", **name)
            yield ("waits_counted", where), float(len(rows))
            for metric, value in zip(("p50_wait_s", "p95_wait_s"), quantiles(wait[rows]), strict=True):
                yield (metric, where), value
