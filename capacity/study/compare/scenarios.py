"""Running several scenarios with the same luck, all their replications through one executor.

With a precision, replications are added until the mean of every headline figure is known that well, or a
maximum is reached: sequential stopping at a relative half-width (Law, "Simulation Modeling and Analysis",
5th ed., section 9.4.1). Stopping when it happens to look precise makes intervals a little too short, so there
are never fewer than ten replications.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from capacity.inputs.reading.loader import LoadedScenario
from capacity.measure.figures import headline
from capacity.measure.findings import Labels
from capacity.measure.metrics import METRICS
from capacity.simulation.storage.ahead import LookAhead
from capacity.statistics.intervals import relative_half_width
from capacity.statistics.kinds import interval_of
from capacity.study.executors.interface import Executor, run_all
from capacity.study.run import Result, result_of, tasks_of
from capacity.study.task import OneRun, Progress, after

FEWEST: Final = 10
"""Replications before one looks whether that is enough."""


@dataclass(frozen=True, slots=True)
class Imprecise:
    """A headline figure of a case that is not known as well as was asked for.

    The half width is that of its interval over its mean; infinite where the mean is 0.
    """

    case: str
    metric: str
    labels: Labels
    half_width_frac: float


def imprecise(case: LoadedScenario, runs: Sequence[OneRun], precision: float) -> list[Imprecise]:
    """Return the headline figures whose interval is wider than asked for."""
    found = []
    for metric, where in headline(case.scenario):
        values = [v for run in runs if not math.isnan(v := run.values.get((metric, where), math.nan))]
        if len(values) > 1 and any(values):
            width = relative_half_width(interval_of(METRICS[metric].kind, values))
            if not width <= precision:
                found.append(Imprecise(case.scenario.name, metric, where, width))
    return found


def run_scenarios(
    scenarios: Sequence[LoadedScenario], executor: Executor, *, seed: int, replications: int,
    precision: float | None = None, progress: Progress | None = None, ahead: LookAhead | None = None,
    keep: bool = False, waits_by: tuple[str, ...] = (),
) -> list[Result]:  # fmt: skip
    """Run every scenario with the same replications, and the same luck in each.

    Parameters
    ----------
    scenarios, executor : sequence of LoadedScenario, Executor
        What is run, and what carries the replications out.
    seed, replications : int
        The luck of all; how many replications, with a precision at most.
    precision : float, optional
        Half-width of the interval of every headline figure over its mean, at 95 %.
    progress : callable, optional
        Told how many runs are done, of all that may come.
    ahead : LookAhead, optional
        How far to follow storage beyond the horizon, see `Task`.
    keep : bool
        Whether each first replication returns tables.
    waits_by : tuple of str
        Sets of labels by which waits are measured beside those of the table of metrics.

    Raises
    ------
    InputError
        The demand has a target that no draw of it can meet.
    CapacityError
        A process was ended from outside.
    """
    runs: list[list[OneRun]] = [[] for _ in scenarios]
    done = 0
    while True:
        want = _next(scenarios, runs, replications, precision)
        missing = [range(len(have), n) for have, n in zip(runs, want, strict=True)]
        tasks = [
            task
            for case, numbers in zip(scenarios, missing, strict=True)
            for task in tasks_of(case, seed=seed, numbers=numbers, ahead=ahead, keep=keep, waits_by=waits_by)
        ]
        if not tasks:
            return [result_of(case, own, seed=seed) for case, own in zip(scenarios, runs, strict=True)]
        found = iter(run_all(executor, tasks, after(progress, done)))
        for own, numbers in zip(runs, missing, strict=True):
            own += [next(found) for _ in numbers]
        done += len(tasks)


def _next(
    scenarios: Sequence[LoadedScenario], runs: Sequence[Sequence[OneRun]], most: int, precision: float | None
) -> list[int]:
    """Return how many replications each case is to have; as many as it has where that is enough."""
    if precision is None:
        return [most] * len(scenarios)
    have = max(len(own) for own in runs)
    if have < min(FEWEST, most):
        return [min(FEWEST, most)] * len(scenarios)
    open_ = any(imprecise(case, own, precision) for case, own in zip(scenarios, runs, strict=True))
    # All scenarios go on together: a pair needs both.
    return [min(most, math.ceil(1.5 * have))] * len(scenarios) if open_ else [have] * len(scenarios)
