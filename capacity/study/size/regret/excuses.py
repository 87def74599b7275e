"""Why a candidate was not chosen: the one thing that binds, by how much, and in how many worlds."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np

from capacity.measure.metrics import METRICS
from capacity.study.requirements import Requirement
from capacity.study.size.regret.costs import CostTable
from capacity.study.size.regret.families import Sought
from capacity.study.size.regret.one_world import SizeTried
from capacity.study.verdict import known

Kind = Literal["wait", "backlog", "refused", "rejected", "delivery", "target", "cost", "dominated"]
KINDS: Final = ("wait", "backlog", "refused", "rejected", "delivery", "target", "cost", "dominated")


@dataclass(frozen=True, slots=True)
class Excuse:
    """Why one candidate was not chosen.

    Attributes
    ----------
    values : mapping of str to str
        The candidate, by path.
    kind : str
        Of `KINDS`: a wait, work left over, data or jobs turned away, a delivery that comes too late, another
        target, more cost, or more cost than a site that is enough in more worlds.
    asked : str
        The requirement, of those that are one.
    by, unit : float, str
        How far it is missed in the middle of the worlds that miss it, or what it costs more in a year; NaN
        where it was not simulated.
    worlds, of : int
        In how many worlds, of how many.
    """

    values: Mapping[str, str]
    kind: Kind
    asked: str
    by: float
    unit: str
    worlds: int
    of: int

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {
            "values": dict(self.values), "kind": self.kind, "asked": self.asked, "by": known(self.by),
            "unit": self.unit, "worlds": self.worlds, "of": self.of,
        }  # fmt: skip


def excuses(tables: Sequence[CostTable], sought: Sequence[Sought], best: int, currency: str) -> list[Excuse]:
    """Return why each candidate but the chosen one was not chosen.

    Parameters
    ----------
    tables, sought : sequence of CostTable, sequence of Sought
        Of each family.
    best : int
        The family of the chosen one.
    currency : str
        That costs are in.
    """
    chosen = tables[best]
    least, met = chosen.smooth[chosen.chosen], chosen.met[chosen.chosen]
    found = []
    for number, (table, one) in enumerate(zip(tables, sought, strict=True)):
        for place in range(len(table.own)):
            if number == best and place == table.chosen:
                continue
            own = table.met[place]
            dearer = table.own[place].mean() > chosen.own[chosen.chosen].mean()
            if own.sum() < met.sum() and not dearer:
                found.append(_missed(table, one, place))
                continue
            kind: Kind = "dominated" if own.sum() <= met.sum() and number != best and dearer else "cost"
            more = table.costs[place] - chosen.costs[chosen.chosen]
            found.append(
                Excuse(
                    table.family.values_at(place), kind, "", float(table.smooth[place] - least), currency,
                    int((more > 0).sum()), len(more),
                )
            )  # fmt: skip
    return found


def _missed(table: CostTable, sought: Sought, place: int) -> Excuse:
    """Return the requirement that a size misses in most worlds, and by how much in the middle of them."""
    family, missing = table.family, np.flatnonzero(~table.met[place])
    values, of = family.values_at(place), len(sought.worlds)
    late = int((table.there[missing] < 1).sum())
    enough_if_there = np.log(family.numbers[place]) >= np.log(table.needed[missing]) if table.need else []
    if late and np.sum(enough_if_there) > len(missing) / 2:
        return Excuse(values, "delivery", "", math.nan, "", int(np.sum(enough_if_there)), of)
    near = [_nearest(sought.worlds[world].tried, place) for world in missing]
    asked = family.search.requirements
    wide = sum(one.too_wide > 0 for one in near)
    failed = Counter(
        number for one in near for number, within in enumerate(one.met) if not within
    )  # fmt: skip
    if wide > len(near) / 2 or not failed:
        middle = float(np.median([one.too_wide for one in near])) if near else math.nan
        return Excuse(values, "rejected", "", middle, "job", wide, of)
    most = max(failed.values())
    worst = max((n for n in failed if failed[n] == most), key=lambda n: _margin(asked[n], near, n))
    requirement = asked[worst]
    beyond = [
        abs(one.found[worst] - requirement.limit) for one in near if not one.met[worst] and one.place == place
    ]
    by = float(np.median(beyond)) if beyond else math.nan
    return Excuse(values, _kind(requirement), requirement.text, by, requirement.unit, len(missing), of)


def _nearest(tried: Sequence[SizeTried], place: int) -> SizeTried:
    """Return what was simulated next to a size in its world, of smaller and larger ones what failed."""
    return min(tried, key=lambda one: (one.enough, abs(one.place - place)))


def _margin(requirement: Requirement, near: Sequence[SizeTried], number: int) -> float:
    away = [abs(one.found[number] - requirement.limit) for one in near if not one.met[number]]
    return float(np.median(away)) / (abs(requirement.limit) or 1.0)


def _kind(requirement: Requirement) -> Kind:
    if requirement.metric == "backlog_s":
        return "backlog"
    if requirement.metric == "storage_refused_bytes":
        return "refused"
    if requirement.metric == "jobs_rejected":
        return "rejected"
    return "wait" if METRICS[requirement.metric].section == "waits" else "target"
