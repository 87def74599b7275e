"""The answer to a sizing: the smallest site that is enough, how sure that is, what binds, and the curve."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from capacity.study.requirements import Judgement
from capacity.study.size.axes import Axis, ordered_axes
from capacity.study.size.axis_answer import AxisAnswer, axis_answer
from capacity.study.size.search import Found
from capacity.study.size.trial import Trial
from capacity.study.verdict import Verdict

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
    by_axis : tuple of AxisAnswer
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
    by_axis: tuple[AxisAnswer, ...]
    trials: tuple[Trial, ...]
    unit: str = ""

    @property
    def main(self) -> AxisAnswer | None:
        """What was shown along the longest ordered axis."""
        return self.by_axis[0] if self.by_axis else None

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
        return [one.next_smaller for one in self.by_axis if one.next_smaller is not None]

    @property
    def not_monotone(self) -> tuple[tuple[Trial, Trial], ...]:
        """Pairs along a curve of which the smaller is enough and the larger is shown not to be."""
        return tuple(
            (small, large)
            for line in self.by_axis
            for number, small in enumerate(line.curve)
            for large in line.curve[number + 1 :]
            if small.standing == "shown" and large.standing == "shown not"
        )

    @property
    def verdict(self) -> Verdict:
        """Whether anything in the range is shown to be enough, the least that is, and what binds it."""
        best = self.best
        asked = dict.fromkeys(one.verdict.asked for trial in self.trials for one in trial.judgements)
        hopeless = bool(self.trials) and all(one.standing == "shown not" for one in self.trials)
        return Verdict(
            asked=" and ".join(asked),
            standing="shown" if best is not None else "shown not" if hopeless else "not shown",
            metric=self.objective, found=math.nan if best is None else best.objective,
            unit=self.unit, by_unit="", n=0 if best is None else best.replications,
            confidence=self.confidence, binds=self.binds,
        )  # fmt: skip

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {
            **self.verdict.to_json(),
            "objective": self.objective,
            "axes": [
                {"path": axis.path, "values": list(axis.values), "ordered": axis.ordered}
                for axis in self.axes
            ],
            "answer": None if self.best is None else self.best.to_json(),
            "by_axis": [one.to_json() for one in self.by_axis],
            "tried": [trial.to_json() for trial in self.trials],
        }


def answer(
    axes: Sequence[Axis], found: Found, *, objective: str, confidence: float, unit: str = ""
) -> Sizing:
    """Read the answer out of what a search tried."""
    best = found.best
    lines = () if best is None else tuple(
        axis_answer(axes, place, best, found.trials) for place in ordered_axes(axes)
    )  # fmt: skip
    return Sizing(tuple(axes), objective, confidence, best, lines, found.trials, unit)
