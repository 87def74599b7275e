"""How much work comes in, against what is there: between what and what, by the assumptions about demand.

Of assumptions that multiply (how many people, how many jobs of each, how long these run) each may be modest
and all together wide. Nothing is simulated: jobs expected of each class times their mean work.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from capacity.inputs.reading.loader import Loaded, LoadedScenario
from capacity.inputs.scenario import Scenario
from capacity.simulation.hardware import Hardware
from capacity.study.uncertainty.draws import draw_worlds, worlds_of
from workloads.synthetic.distributions import mean_cut
from workloads.synthetic.model import JobClass

DAY_S: Final = 86_400
WORLDS: Final = 64
WIDE: Final = 4.0
"""Ends of the offered load so many times apart are rarely meant: assumptions multiply."""


@dataclass(frozen=True, slots=True)
class OfferedLoad:
    """Work that comes in over what the slots in service could do, of eight futures in ten.

    Attributes
    ----------
    stated_frac : float
        As stated. [1]
    low_frac, high_frac : float
        What a tenth of the futures lie below, and above. [1]
    """

    stated_frac: float
    low_frac: float
    high_frac: float

    @property
    def is_wide(self) -> bool:
        """Whether its ends are further apart than anyone is likely to mean."""
        return self.high_frac > WIDE * self.low_frac


def offered_load(loaded: Loaded) -> OfferedLoad | None:
    """Return the offered load of a scenario by the assumptions about demand.

    None of anything else, and where nothing is uncertain or in service.

    Raises
    ------
    InputError
        The scenario is wrong in some world.
    """
    if not isinstance(loaded, LoadedScenario):
        return None
    demand = [one for one in loaded.assumptions if all(path[0] == "workload" for path in one.paths)]
    stated = load_frac(loaded.scenario)
    if not demand or not stated:
        return None
    draws = draw_worlds(demand, WORLDS, loaded.scenario.seed)
    loads = [load_frac(world.scenario) for world in worlds_of(loaded, draws)]
    low, high = np.quantile(loads, (0.1, 0.9))
    return OfferedLoad(stated, float(low), float(high))


def load_frac(scenario: Scenario) -> float:
    """Return the work expected while anything is in service over what its slots could do then [1].

    Luck, and jobs that are submitted again, are left out; 0 where nothing comes, or nothing is in service.
    """
    timing, target = scenario.timing(), scenario.workload.target
    if target is not None and target.offered_load is not None:
        return scenario.workload.scale * target.offered_load
    steps = [*scenario.slots_by_day().items()]
    starts = np.array([(day - scenario.start).days for day, _ in steps])
    place = np.searchsorted(starts, np.arange(len(timing.days)), side="right") - 1
    slots = np.where(place < 0, 0, np.array([count for _, count in steps])[place])
    there = slots > 0
    if not there.any():
        return 0.0
    work = _work_slot_s(scenario)
    daily = {key: jobs[there].sum() for key, jobs in timing.jobs().items()}
    offered = sum(jobs * work[job_class] for (_, job_class), jobs in daily.items())
    if target is not None and target.jobs_per_slot_day is not None:
        return float(
            scenario.workload.scale * target.jobs_per_slot_day * offered / sum(daily.values()) / DAY_S
        )
    return float(offered / (slots[there].sum() * DAY_S))


def _work_slot_s(scenario: Scenario) -> dict[str, float]:
    """Return the mean of slots × run time of the jobs of each class, on its preferred pool [slot s]."""
    factors = Hardware(scenario).factors()
    kinds = scenario.workload.to_model(first=scenario.start, pools=scenario.pool_by_class()).classes
    return {kind.name: _mean_work(kind, factors[kind.name]) for kind in kinds}


def _mean_work(kind: JobClass, factor_by_slots: dict[int, float]) -> float:
    fates = kind.fates.values()
    mean = sum(one.share * one.run_factor for one in fates) / sum(one.share for one in fates)
    whole = sum(kind.slots.values()) * sum(one.share for one in fates)
    work = 0.0
    for slots, weight in kind.slots.items():
        for fate in fates:
            longer = kind.longer_by_slots.get(slots, 1.0) * fate.run_factor / mean
            run_s = mean_cut(kind.run_s, kind.longest_s / longer) * longer
            work += weight * fate.share * slots * run_s * factor_by_slots.get(slots, 1.0)
    return work / whole
