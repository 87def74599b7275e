"""What a search showed along one axis: the next smaller candidate, how far the answer is known, the curve.

With several axes a candidate that has as much or more of everything else and is not enough shows that less of
everything else is not enough either. So what was tried beside the answer counts, with more of the others too.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from capacity.study.size.axes import Axis
from capacity.study.size.trial import Point, Trial


@dataclass(frozen=True, slots=True)
class AxisAnswer:
    """One ordered axis, seen from the best candidate.

    Attributes
    ----------
    place : int
        Which axis.
    axis : Axis
        The axis itself.
    interval : tuple of str
        The smallest value that may be enough, and the best candidate's, which was shown to be.
    next_smaller : Trial or None
        The candidate with the next smaller value that was tried.
    too_small : Trial or None
        The largest smaller value that was shown not to be enough. Between it and the best one nothing was
        shown either way.
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
    """Read out of what was tried what it says of one axis.

    Parameters
    ----------
    axes : sequence of Axis
        All that varies.
    place : int
        Which of them.
    best : Trial
        The answer.
    trials : iterable of Trial
        All candidates tried.
    """
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
