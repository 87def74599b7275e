"""Which sites are worth a second look: those that no other site beats in everything that counts.

Four things count: what it costs to buy and to run over the horizon, how long one job in twenty waits, the
energy, and the work it delivers. A site that is as good as another in three and better in one beats it. Two
values within 1 % of each other count as equal, or the last unfinished job would decide. A site of parts that
could not be bought by its delivery dates is no choice: it is listed, beats nobody and is on no front.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from capacity.measure.findings import labels
from capacity.measure.metrics import METRICS, Metric
from capacity.statistics.bounds import AtLeast
from capacity.statistics.kinds import Kind, interval_of
from capacity.study.run import Result
from capacity.study.task import OneRun
from capacity.study.verdict import known

COST: Final = "cost"
WEIGHED: Final[Mapping[str, Metric]] = {name: metric for name, metric in METRICS.items() if metric.decides}
"""What counts beside the cost, in the order of the table."""
DAY_S: Final = 86_400
EQUAL_WITHIN: Final = 0.01
EQUAL_WAIT_S: Final = 60.0
"""Waits closer than a minute are the same to a person. [s]"""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a site stands among the others.

    Attributes
    ----------
    case, values : str, dict of str to float
        Name of the scenario, and what counts, summed up over the replications as findings are:
        ``cost p95_wait_s site_energy_j work_reference_slot_hours``; NaN if unknown.
    on_front, beaten_by : bool, tuple of str
        Whether no other site beats it, by these; and who does.
    front_share : float
        Part of the replications in which none does.
    in_service_frac, written_off : float, bool
        Part of the horizon that its parts are in service, each by its price, NaN if unknown; whether their
        price counts for the part of their service life that lies within it, or in full.
    late, currency : tuple of str, str
        Parts that could not be bought by the date of their delivery; code of the currency of the cost, empty
        if nothing has a price.
    """

    case: str
    values: dict[str, float]
    on_front: bool
    front_share: float
    beaten_by: tuple[str, ...]
    late: tuple[str, ...] = ()
    currency: str = ""
    in_service_frac: float = math.nan
    written_off: bool = False

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON has it; NaN is null."""
        return {
            "case": self.case,
            **{name: known(value) for name, value in self.values.items()},
            "on_front": self.on_front, "front_share": self.front_share, "beaten_by": list(self.beaten_by),
            "late": list(self.late), "currency": self.currency or None,
            "in_service_frac": known(self.in_service_frac), "written_off": self.written_off,
        }  # fmt: skip


def cost(result: Result, run: OneRun) -> float:
    """Return price of parts plus electricity over the horizon, in the currency that the site reports in.

    With a `service_life` of the site the part of it within the horizon counts of the price, else all.
    NaN if a price is not known.
    """
    scenario = result.loaded.scenario
    site, life_s = scenario.site, scenario.site.service_life
    price = site.price
    if life_s is not None:
        price = site.served_price(scenario.start, scenario.until, life_days=life_s / DAY_S)
    electricity = run.values.get(("electricity_cost", labels(month="all")), math.nan)
    return math.nan if price is None else price + electricity


def in_service_frac(result: Result) -> float:
    """Return the part of the horizon that parts are in service, each by its price; NaN if one has none."""
    scenario = result.loaded.scenario
    served, price = scenario.site.served_price(scenario.start, scenario.until), scenario.site.price
    return math.nan if served is None or not price else served / price


def _worth(result: Result, run: OneRun) -> dict[str, float]:
    """Return what counts of one replication; what is measured by pool only is the sum of the pools."""
    found = {COST: cost(result, run)}
    for name, metric in WEIGHED.items():
        whole = [labels(month="all")]
        pools = [labels(pool=pool, month="all") for pool in result.loaded.scenario.site.pools]
        places = whole if {"month", "month=all"} & set(metric.by) else pools
        each = [run.values.get((name, where), math.nan) for where in places]
        found[name] = each[0] if len(each) == 1 else math.fsum(each)
    return found


def _summed(kind: Kind, values: Sequence[float]) -> float:
    value = interval_of(kind, values).value
    return AtLeast(value) if any(isinstance(one, AtLeast) for one in values) else value


def standings(results: Sequence[Result]) -> list[Standing]:
    """Return how each site stands, in the order given; what is unknown of any site does not count.

    Costs count only where all sites report them in one currency.
    """
    runs = min(len(result.runs) for result in results)
    each = [[_worth(result, result.runs[n]) for result in results] for n in range(runs)]
    kinds: dict[str, Kind] = {COST: "symmetric", **{name: WEIGHED[name].kind for name in WEIGHED}}
    summed = [
        {name: _summed(kind, [one[place][name] for one in each]) for name, kind in kinds.items()}
        for place in range(len(results))
    ]
    currencies = [result.loaded.scenario.site.reporting_currency for result in results]
    names = [
        name
        for name in (COST, *WEIGHED)
        if all(math.isfinite(m[name]) for m in summed) and (name != COST or len(set(currencies)) == 1)
    ]
    late = [_late(result) for result in results]
    choices = [place for place, parts in enumerate(late) if not parts]
    found = []
    for place, result in enumerate(results):
        by = _beaten_by(summed, place, names, choices)
        on_front = sum(not _beaten_by(one, place, names, choices) for one in each)
        beaten_by = tuple(results[other].loaded.scenario.name for other in by)
        share = 0.0 if late[place] else on_front / runs
        name, front, currency = (
            result.loaded.scenario.name,
            not by and not late[place],
            currencies[place] or "",
        )
        served, life = in_service_frac(result), result.loaded.scenario.site.service_life
        found.append(
            Standing(
                name, summed[place], front, share, beaten_by, late[place], currency, served, life is not None
            )
        )  # fmt: skip
    return found


def _late(result: Result) -> tuple[str, ...]:
    """Return the parts that could not be bought by the date of their delivery."""
    parts = result.loaded.scenario.site.availability()
    return tuple(dict.fromkeys(part.part for part in parts if not part.ok))


def _beaten_by(
    values: Sequence[Mapping[str, float]], place: int, names: Sequence[str], choices: Sequence[int]
) -> list[int]:
    return [other for other in choices if other != place and _beats(values[other], values[place], names)]


def _beats(one: Mapping[str, float], two: Mapping[str, float], names: Sequence[str]) -> bool:
    """Whether one is nowhere worse than two, and somewhere better."""
    signs = [_sign(name, one[name], two[name]) for name in names]
    return bool(signs) and min(signs) >= 0 and max(signs) > 0


def _sign(name: str, one: float, two: float) -> int:
    """Return 1 where one is better, -1 where it is worse, 0 where they are as good as equal."""
    room = max(EQUAL_WITHIN * max(abs(one), abs(two)), EQUAL_WAIT_S if name.endswith("wait_s") else 0.0)
    if abs(one - two) <= room:
        return 0
    more_is_better = name != COST and WEIGHED[name].better == "more"
    return 1 if (one > two) == more_is_better else -1
