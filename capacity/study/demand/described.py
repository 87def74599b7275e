"""What `capacity workload describe` looks at: a log, or a demand drawn from its model, and the machine."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

import numpy as np

from capacity.errors import InputError
from capacity.inputs.reading.loader import load_part
from capacity.inputs.scenario import Scenario
from capacity.inputs.site import Site
from capacity.simulation.demand import DEFAULT_SCENARIO, Demand, demand_of, draw
from capacity.simulation.hardware import Hardware
from workloads.describe.describe import describe
from workloads.describe.measures import Description
from workloads.jobtable import JobTable
from workloads.period import period_of

ALWAYS: Final = -(2**62)


@dataclass(frozen=True, slots=True)
class Machine:
    """How many slots are in service, and from when on.

    Each step is a second on the clock of the table, in order, and the slots from then on; none before the
    first.
    """

    steps: tuple[tuple[int, float], ...]

    @classmethod
    def of_size(cls, slots: float) -> "Machine":
        """Return a machine that is always the same."""
        return cls(((ALWAYS, slots),))

    def mean_slots(self, first_s: int, last_s: int) -> float | None:
        """Return the mean of the slots in service over a time; None when there are none.

        Examples
        --------
        >>> Machine(((0, 10.0), (60, 30.0))).mean_slots(0, 120)
        20.0
        """
        if last_s <= first_s:
            slots = [size for start, size in self.steps if start <= first_s]
            return (slots[-1] or None) if slots else None
        ends = [start for start, _ in self.steps[1:]] + [max(last_s, self.steps[-1][0])]
        steps = zip(self.steps, ends, strict=True)
        held = sum(size * max(min(end, last_s) - max(start, first_s), 0) for (start, size), end in steps)
        return held / (last_s - first_s) or None


@dataclass(frozen=True, slots=True)
class Subject:
    """Jobs to describe.

    Attributes
    ----------
    name, table : str, JobTable
        What to call them, and the jobs.
    machine : Machine or None
        What their work is held against.
    departs : mapping of str to str
        Numbers in which the demand differs from published ones on purpose, and why.
    notes : tuple of str
        What a reader should know about how they were had.
    """

    name: str
    table: JobTable
    machine: Machine | None
    departs: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def describe(self, *, last_s: float | None = None) -> Description:
        """Return its numbers, or those of the jobs of the last so many seconds."""
        table = self.table if last_s is None else _last(self.table, last_s)
        slots = None
        if self.machine is not None and len(table):
            period = period_of(table)
            slots = self.machine.mean_slots(period.first_s, period.last_s)
        return describe(table, slots=slots)


def _last(table: JobTable, length_s: float) -> JobTable:
    """Return the jobs submitted in the time before the last submission."""
    submit_s = table.numbers("submit_s")
    if not len(submit_s) or submit_s[0] > submit_s[-1] - length_s:
        return table
    begin_s = int(submit_s[-1] - length_s) + 1
    stated = table.period_s and (max(table.period_s[0], begin_s), table.period_s[1])
    return table.take(np.flatnonzero(submit_s >= begin_s), period_s=stated)


def of_log(name: str, table: JobTable, *, slots: int | None, site: str | None, clean: bool) -> Subject:
    """Return a log that was read, as something to describe.

    The machine has `slots`, or those of `site` (a name or path; all of it counts, for a log knows nothing of
    its deliveries), or what the log says. [slot] With `clean` only jobs that could be replayed are kept, see
    `JobTable.clean`.
    """
    size = slots if slots is not None else _site(site).slots if site is not None else table.max_slots
    if clean:
        table = table.clean(max_slots=size)
    return Subject(name, table, None if size is None else Machine.of_size(size))


def of_demand(
    kind: str, name: str, *, slots: int | None, site: str | None, clean: bool, overrides: Sequence[str] = (),
    start: date | None = None, until: date | None = None, seed: int | None = None,
) -> Subject:  # fmt: skip
    """Draw the demand of a workload or scenario, as something to describe.

    Run times are those on the reference for a workload, and on the hardware of its site for a scenario. The
    machine is what is in service of the site, step by step; for a workload that of `DEFAULT_SCENARIO`, unless
    `slots` or `site` say otherwise.

    Raises
    ------
    InputError
        The specification is wrong, or nobody submits anything.
    """
    demand = demand_of(kind, name, overrides=overrides, start=start, until=until, seed=seed)
    table = draw(demand)
    notes = [f"{demand.workload.name}: {demand.start} through {demand.until}, seed {demand.seed}"]
    place = demand.scenario.site
    if kind == "scenario":
        table = _on_site(demand.scenario, table)
        notes[0] += f", run times on {place.name}"
    else:
        notes[0] += f", run times on {demand.run_times_hold_on}"
    if not len(table):
        fix = "`capacity show` says when the tenants begin: their members"
        raise InputError("no job is submitted in this time", where=demand.workload.name, fix=fix)
    if site is not None:
        place = _site(site)
    if slots is None:
        machine = Machine(tuple(_steps(place, demand)))
        why = f", of the scenario {DEFAULT_SCENARIO}" if kind == "workload" and site is None else ""
        notes.append(f"machine: the slots of {place.name} in service at the time{why}")
    else:
        machine = Machine.of_size(slots)
    if clean:
        table = table.clean(max_slots=slots or place.slots, cut=True)
    return Subject(demand.workload.name, table, machine, demand.workload.departs, tuple(notes))


def _on_site(scenario: Scenario, table: JobTable) -> JobTable:
    """Return the jobs with their run times on the hardware of the scenario's site."""
    from capacity.simulation.build import on_hardware  # noqa: PLC0415 - imports numba, and is needed only here

    return on_hardware(table, Hardware(scenario))


def _site(name: str) -> Site:
    record = load_part("site", name).record
    assert isinstance(record, Site)
    return record


def _steps(site: Site, demand: Demand) -> list[tuple[int, float]]:
    """Return from which second of the demand on how many slots of a site are in service."""
    found = []
    for step in site.schedule(first_day=demand.start):
        slots = sum(nodes * site.pools[pool].node.slots for pool, nodes in step.nodes.items())
        found.append((demand.calendar.midnight_s(step.day), float(slots)))
    return found
