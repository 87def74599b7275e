"""The answer to a sizing: the smallest site that is enough, how sure that is, what binds, and the curve.

Along each axis it says the next smaller candidate, how far the answer is known, and the curve. With several
axes a candidate that has as much or more of everything else and is not enough shows that less of everything
else is not enough either. So what was tried beside the answer counts, with more of the others too.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from capacity.study.requirements import Judgement
from capacity.study.size.axes import Axis, ordered_axes
from capacity.study.size.search import Found
from capacity.study.size.trial import Point, Trial
from capacity.study.verdict import Verdict, known

SERVES: Final = "the demand is served"
"""Binds where a smaller candidate turns away what the largest takes, or cannot be simulated."""


@dataclass(frozen=True, slots=True)
class AxisAnswer:
    """One ordered axis, seen from the best candidate.

    Attributes
    ----------
    place, axis : int, Axis
        Which axis, and the axis itself.
    interval : tuple of str
        The smallest value that may be enough, and the best candidate's, which was shown to be.
    next_smaller : Trial or None
        The candidate with the next smaller value that was tried.
    too_small : Trial or None
        The largest smaller value shown not to be enough. Between it and the best one nothing was shown.
    curve : tuple of Trial
        Candidates that differ on this axis only, ascending: beside the best one, or where most were tried.
    """

    place: int
    axis: Axis
    interval: tuple[str, str]
    next_smaller: Trial | None
    too_small: Trial | None
    curve: tuple[Trial, ...]

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {
            "path": self.axis.path,
            "interval": list(self.interval),
            "next_smaller": None if self.next_smaller is None else self.next_smaller.to_json(),
        }


def axis_answer(axes: Sequence[Axis], place: int, best: Trial, trials: Iterable[Trial]) -> AxisAnswer:
    """Read out of all candidates tried what they say of one of the axes, seen from the best one."""
    axis, own = axes[place], _others(best.point, place)
    beside = sorted(  # of equal values that comes last which is closest to the best one
        (one for one in trials if _has_as_much(axes, place, one.point, best.point)),
        key=lambda one: (one.point[place], -_distance(one.point, best.point)),
    )
    smaller = [one for one in beside if one.point[place] < best.point[place]]
    # With more of the others less may well be enough; that says nothing of the best one's neighbour.
    missed = [one for one in smaller if one.large_enough != "shown" or _others(one.point, place) == own]
    failed = [one for one in missed if one.standing == "shown not"]
    too_small = failed[-1] if failed else None
    low = 0 if too_small is None else too_small.point[place] + 1
    return AxisAnswer(
        place, axis, (axis.values[low], axis.values[best.point[place]]), missed[-1] if missed else None,
        too_small, _curve(place, own, beside),
    )  # fmt: skip


def _has_as_much(axes: Sequence[Axis], place: int, point: Point, best: Point) -> bool:
    """Whether a point has at least the best one's values on all axes but one, and the same unordered ones."""
    return all(
        number == place or (one >= two if axis.ordered else one == two)
        for number, (one, two, axis) in enumerate(zip(point, best, axes, strict=True))
    )


def _distance(point: Point, best: Point) -> int:
    return sum(abs(one - two) for one, two in zip(point, best, strict=True))


def _others(point: Point, place: int) -> Point:
    return (*point[:place], *point[place + 1 :])


def _curve(place: int, own: Point, beside: Sequence[Trial]) -> tuple[Trial, ...]:
    """Return the line with the most candidates; of equally many that which leads through the best one."""
    lines: dict[Point, list[Trial]] = defaultdict(list)
    for one in beside:
        lines[_others(one.point, place)].append(one)
    most = max(len(line) for line in lines.values())
    longest = {others: line for others, line in lines.items() if len(line) == most}
    return tuple(longest.get(own) or next(iter(longest.values())))


@dataclass(frozen=True, slots=True)
class Sizing:
    """What a search over all axes came to, as one reads it.

    Attributes
    ----------
    objective, unit : str
        What was to be small, and its unit or currency.
    share, confidence : float
        Of the futures must meet each requirement, and how surely that is shown; NaN of a log as it is, which
        has no luck. [1]
    best : Trial or None
        The smallest or cheapest candidate shown to be enough.
    by_axis : tuple of AxisAnswer
        What was shown along each ordered axis, the longest first; nothing without an answer.
    trials : tuple of Trial
        All candidates tried.
    """

    axes: tuple[Axis, ...]
    objective: str
    share: float
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
            "share": known(self.share),
            "axes": [asdict(axis) for axis in self.axes],
            "answer": None if self.best is None else self.best.to_json(),
            "by_axis": [one.to_json() for one in self.by_axis],
            "tried": [trial.to_json() for trial in self.trials],
        }


def answer(
    axes: Sequence[Axis], found: Found, *, objective: str, share: float, confidence: float, unit: str = ""
) -> Sizing:
    """Read the answer out of what a search tried."""
    best, places = found.best, ordered_axes(axes)
    lines = [] if best is None else [axis_answer(axes, place, best, found.trials) for place in places]
    return Sizing(tuple(axes), objective, share, confidence, best, tuple(lines), found.trials, unit)
