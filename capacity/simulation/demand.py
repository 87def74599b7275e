"""The demand of a workload or a scenario, drawn as a job table of its own, without a site to run on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Final, cast
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

import capacity
from capacity.errors import InputError, Problem, nearest
from capacity.inputs.demand.workload import Workload
from capacity.inputs.reading.loader import Loaded, LoadedScenario, load_part, load_scenario
from capacity.inputs.reading.tree import KeyPath
from capacity.inputs.scenario import Scenario
from capacity.simulation.calendar import Calendar
from capacity.simulation.hardware import Hardware
from workloads.jobtable import JobTable
from workloads.synthetic.generate import generate
from workloads.synthetic.public_holidays import HolidayError
from workloads.synthetic.target import TargetError, supply_from

DEFAULT_SCENARIO: Final = "gwangju-plan"
"""Gives a workload the days, the time zone and the seed that it does not have itself."""

LONGEST_DAYS: Final = 50 * 365
"""Submissions are held in 31 bits of seconds; nobody plans further. [d]"""


@dataclass(frozen=True, slots=True)
class Demand:
    """A demand model with everything needed to draw from it.

    Attributes
    ----------
    workload, seed : Workload, int
        Who submits what; the same seed, the same jobs.
    start, until, timezone : date, date, ZoneInfo
        First and last day, both included; calendar of the days and hours.
    scenario : Scenario
        What gives it its site: its own, or for a workload `DEFAULT_SCENARIO`.
    slots, pools : int or None, mapping of str to str
        Size of the machine the demand is meant for, and where the jobs of each class go, when there is a
        site. [slot]
    slots_by_day : mapping of date to int
        Slots in service from which day on, for a target; empty without a site.
    run_factors : mapping of str to mapping of int to float
        Run time there over that of the model, by job class and slots.
    """

    workload: Workload
    start: date
    until: date
    timezone: ZoneInfo
    seed: int
    scenario: Scenario
    slots: int | None = None
    pools: Mapping[str, str] = field(default_factory=dict)
    slots_by_day: Mapping[date, int] = field(default_factory=dict)
    run_factors: Mapping[str, Mapping[int, float]] = field(default_factory=dict)

    @property
    def run_times_hold_on(self) -> str:
        """The accelerator that run times hold for, in words."""
        reference = self.workload.reference
        return reference.name if reference is not None else "any hardware"

    @property
    def machine_slots(self) -> int | None:
        """Size of the machine: that of the site, else the one the target refers to [slot]."""
        target = self.workload.target
        return self.slots if self.slots is not None or target is None else target.slots

    @property
    def calendar(self) -> Calendar:
        """From the first through the last day."""
        return Calendar(self.start, self.until, self.timezone)


def demand_of(
    kind: str,
    name_or_path: str,
    *,
    overrides: Sequence[str] = (),
    start: date | None = None,
    until: date | None = None,
    timezone: str | None = None,
    seed: int | None = None,
) -> Demand:
    """Load a workload or a scenario and settle days, time zone and seed.

    Parameters
    ----------
    kind, name_or_path : str
        ``workload`` or ``scenario``, any other is refused; a name of the catalogue, the path of a file, or
        ``-`` for standard input.
    overrides : sequence of str
        ``PATH=VALUE``, applied in order.
    start, until, timezone, seed : optional
        Instead of the scenario's own, or for a workload of those of `DEFAULT_SCENARIO`.

    Raises
    ------
    InputError
        The specification is wrong or of another kind, the days are out of order or too many, or there is no
        such time zone.
    """
    if kind not in ("workload", "scenario"):
        fix = "`capacity list workloads` and `capacity list scenarios` name what has one"
        raise InputError(f"the {kind} '{name_or_path}' has no demand", fix=fix)
    loaded: Loaded | LoadedScenario
    if kind == "scenario":
        loaded = load_scenario(name_or_path, overrides=overrides)
        scenario = loaded.scenario
        found = demand_in(scenario, Hardware(scenario), seed=scenario.seed, first=start)
    else:
        loaded = load_part("workload", name_or_path, overrides=overrides)
        workload = cast(Workload, loaded.record)
        usual = load_scenario(DEFAULT_SCENARIO).scenario
        found = Demand(workload, usual.start, usual.until, usual.timezone, usual.seed, usual)
    zone = None if timezone is None else _zone(timezone)
    given: dict[str, Any] = {"start": start, "until": until, "timezone": zone, "seed": seed}
    found = replace(found, **{name: value for name, value in given.items() if value is not None})
    _check_days(found.start, found.until)
    _check_target(found, loaded.origins)
    return found


def demand_in(scenario: Scenario, hardware: Hardware, *, seed: int, first: date | None = None) -> Demand:
    """Return the demand of a scenario on its site, whose slots count from its first day or from `first`."""
    return Demand(
        scenario.workload,
        scenario.start,
        scenario.until,
        scenario.timezone,
        seed,
        scenario,
        scenario.site.slots,
        scenario.pool_by_class(),
        scenario.model_copy(update={"start": first or scenario.start}).slots_by_day(),
        hardware.factors(),
    )


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        fix = nearest(name, sorted(available_timezones()))
        raise InputError(f"no time zone is called '{name}'", where="--timezone", fix=fix) from None


def _check_days(start: date, until: date) -> None:
    if until < start:
        what = f"{until} is before the start, {start}"
        raise InputError(what, where="--until", fix="the horizon runs through the day 'until'")
    if (until - start).days >= LONGEST_DAYS:
        raise InputError(f"{start} through {until} is too long", where="--until", fix="at most 50 years")
    if not 1900 <= start.year <= until.year <= 2900:
        raise InputError(f"{start} through {until} is not a time anybody plans for", fix="1900 to 2900")


def _check_target(demand: Demand, origins: Mapping[KeyPath, str]) -> None:
    """Refuse a target that nothing within these days can meet, at the place where it stands."""
    found = demand.workload.target_complaints(demand.start, demand.until, demand.slots_by_day)
    problems = [  # a key stands in the workload's own file or below the workload of a scenario
        Problem(what, origins.get(at) or origins.get(("workload", *at)) or ".".join(map(str, at)), fix)
        for what, fix, at in found
    ]
    if problems:
        raise InputError(problems)


def draw(demand: Demand, *, replication: int = 0) -> JobTable:
    """Return the jobs of one replication, with a header that says that nobody recorded them.

    Raises
    ------
    InputError
        The workload has a target that no draw of it can meet.
    """
    table = generated(demand, replication, f"{demand.workload.name}: ")
    note = (
        f"synthetic demand, not a recorded log: workload {demand.workload.name}, seed {demand.seed}, "
        f"replication {replication}, {demand.start} through {demand.until}; run times on "
        f"{demand.run_times_hold_on}"
    )
    header = {"Conversion": f"capacity {capacity.__version__} workload generate", "Note": note}
    return replace(table, header=header, max_slots=demand.machine_slots)


def same_jobs(one: Demand, other: Demand) -> bool:
    """Whether two demands have the same jobs in each replication, whatever their sites."""
    if (one.start, one.until, one.timezone, one.seed) != (
        other.start,
        other.until,
        other.timezone,
        other.seed,
    ):
        return False
    if other.workload.target is not None and (
        one.slots_by_day != other.slots_by_day or one.run_factors != other.run_factors
    ):
        return False
    first, second = (
        demand.workload.to_model(first=demand.start, pools=demand.pools, slots_by_day=demand.slots_by_day)
        for demand in (one, other)
    )
    return first == second


def generated(demand: Demand, replication: int, where: str) -> JobTable:
    """Return the jobs of one replication; in complaints `where` stands before the keys of the workload.

    Raises
    ------
    InputError
        The workload has a target that no draw of it can meet, or holidays that nobody knows yet.
    """
    calendar = demand.calendar
    try:
        return generate(
            demand.workload.to_model(
                first=demand.start, pools=demand.pools, slots_by_day=demand.slots_by_day
            ),
            start=calendar.start_time,
            horizon_s=calendar.horizon_s,
            seed=demand.seed,
            replication=replication,
            supply=supply_from(demand.slots_by_day, demand.run_factors, calendar.start_time),
        )
    except TargetError as error:
        what = "target" if demand.workload.target else "tenants"
        raise InputError(str(error), where=f"{where}{what}") from None
    except HolidayError as error:
        raise InputError(str(error), where=f"{where}rhythm.country") from None
