"""Which assumption moves which answer, and what to find out first.

Out of the worlds that were run anyway: how much of the spread of an answer each input explains, what the
answer is at its low and its high end, and how much narrower the answer would be if the input were known. Runs
made for it alone are for `experiments`.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt

from capacity.statistics.influence.given import Influence, by_ranks, by_regression, mean_along
from capacity.statistics.influence.shapley import shapley_effects
from capacity.statistics.luck import Scale, from_scale, to_scale
from capacity.study.requirements import Requirement, meets
from capacity.study.run import Result
from capacity.study.uncertainty.answers import Answer
from capacity.study.uncertainty.futures import HIGH, LOW
from capacity.study.verdict import known

Floats = npt.NDArray[np.float64]
Method = Literal["regression", "ranks", "shapley", "one-at-a-time", "sobol", "morris"]
OF_WORLDS: Final = ("regression", "ranks", "shapley")
"""Methods that need no runs beside those of the worlds."""


@dataclass(frozen=True, slots=True)
class Influencer:
    """One input's influence on one answer; what is not known is NaN.

    Attributes
    ----------
    name : str
        Of an assumption, or of a cause that several follow.
    part, part_low, part_high : float
        What knowing it alone would explain of the variance, or its Shapley or total share, with its interval;
        of `morris` the size of its effect over its whole range [unit of the answer]. [1]
    shown : bool
        Whether that is more than chance would make of nothing.
    at_low, at_high : float
        The answer with the input at the end of its range that a tenth lies below, or above; of the worlds,
        the middle of the answers there. [unit]
    leaves : float
        The range of eight of ten futures that would be left if it were known, over that of today: of waits in
        logarithms, of shares in log odds. [1]
    met_low, met_high : float
        Part of the futures that meet what is required where the input lies in its lowest, its highest third.
    """

    name: str
    part: float = math.nan
    part_low: float = math.nan
    part_high: float = math.nan
    shown: bool = False
    at_low: float = math.nan
    at_high: float = math.nan
    leaves: float = math.nan
    met_low: float = math.nan
    met_high: float = math.nan

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {name: known(getattr(self, name)) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class Moved:
    """What moves one answer.

    Attributes
    ----------
    answer : Answer
        What it is.
    method : str
        How influence was told.
    base : float
        The answer in the likely world, or in the middle of the worlds. [unit]
    inputs : tuple of Influencer
        All inputs, the one that moves it most first.
    runs : int
        Runs that this rests on.
    """

    answer: Answer
    method: Method
    base: float
    inputs: tuple[Influencer, ...]
    runs: int

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {
            "metric": self.answer.metric, "labels": dict(self.answer.labels), "unit": self.answer.unit,
            "method": self.method, "base": known(self.base), "runs": self.runs,
            "inputs": [one.to_json() for one in self.inputs],
        }  # fmt: skip


def of_worlds(
    result: Result, answer: Answer, *, method: Method = "regression", require: Sequence[Requirement] = ()
) -> Moved:
    """Tell what moves an answer out of worlds that were run.

    Parameters
    ----------
    result : Result
        With `futures`.
    answer, method : Answer, str
        What is asked, and one of `OF_WORLDS`.
    require : sequence of Requirement
        What must be met: in which part of the futures, at either end of each input.
    """
    assert result.futures is not None
    draws, own = result.futures.draws, [one.values for one in result.futures_of_their_own]
    values = answer.values(own)
    scale = answer.scale(values)
    finite = np.isfinite(values)
    answers, points = to_scale(values[finite], scale), draws.uniforms[finite]
    ways: dict[str, Callable[[Floats, Floats], list[Influence]]] = {
        "regression": by_regression, "ranks": by_ranks, "shapley": shapley_effects,
    }  # fmt: skip
    found = ways[method](points, answers)
    met = np.array([all(meets(one, run) for one in require) for run in own], np.float64) if require else None
    inputs = []
    for place, (name, one) in enumerate(zip(draws.inputs, found, strict=True)):
        mover = Influencer(name, one.index, one.low, one.high, one.shown)
        if len(answers) > 2 and not math.isnan(one.index):
            mover = _along(mover, points[:, place], answers, scale)
        inputs.append(mover if met is None else _met(mover, draws.uniforms[:, place], met))
    middle = float(np.median(values[finite])) if finite.any() else math.nan
    return Moved(answer, method, middle, by_weight(inputs), len(result.runs))


def _along(mover: Influencer, column: Floats, answers: Floats, scale: Scale) -> Influencer:
    """Add what the answer is along an input, within what was seen, and what knowing it would leave."""
    if not mover.shown:
        return replace(mover, leaves=1.0)
    curve = mean_along(column, answers, np.array([LOW, HIGH]))
    at = np.clip(curve.at, answers.min(), answers.max())
    at_low, at_high = (from_scale(float(one), scale) for one in at)
    left, whole = (float(np.subtract(*np.quantile(one, (HIGH, LOW)))) for one in (curve.left, answers))
    leaves = min(1.0, left / whole) if whole > 0 else math.nan
    return replace(mover, at_low=at_low, at_high=at_high, leaves=leaves)


def _met(mover: Influencer, column: Floats, met: Floats) -> Influencer:
    low, high = met[column < 1 / 3], met[column > 2 / 3]
    parts = [float(one.mean()) if len(one) else math.nan for one in (low, high)]
    return replace(mover, met_low=parts[0], met_high=parts[1])


def by_weight(inputs: Sequence[Influencer]) -> tuple[Influencer, ...]:
    """Sort by part, or where there is none by how far the answer moves; what is not known comes last."""

    def weight(one: Influencer) -> float:
        size = abs(one.at_high - one.at_low) if math.isnan(one.part) else one.part
        return math.inf if math.isnan(size) else -size

    return tuple(sorted(inputs, key=weight))
