"""Futures: worlds that were run, each with luck of its own; what of the answer is luck, what assumption.

A future is one world with one luck. One run a world is best for what a future may bring; a second run in a
quarter of the worlds tells how much of the difference between futures is luck. World k has the replications
2 k and 2 k + 1, whatever the number of worlds, on every site that is compared.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import chain
from time import perf_counter
from typing import Final

import numpy as np
import numpy.typing as npt

from capacity.inputs.reading.loader import LoadedScenario
from capacity.measure.findings import Finding, Labels, Values
from capacity.measure.metrics import EVERY, units_in
from capacity.simulation.storage.ahead import LookAhead
from capacity.statistics.bounds import AtLeast
from capacity.statistics.kinds import Kind, share_of_futures
from capacity.statistics.luck import Scale, outlook
from capacity.study.executors.interface import Executor, run_all
from capacity.study.run import Result
from capacity.study.task import OneRun, Progress, Task
from capacity.study.uncertainty.draws import Futures, draw_worlds, places_of, worlds_of

Floats = npt.NDArray[np.float64]
LOW, HIGH = 0.1, 0.9
"""Parts of the futures between which eight of ten lie."""
METHOD: Final = "middle of the futures; a tenth of them below and above"


def run_worlds(
    scenarios: Sequence[LoadedScenario], executor: Executor, *, worlds: int, seed: int | None = None,
    progress: Progress | None = None, ahead: LookAhead | None = None, waits_by: tuple[str, ...] = (),
    keep: bool = False,
) -> list[Result]:  # fmt: skip
    """Run scenarios in so many worlds, each with luck of its own, the same for all of them.

    What two scenarios call by the same name lies at the same place of its range in both.

    Parameters
    ----------
    scenarios, executor : sequence of LoadedScenario, Executor
        The questions, and what carries the runs out.
    worlds, seed : int, int, optional
        How many worlds; of their draws and of the luck, instead of the first scenario's own seed.
    progress, ahead, waits_by
        As for `capacity.study.run.run`.
    keep : bool
        Whether the first world of each returns its tables.

    Raises
    ------
    InputError
        Nothing is uncertain in one, or it is wrong in some world; nothing has run then.
    """
    begun = perf_counter()
    seed = scenarios[0].scenario.seed if seed is None else seed
    places, tasks, drawn = places_of(worlds), [], []
    for loaded in scenarios:
        draws = draw_worlds(loaded.assumptions, worlds, seed)
        cases = worlds_of(loaded, draws)
        drawn.append(draws)
        for place, (world, replication) in enumerate(places):
            case, first = cases[world], keep and place == 0
            tasks.append(Task(case.scenario, case.sha256, seed, replication, ahead, first, waits_by))
    runs, size = run_all(executor, tasks, progress), len(places)
    return [
        result_of_worlds(
            loaded, runs[number * size : (number + 1) * size], Futures(drawn[number], places), seed=seed,
            total_s=perf_counter() - begun,
        )
        for number, loaded in enumerate(scenarios)
    ]  # fmt: skip


def result_of_worlds(
    loaded: LoadedScenario, runs: Sequence[OneRun], futures: Futures, *, seed: int, total_s: float = 0.0
) -> Result:
    """Make findings of futures out of runs in worlds."""
    units = units_in(loaded.scenario.site.reporting_currency)
    found = findings_of([one.values for one in runs], futures, units)
    return Result(loaded, seed, tuple(found), tuple(runs), total_s, futures)


def findings_of(runs: Sequence[Values], futures: Futures, units: Mapping[str, str]) -> list[Finding]:
    """Make a finding of each metric: the middle future, eight of ten of them, and what of that is luck."""
    places = {key: place for place, key in enumerate(dict.fromkeys(chain.from_iterable(runs)))}
    values = np.empty((len(places), len(runs)))
    values[:] = np.array([[_absent(metric)] for metric, _ in places]).reshape(-1, 1)
    least = np.full(len(places), np.inf)
    for number, run in enumerate(runs):  # each key is looked up once
        mine = np.fromiter(map(places.__getitem__, run), np.int64, len(run))
        values[mine, number] = measured = np.fromiter(run.values(), np.float64, len(run))
        if number < futures.draws.count:
            is_open = np.fromiter((isinstance(value, AtLeast) for value in run.values()), np.bool_, len(run))
            least[mine[is_open]] = np.minimum(least[mine[is_open]], measured[is_open])
    return [
        _finding(metric, where, values[place], float(least[place]), futures, units[metric])
        for (metric, where), place in places.items()
    ]


def _absent(metric: str) -> float:
    """Return what a metric is in a run that does not name it: an amount that is not there is 0."""
    return 0.0 if EVERY[metric].reducer in ("level", "total") else math.nan


def values_of(metric: str, where: Labels, runs: Sequence[Values]) -> Floats:
    """Return a metric in each run; NaN where it was not measured, 0 for an amount that is not there."""
    absent = _absent(metric)
    return np.array([run.get((metric, where), absent) for run in runs], np.float64)


def total_of(metric: str, where: Sequence[Labels], runs: Sequence[Values]) -> Floats:
    """Return an amount of several places together in each run: middles of each do not add up."""
    total: Floats = sum((values_of(metric, one, runs) for one in where), np.zeros(len(runs)))
    return total


def _finding(
    metric: str, where: Labels, values: Floats, least: float, futures: Futures, unit: str
) -> Finding:
    """Make one finding of a value in each run; `least`, the least that is only known as a lower bound."""
    kind, worlds = EVERY[metric].kind, futures.draws.count
    if kind == "first time":
        values = np.where(np.isnan(values), np.inf, values)
    first, second = values[:worlds], np.full(worlds, np.nan)
    second[: futures.pairs] = values[worlds:]
    seen = outlook(first, second, scale=scale_of(kind, unit, first))
    found = Finding(
        metric, where,
        value=AtLeast(seen.value) if math.inf > seen.value >= least else _known(seen.value),
        low=_known(seen.future[0]),
        high=math.nan if seen.future[1] >= least else _known(seen.future[1]),
        unit=unit, n=seen.worlds, method=METHOD, covers="futures" if seen.worlds else "none", enough=1,
        share=share_of_futures(kind, first),
    )  # fmt: skip
    if least < math.inf or seen.worlds < worlds:
        return found  # of what is not known whole, luck and assumptions cannot be told apart
    (luck_low, luck_high), (world_low, world_high) = seen.luck, seen.world
    share_low, share_high = seen.luck_share_between
    return replace(
        found, luck_low=luck_low, luck_high=luck_high, world_low=world_low, world_high=world_high,
        luck_share=seen.luck_share, luck_share_low=share_low, luck_share_high=share_high,
    )  # fmt: skip


def scale_of(kind: Kind, unit: str, values: Floats) -> Scale:
    """Return the scale on which both ends of a kind of number are alike."""
    known = values[np.isfinite(values)]
    if kind == "share" and (len(known) == 0 or 0 <= known.min() <= known.max() <= 1):
        return "log odds"
    return "log plus a minute" if unit == "s" and kind in ("skewed", "quantile") else "identity"


def _known(value: float) -> float:
    return value if math.isfinite(value) else math.nan
