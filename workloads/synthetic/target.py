"""A target instead of rates: offered load, or jobs per slot and day, on a machine that may grow."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from math import inf

from workloads.synthetic.calendar import midnight_s
from workloads.synthetic.week_levels import WeekLevels

DAY_S = 86_400


class TargetError(ValueError):
    """A target that nothing drawn from this model can meet."""


@dataclass(frozen=True, slots=True)
class Supply:
    """What there is to run on.

    Attributes
    ----------
    steps : tuple of (seconds, slots)
        How many slots are in service from when on, in order of time.
    run_factors : mapping of str to mapping of int to float
        Run time there over that of the model, by job class and slots; 1 for classes that are not named.
    """

    steps: tuple[tuple[float, float], ...]
    run_factors: Mapping[str, Mapping[int, float]] = field(default_factory=dict)

    def slot_seconds(self, from_s: float, until_s: float) -> float:
        """Return the slots in service times their time within a window [slot s].

        Examples
        --------
        >>> Supply(((0, 10), (100, 30))).slot_seconds(90, 110)
        400.0
        """
        starts = [max(begin, from_s) for begin, _ in self.steps]
        ends = [*starts[1:], until_s][: len(starts)]
        spans = (max(0.0, min(end, until_s) - start) for start, end in zip(starts, ends, strict=True))
        return float(sum(span * slots for span, (_, slots) in zip(spans, self.steps, strict=True)))

    @property
    def first_s(self) -> float:
        """When the first slot comes into service; infinity for never [s]."""
        return min((begin for begin, slots in self.steps if slots > 0), default=inf)


def supply_from(
    slots: Mapping[date, float], run_factors: Mapping[str, Mapping[int, float]], origin: datetime
) -> Supply:
    """Return the supply of a machine that grows at midnights, seen from the start of a horizon."""
    steps = ((midnight_s(day, origin), count) for day, count in slots.items())
    return Supply(tuple(steps), run_factors)


@dataclass(frozen=True, slots=True)
class TargetNumbers:
    """What the jobs of a window are to add up to; one of the first two is given.

    Attributes
    ----------
    offered_load_frac : float or None
        Slots × run time of the jobs submitted in the window, over slots × time of the window.
    jobs_per_slot_day : float or None
        Jobs submitted in the window, over slots × days of the window. [1/(slot d)]
    slots : int or None
        Size of the machine it refers to; None for what is in service.
    start, until : datetime.date or None
        First and last day of the window; None for the first day with slots and members, and the last day.
    weeks : WeekLevels or None
        How the weeks of the window differ; None leaves that to chance.
    """

    offered_load_frac: float | None = None
    jobs_per_slot_day: float | None = None
    slots: int | None = None
    start: date | None = None
    until: date | None = None
    weeks: WeekLevels | None = None

    def window_s(self, origin: datetime, horizon_s: int) -> tuple[float, float]:
        """Return the window within a horizon [s]."""
        first = 0.0 if self.start is None else midnight_s(self.start, origin)
        last = horizon_s if self.until is None else midnight_s(self.until + timedelta(days=1), origin)
        return max(0.0, first), min(float(horizon_s), last)

    def amount(self, slot_seconds: float) -> float:
        """Return the work [slot s], or the number of jobs, that meets it."""
        if self.offered_load_frac is not None:
            return self.offered_load_frac * slot_seconds
        assert self.jobs_per_slot_day is not None
        return self.jobs_per_slot_day * slot_seconds / DAY_S
