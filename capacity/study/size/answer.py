"""The answer to a sizing: the smallest site that is enough, how sure that is, what binds, and the curve."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from capacity.study.requirements import Judgement
from capacity.study.size.axes import Axis, ordered_axes
from capacity.study.size.axis_answer import Along, along
from capacity.study.size.search import Found
from capacity.study.size.trial import Trial

SERVES: Final = "the demand is served"
"""Binds where a smaller candidate turns away what the largest takes, or cannot be simulated."""


@dataclass(frozen=True, slots=True)
class Sizing:
    """What a search came to, as one reads it.

    Attributes
    ----------
    axes : tuple of Axis
        What varied.
    objective : str
        What was to be small.
    confidence : float
        Of each requirement.
    best : Trial or None
        The smallest or cheapest candidate shown to be enough.
    along : tuple of Along
        What was shown along each ordered axis, the longest first; nothing without an answer.
    trials : tuple of Trial
        All candidates tried.
    unit : str
        Of the objective: a unit, or the code of a currency.
    """

    axes: tuple[Axis, ...]
    objective: str
    confidence: float
    best: Trial | None
    along: tuple[Along, ...]
    trials: tuple[Trial, ...]
    unit: str = ""

    @property
    def main(self) -> Along | None:
        """What was shown along the longest ordered axis."""
        return self.along[0] if self.along else None

    @property
    def binding(self) -> tuple[Judgement, ...]:
        """The requirements that keep the site from being smaller, in their order."""
        if self.best is None:
            return ()
        smaller = self._smaller()
        if not smaller:
            return self.best.binding
        missed = {one.requirement.text: one for trial in reversed(smaller) for one in trial.binding}
        order = [one.requirement.text for one in self.best.judgements]
        return tuple(sorted(missed.values(), key=lambda one: order.index(one.requirement.text)))

    @property
    def binds(self) -> tuple[str, ...]:
        """What keeps the site from being smaller, as text: requirements, and `SERVES` if it is that."""
        texts = tuple(one.requirement.text for one in self.binding)
        return (*texts, SERVES) if any(one.refused for one in self._smaller()) else texts

    def _smaller(self) -> list[Trial]:
        return [one.next_smaller for one in self.along if one.next_smaller is not None]

    @property
    def not_monotone(self) -> tuple[tuple[Trial, Trial], ...]:
        """Pairs along a curve of which the smaller is enough and the larger is shown not to be."""
        return tuple(
            (small, large)
            for line in self.along
            for number, small in enumerate(line.curve)
            for large in line.curve[number + 1 :]
            if small.verdict == "met" and large.verdict == "failed"
        )

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {
            "found": self.best is not None,
            "objective": self.objective,
            "objective_unit": self.unit,
            "confidence": self.confidence,
            "axes": [
                {"path": axis.path, "values": list(axis.values), "ordered": axis.ordered}
                for axis in self.axes
            ],
            "answer": None if self.best is None else self.best.to_json(),
            "binding": list(self.binds),
            "along": [one.to_json() for one in self.along],
            "tried": [trial.to_json() for trial in self.trials],
        }


def answer(
    axes: Sequence[Axis], found: Found, *, objective: str, confidence: float, unit: str = ""
) -> Sizing:
    """Read the answer out of what a search tried."""
    best = found.best
    lines = () if best is None else tuple(
        along(axes, place, best, found.trials) for place in ordered_axes(axes)
    )  # fmt: skip
    return Sizing(tuple(axes), objective, confidence, best, lines, found.trials, unit)


def number_of(text: str) -> float:
    """Return the number at the start of a value of an axis, NaN if there is none."""
    try:
        return float(text.split(maxsplit=1)[0])
    except (ValueError, IndexError):
        return math.nan
