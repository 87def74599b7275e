"""What a schedule, simulated or recorded, comes to in a few numbers, defined as in the replay literature."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from capacity.statistics.quantiles import quantiles

TAU_S: Final = 10
"""Run times below this count as this in the bounded slowdown, or a 1-second job would rule the mean. [s]"""

Ints = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class ScheduleMetrics:
    """Means and extremes over all jobs of a schedule; the names are those of ``replay --json``.

    Attributes
    ----------
    jobs : int
        Jobs that ran.
    mean_wait_s, p50_wait_s, p95_wait_s : float
        Start minus submission. [s]
    mean_bounded_slowdown, max_bounded_slowdown : float
        max(1, (wait + run) / max(run, 10 s)).
    utilization : float
        Slot-seconds in use over slots x makespan.
    makespan_s : int
        Last end minus first submission. [s]
    """

    jobs: int
    mean_wait_s: float
    p50_wait_s: float
    p95_wait_s: float
    mean_bounded_slowdown: float
    max_bounded_slowdown: float
    utilization: float
    makespan_s: int


def schedule_metrics(
    *, submit_s: Ints, wait_s: Ints, run_s: Ints, held_slots: Ints, machine_slots: int
) -> ScheduleMetrics:
    """Measure a schedule of at least one job.

    Parameters
    ----------
    submit_s, wait_s, run_s : ndarray of int, shape (n_jobs,)
        Submission, wait, and time the job really ran. [s]
    held_slots : ndarray of int, shape (n_jobs,)
        Slots each job occupied.
    machine_slots : int
        Size of the machine. [slot]

    Examples
    --------
    Two jobs of 100 s, one after the other, on one slot:

    >>> two = np.array([1, 1])
    >>> found = schedule_metrics(
    ...     submit_s=0 * two, wait_s=np.array([0, 100]), run_s=100 * two, held_slots=two, machine_slots=1
    ... )
    >>> found.mean_wait_s, found.mean_bounded_slowdown, found.utilization, found.makespan_s
    (50.0, 1.5, 1.0, 200)
    """
    slowdown = np.maximum(1.0, (wait_s + run_s) / np.maximum(run_s, TAU_S))
    median, p95 = quantiles(wait_s)
    makespan = int((submit_s + wait_s + run_s).max()) - int(submit_s.min())
    used = float(np.dot(held_slots.astype(np.float64), run_s.astype(np.float64)))
    return ScheduleMetrics(
        jobs=len(wait_s),
        mean_wait_s=float(wait_s.mean()),
        p50_wait_s=median,
        p95_wait_s=p95,
        mean_bounded_slowdown=float(slowdown.mean()),
        max_bounded_slowdown=float(slowdown.max()),
        utilization=used / (machine_slots * makespan) if makespan else float("nan"),
        makespan_s=makespan,
    )
