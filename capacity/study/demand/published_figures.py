"""A demand held against published figures: whether each holds, does not, or differs on purpose."""

from collections.abc import Mapping
from dataclasses import dataclass

from capacity.inputs.demand.reference import Fact
from capacity.study.demand.described import Subject
from capacity.study.verdict import Verdict, shown_if
from workloads.describe.measures import METRICS, Description


@dataclass(frozen=True, slots=True)
class Held:
    """One fact, by its name in its reference, and what the demand has instead.

    The verdict says whether the number of the demand is inside (not shown without one); its limit is the end
    of the published range that is nearest to it. `because` says why it is outside on purpose, as the demand
    states it, or why there is no number.
    """

    name: str
    fact: Fact
    verdict: Verdict
    because: str = ""

    @property
    def departs(self) -> bool:
        """Whether it is outside for a reason that the demand states."""
        return self.verdict.standing == "shown not" and bool(self.because)

    @property
    def fails(self) -> bool:
        """Whether it is outside without one."""
        return self.verdict.standing == "shown not" and not self.because


def hold_against(subject: Subject, facts: Mapping[str, Fact]) -> list[Held]:
    """Return the verdict on every fact, each over the time it holds for."""
    descriptions: dict[float | None, Description] = {}
    found = []
    for name, fact in facts.items():
        if fact.during not in descriptions:
            descriptions[fact.during] = subject.describe(last_s=fact.during)
        found.append(_held(name, fact, descriptions[fact.during], subject.departs))
    return found


def _held(name: str, fact: Fact, description: Description, departs: Mapping[str, str]) -> Held:
    measure = description.find(fact.metric)
    unit = METRICS[fact.metric.partition(".")[0]].unit
    if measure is None or not isinstance(measure.value, float):
        note = measure.note if measure is not None else _why_absent(fact.metric, description)
        unknown = Verdict(asked=fact.title, standing="not shown", metric=fact.metric, unit=unit, by_unit=unit)
        return Held(name, fact, unknown, note)
    value = measure.value
    ends = [end for end in (fact.low, fact.high) if end is not None]
    limit = min(ends, key=lambda end: abs(end - value))
    inside = (fact.low is None or value >= fact.low) and (fact.high is None or value <= fact.high)
    verdict = Verdict(
        asked=fact.title, standing=shown_if(inside), metric=fact.metric, found=value, low=value, high=value,
        limit=limit, unit=unit, by=value - limit, by_unit=unit, n=1, method="the value itself",
    )  # fmt: skip
    return Held(name, fact, verdict, "" if inside else departs.get(fact.metric, ""))


def _why_absent(key: str, description: Description) -> str:
    section = METRICS[key.partition(".")[0]].section
    return description.absent.get(section, "there is no such job")


def needless_departures(subject: Subject, held: list[Held]) -> list[str]:
    """Return the numbers that the demand says it departs in, although it is inside every fact about them."""
    about = {one.fact.metric for one in held}
    outside = {one.fact.metric for one in held if one.departs}
    return [key for key in subject.departs if key in about and key not in outside]
