"""Finding the smallest or cheapest candidate that meets everything, with as few candidates tried as can be.

On ordered axes more is taken to be at least as good: whatever is at least as large as a candidate that is
enough, is enough; whatever is no larger than one that is not, is not. So most candidates are judged without
being tried. The candidates form a box. Each of its axes is halved again and again with everything else at
its most, which says the least of this axis that any answer has; all these least values together are the
corner of the box. Is the corner enough, it is the best of the box, as where each requirement depends on an
axis of its own. If not, the box is cut in two across its longest side, and the part that may be cheapest
comes next; a part that costs more than the best one found is not looked at. Values of unordered axes are
boxes of their own.

"Enough" means shown to meet everything with the confidence asked for (what smaller sites meet better, as a
use of at least so much, is looked at where the search ends); a candidate that stays open counts as not
enough. Schedules are not quite monotone (a larger machine can make one job wait longer), so the candidates
just below the answer are tried as well.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import count
from typing import Final, Protocol

from capacity.study.size.axes import Axis, ordered_axes
from capacity.study.size.axes import boxes as boxes_of
from capacity.study.size.trial import Point, Trial, moved

BELOW: Final = 1
"""Candidates just below the answer that are tried, however the search came there."""


class Judge(Protocol):
    """Tries candidates."""

    def trial(self, point: Point) -> Trial:
        """Try a candidate until it is judged, or the most replications are spent."""

    def prepare(self, points: Sequence[Point]) -> None:
        """Be told which candidates may be tried next, the likeliest first."""

    def at_least(self, point: Point) -> float:
        """Return the least that the objective can be at a point, known without trying it."""


@dataclass(frozen=True, slots=True)
class Found:
    """The smallest or cheapest candidate that is enough, if any is, and all that were tried, by points."""

    best: Trial | None
    trials: tuple[Trial, ...]


class Search:
    """Looks for the best point; `tried` keeps what is known.

    The judge tries candidates; `below` so many just below the answer are tried in any case; `told` is told
    each trial as it is finished.
    """

    def __init__(
        self, axes: Sequence[Axis], judge: Judge, *, below: int = BELOW,
        told: Callable[[Trial], None] | None = None,
    ) -> None:  # fmt: skip
        self._axes = tuple(axes)
        self._judge = judge
        self._below = below
        self._told = told
        self.tried: dict[Point, Trial] = {}
        self._ordered = ordered_axes(axes)
        self._best: Trial | None = None

    def run(self) -> Found:
        """Search, and return the best candidate."""
        turn = count()  # of equally cheap boxes the one that was cut first is looked at first
        boxes: list[tuple[float, int, Point, Point]] = []
        for low, high in boxes_of(self._axes):
            heappush(boxes, (self._judge.at_least(low), next(turn), low, high))
        while boxes:
            _, _, low, high = heappop(boxes)
            for part in self._looked_at(low, high):
                heappush(boxes, (self._judge.at_least(part[0]), next(turn), *part))
        self._step_down()
        return Found(self._best, tuple(self.tried[point] for point in sorted(self.tried)))

    def _looked_at(self, low: Point, high: Point) -> Iterator[tuple[Point, Point]]:
        """Look for the best candidate of a box; yield the parts in which it may be."""
        if self._too_dear(low) or not self._enough(high):
            return
        for axis in self._ordered:
            low = moved(low, axis, self._least(high, axis, low[axis]))
            if self._too_dear(low):
                return
        if self._trial_of_known(low):
            self._take(self.tried[low])
            return  # all others of the box are larger
        longest = max(self._ordered, key=lambda axis: high[axis] - low[axis], default=None)
        if longest is None or high[longest] == low[longest]:
            return
        middle = (low[longest] + high[longest]) // 2
        yield low, moved(high, longest, middle)
        yield moved(low, longest, middle + 1), high

    def _least(self, at: Point, axis: int, low: int) -> int:
        """Return the least place on an axis at which a candidate is enough, all else as at one that is."""
        high = at[axis]
        while low < high:
            middle = (low + high) // 2
            after = ((low + middle) // 2, (middle + 1 + high) // 2)
            likely = [moved(at, axis, place) for place in dict.fromkeys((middle, *after))]
            self._judge.prepare([point for point in likely if self._known(point) is None])
            if self._enough(moved(at, axis, middle)):
                high = middle
            else:
                low = middle + 1
        return low

    def _trial_of_known(self, point: Point) -> bool:
        """Say whether a candidate is enough, not only by its neighbours: an answer must be tried itself."""
        return self._enough(point) and self._trial(point).large_enough == "shown"

    def _take(self, trial: Trial) -> bool:
        """Take a candidate that is large enough as the best one, if it is that.

        One that fails all the same asks for a smaller site, which would not be large enough.
        """
        if trial.standing != "shown" or (self._best is not None and _key(trial) >= _key(self._best)):
            return False
        self._best = trial
        return True

    def _step_down(self) -> None:
        """Try the candidates just below the best one on each axis, and again from one that does after all."""
        looked_below: Trial | None = None
        while self._best is not None and self._best is not looked_below:
            looked_below = self._best
            for point in self._just_below(looked_below):
                if self._take(self._trial(point)):
                    break

    def _just_below(self, best: Trial) -> Iterator[Point]:
        for axis in self._ordered:
            place = best.point[axis]
            for lower in range(place - 1, max(-1, place - 1 - self._below), -1):
                yield moved(best.point, axis, lower)

    def _too_dear(self, point: Point) -> bool:
        return self._best is not None and self._judge.at_least(point) >= self._best.objective

    def _enough(self, point: Point) -> bool:
        known = self._known(point)
        return self._trial(point).large_enough == "shown" if known is None else known

    def _trial(self, point: Point) -> Trial:
        if point not in self.tried:
            self.tried[point] = self._judge.trial(point)
            if self._told is not None:
                self._told(self.tried[point])
        return self.tried[point]

    def _known(self, point: Point) -> bool | None:
        """Say whether a candidate is enough, if those tried tell; None if they do not."""
        if point in self.tried:
            return self.tried[point].large_enough == "shown"
        for other, trial in self.tried.items():
            if trial.large_enough == "shown" and self._no_larger(other, point):
                return True
            if trial.large_enough != "shown" and self._no_larger(point, other):
                return False  # also below one that stays open, which counts as not enough
        return None

    def _no_larger(self, one: Point, two: Point) -> bool:
        """Whether one is nowhere above two on ordered axes, and the same on the others."""
        return all(
            a <= b if axis.ordered else a == b for a, b, axis in zip(one, two, self._axes, strict=True)
        )


def _key(trial: Trial) -> tuple[float, Point]:
    """Sort by objective, then by the smaller values."""
    return trial.objective, trial.point
