"""Trying candidate sites by simulation: replications until the verdict is clear, all with the same luck.

A candidate far from the limit is judged by a few replications, one close to it by as many as are allowed. All
candidates see the same replications (common random numbers), so two of them differ by what they are. That a
site serves the demand at all (`serving`) is a requirement whether it is stated or not.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from capacity.errors import InputError, Problem, nearest
from capacity.inputs.reading.loader import LoadedScenario, load_scenario
from capacity.measure.findings import Values, labels
from capacity.simulation.calendar import calendar_of
from capacity.statistics.sequential import Look, looks
from capacity.study.executors.interface import Executor, run_all
from capacity.study.requirements import Requirement, always_met, check_places, judge, places_of, waits_asked
from capacity.study.run import Result, result_of, tasks_of
from capacity.study.size.axes import Axis, boxes, describe, number_at
from capacity.study.size.demand_served import turned_away, unserved
from capacity.study.size.trial import Point, Trial, moved, until_clear
from capacity.study.task import OneRun, Progress, Task

OBJECTIVES: Final = {
    "price": "price of all parts",
    "cost": "price of all parts and electricity over the horizon",
    "power_w": "power of the building at full load",
    "nodes": "nodes of all pools",
    "site_energy_j": "energy of the site over the horizon",
}
"""What can be made small, and what it is."""
_UNITS: Final = {"power_w": "W", "site_energy_j": "J"}
SMALLEST: Final = "size"
"""The objective if one thing varies and nothing is said: as little of it as possible."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is to be sized.

    Attributes
    ----------
    scenario : str or Path
        Name or file.
    overrides, load : tuple of str, dict
        ``PATH=VALUE``, the same for all; more for `load_scenario`: another site, another last day.
    axes, requirements : tuple of Axis, tuple of Requirement
        What varies, and what must be met.
    objective : str
        A name of `OBJECTIVES`, or `SMALLEST`.
    share, confidence, most : float, float, int
        Of the futures must meet each requirement, and how surely that must be shown [1]; replications at
        which one gives up judging a candidate.
    seed : int or None
        Instead of the scenario's.
    """

    scenario: str | Path
    overrides: tuple[str, ...]
    load: dict[str, object]
    axes: tuple[Axis, ...]
    requirements: tuple[Requirement, ...]
    objective: str
    share: float
    confidence: float
    most: int
    seed: int | None = None


def check_objective(name: str, axes: Sequence[Axis]) -> None:
    """Refuse an objective that there is not, or that says nothing of several axes.

    Raises
    ------
    InputError
        There is no such objective, or none is given and several things vary.
    """
    if name != SMALLEST and name not in OBJECTIVES:
        fix = nearest(name, list(OBJECTIVES))
        raise InputError(f"there is no objective '{name}'", where="--minimize", fix=fix)
    if name == SMALLEST and (len(axes) > 1 or not axes[0].ordered):
        what = "several sites may be enough: which is the best of them?"
        raise InputError(what, where="--vary", fix=f"--minimize {', '.join(OBJECTIVES)}")


class SiteJudge:
    """Tries sites; see the module.

    `progress` is told how many replications of the present candidate are done, as in `Executor`; `starts` the
    candidate that is tried next and how many replications of it come.

    Raises
    ------
    InputError
        The scenario is wrong, at the smallest or the largest candidate or at a name; or a requirement speaks
        of what it does not have.
    """

    def __init__(
        self, question: Question, executor: Executor, *, progress: Progress | None = None,
        starts: Callable[[dict[str, str], int], None] | None = None,
    ) -> None:  # fmt: skip
        self._question = question
        self._executor = executor
        self._progress = progress
        self._starts = starts
        self._loaded: dict[Point, LoadedScenario] = {}
        self._runs: dict[Point, list[OneRun]] = {}
        self._looks = looks(question.most, question.share, question.confidence)
        self._first = self._looks[0].count
        self._least: dict[str, float] | None = None
        self.base = load_scenario(question.scenario, overrides=question.overrides, **question.load)  # type: ignore[arg-type]
        """The scenario before anything varies."""
        axes = question.axes
        self.largest: Point = tuple(len(axis.values) - 1 for axis in axes)
        first = {tuple(0 for _ in axes), self.largest}
        for place, axis in enumerate(axes):  # a name that there is not is refused before anything runs
            if not axis.ordered:
                first |= {moved(self.largest, place, value) for value in range(len(axis.values))}
        for point in sorted(first):
            self.loaded(point)
        scenario = self.loaded(self.largest).scenario
        for requirement in question.requirements:
            check_places(requirement, scenario)
        self.warnings = [*self.base.warnings, *always_met(question.requirements, scenario)]
        """What to say before anything runs."""
        self._check_known(self.largest)
        self.unit = self._unit(self.largest)
        """Of the objective: a unit, or the code of a currency."""

    def _check_known(self, point: Point) -> None:
        """Refuse to make small what is not known of a site."""
        objective, site = self._question.objective, self.loaded(point).scenario.site
        unknown: list[str] = []
        if objective in {"price", "cost"}:
            unknown = [f"the price of {name}" for name, price in site.prices().items() if price is None]
        if objective == "cost" and site.electricity_price is None:
            unknown.append("the price of electricity ('electricity_price')")
        if objective in {"cost", "power_w", "site_energy_j"}:
            unknown += ["the PUE of the site ('pue')"] if site.pue is None else []
            unknown += [
                f"the power of {name}" for name, pool in site.pools.items() if pool.node.power is None
            ]
        if unknown:
            what = f"{', '.join(unknown)} {'is' if len(unknown) == 1 else 'are'} not known"
            raise InputError(Problem(what, f"--minimize {objective}", "minimize nodes, or state it"))

    def _unit(self, point: Point) -> str:
        objective = self._question.objective
        if objective in {"price", "cost"}:
            return self.loaded(point).scenario.site.reporting_currency or ""
        return _UNITS.get(objective, "")

    @property
    def seed(self) -> int:
        """The luck of all candidates."""
        seed = self._question.seed
        return self.loaded(self.largest).scenario.seed if seed is None else seed

    def loaded(self, point: Point) -> LoadedScenario:
        """Return the scenario at a point."""
        if point not in self._loaded:
            values = describe(self._question.axes, point)
            varied = [f"{path}={value}" for path, value in values.items()]
            try:
                self._loaded[point] = load_scenario(
                    self._question.scenario,
                    overrides=[*self._question.overrides, *varied],
                    **self._question.load,  # type: ignore[arg-type]
                )
            except InputError as error:
                raise InputError(_as_varied(problem, varied) for problem in error.problems) from None
        return self._loaded[point]

    def result(self, point: Point) -> Result:
        """Return what the replications of a candidate that was tried came to."""
        return result_of(self.loaded(point), self._runs[point], seed=self.seed)

    def at_least(self, point: Point) -> float:
        """See `search.Judge`: what the site costs without what only a simulation tells."""
        objective = self._question.objective
        if objective == SMALLEST:
            return number_at(self._question.axes[0], point[0])
        site = self.loaded(point).scenario.site
        if objective in {"price", "cost"}:
            if self._unit(point) != self.unit:
                what = f"{site.name} reports in {self._unit(point)}, and others in {self.unit}"
                where = f"--minimize {objective}"
                raise InputError(what, where=where, fix="state the same 'currency' in all")
            return site.price or 0.0
        if objective == "nodes":
            return float(site.nodes)
        return (site.power_max_w or 0.0) if objective == "power_w" else 0.0

    def trial(self, point: Point) -> Trial:
        """See `search.Judge`."""
        self._check_labels()

        def judged(look: Look) -> Trial:
            return self._judged(point, self._replicated(point, look.count), look)

        return until_clear(self._looks, judged)

    def _check_labels(self) -> None:
        """Refuse, after one replication, a requirement on what is not measured."""
        if not self._runs:
            measured = self._replicated(self.largest, 1)[0].values
            for requirement in self._question.requirements:
                places_of(requirement, list(measured))

    def prepare(self, points: Sequence[Point]) -> None:
        """See `search.Judge`: where there is room for several candidates at once, begin with all of them.

        What is run in vain costs nothing that would not have stood idle, and no verdict depends on it.
        """
        count = self._first
        room = self._executor.width // count
        chosen = [point for point in points if not self._runs.get(point)][:room]
        if room < 2 or len(chosen) < 2:
            return
        if self._starts is not None:
            self._starts(describe(self._question.axes, chosen[0]), count * len(chosen))
        tasks = [task for point in chosen for task in self._tasks(point, range(count))]
        runs = run_all(self._executor, tasks, self._progress)
        for number, point in enumerate(chosen):
            self._runs[point] = runs[number * count : (number + 1) * count]

    def _replicated(self, point: Point, count: int) -> list[OneRun]:
        runs = self._runs.setdefault(point, [])
        if len(runs) < count:
            if self._starts is not None:
                self._starts(describe(self._question.axes, point), count - len(runs))
            tasks = self._tasks(point, range(len(runs), count))
            runs += run_all(self._executor, tasks, self._progress)
        return runs[:count]

    def _tasks(self, point: Point, numbers: range) -> list[Task]:
        by = waits_asked(self._question.requirements)
        return tasks_of(self.loaded(point), seed=self.seed, numbers=numbers, waits_by=by)

    def _judged(self, point: Point, runs: Sequence[OneRun], look: Look) -> Trial:
        values, question, horizon_s = (
            [run.values for run in runs],
            self._question,
            calendar_of(self.base.scenario).horizon_s,
        )
        judgements = tuple(
            judge(one, values, look, share=question.share, confidence=question.confidence, never_s=horizon_s)
            for one in question.requirements
        )
        refused = unserved(values[: self._first], self._least_turned_away(), question.requirements)
        return Trial(
            point, describe(question.axes, point), judgements, refused, len(runs),
            self._objective(point, values),
        )  # fmt: skip

    def _least_turned_away(self) -> dict[str, float]:
        """Return the least that any of the largest sites turns away, one for each unordered choice."""
        if self._least is None:
            tops = [
                turned_away([run.values for run in self._replicated(top, self._first)])
                for _, top in boxes(self._question.axes)
            ]
            self._least = {name: min(top[name] for top in tops) for name in tops[0]}
        return self._least

    def _objective(self, point: Point, values: Sequence[Values]) -> float:
        objective = self._question.objective
        simulated = {"cost": "electricity_cost", "site_energy_j": "site_energy_j"}
        if objective not in simulated:
            return self.at_least(point)
        every = [run.get((simulated[objective], labels(month="all")), math.nan) for run in values]
        return self.at_least(point) + math.fsum(every) / len(every)


def _as_varied(problem: Problem, varied: Sequence[str]) -> Problem:
    """Name the option that the user wrote: what varies is set as ``--set`` does it."""
    own = {f"--set {text}": f"--vary {text}" for text in varied}
    return replace(problem, where=own.get(problem.where, problem.where))
