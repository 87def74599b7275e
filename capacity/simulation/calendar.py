"""Dates and seconds: the one place that turns days into seconds since a horizon's start, and back.

A horizon begins and ends at a midnight by the clock of a site. Times of a run are seconds since its start,
whatever that clock does in between: a day on which summer time begins has 23 hours. The arithmetic of single
midnights and of months stands in `workloads.synthetic.calendar`, since demand is drawn by it without a site.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from capacity.inputs.scenario import Scenario
from workloads.synthetic.calendar import midnight, midnight_s, month_edges


@dataclass(frozen=True, slots=True)
class Calendar:
    """A horizon on the clock of a site.

    Attributes
    ----------
    start, until : date
        First and last day, both included.
    timezone : ZoneInfo
        Of the clock.

    Examples
    --------
    >>> berlin = Calendar(date(2021, 3, 27), date(2021, 3, 28), ZoneInfo("Europe/Berlin"))
    >>> berlin.day_edges_s(), berlin.midnight_s(date(2021, 3, 26))
    ([0, 86400, 169200], -86400)
    """

    start: date
    until: date
    timezone: ZoneInfo

    @property
    def start_time(self) -> datetime:
        """Midnight at the beginning of the first day."""
        return midnight(self.start, self.timezone)

    @property
    def end_time(self) -> datetime:
        """Midnight at the end of the last day."""
        return midnight(self.until + timedelta(days=1), self.timezone)

    @property
    def horizon_s(self) -> int:
        """Length of the horizon [s]."""
        return self.midnight_s(self.until + timedelta(days=1))

    def seconds_at(self, moment: datetime) -> float:
        """Return when a moment with a time zone is, since the start [s]."""
        return moment.timestamp() - self.start_time.timestamp()

    def midnight_s(self, day: date) -> int:
        """Return the midnight at the beginning of a day, since the start [s]."""
        return midnight_s(day, self.start_time)

    def day_edges_s(self) -> list[int]:
        """Return all midnights from the start to the end, both included [s]."""
        days = (self.until - self.start).days + 1
        return [self.midnight_s(self.start + timedelta(days=n)) for n in range(days + 1)]

    def months(self) -> Mapping[str, tuple[int, int]]:
        """Return the months of the horizon, ``"2022-07"``, with their first second and the one after [s]."""
        return month_edges(self.start_time, self.horizon_s)

    def date_at(self, time_s: float) -> date:
        """Return the day on which so many seconds from the start have passed [s]."""
        return _day_after(self.start_time, time_s)


def _day_after(moment: datetime, time_s: float) -> date:
    """Return the day on its own clock when so much has passed since a moment [s]."""
    return (moment.astimezone(UTC) + timedelta(seconds=time_s)).astimezone(moment.tzinfo).date()


def calendar_of(scenario: Scenario) -> Calendar:
    """Return the calendar of a scenario."""
    return Calendar(scenario.start, scenario.until, scenario.timezone)
