"""Parts of a workload that follow the calendar: growth from date to date, and the rhythm of work."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import Annotated, Literal

import numpy as np
from pydantic import BeforeValidator, Field

from capacity.errors import nearest
from capacity.inputs.fields.complaints import Complaint
from capacity.inputs.fields.numbers import YEAR_S, AlsoRead, Bounds, PlainNumber, Quantity
from capacity.inputs.fields.quantities import FIRST_DAY, Day, DayOfYear, Factor, Fraction, Text
from capacity.inputs.fields.record import WHOLE, Record, SourcedPart
from workloads.synthetic.calendar import EPOCH, Profile, Ramp, SeasonNumbers
from workloads.synthetic.public_holidays import countries

GrowthPerYear = Annotated[float, Quantity("share_per_s", "30 %/year", bounds=Bounds(low=-0.99 / YEAR_S))]
"""Growth as a rate [1/s]; compound, so that 30 %/year are 30 % after one year and 69 % after two."""


class Growth(SourcedPart):
    """A number that changes from date to date: nothing before the first, the last value after the last."""

    growth: Literal["linear", "steps", "exponential", "logistic"] = "linear"
    """How to get from one date to the next; with steps the value holds until the next date."""
    points: Annotated[Mapping[Day, Factor], Field(min_length=1)]
    """The value at the beginning of each date, in order."""

    def _complaints(self) -> Iterable[Complaint]:
        found = [
            Complaint(f"{later} is not after {earlier}", "write the dates in order", ("points",))
            for earlier, later in pairwise(self.points)
            if later <= earlier
        ]
        if self.growth == "exponential" and 0.0 in self.points.values():
            found.append(Complaint("exponential growth cannot start from or reach 0", at=("points",)))
        return found

    def to_ramp(self) -> Ramp:
        """Return it as the demand model holds it."""
        return Ramp(self.growth, tuple(self.points.items()))


_LEVEL = PlainNumber("214")


def _for_ever(raw: object) -> object:
    """Take a plain number for one that never changes; hand on the dated form."""
    if isinstance(raw, Growth) or (isinstance(raw, Mapping) and not {"value", "likely"} & {*raw}):
        return raw
    return Growth(points={FIRST_DAY: _LEVEL.checked(raw)})


Level = Annotated[
    Growth, BeforeValidator(_for_ever, json_schema_input_type=Growth | Factor), AlsoRead(_LEVEL)
]
"""A number that changes from date to date, or a plain one that never does."""


class Admission(Growth):
    """The share of those who want to use the centre that it lets in."""

    points: Annotated[Mapping[Day, Fraction], Field(min_length=1)]
    """The share at the beginning of each date, in order."""
    follows: Literal["dates", "service"] = "dates"
    """With service the shares hold for the whole site: before it is there, they are less in proportion to its
    slots in service."""

    def _complaints(self) -> Iterable[Complaint]:
        found = [*super()._complaints()]
        if self.follows == "service" and self.growth not in ("linear", "steps"):
            found.append(Complaint("shares that follow the service grow linear or in steps", at=("follows",)))
        return found

    def on_site(self, slots_by_day: Mapping[date, int]) -> Ramp:
        """Return the share that is let in by the slots in service from which day on; without any, the points.

        Between two days the share is linear, so it rises or falls with a delivery within the day before.
        """
        ramp = self.to_ramp()
        if self.follows == "dates" or not slots_by_day:
            return ramp
        first, whole = min(self.points), max(slots_by_day.values())
        days = {*self.points, *(day for day in slots_by_day if day > first)}
        if self.growth == "linear":
            days |= {day - timedelta(days=1) for day in slots_by_day if day > first}
        points = []
        for day in sorted(days):
            there = max((slots for since, slots in slots_by_day.items() if since <= day), default=0)
            let_in = float(ramp.at(np.array([float((day - EPOCH).days)]))[0])
            points.append((day, let_in * there / whole))
        return Ramp(self.growth, tuple(points))


class Weekdays(Record):
    """How busy the days of the week are, in any scale."""

    mon: Factor = Field(1.0, description="Monday.")
    tue: Factor = Field(1.0, description="Tuesday.")
    wed: Factor = Field(1.0, description="Wednesday.")
    thu: Factor = Field(1.0, description="Thursday.")
    fri: Factor = Field(1.0, description="Friday.")
    sat: Factor = Field(1.0, description="Saturday.")
    sun: Factor = Field(1.0, description="Sunday, and every holiday.")


WEEKDAYS = tuple(Weekdays.model_fields)


class Months(Record):
    """How busy the months are, in any scale."""

    jan: Factor = Field(1.0, description="January.")
    feb: Factor = Field(1.0, description="February.")
    mar: Factor = Field(1.0, description="March.")
    apr: Factor = Field(1.0, description="April.")
    may: Factor = Field(1.0, description="May.")
    jun: Factor = Field(1.0, description="June.")
    jul: Factor = Field(1.0, description="July.")
    aug: Factor = Field(1.0, description="August.")
    sep: Factor = Field(1.0, description="September.")
    oct: Factor = Field(1.0, description="October.")
    nov: Factor = Field(1.0, description="November.")
    dec: Factor = Field(1.0, description="December.")


def country_complaints(code: str) -> list[Complaint]:
    """Say whether a country, or a part of it, has no public holidays that are known."""
    country, _, part = code.partition("-")
    known = countries()
    if country not in known:
        fix = nearest(country.upper(), sorted(known))
        return [Complaint(f"no public holidays are known of a country '{country}'", fix, ("country",))]
    if part and part not in known[country]:
        what = f"no public holidays of their own are known of '{part}' in {country}"
        fix = nearest(part, known[country]) if known[country] else f"write {country}"
        return [Complaint(what, fix, ("country",))]
    return []


class Season(Record, SeasonNumbers):
    """A part of every year that is busier or quieter than the rest: a semester, a summer break."""

    start: DayOfYear
    """The first day, month and day: 03-02."""
    until: DayOfYear
    """The last day, included; before the start, the season crosses New Year."""
    weight: Factor
    """What the rate is multiplied by; outside all seasons it is 1."""


def zero_complaints(profile: Profile) -> list[Complaint]:
    """Check that no set of weights says that nobody ever submits."""
    parts = {"hours": profile.hours, "weekdays": profile.weekdays, "months": profile.months}
    if profile.weekend_hours:
        parts["weekend_hours"] = profile.weekend_hours
    return [Complaint("every weight is 0", at=(name,)) for name, weights in parts.items() if not any(weights)]


class Rhythm(SourcedPart):
    """When people submit, by the clock and the calendar of the site."""

    hours: Annotated[Sequence[Factor], Field(min_length=24, max_length=24)] = (1.0,) * 24
    """How busy each hour of the day is, from 00 to 23, in any scale."""
    weekend_hours: Annotated[Sequence[Factor], Field(min_length=24, max_length=24)] | None = None
    """The same for Saturdays, Sundays and holidays; as on other days if not given."""
    weekdays: Annotated[Weekdays, WHOLE] = Field(default_factory=Weekdays)
    """How busy the days of the week are."""
    months: Annotated[Months, WHOLE] = Field(default_factory=Months)
    """How busy the months are."""
    holidays: Annotated[Mapping[Text, Sequence[Day]], WHOLE] = Field(default_factory=dict)
    """Days on which people work as on a Sunday, by the name of the holiday."""
    country: Text | None = None
    """Code of the country whose public holidays count too: KR; a part of it that has its own: DE-BY."""
    seasons: Annotated[Mapping[Text, Season], WHOLE] = Field(default_factory=dict)
    """Parts of the year that are busier or quieter, by name; where two overlap, both weights count."""

    def _complaints(self) -> Iterable[Complaint]:
        found = zero_complaints(self.to_profile())
        if self.country is not None:
            found += country_complaints(self.country)
        return found

    def to_profile(self) -> Profile:
        """Return it as the demand model holds it."""
        country, _, subdivision = (self.country or "").partition("-")
        return Profile(
            hours=tuple(self.hours),
            weekdays=tuple(getattr(self.weekdays, day) for day in WEEKDAYS),
            months=tuple(getattr(self.months, month) for month in Months.model_fields),
            holidays=frozenset(day for days in self.holidays.values() for day in days),
            weekend_hours=tuple(self.weekend_hours or ()),
            country=country,
            subdivision=subdivision,
            seasons=tuple(self.seasons.values()),
        )
