"""Says whether a synthetic log is like the real one where it matters: whether it makes the same queue.

Both are replayed under EASY on the same machine. Marginal distributions that agree prove little: jobs with
the right sizes and lengths at the wrong times wait ten times too long, or not at all.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from capacity.measure.metrics import REPLAYED
from capacity.measure.schedule import TAU_S, schedule_metrics
from capacity.scheduling.batch import batch_system
from capacity.scheduling.jobs import Jobs
from capacity.scheduling.pools.pool import PoolSpec
from capacity.scheduling.rules import Rules
from capacity.study.verdict import Verdict
from workloads.jobtable import JobTable
from workloads.period import within

Floats = NDArray[np.float64]
MONTH_S = 30 * 86_400
RESAMPLES = 1000
POINTS = 0.03
"""Utilization may differ by so much."""
PART = 0.25
"""The other figures may differ by this part of the real one."""
UNITS: Final = {name: metric.unit for name, metric in REPLAYED.items() if metric.compared}
"""What is compared, with its unit."""


@dataclass(frozen=True, slots=True)
class Queue:
    """What a log does to a machine under EASY.

    Attributes
    ----------
    submit_s, wait_s, run_s : array of int64, shape (n_jobs,)
        Submission since the first of the log, wait and run time. [s]
    slots : array of int64, shape (n_jobs,)
        Slots held.
    machine_slots : int
        Size of the machine. [slot]
    """

    submit_s: NDArray[np.int64]
    wait_s: NDArray[np.int64]
    run_s: NDArray[np.int64]
    slots: NDArray[np.int64]
    machine_slots: int

    @property
    def slowdown(self) -> Floats:
        """Bounded slowdown of each job: max(1, (wait + run) / max(run, 10 s))."""
        slowdown: Floats = (self.wait_s + self.run_s) / np.maximum(self.run_s, TAU_S)
        np.maximum(slowdown, 1.0, out=slowdown)
        return slowdown


def replayed(table: JobTable, slots: int) -> Queue:
    """Return the queue of a cleaned log on a counted machine under EASY (one pass per second).

    Parameters
    ----------
    table : JobTable
        Jobs that all fit the machine; those submitted outside its period are no part of its queue.
    slots : int
        Size of the machine. [slot]
    """
    table, _ = within(table)
    submit_s = table.numbers("submit_s").astype(np.int64)
    submit_s -= submit_s[0]
    run_s, width = table.numbers("run_s").astype(np.int64), table.numbers("slots").astype(np.int64)
    jobs = Jobs(submit_s, run_s, table.numbers("requested_s").astype(np.int64), width)
    batch = batch_system([PoolSpec("machine", slots)], Rules(backfill="easy"), jobs)
    batch.run()
    return Queue(submit_s, batch.outcome().start_s - submit_s, run_s, width, slots)


def figures(queue: Queue) -> dict[str, float]:
    """Return the figures of `UNITS` over all jobs.

    Notes
    -----
    Utilization is that of the time in which jobs are submitted, from the first submission to the last: what
    still runs afterwards would say more about the longest job than about the machine.
    """
    found = schedule_metrics(
        submit_s=queue.submit_s,
        wait_s=queue.wait_s,
        run_s=queue.run_s,
        held_slots=queue.slots,
        machine_slots=queue.machine_slots,
    )
    use = float(_used(queue, np.array([0.0, queue.submit_s[-1]]))[0])
    return {name: getattr(found, name, use) for name in UNITS}


def _used(queue: Queue, edges_s: Floats) -> Floats:
    """Return the share of the slots in use between edges, shape ``(n_edges - 1,)``."""
    start_s = (queue.submit_s + queue.wait_s)[:, None]
    end_s = start_s + queue.run_s[:, None]
    inside = np.minimum(end_s, edges_s[1:]) - np.maximum(start_s, edges_s[:-1])
    work = (np.maximum(inside, 0.0) * queue.slots[:, None]).sum(axis=0)
    used: Floats = work / (np.diff(edges_s) * queue.machine_slots)
    return used


def intervals(
    queue: Queue, rng: np.random.Generator, *, month_s: int = MONTH_S
) -> dict[str, tuple[float, float]]:
    """Return 95 % intervals of the figures by resampling whole months with replacement.

    Parameters
    ----------
    queue : Queue
        Of a log of several months.
    rng : numpy.random.Generator
        For the resampling.
    month_s : int
        Length of a month. [s]

    Notes
    -----
    Jobs of one month are anything but independent; months nearly are. With ten of them the interval is a
    little too narrow (B. Efron and R. J. Tibshirani, "An Introduction to the Bootstrap", 1993, chapter 8).
    """
    months = max(round(int(queue.submit_s[-1]) / month_s), 1)
    edges_s = np.linspace(0.0, float(queue.submit_s[-1]), months + 1)
    month = np.clip(np.searchsorted(edges_s, queue.submit_s, side="right") - 1, 0, months - 1)
    used = _used(queue, edges_s)
    order = np.argsort(queue.wait_s, kind="stable")
    sorted_wait, sorted_month = queue.wait_s[order], month[order]
    jobs = np.bincount(month, minlength=months).astype(np.float64)
    slowdown = np.bincount(month, queue.slowdown, months)
    drawn: dict[str, list[float]] = {name: [] for name in UNITS}
    for _ in range(RESAMPLES):
        times = np.bincount(rng.integers(0, months, months), minlength=months).astype(np.float64)
        if not times @ jobs:
            continue
        upper = np.cumsum(times[sorted_month])
        places = np.searchsorted(upper, np.array([0.5, 0.95]) * upper[-1])
        drawn["submission_utilization"].append(float(times @ used / months))
        drawn["p50_wait_s"].append(float(sorted_wait[places[0]]))
        drawn["p95_wait_s"].append(float(sorted_wait[places[1]]))
        drawn["mean_bounded_slowdown"].append(float(times @ slowdown / (times @ jobs)))
    return {name: (float(np.quantile(v, 0.025)), float(np.quantile(v, 0.975))) for name, v in drawn.items()}


def alike(metric: str, real: float, synthetic: float, low: float, high: float) -> Verdict:
    """Return the verdict on one figure of a synthetic log beside that of the real one, which is the limit.

    Near enough shows that they are alike; farther off it is open as long as the interval of the synthetic one
    holds the real one (utilization has to be near enough).

    Parameters
    ----------
    metric : str
        One of `UNITS`.
    real, synthetic : float
        Over all jobs of each. [unit of the metric]
    low, high : float
        95 % interval of the synthetic one. [unit of the metric]
    """
    is_use = metric == "submission_utilization"
    near = abs(synthetic - real) <= (POINTS if is_use else PART * real)
    open_ = not is_use and low <= real <= high
    return Verdict(
        asked=f"{metric} is like that of the log",
        standing="shown" if near else "not shown" if open_ else "shown not",
        metric=metric, found=synthetic, low=low, high=high, limit=real, unit=UNITS[metric],
        by=synthetic - real, by_unit=UNITS[metric], n=RESAMPLES, confidence=0.95,
        method="bootstrap of whole months",
    )  # fmt: skip


def compare(real: Queue, synthetic: Queue, rng: np.random.Generator) -> list[Verdict]:
    """Return all figures of a synthetic queue beside those of the real one."""
    true, found = figures(real), figures(synthetic)
    around = intervals(synthetic, rng)
    return [alike(name, true[name], found[name], *around[name]) for name in UNITS]
