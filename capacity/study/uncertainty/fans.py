"""Fans: an answer month by month over all worlds, beside three real ones; and the worlds worth opening.

Each month is summed up by itself: no single future runs along the edge of a fan. The three worlds do run as
they are drawn, those with the answer that a tenth, half and nine tenths of the worlds stay below.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from capacity.measure.findings import Values
from capacity.statistics.bounds import AtLeast
from capacity.study.run import Result, result_of
from capacity.study.uncertainty.answers import Answer
from capacity.study.uncertainty.draws import world_of
from capacity.study.uncertainty.futures import HIGH, LOW

Floats = npt.NDArray[np.float64]
PARTS: Final = (0.05, 0.25, 0.5, 0.75, 0.95)
"""Of the worlds that lie below each line of a fan."""
HALF: Final = 0.5


@dataclass(frozen=True, slots=True)
class Fan:
    """An answer by month over worlds.

    Attributes
    ----------
    answer : Answer
        What it is; its month is that of the answer asked for.
    months : tuple of str
        Months, in order.
    parts : mapping of float to tuple of float
        By part of the worlds that lie below: a value per month, NaN where nothing was measured; of an upper
        one infinite where only the least is known, of the middle that least. [unit of the answer]
    known : tuple of int
        Worlds in which there was something to measure, per month.
    worlds : mapping of int to tuple of float
        Three real worlds by their numbers, the one with the low answer first.
    """

    answer: Answer
    months: tuple[str, ...]
    parts: Mapping[float, tuple[float, ...]]
    known: tuple[int, ...]
    worlds: Mapping[int, tuple[float, ...]]


def fan_of(result: Result, answer: Answer, months: Sequence[str]) -> Fan:
    """Return an answer month by month over the worlds of a result."""
    runs = [one.values for one in result.futures_of_their_own]
    by_month = [answer.in_month(month) for month in months]
    columns = [one.values(runs) for one in by_month]
    least = [_least(one, runs) for one in by_month]
    cuts = [_cuts(column, bound) for column, bound in zip(columns, least, strict=True)]
    worlds = dict.fromkeys(worlds_at(answer.values(runs)))
    return Fan(
        answer, tuple(months), {part: tuple(cut[place] for cut in cuts) for place, part in enumerate(PARTS)},
        tuple(int(np.isfinite(column).sum()) for column in columns),
        {world: tuple(runs[world].get((one.metric, one.labels), math.nan) for one in by_month)
         for world in worlds},
    )  # fmt: skip


def worlds_at(answers: Floats, parts: Sequence[float] = (LOW, 0.5, HIGH)) -> tuple[int, ...]:
    """Return the worlds with the answers that such parts of all stay below; empty if nothing is known.

    Examples
    --------
    >>> worlds_at(np.array([5.0, 1.0, math.nan, 3.0, 4.0, 2.0]))
    (1, 3, 0)
    """
    known = [int(world) for world in np.argsort(answers, kind="stable") if not math.isnan(answers[world])]
    return tuple(known[round(part * (len(known) - 1))] for part in parts if known)


def middle_world(result: Result, answers: Floats) -> tuple[int, Result]:
    """Return the number of the world in the middle of some answers, and its run as a result of its own.

    Numbers of one world add up; middles that are taken each by itself do not.
    """
    assert result.futures is not None
    number = (*worlds_at(answers, (HALF,)), 0)[0]
    loaded = world_of(result.loaded, result.futures.draws, number)
    return number, result_of(loaded, [result.futures_of_their_own[number]], seed=result.seed)


def _least(answer: Answer, runs: Sequence[Values]) -> float:
    """Return the smallest value of which only the least is known; infinite if all are known whole."""
    found = (run.get((answer.metric, answer.labels), math.nan) for run in runs)
    return min((one for one in found if isinstance(one, AtLeast)), default=math.inf)


def _cuts(column: Floats, least: float) -> list[float]:
    known = column[np.isfinite(column)]
    if not len(known):
        return [math.nan] * len(PARTS)
    cuts = [float(one) for one in np.quantile(known, PARTS)]
    return [
        cut if cut < least or part < HALF else AtLeast(cut) if part == HALF else math.inf
        for cut, part in zip(cuts, PARTS, strict=True)
    ]
