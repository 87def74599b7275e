"""A target instead of rates: how loaded the machine is to be, or how many jobs come to each slot and day."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from itertools import pairwise
from typing import Annotated

import numpy as np
from pydantic import Field

from capacity.inputs.demand.growth import Admission
from capacity.inputs.fields.complaints import Complaint
from capacity.inputs.fields.numbers import Bounds, PlainNumber, Quantity
from capacity.inputs.fields.quantities import Day, Factor, Fraction, PositiveCount
from capacity.inputs.fields.record import Record, SourcedPart
from capacity.inputs.fields.run_time import quantile_complaints
from workloads.synthetic.calendar import EPOCH, Ramp
from workloads.synthetic.target import TargetNumbers
from workloads.synthetic.week_levels import WeekLevels

HIGHEST_LOAD_FRAC = 10.0
OfferedLoad = Annotated[
    float, Quantity("fraction", "80 %", bounds=Bounds(high=HIGHEST_LOAD_FRAC, above=True))
]
JobsPerSlotDay = Annotated[
    float, Quantity("jobs_per_slot_day", "1.4 job/slot/day", bounds=Bounds(above=True))
]
Restraint = Annotated[float, Quantity("fraction", "20 %", bounds=Bounds(high=0.95))]
Persistence = Annotated[float, PlainNumber("0.3", bounds=Bounds(high=0.99))]


class Weeks(Record):
    """How the weeks of demand differ: deadlines, quiet spells, and people who see a queue."""

    levels: Annotated[Mapping[Fraction, Factor], Field(min_length=2)]
    """The work of a week over that of the mean week, by quantiles from 0 % to 100 %."""
    persistence: Persistence = 0.0
    """How much one week is like the next: their rank correlation."""
    restraint: Restraint = 0.0
    """How much less people submit for each day of work that is queued, as they see it: 20 %."""

    def _complaints(self) -> Iterable[Complaint]:
        found = quantile_complaints(self.levels, "levels")
        if not found and not any(self.levels.values()):
            found.append(Complaint("every level is 0", at=("levels",)))
        return found


class Target(SourcedPart):
    """What the jobs are to add up to; the rates of tenants and classes then count only as proportions."""

    offered_load: OfferedLoad | None = None
    """Slots times run time of the jobs submitted, over slots times time: 80 %; more than 100 % overloads."""
    jobs_per_slot_day: JobsPerSlotDay | None = None
    """Instead: jobs submitted for each slot and day."""
    slots: PositiveCount | None = None
    """Slots it refers to, with run times as stated; of a scenario those in service, as fast as they are."""
    start: Day | None = None
    """The first day that counts; the first with slots and members if not given."""
    until: Day | None = None
    """The last day that counts; the last of the horizon if not given."""
    weeks: Weeks | None = None
    """How weeks differ; by chance alone if not given."""

    def _complaints(self) -> Iterable[Complaint]:
        found = []
        given = [word for word in ("offered_load", "jobs_per_slot_day") if getattr(self, word) is not None]
        if len(given) != 1:
            what = "two targets can hardly both be met" if given else "what is the target?"
            fix = "give 'offered_load: 80 %' or 'jobs_per_slot_day: 1.4 job/slot/day'"
            found.append(Complaint(what, fix, tuple(given[1:])))
        if self.weeks is not None and self.weeks.restraint and self.offered_load is None:
            what = "people hold back from work that is queued, and a number of jobs tells none"
            found.append(Complaint(what, "give 'offered_load' instead", ("weeks", "restraint")))
        if self.start is not None and self.until is not None and self.until < self.start:
            found.append(Complaint(f"{self.until} is before {self.start}", at=("until",)))
        return found

    def to_target(self, scale: float) -> TargetNumbers:
        """Return it as the demand model holds it, so many times as high."""
        weeks, load, jobs = self.weeks, self.offered_load, self.jobs_per_slot_day
        return TargetNumbers(
            offered_load_frac=None if load is None else scale * load,
            jobs_per_slot_day=None if jobs is None else scale * jobs,
            slots=self.slots,
            start=self.start,
            until=self.until,
            weeks=WeekLevels(tuple(weeks.levels.items()), weeks.persistence, weeks.restraint)
            if weeks
            else None,
        )

    @property
    def sentence(self) -> str:
        """What the jobs are scaled to, and what therefore does not change how much they are, in words."""
        load, jobs = self.offered_load, self.jobs_per_slot_day
        much = f"{jobs:.3g} jobs a day" if load is None else f"a load of {100 * load:.3g} %"
        of = "each slot" if load is None else "the slots"
        if self.slots is None:
            return (
                f"its target scales all jobs to {much} for {of} in service: another site gets other jobs, "
                "and shorter jobs or limits get more of them; with 'slots: …' sites share one demand"
            )
        return (
            f"its target scales all jobs to {much} for {of} of a machine of {self.slots:,}: shorter jobs or "
            "limits get more of them; 'longest_run' of the policy cuts jobs and keeps the people"
        )

    def complaints(
        self,
        members: Mapping[str, Ramp],
        admitted: Admission | None,
        first: date,
        last: date,
        slots: Mapping[date, int],
    ) -> Iterator[Complaint]:
        """Say why nothing drawn within a horizon, from the first through the last day, could meet it.

        Members are those of each tenant that submits anything, `admitted` is the share of them that is let
        in, and `slots` how many are in service from which day on; empty if nobody knows.
        """
        horizon = f"the horizon, {first} through {last}"
        for word, day in (("start", self.start), ("until", self.until)):
            if day is not None and not first <= day <= last:
                yield Complaint(f"{day} is not within {horizon}", at=(word,))
                return
        first, last = self.start or first, self.until or last
        window = f"from {first} through {last}"
        at = ("offered_load" if self.offered_load is not None else "jobs_per_slot_day",)
        if self.slots is None and not slots:
            yield Complaint("of how many slots?", "add 'slots: …', or draw a scenario, which has a site", at)
        elif self.slots is None and not _any_slots(slots, first, last):
            yield Complaint(f"no slots are in service {window}", at=at)
        elif not _anyone(members.values(), admitted, first, last, slots):
            yield Complaint(f"no tenant has members who submit jobs {window}", at=at)


def _any_slots(slots: Mapping[date, int], first: date, last: date) -> bool:
    steps = [*slots.items(), (last + timedelta(days=1), 0)]
    return any(
        count and day <= last and following > first for (day, count), (following, _) in pairwise(steps)
    )


def _anyone(
    members: Iterable[Ramp], admitted: Admission | None, first: date, last: date, slots: Mapping[date, int]
) -> bool:
    days = np.arange((first - EPOCH).days, (last - EPOCH).days + 1, dtype=np.float64) + 0.5
    let_in = admitted.on_site(slots).at(days) if admitted is not None else np.ones(len(days))
    return any((ramp.at(days) * let_in).any() for ramp in members)
