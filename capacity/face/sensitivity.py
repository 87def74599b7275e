"""``capacity.sensitivity``: which assumption moves which answer, and what to find out first."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import pandas as pd

from capacity.errors import UsageError
from capacity.face.document import document
from capacity.face.executing import executor_of
from capacity.face.frames import html
from capacity.face.load import DEFAULT, Question, Set, loaded
from capacity.face.simulate import check_required
from capacity.inputs.reading.loader import LoadedScenario
from capacity.study.requirements import read_requirement, waits_asked
from capacity.study.run import Result
from capacity.study.task import Progress
from capacity.study.uncertainty.answers import Answer, read_answer, usual_answers
from capacity.study.uncertainty.draws import Draws, draw_worlds, places_of
from capacity.study.uncertainty.experiments import REPLICATIONS, design, of_design, run_design
from capacity.study.uncertainty.futures import run_worlds
from capacity.study.uncertainty.influence import OF_WORLDS, Method, Moved, of_worlds

WORLDS: Final = 64


@dataclass(frozen=True)
class Sensitivity:
    """What moves the answers of a scenario.

    Attributes
    ----------
    loaded : LoadedScenario
        The scenario.
    draws : Draws
        The worlds, or one of them where runs of their own were made.
    moved : tuple of Moved
        What moves each answer, the inputs that move it most first.
    require : tuple of str
        What must be met.
    result : Result or None
        The worlds that were run; None where a method made runs of its own.
    """

    loaded: LoadedScenario
    draws: Draws
    moved: tuple[Moved, ...]
    require: tuple[str, ...] = ()
    result: Result | None = None

    @property
    def rows(self) -> list[dict[str, Any]]:
        """One row per answer and input: its part of the spread, the answer at its ends, what it leaves."""
        return [
            {
                "metric": one.answer.metric,
                "labels": one.answer.where,
                "unit": one.answer.unit,
                **mover.to_json(),
            }
            for one in self.moved
            for mover in one.inputs
        ]

    @cached_property
    def frame(self) -> pd.DataFrame:
        """The rows as a frame."""
        return pd.DataFrame(self.rows)

    def to_json(self) -> dict[str, Any]:
        """Return the document that ``sensitivity --json`` prints."""
        assumptions = [
            {"name": one.name, "title": one.title, "cause": one.cause, "strength": one.strength,
             "source": one.source, "as_of": one.as_of, "origin": one.origin}
            for one in self.draws.assumptions
        ]  # fmt: skip
        return document({
            "scenario": self.loaded.scenario.name, "hash": self.loaded.sha256, "require": self.require,
            "assumptions": assumptions, "answers": [one.to_json() for one in self.moved],
        })  # fmt: skip

    def _repr_html_(self) -> str:
        return html(f"What moves the answers of {self.loaded.scenario.title}", self.frame)


def sensitivity(
    scenario: Question = DEFAULT, *, answers: Sequence[str] = (), require: Sequence[str] = (),
    method: Method = "regression", worlds: int = WORLDS, replications: int = REPLICATIONS, set: Set = (),
    site: str | Path | None = None, until: str | None = None, seed: int | None = None, jobs: int = 1,
    fresh: bool = False, progress: Progress | None = None,
) -> Sensitivity:  # fmt: skip
    """Find out which assumption moves which answer.

    Parameters
    ----------
    scenario : LoadedScenario, str or Path
        What `load` returned, or a name or path.
    answers : sequence of str, optional
        What is asked, as ``"utilization[pool=gpu,month=2022-12]"``; use and waits of the last month and what
        the storage holds if not given.
    require : sequence of str
        What must be met: said is in which part of the futures it is, at either end of each input.
    method : str
        ``regression`` (first-order indices), ``ranks`` or ``shapley`` out of the worlds; ``one-at-a-time``,
        ``sobol`` or ``morris`` with runs of their own.
    worlds, replications : int
        Worlds, or rows of Sobol's points; runs of each end, one at a time.
    set, site, until, seed, jobs, fresh, progress
        As for `simulate`.

    Raises
    ------
    InputError
        The scenario, an answer or a requirement is wrong, or nothing in it is uncertain.
    UsageError
        The options do not go together.
    """
    asked = loaded(scenario, set, site, until)
    if require and method not in OF_WORLDS:
        raise UsageError(f"--require is judged over worlds, not with --method {method}")
    check_required(require, asked)
    read = [read_requirement(one) for one in require]
    wanted = [read_answer(one, asked.scenario) for one in answers] or [*usual_answers(asked.scenario)]
    chosen = asked.scenario.seed if seed is None else seed
    spoken = (*read, *(read_requirement(f"{one} >= 0") for one in answers))
    common: dict[str, Any] = {"progress": progress, "waits_by": waits_asked(spoken)}
    with executor_of(jobs, fresh=fresh) as executor:
        if method in OF_WORLDS:
            (result,) = run_worlds([asked], executor, worlds=worlds, seed=chosen, **common)
            assert result.futures is not None
            found = tuple(
                of_worlds(result, one, method=method, require=read) for one in _measured(wanted, result)
            )
            return Sensitivity(asked, result.futures.draws, found, tuple(require), result)
        draws = draw_worlds(asked.assumptions, 1, chosen)
        plan = design(asked.assumptions, method, rows=worlds, seed=chosen, replications=replications)
        runs = run_design(asked, plan, executor, seed=chosen, **common)
    return Sensitivity(asked, draws, tuple(of_design(plan, runs, one) for one in wanted))


def runs_of(asked: LoadedScenario, method: Method, worlds: int, replications: int, seed: int | None) -> int:
    """Return how many runs a method takes, before any is made."""
    if method in OF_WORLDS:
        return len(places_of(worlds))
    chosen = asked.scenario.seed if seed is None else seed
    return design(asked.assumptions, method, rows=worlds, seed=chosen, replications=replications).runs


def _measured(wanted: Sequence[Answer], result: Result) -> list[Answer]:
    """Return the answers that some world gives; those that were asked for by name are never left out."""
    own = [run.values for run in result.futures_of_their_own]
    return [one for one in wanted if any((one.metric, one.labels) in run for run in own)] or [*wanted]
