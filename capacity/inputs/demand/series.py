"""What a planner says about series: the same job several times in a row, as logs show that people work."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import log
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from capacity.inputs.demand.growth import WEEKDAYS, Weekdays, zero_complaints
from capacity.inputs.fields.complaints import Complaint
from capacity.inputs.fields.numbers import Bounds, PlainNumber
from capacity.inputs.fields.quantities import Factor, Fraction, PositiveSeconds
from capacity.inputs.fields.record import WHOLE, Record
from capacity.inputs.fields.run_time import RunTime, quantile_complaints, shares_complaints
from workloads.synthetic import series
from workloads.synthetic.calendar import Profile

AtLeastOne = Annotated[float, PlainNumber("4.0", bounds=Bounds(low=1.0, high=1e6))]
Spread = Annotated[float, PlainNumber("1.8", bounds=Bounds(low=1.0, high=1000.0))]
Correlation = Annotated[float, PlainNumber("0.4", bounds=Bounds(low=-0.99, high=0.99))]
Pair = Literal["jobs-slots", "jobs-run", "jobs-requested", "slots-run", "slots-requested", "run-requested"]


class Submitted(Record):
    """When the jobs of one class are submitted, where that differs from the rhythm of all."""

    hours: Annotated[Sequence[Factor], Field(min_length=24, max_length=24)] = (1.0,) * 24
    """How busy each hour of the day is, from 00 to 23, in any scale."""
    weekend_hours: Annotated[Sequence[Factor], Field(min_length=24, max_length=24)] | None = None
    """The same on Saturdays, Sundays and holidays; as on other days if not given."""
    weekdays: Annotated[Weekdays, WHOLE] = Field(default_factory=Weekdays)
    """How busy the days of the week are."""

    def _complaints(self) -> Iterable[Complaint]:
        return zero_complaints(self.to_profile())

    def to_profile(self) -> Profile:
        """Return it as the demand model holds it, without holidays: those are the same for all."""
        return Profile(
            hours=tuple(self.hours),
            weekend_hours=tuple(self.weekend_hours or ()),
            weekdays=tuple(getattr(self.weekdays, day) for day in WEEKDAYS),
        )


class Series(Record):
    """Jobs that a person submits in a row, all with one size and one request."""

    jobs: Mapping[Fraction, AtLeastOne]
    """How many jobs, by quantiles from 0 % to 100 %: {0 %: 1, 50 %: 1, 90 %: 4, 100 %: 60}."""
    apart: RunTime
    """Time from one job to the next."""
    spread: Spread = 1.0
    """How run times differ within a series: two thirds lie between typical / spread and typical × spread."""
    requested: Mapping[PositiveSeconds, Fraction] = Field(default_factory=dict)
    """Times asked for, with the share of the series; exactly what each job needs if not given."""
    together: Mapping[Pair, Correlation] = Field(default_factory=dict)
    """What hangs together: rank correlations between series, from -1 to 1; 0 if not given."""
    submitted: Submitted | None = None
    """When they are submitted; in the rhythm of all if not given."""

    def _complaints(self) -> Iterable[Complaint]:
        found = [*quantile_complaints(self.jobs, "jobs"), *self._together_complaints()]
        if self.requested:
            found += shares_complaints(self.requested.values(), "requested")
        return found

    def _together_complaints(self) -> Iterator[Complaint]:
        if np.linalg.eigvalsh(np.array(self._correlation()))[0] < series.LEAST_EIGENVALUE:
            what = "these correlations cannot hold all at once"
            yield Complaint(what, "if A goes with B, and B with C, then A goes with C", ("together",))

    def _correlation(self) -> tuple[tuple[float, ...], ...]:
        matrix = np.eye(len(series.TOGETHER))
        for pair, value in self.together.items():
            first, second = (series.TOGETHER.index(word) for word in pair.split("-"))
            matrix[first, second] = matrix[second, first] = value
        return tuple(tuple(float(value) for value in row) for row in matrix)

    def to_series(self) -> series.SeriesNumbers:
        """Return it as the demand model holds it."""
        return series.SeriesNumbers(
            jobs=tuple(self.jobs.items()),
            apart_s=self.apart.to_distribution(),
            spread=log(self.spread),
            requested=tuple(sorted(self.requested.items())),
            correlation=self._correlation(),
            profile=self.submitted.to_profile() if self.submitted else None,
        )
