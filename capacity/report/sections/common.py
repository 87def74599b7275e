"""What the sections of a report share: findings by month, and how axes are written in a language."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from capacity.inputs.scenario import Scenario
from capacity.measure.findings import Finding, Lookup
from capacity.report.charts import ColumnGroup, Curve
from capacity.report.language import Language
from capacity.statistics.bounds import AtLeast
from capacity.study.run import Result
from capacity.study.uncertainty.answers import usual_answers
from capacity.study.uncertainty.fans import middle_world
from capacity.study.uncertainty.influence import Moved, usual_influences

SHORTEST_WAIT_S: Final = 60.0
"""On a logarithmic axis shorter waits are drawn as one minute. [s]"""


@dataclass(frozen=True)
class Source:
    """What a section is made from: one result and the language.

    Attributes
    ----------
    result : Result
        A run with all its replications.
    say : Language
        Words and numbers.
    """

    result: Result
    say: Language

    @property
    def scenario(self) -> Scenario:
        """The scenario that was run."""
        return self.result.loaded.scenario

    @property
    def look(self) -> Lookup:
        """Its findings."""
        return self.result.look

    @property
    def replications(self) -> int:
        """How many runs stand behind each number."""
        return len(self.result.futures_of_their_own)

    @property
    def worlds(self) -> int:
        """In how many worlds it was run; 0 where nothing was drawn but luck."""
        return self.result.futures.draws.count if self.result.futures else 0

    @cached_property
    def moved(self) -> tuple[Moved, ...]:
        """What moves each of the usual answers; empty without worlds."""
        return usual_influences(self.result) if self.worlds else ()

    @cached_property
    def middle(self) -> tuple[int, "Source"]:
        """The number of the world in the middle of the first answer, and that world alone."""
        answer = self.moved[0].answer if self.moved else next(usual_answers(self.scenario))
        values = answer.values([one.values for one in self.result.futures_of_their_own])
        number, result = middle_world(self.result, values)
        return number, Source(result, self.say)

    @property
    def adding_up(self) -> "Source":
        """What has numbers that add up: itself, or the world in the middle."""
        return self.middle[1] if self.worlds else self

    def of_the_middle(self) -> list[str]:
        """Return a paragraph that says which world numbers are of that add up; none without worlds."""
        return [self.say.text("futures.of_middle", world=self.middle[0])] if self.worlds else []

    def months(self) -> list[str]:
        """Return the months of the horizon from the first on in which anything computes."""
        every = [dict(f.labels)["month"] for f in self.result.findings if f.metric == "utilization"]
        known = [
            dict(f.labels)["month"] for f in self.result.findings
            if f.metric == "utilization" and not math.isnan(f.value)
        ]  # fmt: skip
        ordered = sorted({month for month in every if month != "all"})
        first = min((month for month in known if month != "all"), default="")
        return [month for month in ordered if month >= first] if first else []

    def by_month(self, metric: str, months: Sequence[str], **where: str) -> list[Finding | None]:
        """Return a metric month by month."""
        look = self.look
        return [look(metric, **where, month=month) for month in months]


def numbers(found: Sequence[Finding | None], scale: float = 1.0) -> list[float | None]:
    """Return the values, None where there is none."""
    return [
        None if f is None or math.isnan(f.value)
        else AtLeast(f.value / scale) if f.censored else f.value / scale
        for f in found
    ]  # fmt: skip


def bounds_note(note: str, found: Iterable[Finding | None], say: Language) -> str:
    """Return the note of a picture, with what its arrows mean if some values are lower bounds."""
    if not any(one is not None and one.censored for one in found):
        return note
    return f"{note} {say.text('chart.at_least')}".strip()


def ends(
    found: Sequence[Finding | None], scale: float = 1.0, *, least: float = 0.0
) -> tuple[list[float | None], list[float | None]]:
    """Return the ends of the intervals; none is below `least`, as none of what is drawn can be.

    Of futures of which only the least is known, the upper end is infinite.
    """
    low = [None if f is None or math.isnan(f.low) else max(least, f.low / scale) for f in found]
    high = [None if f is None or math.isnan(f.high) else f.high / scale for f in found]
    is_open = [f is not None and f.covers == "futures" and low_end is not None for f, low_end in
               zip(found, low, strict=True)]  # fmt: skip
    return low, [math.inf if end is None and opens else end for end, opens in zip(high, is_open, strict=True)]


def with_band(name: str, found: Sequence[Finding | None], scale: float = 1.0) -> Curve:
    """Return a line with its band."""
    low, high = ends(found, scale)
    return Curve(name, numbers(found, scale), low, high)


def shown_wait(wait_s: float) -> float:
    """Return a wait as it is drawn on a logarithmic axis; a lower bound stays one [s]."""
    shown_s = max(SHORTEST_WAIT_S, wait_s)
    return AtLeast(shown_s) if isinstance(wait_s, AtLeast) else shown_s


def waits(name: str, found: Sequence[Finding | None]) -> Curve:
    """Return a line of waits for a logarithmic axis."""

    def floored(values: Sequence[float | None]) -> list[float | None]:
        return [None if value is None else shown_wait(value) for value in values]

    low, high = ends(found)
    return Curve(name, floored(numbers(found)), floored(low), floored(high))


def monthly_data(
    source: Source, months: Sequence[str], what: Sequence[tuple[str, dict[str, str]]]
) -> list[dict[str, Any]]:
    """Return one row per month and metric: month, metric, place, value, low, high, unit."""
    rows = []
    for metric, where in what:
        for month, found in zip(months, source.by_month(metric, months, **where), strict=True):
            if found is not None:
                place = " ".join(where.values())
                rows.append(
                    {
                        "month": month, "metric": metric, "place": place, "value": found.value,
                        "low": found.low, "high": found.high, "unit": found.unit,
                        "censored": found.censored,
                    }
                )  # fmt: skip
    return rows


def years(months: Sequence[str]) -> list[ColumnGroup]:
    """Return the years that months stand under."""
    found: dict[str, int] = {}
    for month in months:
        found[month[:4]] = found.get(month[:4], 0) + 1
    return [ColumnGroup(year, count) for year, count in found.items()]
