"""The answer over worlds: the size of least regret, what else was weighed, and why the rest was not."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from capacity.errors import RequirementNotMet
from capacity.statistics.regret.costs import least_worst, regrets
from capacity.statistics.regret.knowledge import of_each, of_everything
from capacity.study.requirements import Requirement
from capacity.study.size.regret.costs import CostTable, cost_table, with_refused
from capacity.study.size.regret.excuses import Excuse, excuses
from capacity.study.size.regret.families import CENTRES, RegretQuestion, Sought
from capacity.study.size.regret.one_world import WorldSized
from capacity.study.size.regret.options import Option, Turn, Weighed, options, turns, weighed
from capacity.study.size.regret.phases import PhasedPlan, phased_plan
from capacity.study.size.regret.prices import assumed
from capacity.study.verdict import known

MOST_WORTH: Final = 3
"""So many assumptions are named of which knowing is worth most."""
P90: Final = "nine of ten"
CHOSEN: Final = "chosen"
LEAST_WORST: Final = "least worst"


@dataclass(frozen=True, slots=True)
class NamedSize:
    """One size with a name: for likely inputs, for mean ones, enough in nine of ten worlds, the chosen one.

    Attributes
    ----------
    name : str
        Which.
    size : float
        In the unit of the axis; NaN where nothing of the range is enough.
    regret, worst_tenth : float
        Mean regret in a year, and that of the worst tenth of the worlds. [currency]
    """

    name: str
    size: float
    regret: float
    worst_tenth: float


@dataclass(frozen=True, slots=True)
class LeastRegret:
    """What a sizing over worlds came to.

    Attributes
    ----------
    question, currency : RegretQuestion, str
        What was asked, and in what money is counted; all of it for a year.
    sought, tables : tuple of Sought, tuple of CostTable
        What was simulated, and its costs, by family.
    best : int
        The family of the chosen size.
    options : tuple of Option
        What was weighed, the chosen one first.
    turns : tuple of Turn
        What would have to be true for another to be best.
    plan : PhasedPlan or None
        The two orders of the best family, where something can be seen in time.
    named : tuple of NamedSize
        Sizes to compare with.
    excuses : tuple of Excuse
        Of every candidate that was not chosen.
    everything : float
        What knowing the world before ordering would be worth in a year. [currency]
    worth : tuple of (str, float)
        The same of single inputs, those of which it is more than chance.
    assumed : tuple of str
        Which prices the site does not say.
    """

    question: RegretQuestion
    currency: str
    sought: tuple[Sought, ...]
    tables: tuple[CostTable, ...]
    best: int
    options: tuple[Option, ...]
    turns: tuple[Turn, ...]
    plan: PhasedPlan | None
    named: tuple[NamedSize, ...]
    excuses: tuple[Excuse, ...]
    everything: float
    worth: tuple[tuple[str, float], ...]
    assumed: tuple[str, ...]

    @property
    def table(self) -> CostTable:
        """The costs of the family of the chosen size."""
        return self.tables[self.best]

    @property
    def chosen(self) -> Mapping[str, str]:
        """What varies, at the chosen size."""
        return self.options[0].values

    @property
    def requirements(self) -> Sequence[Requirement]:
        """What was required, what was added to it included."""
        return self.question.requirements

    @property
    def beyond(self) -> int:
        """In how many worlds nothing of the range is enough."""
        return int((self.table.least >= len(self.table.own)).sum())

    @property
    def bounds(self) -> list[float]:
        """What a perfect scheduler needs in each world, in units of size; empty where that is not known."""
        family = self.table.family
        if not family.search.pool:
            return []
        slots = family.largest.scenario.site.pools[family.search.pool].node.slots
        return [one.bound_slots / slots for one in self.sought[self.best].worlds]

    @property
    def runs(self) -> int:
        """Simulations that the answer rests on."""
        every = [world for one in self.sought for world in one.worlds]
        every += [world for one in self.sought for those in one.centres.values() for world in those]
        return sum(len(one.tried) for one in every)

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        table, edge = self.table, self.table.edge
        return {
            "worlds": self.question.worlds, "currency": self.currency, "runs": self.runs,
            "required": [one.text for one in self.requirements],
            "too_little": self.question.too_little.kind, "assumed": list(self.assumed),
            "price_too_much": known(table.too_much), "price_too_little": known(table.too_little),
            "bought_for": known(table.bought_for), "range_binds": edge, "worlds_beyond_range": self.beyond,
            "answer": dict(self.chosen),
            "sizes": [
                {"name": one.name, "size": known(one.size), "mean_regret": known(one.regret),
                 "worst_tenth": known(one.worst_tenth)} for one in self.named
            ],
            "options": [one.to_json() for one in self.options],
            "turns": [one.to_json() for one in self.turns],
            "perfect_scheduler": [known(one) for one in self.bounds],
            "worth_of_knowing": {"everything": self.everything, **dict(self.worth)},
            "rejected": [one.to_json() for one in self.excuses],
            "worlds_of_families": [self._worlds_json(number) for number in range(len(self.tables))],
        }  # fmt: skip

    def _worlds_json(self, number: int) -> dict[str, Any]:
        table, sought = self.tables[number], self.sought[number]
        names = [one.text for one in self.requirements]
        return {
            "kind": dict(table.family.fixed),
            "worlds": [
                {
                    "world": world, "needed": known(float(table.needed[world])),
                    "in_service": one.there_frac, "inputs": table.family.draws.world(world),
                    "tried": [
                        {**table.family.values_at(tried.place), "enough": tried.enough,
                         "found": dict(zip(names, map(known, tried.found), strict=True))}
                        for tried in one.tried
                    ],
                } for world, one in enumerate(sought.worlds)
            ],
        }  # fmt: skip


def least_regret(question: RegretQuestion, sought: Sequence[Sought]) -> LeastRegret:
    """Weigh what was found in every world.

    Raises
    ------
    InputError
        What too little costs is not known, or is below the cost of owning.
    """
    _check_some_is_enough(sought)
    tables = [with_refused(cost_table(one), one) for one in sought]
    plans = [
        phased_plan(table, np.array([world.seen_slots for world in one.worlds]))
        for table, one in zip(tables, sought, strict=True)
    ]
    found = weighed(tables, plans)
    best = next(number for number, table in enumerate(tables) if table is found[0].table)
    every = np.vstack([table.costs for table in tables])
    draws, site = tables[best].family.draws, tables[best].family.smallest.scenario.site
    currency = site.reporting_currency or ""
    worth = of_each(_near(every), draws.uniforms)
    named = sorted(
        ((name, one.value) for name, one in zip(draws.inputs, worth, strict=True) if one.value > 0),
        key=lambda pair: -pair[1],
    )
    return LeastRegret(
        question, currency, tuple(sought), tuple(tables), best, tuple(options(found, every)),
        tuple(turns(found, draws)), plans[best], _named(tables[best], sought[best], found, every),
        tuple(excuses(tables, sought, best, currency)), of_everything(every), tuple(named[:MOST_WORTH]),
        assumed(site),
    )  # fmt: skip


def _check_some_is_enough(sought: Sequence[Sought]) -> None:
    """Refuse to choose where nothing is known of what worlds need.

    Raises
    ------
    RequirementNotMet
        In some family nothing of the range is enough in any world.
    """
    for one in sought:
        sizes = one.family.numbers
        if one.family.axis is not None and all(world.least >= len(sizes) for world in one.worlds):
            kind = ", ".join(f" {path}={value}" for path, value in one.family.fixed.items())
            raise RequirementNotMet(
                f"in none of {len(one.worlds)} worlds is anything up to {one.family.axis.path}="
                f"{one.family.axis.values[-1]}{kind} enough: give a larger range"
            )


def _near(costs: np.ndarray[Any, np.dtype[np.float64]]) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Return the candidates that are best in some world or in the mean: others only add noise."""
    best = sorted({*np.argmin(costs, axis=0).tolist(), int(np.argmin(costs.mean(axis=1)))})
    return np.asarray(costs[best])


