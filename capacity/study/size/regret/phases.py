"""What to order now and what to decide later, by the load that will have been seen by then.

A later order costs more and comes later; in between, the first one has to do. What is too little then counts
as it does for one order. The trigger is a load, not a date: how many slots the work submitted in eight weeks
would keep busy.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from capacity.statistics.regret.stages import Phased, phased
from capacity.study.size.regret.costs import CostTable

Floats = npt.NDArray[np.float64]
SIZES: Final = 10
"""So many first and second sizes are tried, each with each."""
DEARER: Final = 0.1
"""By this part of its price a later order costs more."""
LATE_DAYS: Final = 45
"""Of the year that costs are counted for, until a later order is in service. [d]"""
YEAR_DAYS: Final = 365.25
WORTH: Final = 1e-9


@dataclass(frozen=True, slots=True)
class PhasedPlan:
    """Two orders.

    Attributes
    ----------
    first : int
        Place of the size to order now.
    second : tuple of int
        Places of the sizes to have in the end, from low loads to high ones; one if nothing is decided later.
    thresholds : tuple of float
        From which load on the next one is ordered, one fewer. [slot]
    rule : ndarray of int, shape (n_worlds,)
        Which of the second sizes each world gets.
    costs : ndarray of float, shape (n_worlds,)
        What the plan costs in a year in each world. [currency]
    cost : float
        Its mean, in worlds on which the rule was not made. [currency]
    gain, zero : float
        What looking at the load saves in a year, and what chance alone exceeds in one case of 20. [currency]
    """

    first: int
    second: tuple[int, ...]
    thresholds: tuple[float, ...]
    rule: npt.NDArray[np.intp]
    costs: Floats
    cost: float
    gain: float
    zero: float

    @property
    def decides_later(self) -> bool:
        """Whether the later order hangs on what is seen."""
        return len(self.second) > 1


def phased_plan(table: CostTable, seen: Floats) -> PhasedPlan | None:
    """Return the plan in two orders of least mean cost; None where nothing can be seen in time.

    Parameters
    ----------
    table : CostTable
        Of the family.
    seen : ndarray of float, shape (n_worlds,)
        The load that will have been seen when the later order is due. [slot]
    """
    if table.family.axis is None or not np.isfinite(seen).all() or np.ptp(seen) <= WORTH * np.abs(seen).max():
        return None
    places = _places(table)
    if len(places) < 2:
        return None
    paths = paths_of(table, places)
    found: Phased = phased(paths, seen)
    rule = np.searchsorted(np.array(found.thresholds), seen, side="right")
    costs = paths[found.first, np.array(found.second)[rule], np.arange(len(seen))]
    second = tuple(int(places[at]) for at in found.second)
    return PhasedPlan(
        int(places[found.first]), second, found.thresholds, rule, costs, found.cost, found.gain, found.zero
    )


def _places(table: CostTable) -> npt.NDArray[np.intp]:
    """Return the places of the sizes tried in two orders, evenly over what worlds need."""
    low, high = table.place_enough(0.02), table.place_enough(0.98)
    low = min(low, table.chosen) * 3 // 4
    spread = np.linspace(low, max(high, table.chosen), SIZES)
    return np.unique([*np.rint(spread).astype(np.intp), table.chosen])


def paths_of(table: CostTable, places: npt.NDArray[np.intp]) -> Floats:
    """Return what each way from a first size to a second costs, shape (first, second, n_worlds) [currency].

    NaN where the second is smaller.
    """
    waits = LATE_DAYS / YEAR_DAYS
    costs, own = table.costs[places], table.own[places]
    later = (1 - waits) * (costs[None] + DEARER * (own[None] - own[:, None]))
    paths = waits * costs[:, None] + later
    smaller = np.arange(len(places))[None] < np.arange(len(places))[:, None]
    paths[smaller] = np.nan
    return np.asarray(paths)
