"""One candidate site that was tried: what varies, how it was judged, what it costs."""

import math
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, TypeAlias

from capacity.statistics.sequential import Look, looks
from capacity.study.requirements import Judgement, Verdict

Point: TypeAlias = tuple[int, ...]
"""Where a candidate stands on each axis."""


def moved(point: Point, axis: int, place: int) -> Point:
    """Return a point that stands elsewhere on one axis."""
    return (*point[:axis], place, *point[axis + 1 :])


RefusalKind = Literal["jobs", "data", "widest"]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a candidate is not enough whatever is required.

    Attributes
    ----------
    kind : str
        ``jobs`` are rejected, ``data`` are turned away (both beyond what the largest candidate does), or the
        ``widest`` job has more slots than the machine.
    amount, limit : float
        How much, and how much there may be. [1], [B], [slot].
    """

    kind: RefusalKind
    amount: float
    limit: float


@dataclass(frozen=True, slots=True)
class Trial:
    """One candidate.

    Attributes
    ----------
    point : tuple of int
        Place on each axis.
    values : dict of str to str
        What the axes say there, by path.
    judgements : tuple of Judgement
        One for each requirement.
    refused : tuple of Refusal
        Why it is not enough whatever is required; empty if nothing speaks against it.
    replications : int
        What the judgements rest on.
    objective : float
        What is to be small; NaN where it is not known.
    """

    point: Point
    values: Mapping[str, str]
    judgements: tuple[Judgement, ...]
    refused: tuple[Refusal, ...]
    replications: int
    objective: float

    @property
    def verdict(self) -> Verdict:
        """Met if all are met, failed if any has failed, open otherwise."""
        verdicts = {judgement.verdict for judgement in self.judgements}
        if self.refused or "failed" in verdicts:
            return "failed"
        return "met" if verdicts == {"met"} else "open"

    @property
    def large_enough(self) -> Verdict:
        """The same without what smaller sites meet better: this is what the search goes by."""
        verdicts = {one.verdict for one in self.judgements if not one.requirement.smaller_is_better}
        if self.refused or "failed" in verdicts:
            return "failed"
        return "open" if "open" in verdicts else "met"

    @property
    def binding(self) -> tuple[Judgement, ...]:
        """Return the judgements that are not met; if all are, the one with the least room."""
        missed = tuple(judgement for judgement in self.judgements if judgement.verdict != "met")
        if missed or not self.judgements or self.refused:
            return missed
        return (min(self.judgements, key=lambda one: one.room),)

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON has it; NaN is null."""
        return {
            "values": dict(self.values),
            "point": list(self.point),
            "verdict": self.verdict,
            "replications": self.replications,
            "objective": self.objective if math.isfinite(self.objective) else None,
            "refused": [asdict(one) for one in self.refused],
            "requirements": [judgement.to_json() for judgement in self.judgements],
        }


def until_clear(most: int, confidence: float, judged: Callable[[Look], Trial]) -> Trial:
    """Look at a candidate until it is not open any more, or for the last time."""
    first, *others = looks(most, confidence)
    trial = judged(first)
    for look in others:
        if trial.verdict != "open":
            break
        trial = judged(look)
    return trial
