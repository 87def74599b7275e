"""Families of sites: all sizes of one kind of site, and the worlds in which the least enough is sought.

What varies besides the size (a site, a policy, an order of delivery) makes one family each. The k-th world
has the same assumptions and the same luck in all of them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import product
from pathlib import Path
from typing import Any, Final

import numpy as np

from capacity.errors import InputError, UsageError
from capacity.inputs.fields.money import Money
from capacity.inputs.reading.loader import LoadedScenario, fingerprint, load_scenario
from capacity.inputs.uncertainty.applied import certain, put, scenario_in_world
from capacity.inputs.uncertainty.assumptions import Assumption
from capacity.simulation.calendar import calendar_of
from capacity.study.executors.interface import Executor, run_all
from capacity.study.requirements import Requirement, check_places, read_requirement
from capacity.study.size.axes import Axis, describe, number_at
from capacity.study.size.regret.one_world import SizeSearch, WorldSized, asked_span
from capacity.study.size.regret.prices import TooLittle
from capacity.study.task import Progress, Task
from capacity.study.uncertainty.draws import Draws, draw_worlds

MOST_FAMILIES: Final = 24
LEAD_DAYS: Final = 270.0
"""From an order to service, where the pool does not say. [d]"""
SEEN_DAYS: Final = 56
"""So long demand is watched before a later order is due. [d]"""
CENTRES: Final = ("likely", "mean")
"""Worlds that are not drawn: everything as stated, and every assumption at its mean."""
LUCKS: Final = (1, 3)
"""Replications of these worlds: luck that no world drawn has."""


@dataclass(frozen=True, slots=True)
class RegretQuestion:
    """What is to be sized over worlds.

    Attributes
    ----------
    scenario, overrides, load
        As of `capacity.study.size.sites.Question`.
    axes, requirements : tuple of Axis, tuple of Requirement
        What varies, and what must be met.
    too_little, refused, upkeep_frac : TooLittle, Money or None, float
        As of `SizeSearch`.
    worlds, seed : int, int or None
        How many are drawn, and of the draws and the luck; the scenario's own if None.
    """

    scenario: str | Path
    overrides: tuple[str, ...]
    load: dict[str, object]
    axes: tuple[Axis, ...]
    requirements: tuple[Requirement, ...]
    too_little: TooLittle
    worlds: int
    refused: Money | None = None
    upkeep_frac: float = 0.1
    seed: int | None = None


@dataclass(frozen=True, slots=True)
class Family:
    """One kind of site, in sizes.

    Attributes
    ----------
    fixed, axis : mapping of str to str, Axis or None
        What makes it this kind, by path; what its size is, None if there is one.
    smallest, largest : LoadedScenario
        Its ends, nothing drawn.
    search : SizeSearch
        What is asked in each world, but for what is drawn.
    draws : Draws
        Its worlds.
    """

    fixed: Mapping[str, str]
    axis: Axis | None
    smallest: LoadedScenario
    largest: LoadedScenario
    search: SizeSearch
    draws: Draws

    @property
    def numbers(self) -> tuple[float, ...]:
        """The sizes."""
        return self.search.numbers

    def values_at(self, place: int) -> dict[str, str]:
        """Return what varies at a size, by path."""
        size = {} if self.axis is None else {self.axis.path: self.axis.values[place]}
        return {**self.fixed, **size}


@dataclass(frozen=True, slots=True)
class Sought:
    """What came of a family: of its worlds in their order, and of the likely and the mean one, each twice."""

    family: Family
    worlds: tuple[WorldSized, ...]
    centres: Mapping[str, tuple[WorldSized, ...]]


def with_backlog(requirements: Sequence[Requirement]) -> tuple[Requirement, ...]:
    """Return requirements with what keeps the rest from waiting for ever: at most a day of work is left.

    A quantile of waits lets the jobs beyond it wait as long as they may, and they can hold most of the work.
    """
    if any(one.metric == "backlog_s" for one in requirements):
        return tuple(requirements)
    places = [
        {name: value for name, value in one.where if name in ("pool", "month")}
        for one in requirements if one.metric.endswith("_wait_s") and one.at_most
    ]  # fmt: skip
    inside = [",".join(f"{name}={value}" for name, value in at.items()) for at in places if "pool" in at]
    added = [read_requirement(f"backlog_s[{one}] <= 1 d") for one in dict.fromkeys(inside)]
    return (*requirements, *added)


def families(question: RegretQuestion) -> list[Family]:
    """Return every family of a question, all checked at both ends.

    Raises
    ------
    InputError
        A scenario is wrong at an end, a requirement speaks of what it does not have, nothing is uncertain.
    UsageError
        There are too many kinds of sites, or several sizes at once.
    """
    if len({axis.path for axis in question.axes}) < len(question.axes):
        raise UsageError("the same path varies twice")
    ordered = [axis for axis in question.axes if axis.ordered]
    axis = max(ordered, key=lambda one: len(one.values), default=None)
    others = [one for one in question.axes if one is not axis]
    kinds = list(product(*(range(len(one.values)) for one in others)))
    if len(kinds) > MOST_FAMILIES:
        raise UsageError(
            f"--worlds sizes one range; the other --vary make {len(kinds)} kinds of sites, and at most "
            f"{MOST_FAMILIES} can be weighed"
        )
    if axis is None and question.too_little.kind == "rent":
        raise UsageError(
            "a list of sites does not say how much is missing: add a range, as --vary "
            "site.pools.gpu.nodes=100..1000, or give --too-little a price of waiting or of a missed month"
        )
    return [_family(question, describe(others, kind), axis) for kind in kinds]


def _family(question: RegretQuestion, fixed: dict[str, str], axis: Axis | None) -> Family:
    ends = [
        load_scenario(
            question.scenario,
            overrides=[*question.overrides, *(f"{path}={value}" for path, value in (fixed | size).items())],
            **question.load,  # type: ignore[arg-type]
        )
        for size in ({} if axis is None else {axis.path: axis.values[at]} for at in (0, -1))
    ]
    smallest, largest = ends
    for requirement in question.requirements:
        check_places(requirement, largest.scenario)
    path = () if axis is None else tuple(axis.path.split("."))
    values = (None,) if axis is None else tuple(map(_as_read, axis.values))
    numbers = (1.0,) if axis is None else tuple(number_at(axis, at) for at in range(len(axis.values)))
    assumptions = tuple(
        one for one in smallest.assumptions if path not in one.paths
    )  # a decision is not drawn
    data = certain(smallest.data)
    if axis is not None:
        _check_patch(data, path, values[-1], largest, axis)
    pool = _pool_that_grows(smallest, largest, path)
    seed = smallest.scenario.seed if question.seed is None else question.seed
    search = SizeSearch(
        data, path, values, numbers, assumptions, {}, "", question.requirements, question.too_little,
        question.refused, question.upkeep_frac, pool, _seen(largest, question.requirements, pool),
    )  # fmt: skip
    draws = draw_worlds(assumptions, question.worlds, seed)
    return Family(fixed, axis, smallest, largest, search, draws)


def _as_read(text: str) -> int | str:
    """Return a value of an axis as a file would have it: whole numbers are numbers."""
    return int(text) if text.lstrip("-").isdigit() else text


def _check_patch(
    data: Mapping[str, Any], path: tuple[str, ...], value: object, largest: LoadedScenario, axis: Axis
) -> None:
    """Refuse an axis that changes more than one value of the specification."""
    try:
        patched = fingerprint(scenario_in_world(put(dict(data), path, value), (), {}, world="the largest"))
    except (InputError, KeyError, TypeError):
        patched = ""
    plain = fingerprint(scenario_in_world(certain(largest.data), (), {}, world="the largest"))
    if patched != plain:
        what = "this range changes more than one value, and worlds are drawn around it"
        raise InputError(what, where=f"--vary {axis.path}", fix="vary a single number, or leave out --worlds")


def _pool_that_grows(smallest: LoadedScenario, largest: LoadedScenario, path: tuple[str, ...]) -> str:
    """Return the pool whose nodes the size is, or an empty text."""
    low, high = smallest.scenario.site.pools, largest.scenario.site.pools
    grown = [name for name in low if name in high and high[name].nodes != low[name].nodes]
    return grown[0] if len(grown) == 1 and path[-1:] == ("nodes",) else ""


def _seen(loaded: LoadedScenario, requirements: Sequence[Requirement], pool: str) -> tuple[int, int]:
    """Return first and last day of the demand that will have been seen when a later order is due."""
    scenario = loaded.scenario
    if not pool:
        return scenario.start.toordinal(), scenario.start.toordinal()
    start_s, _ = asked_span(requirements, scenario)
    lead_s = scenario.site.pools[pool].lead_time
    lead_days = LEAD_DAYS if lead_s is None else lead_s / 86_400
    due: date = calendar_of(scenario).date_at(start_s) - timedelta(days=round(lead_days))
    last = max(due, scenario.start)
    return max(scenario.start, last - timedelta(days=SEEN_DAYS)).toordinal(), last.toordinal()


def seek(
    found: Sequence[Family], executor: Executor, *, seed: int | None = None, progress: Progress | None = None
) -> list[Sought]:
    """Find the least enough size of every family in every world."""
    tasks = [task for family in found for task in _tasks(family, seed)]
    sized = [run.sized for run in run_all(executor, tasks, progress)]
    answers, at = [], 0
    for family in found:
        count = family.draws.count
        mine = [one for one in sized[at : at + count + len(CENTRES) * len(LUCKS)] if one is not None]
        at += len(mine)
        rest = mine[count:]
        centres = {
            name: tuple(rest[number * len(LUCKS) : (number + 1) * len(LUCKS)])
            for number, name in enumerate(CENTRES)
        }
        answers.append(Sought(family, tuple(mine[:count]), centres))
    return answers


def tasks_in(found: Sequence[Family]) -> int:
    """Return how many pieces of work a question has."""
    return sum(family.draws.count + len(CENTRES) * len(LUCKS) for family in found)


def _tasks(family: Family, seed: int | None) -> list[Task]:
    scenario, sha256 = family.smallest.scenario, family.smallest.sha256
    seed = scenario.seed if seed is None else seed
    cases = [(family.draws.world(world), f"world {world}", 2 * world) for world in range(family.draws.count)]
    for name in CENTRES:
        drawn = {one.name: _centre(one, name) for one in family.search.assumptions}
        cases += [(drawn, f"the {name} world", luck) for luck in LUCKS]
    return [
        Task(scenario, sha256, seed, luck, sizes=replace(family.search, drawn=drawn, world=world))
        for drawn, world, luck in cases
    ]


def _centre(one: Assumption, name: str) -> float:
    """Return what an assumption is in the likely or the mean world; of choices always the likely one."""
    if name == "likely" or one.how == "choice":
        return one.likely
    return float(one.what.quantile((np.arange(400) + 0.5) / 400).mean())
