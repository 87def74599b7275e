"""The answer to a sizing: the smallest site that is enough, how sure that is, what binds, and the curve."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from capacity.study.requirements import Judgement
from capacity.study.sizing.axes import Axis
from capacity.study.sizing.search import Found
from capacity.study.sizing.trial import Trial


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
    next_smaller : Trial or None
        Along the longest ordered axis, the largest candidate below it that was tried.
    too_small : Trial or None
        Along the same axis, the largest candidate below it that was shown not to be enough. Between it and
        the best one nothing was shown either way: that is the interval of the answer.
    trials : tuple of Trial
        All candidates tried.
    """

    axes: tuple[Axis, ...]
    objective: str
    confidence: float
    best: Trial | None
    next_smaller: Trial | None
    too_small: Trial | None
    trials: tuple[Trial, ...]

    @property
    def main(self) -> int | None:
        """Which axis is the longest ordered one."""
        return main_axis(self.axes)

    @property
    def interval(self) -> tuple[str, str] | None:
        """The smallest value that may be enough and the one shown to be, along the main axis."""
        place = self.main
        if self.best is None or place is None:
            return None
        values = self.axes[place].values
        low = 0 if self.too_small is None else self.too_small.point[place] + 1
        return values[low], values[self.best.point[place]]

    @property
    def binding(self) -> tuple[Judgement, ...]:
        """The requirements that keep the site from being smaller."""
        if self.next_smaller is not None:
            return self.next_smaller.binding
        return () if self.best is None else self.best.binding

    @property
    def curve(self) -> tuple[Trial, ...]:
        """Those tried along the main axis, at the best one's values of the others; all if there is none."""
        place = self.main
        if self.best is None or place is None:
            return self.trials
        return tuple(_beside(self.best, self.trials, place))

    @property
    def not_monotone(self) -> tuple[tuple[Trial, Trial], ...]:
        """Pairs along the curve of which the smaller is enough and the larger is shown not to be."""
        curve = self.curve
        return tuple(
            (small, large)
            for number, small in enumerate(curve)
            for large in curve[number + 1 :]
            if small.verdict == "met" and large.verdict == "failed"
        )

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {
            "found": self.best is not None,
            "objective": self.objective,
            "confidence": self.confidence,
            "axes": [
                {"path": axis.path, "values": list(axis.values), "ordered": axis.ordered}
                for axis in self.axes
            ],
            "answer": None if self.best is None else self.best.to_json(),
            "interval": None if self.interval is None else list(self.interval),
            "binding": [judgement.requirement.text for judgement in self.binding],
            "next_smaller": None if self.next_smaller is None else self.next_smaller.to_json(),
            "tried": [trial.to_json() for trial in self.trials],
        }


def main_axis(axes: Sequence[Axis]) -> int | None:
    """Return which axis is the longest ordered one, None if none is ordered."""
    ordered = [place for place, axis in enumerate(axes) if axis.ordered]
    return max(ordered, key=lambda place: len(axes[place].values), default=None)


def answer(axes: Sequence[Axis], found: Found, *, objective: str, confidence: float) -> Sizing:
    """Read the answer out of what a search tried."""
    place, best = main_axis(axes), found.best
    smaller: list[Trial] = []
    if best is not None and place is not None:
        smaller = [one for one in _beside(best, found.trials, place) if one.point[place] < best.point[place]]
    failed = [one for one in smaller if one.verdict == "failed"]
    return Sizing(
        tuple(axes), objective, confidence, best,
        smaller[-1] if smaller else None, failed[-1] if failed else None, found.trials,
    )  # fmt: skip


def _beside(best: Trial, trials: Iterable[Trial], place: int) -> list[Trial]:
    """Return the trials that differ from the best one on one axis only, ascending."""
    rest = (*best.point[:place], *best.point[place + 1 :])
    beside = [one for one in trials if (*one.point[:place], *one.point[place + 1 :]) == rest]
    return sorted(beside, key=lambda one: one.point[place])


def number_of(text: str) -> float:
    """Return the number at the start of a value of an axis, NaN if there is none."""
    try:
        return float(text.split(maxsplit=1)[0])
    except (ValueError, IndexError):
        return math.nan