def _named(
    table: CostTable, sought: Sought, found: Sequence[Weighed], every: np.ndarray[Any, np.dtype[np.float64]]
) -> tuple[NamedSize, ...]:
    """Return the sizes that a planner would compare with, with what each is regretted."""
    if table.family.axis is None:
        return ()
    numbers = np.array(table.family.numbers)
    places: dict[str, int] = {}
    for name in CENTRES:
        centre = _centre(sought.centres[name], numbers)
        places[name] = int(np.searchsorted(numbers, centre)) if math.isfinite(centre) else len(numbers)
    places |= {P90: table.place_of_most, CHOSEN: table.chosen, LEAST_WORST: least_worst(table.costs)}
    inside = {name: min(place, len(numbers) - 1) for name, place in places.items()}
    mine, others = table.costs[list(inside.values())], [one.costs[None] for one in found]
    held = regrets(np.vstack([mine, every, *others]))
    sizes = [float(numbers[at]) if places[name] < len(numbers) else math.nan for name, at in inside.items()]
    return tuple(
        NamedSize(name, size, one.mean, one.worst_tenth)
        for name, size, one in zip(inside, sizes, held, strict=False)
    )


def _centre(found: Sequence[WorldSized], numbers: np.ndarray[Any, np.dtype[np.float64]]) -> float:
    """Return the size that is enough in a world with several lucks: their middle by ratios."""
    sizes = [numbers[one.least] if one.least < len(numbers) else math.inf for one in found]
    return float(np.exp(np.mean(np.log(sizes))))
