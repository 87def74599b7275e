"""Runs made to tell influence: one input at a time, Sobol indices, or Morris' elementary effects.

All runs of a row see the same luck, so that noise is not taken for influence. In go the assumptions of a
scenario; out come worlds at chosen points, and from their answers what moves them.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from capacity.inputs.reading.loader import LoadedScenario
from capacity.inputs.uncertainty.applied import in_world
from capacity.inputs.uncertainty.assumptions import Assumption
from capacity.measure.findings import Values
from capacity.statistics.designs import morris, saltelli
from capacity.statistics.influence.rows import elementary_effects, sobol_indices
from capacity.statistics.luck import Scale, from_scale, to_scale
from capacity.study.executors.interface import Executor, run_all
from capacity.study.task import Progress, Task
from capacity.study.uncertainty.answers import Answer
from capacity.study.uncertainty.draws import drawn_at, inputs_of
from capacity.study.uncertainty.futures import HIGH, LOW
from capacity.study.uncertainty.influence import Influencer, Method, Moved, by_weight

Floats = npt.NDArray[np.float64]
WALKS: Final = 10
"""Of Morris."""
REPLICATIONS: Final = 2
"""Of each end of an input, one at a time."""


@dataclass(frozen=True, slots=True)
class Design:
    """Runs that tell influence: worlds at chosen points, each with its luck.

    Attributes
    ----------
    method : str
        What they are for.
    inputs : tuple of str
        What is moved.
    values : list of dict
        Of each world, what every assumption is.
    replications : list of int
        Of each world.
    points : ndarray
        As the estimator wants them.
    """

    method: Method
    inputs: tuple[str, ...]
    values: list[dict[str, float]]
    replications: list[int]
    points: Floats = field(default_factory=lambda: np.empty(0))

    @property
    def runs(self) -> int:
        """Number of runs."""
        return len(self.values)


def design(
    assumptions: Sequence[Assumption],
    method: Method,
    *,
    rows: int,
    seed: int,
    replications: int = REPLICATIONS,
) -> Design:
    """Return the runs that a method wants.

    Parameters
    ----------
    assumptions, method : sequence of Assumption, str
        What is uncertain; ``one-at-a-time``, ``sobol`` or ``morris``.
    rows, seed : int
        Of Sobol's points; of the draws.
    replications : int
        Of each end, one at a time.
    """
    inputs = inputs_of(assumptions)
    if method == "one-at-a-time":
        ends = [_at(assumptions, inputs, one, part) for one in inputs for part in (LOW, HIGH)]
        cases = [{one.name: one.likely for one in assumptions}, *ends]
        each = range(replications)
        return Design(
            method, inputs, [case for case in cases for _ in each], [number for _ in cases for number in each]
        )
    if method == "morris":
        walks = morris(len(inputs), WALKS, seed)
        points, luck = walks.reshape(-1, len(inputs)), np.repeat(np.arange(WALKS), len(inputs) + 1)
    else:
        a, b, a_b = saltelli(len(inputs), rows, seed)
        walks, points = a_b, np.concatenate([a, b, *a_b])
        luck = np.concatenate(
            [2 * np.arange(rows), 2 * np.arange(rows) + 1, *([2 * np.arange(rows)] * len(inputs))]
        )
    drawn = drawn_at(assumptions, inputs, points)
    return Design(method, inputs, [drawn.world(n) for n in range(drawn.count)], luck.tolist(), walks)


def _at(assumptions: Sequence[Assumption], names: Sequence[str], moved: str, part: float) -> dict[str, float]:
    """Return every assumption with one input at a part of its range and what it does not touch as stated."""
    uniforms = np.full((1, len(names)), 0.5)
    uniforms[0, names.index(moved)] = part
    drawn = drawn_at(assumptions, names, uniforms)
    middle = drawn_at(assumptions, names, np.full((1, len(names)), 0.5))
    touched = {one.name for one in assumptions if drawn.parts[one.name][0] != middle.parts[one.name][0]}
    return {
        one.name: float(drawn.values[one.name][0]) if one.name in touched else one.likely
        for one in assumptions
    }


def run_design(
    loaded: LoadedScenario, wanted: Design, executor: Executor, *, seed: int,
    progress: Progress | None = None, waits_by: tuple[str, ...] = (),
) -> list[Values]:  # fmt: skip
    """Run a design, all its worlds checked first.

    Raises
    ------
    InputError
        The scenario would be wrong in some world.
    """
    cases: dict[tuple[tuple[str, float], ...], LoadedScenario] = {}
    tasks = []
    for number, (values, replication) in enumerate(zip(wanted.values, wanted.replications, strict=True)):
        key = tuple(values.items())
        if key not in cases:
            cases[key] = in_world(loaded, loaded.assumptions, values, world=f"run {number} of the design")
        case = cases[key]
        tasks.append(Task(case.scenario, case.sha256, seed, replication, waits_by=waits_by))
    return [run.values for run in run_all(executor, tasks, progress)]


def of_design(wanted: Design, runs: Sequence[Values], answer: Answer) -> Moved:
    """Tell what moves an answer out of the runs of a design."""
    values = answer.values(runs)
    scale = answer.scale(values)
    scaled = to_scale(np.where(np.isfinite(values), values, np.nan), scale)
    if wanted.method == "one-at-a-time":
        return _one_at_a_time(wanted, scaled, scale, answer)
    if wanted.method == "morris":
        shape = wanted.points.shape[:2]
        effects = elementary_effects(wanted.points, values.reshape(shape))
        movers = [
            Influencer(name, one.size, one.low, one.high, one.low > 0)
            for name, one in zip(wanted.inputs, effects, strict=True)
        ]
        return Moved(answer, wanted.method, float(np.nanmedian(values)), by_weight(movers), wanted.runs)
    rows = wanted.points.shape[1]
    a, b, a_b = scaled[:rows], scaled[rows : 2 * rows], scaled[2 * rows :].reshape(len(wanted.inputs), rows)
    movers = [
        Influencer(name, one.total.index, one.total.low, one.total.high, one.total.shown)
        for name, one in zip(wanted.inputs, sobol_indices(a, b, a_b), strict=True)
    ]
    return Moved(answer, wanted.method, float(np.nanmedian(values[:rows])), by_weight(movers), wanted.runs)


def _one_at_a_time(wanted: Design, scaled: Floats, scale: Scale, answer: Answer) -> Moved:
    """Hold each end of each input against the likely world, replication by replication."""
    cases = scaled.reshape(1 + 2 * len(wanted.inputs), -1)
    apart = cases[1:] - cases[0]
    spread = apart - apart.mean(axis=1, keepdims=True)
    free = spread.size - len(apart)
    noise = math.sqrt(float((spread**2).sum()) / free / cases.shape[1]) if free > 0 else math.nan
    movers = []
    for place, name in enumerate(wanted.inputs):
        low, high = (float(cases[0].mean() + one.mean()) for one in apart[2 * place : 2 * place + 2])
        shown = bool(max(abs(low - cases[0].mean()), abs(high - cases[0].mean())) > 2 * noise)
        movers.append(
            Influencer(name, shown=shown, at_low=from_scale(low, scale), at_high=from_scale(high, scale))
        )
    base = from_scale(float(cases[0].mean()), scale)
    return Moved(answer, wanted.method, base, by_weight(movers), wanted.runs)
