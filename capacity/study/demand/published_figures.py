"""A demand held against published figures: inside, outside, or different on purpose."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from capacity.inputs.demand.reference import Fact
from capacity.study.demand.described import Subject
from workloads.describe.measures import METRICS, Description

Verdict = Literal["inside", "outside", "departs", "unknown"]


@dataclass(frozen=True, slots=True)
class Held:
    """One figure and what the demand has instead.

    Attributes
    ----------
    name : str
        Name of the fact in its reference.
    fact : Fact
        The figure.
    value : float or None
        The number of the demand [unit of the metric]; None when it has none.
    verdict : {"inside", "outside", "departs", "unknown"}
        Departs is outside for a reason that the demand states; unknown is without a number.
    because : str
        That reason, or why there is no number.
    """

    name: str
    fact: Fact
    value: float | None
    verdict: Verdict
    because: str = ""


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
    if measure is None or not isinstance(measure.value, float):
        note = measure.note if measure is not None else _why_absent(fact.metric, description)
        return Held(name, fact, None, "unknown", note)
    value = measure.value
    above_low = fact.low is None or value >= fact.low
    below_high = fact.high is None or value <= fact.high
    if above_low and below_high:
        return Held(name, fact, value, "inside")
    reason = departs.get(fact.metric)
    return Held(name, fact, value, "outside" if reason is None else "departs", reason or "")


def _why_absent(key: str, description: Description) -> str:
    section = METRICS[key.partition(".")[0]].section
    return description.absent.get(section, "there is no such job")


def needless_departures(subject: Subject, held: list[Held]) -> list[str]:
    """Return the numbers that the demand says it departs in, although it is inside every fact about them."""
    about = {one.fact.metric for one in held}
    outside = {one.fact.metric for one in held if one.verdict == "departs"}
    return [key for key in subject.departs if key in about and key not in outside]
