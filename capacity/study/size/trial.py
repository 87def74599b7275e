"""One candidate site that was tried: what varies, how it was judged, what it costs."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from capacity.statistics.sequential import Look
from capacity.study.requirements import Judgement
from capacity.study.verdict import Standing, Verdict, known, together

Point: TypeAlias = tuple[int, ...]
"""Where a candidate stands on each axis."""


def moved(point: Point, axis: int, place: int) -> Point:
    """Return a point that stands elsewhere on one axis."""
    return (*point[:axis], place, *point[axis + 1 :])


@dataclass(frozen=True, slots=True)
class Trial:
    """One candidate.

    Attributes
    ----------
    point, values : tuple of int, dict of str to str
        Place on each axis, and what the axes say there, by path.
    judgements : tuple of Judgement
        One for each requirement.
    refused : tuple of Verdict
        Why it is not enough whatever is required, see `demand_served`; empty if nothing speaks against it.
    replications : int
        What the judgements rest on.
    objective : float
        What is to be small; NaN where it is not known.
    """

    point: Point
    values: Mapping[str, str]
    judgements: tuple[Judgement, ...]
    refused: tuple[Verdict, ...]
    replications: int
    objective: float

    @property
    def standing(self) -> Standing:
        """Whether it is shown to be enough: everything is met, and nothing refused."""
        return together(one.standing for one in (*self.refused, *(one.verdict for one in self.judgements)))

    @property
    def large_enough(self) -> Standing:
        """The same without what smaller sites meet better: this is what the search goes by."""
        asked = [one.verdict for one in self.judgements if not one.requirement.smaller_is_better]
        found = together(one.standing for one in (*self.refused, *asked))
        return found if self.refused or asked else "shown"

    @property
    def binding(self) -> tuple[Judgement, ...]:
        """Return the judgements that are not shown to be met; if all are, the one with the least room.

        Of a candidate that is refused, those that fail as well: what is open was not looked at to the end.
        """
        if self.refused:
            return tuple(one for one in self.judgements if one.verdict.standing == "shown not")
        missed = tuple(one for one in self.judgements if one.verdict.standing != "shown")
        if missed or not self.judgements:
            return missed
        return (min(self.judgements, key=lambda one: one.room),)

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON has it; NaN is null."""
        return {
            "values": dict(self.values),
            "point": list(self.point),
            "standing": self.standing,
            "replications": self.replications,
            "objective": known(self.objective),
            "refused": [one.to_json() for one in self.refused],
            "requirements": [judgement.to_json() for judgement in self.judgements],
        }


def until_clear(looks: Sequence[Look], judged: Callable[[Look], Trial]) -> Trial:
    """Look at a candidate until it is clear whether it is enough, or for the last time."""
    for look in looks:
        trial = judged(look)
        if trial.standing != "not shown":
            break
    return trial
