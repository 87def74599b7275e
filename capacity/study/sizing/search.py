"""Finding the smallest or cheapest candidate that meets everything, with as few candidates tried as can be.

On ordered axes more is taken to be at least as good: whatever is at least as large as a candidate that is
enough, is enough; whatever is no larger than one that is not, is not. So most candidates are judged without
being tried. The longest ordered axis is halved again and again; the others are walked through from the
largest value down, each starting from what is known of the larger ones; values of unordered axes are tried
each by itself. A candidate that costs more than the best one found is not tried at all.

"Enough" means shown to meet everything with the confidence asked for (what smaller sites meet better, as a
use of at least so much, is looked at where the search ends); a candidate that stays open counts as not
enough. Schedules are not quite monotone (a larger machine can make one job wait longer), so the candidates
just below the answer are tried as well.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Final, Protocol

from capacity.study.sizing.axes import Axis
from capacity.study.sizing.trial import Point, Trial

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
    """What a search came to.

    Attributes
    ----------
    best : Trial or None
        The smallest or cheapest candidate that is enough, if any is.
    trials : tuple of Trial
        All that were tried, by their points.
    """

    best: Trial | None
    trials: tuple[Trial, ...]


class Search:
    """Looks for the best point; `tried` keeps what is known.

    Parameters
    ----------
    axes : sequence of Axis
        What varies.
    judge : Judge
        Tries candidates.
    below : int
        Candidates just below the answer that are tried in any case.
    told : callable, optional
        Told each trial as it is finished.
    """

    def __init__(
        self,
        axes: Sequence[Axis],
        judge: Judge,
        *,
        below: int = BELOW,
        told: Callable[[Trial], None] | None = None,
    ) -> None:
        self._axes = tuple(axes)
        self._judge = judge
        self._below = below
        self._told = told
        self.tried: dict[Point, Trial] = {}
        self._ordered = [place for place, axis in enumerate(axes) if axis.ordered]
        self._main = max(self._ordered, key=lambda place: len(axes[place].values), default=None)

    def run(self) -> Found:
        """Search, and return the best candidate."""
        best: Trial | None = None
        for rest in self._combinations():
            found = self._smallest(rest, best)
            if found is not None and (best is None or _key(found) < _key(best)):
                best = found
        if best is not None:
            best = self._smaller(best)
        return Found(best, tuple(self.tried[point] for point in sorted(self.tried)))

    def _combinations(self) -> Iterator[Point]:
        """Yield the places on all axes but the main one, whose place is 0; large before small."""
        places = [
            (0,)
            if number == self._main
            else tuple(range(len(axis.values) - 1, -1, -1) if axis.ordered else range(len(axis.values)))
            for number, axis in enumerate(self._axes)
        ]
        yield from product(*places)

    def _at(self, rest: Point, place: int) -> Point:
        if self._main is None:
            return rest
        return (*rest[: self._main], place, *rest[self._main + 1 :])

    def _smallest(self, rest: Point, best: Trial | None) -> Trial | None:
        """Return the smallest candidate on the main axis that is enough, unless the best is better anyway."""
        top = len(self._axes[self._main].values) - 1 if self._main is not None else 0
        low, high = 0, top
        while low <= top and self._known(self._at(rest, low)) is False:
            low += 1  # what is known not to be enough costs nothing to pass over
        if low > top or self._too_dear(self._at(rest, low), best):
            return None
        started_low = low
        if 0 < low < high and self._enough(self._at(rest, low)):
            high = low  # as small as with more of everything else: there is no need to look at larger ones
        elif not self._enough(self._at(rest, high)):
            return None
        while low < high:
            middle = (low + high) // 2
            self._prepare(rest, low, middle, high)
            if self._enough(self._at(rest, middle)):
                high = middle
            else:
                low = middle + 1
            if self._too_dear(self._at(rest, low), best):
                return None
        point = self._at(rest, high)
        if point not in self.tried and not self._tried_enough(point):
            return None
        if high == started_low and high > 0:
            self._enough(self._at(rest, high - 1))
        # What is large enough and still fails asks for a smaller site, which would not be large enough.
        return self.tried[point] if self.tried[point].verdict == "met" else None

    def _prepare(self, rest: Point, low: int, middle: int, high: int) -> None:
        """Name the next candidate and the two of which one comes after it."""
        after = ((low + middle) // 2, (middle + 1 + high) // 2)
        points = [self._at(rest, place) for place in dict.fromkeys((middle, *after))]
        self._judge.prepare([point for point in points if self._known(point) is None])

    def _tried_enough(self, point: Point) -> bool:
        """Try a candidate that only its neighbours say is enough: an answer must be tried itself."""
        return self._trial(point).large_enough == "met"

    def _smaller(self, best: Trial) -> Trial:
        """Try the candidates just below the answer on the main axis; one of them may do after all."""
        if self._main is None:
            return best
        place = best.point[self._main]
        for lower in range(place - 1, max(-1, place - 1 - self._below), -1):
            found = self._trial(self._at(best.point, lower))
            if found.verdict == "met" and _key(found) < _key(best):
                return self._smaller(found)
        return best

    def _too_dear(self, point: Point, best: Trial | None) -> bool:
        return best is not None and self._judge.at_least(point) >= best.objective

    def _enough(self, point: Point) -> bool:
        known = self._known(point)
        return self._trial(point).large_enough == "met" if known is None else known

    def _trial(self, point: Point) -> Trial:
        if point not in self.tried:
            self.tried[point] = self._judge.trial(point)
            if self._told is not None:
                self._told(self.tried[point])
        return self.tried[point]

    def _known(self, point: Point) -> bool | None:
        """Say whether a candidate is enough, if those tried tell; None if they do not."""
        if point in self.tried:
            return self.tried[point].large_enough == "met"
        for other, trial in self.tried.items():
            if trial.large_enough == "met" and self._no_larger(other, point):
                return True
            if trial.large_enough != "met" and self._no_larger(point, other):
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
