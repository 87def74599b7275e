"""A verdict, the one record of every judgement: what was asked, what was found, and whether that shows it.

A requirement, a difference between two sites, a published figure, a likeness to a log and a check of this
tool all end in one. Which words a person reads for it (enough, better, inside, pass), `capacity.report` says.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal

from capacity.measure.findings import Labels

Standing = Literal["shown", "not shown", "shown not"]
"""What was asked holds; it is open; it does not hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What was asked and what was found; what is not known is NaN, and null in JSON.

    Attributes
    ----------
    asked : str
        What must hold, in words or as it was written.
    metric, labels : str, tuple of (str, str)
        What it speaks of, and what for; the place that decides, if it speaks of several.
    standing : str
        Whether it is shown to hold, shown not to hold, or neither.
    found, low, high : float
        What was found, and the ends of its interval; both are `found` where there is no chance in it. [unit]
    limit, unit : float, str
        What it is held against: the limit, the other side, the truth; and the unit of these four. [unit]
    by, by_unit : float, str
        How far it is from the limit: a difference, or a ratio to the other side (unit ``1``). [by_unit]
    n : int
        Replications, pairs or jobs that it rests on.
    confidence, method : float, str
        Of the interval, or of each one-sided bound [1]; where the interval comes from.
    binds : tuple of str
        What stands in the way, where that is not the limit itself.
    """

    asked: str
    standing: Standing
    metric: str = ""
    labels: Labels = ()
    found: float = math.nan
    low: float = math.nan
    high: float = math.nan
    limit: float = math.nan
    unit: str = "1"
    by: float = math.nan
    by_unit: str = "1"
    n: int = 0
    confidence: float = math.nan
    method: str = ""
    binds: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON has it, under the same names everywhere."""
        values = {one.name: getattr(self, one.name) for one in fields(self)}
        plain = {name: known(value) for name, value in values.items()}
        return plain | {"labels": dict(self.labels), "binds": list(self.binds)}

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> "Verdict":
        """Read it back; what else the document has is left alone."""
        values = {one.name: document[one.name] for one in fields(cls)}
        values = {name: math.nan if value is None else value for name, value in values.items()}
        return cls(**{**values, "labels": tuple(values["labels"].items()), "binds": tuple(values["binds"])})


def known(value: Any) -> Any:  # noqa: ANN401 - any field of a record
    """Return a value as JSON has it: a number that is not known is null."""
    return None if isinstance(value, float) and not math.isfinite(value) else value


def shown_if(holds: bool) -> Standing:
    """Return the standing of what is certain, one way or the other."""
    return "shown" if holds else "shown not"


def together(standings: Iterable[Standing]) -> Standing:
    """Return how things stand that must all hold: one that is shown not to hold decides; of nothing, open."""
    found = set(standings)
    if "shown not" in found:
        return "shown not"
    return "shown" if found == {"shown"} else "not shown"
