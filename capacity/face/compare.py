"""``capacity.compare``: the same demand, with the same random numbers, on several sites or scenarios."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import pandas as pd

from capacity.errors import UsageError
from capacity.face.document import document
from capacity.face.executing import executor_of
from capacity.face.frames import html, joined, of_the_whole_time
from capacity.face.load import Question, Set, loaded, overrides
from capacity.face.policy import rules_of
from capacity.face.result import Simulated
from capacity.face.simulate import MOST_REPLICATIONS, Run
from capacity.inputs.reading.loader import LoadedScenario
from capacity.study.compare.comparison import Comparison, write_comparison
from capacity.study.compare.scenarios import Imprecise, run_scenarios
from capacity.study.files.run_directory import maybe_staged, staged
from capacity.study.task import Progress
from capacity.study.uncertainty.futures import run_worlds

REPLICATIONS: Final = 10
"""Enough for verdicts on what matters; the scenario's own if that is more."""


@dataclass(frozen=True)
class Compared(Simulated):
    """Several scenarios under the same luck; the first is the baseline.

    Attributes
    ----------
    comparison : Comparison
        Results, differences and which sites stay in the race.
    precision : float or None
        What was asked of the headline figures.
    folder : Path or None
        The directory, if one was left.
    """

    comparison: Comparison
    precision: float | None = None
    folder: Path | None = None

    @cached_property
    def runs(self) -> dict[str, Run]:
        """Each scenario's own run, by its name, the baseline first."""
        return {
            name: Run(result, (), self.precision, result.loaded.warnings)
            for name, result in zip(self.comparison.names, self.comparison.results, strict=True)
        }

    def _frame(self, name: str) -> pd.DataFrame:
        return joined({case: getattr(run, name) for case, run in self.runs.items()})

    @cached_property
    def differences(self) -> pd.DataFrame:
        """Paired differences from the baseline, with intervals and verdicts."""
        return pd.DataFrame([one.to_json() for one in self.comparison.differences])

    @cached_property
    def pareto(self) -> pd.DataFrame:
        """Which sites no other one beats in cost, waits, energy and work."""
        return pd.DataFrame([one.to_json() for one in self.comparison.standings])

    @property
    def imprecise(self) -> list[Imprecise]:
        """The headline figures that are not known as well as was asked for."""
        return [one for run in self.runs.values() for one in run.imprecise]

    def to_json(self) -> dict[str, Any]:
        """Return the document that ``compare --json`` prints."""
        return document(self.comparison.to_json())

    def _leave(self, target: Path, *, force: bool) -> None:
        with staged(target, force=force) as stage:
            write_comparison(stage, self.comparison)

    def _repr_html_(self) -> str:
        place = ["metric", "of", "unit"]
        found = {
            name: of_the_whole_time(run.result.findings).set_index(place)["value"]
            for name, run in self.runs.items()
        }
        return html(f"{', '.join(found)}: the whole horizon", pd.concat(found, axis="columns").reset_index())


def compare(
    *scenarios: Question, sites: Sequence[str] = (), policies: Sequence[str] = (), set: Set = (),
    until: date | str | None = None, seed: int | None = None, replications: int | None = None,
    precision: float | None = None, worlds: int | None = None, jobs: int = 1, cluster: str | None = None,
    fresh: bool = False,
    output: str | Path | None = None, force: bool = False, progress: Progress | None = None,
) -> Compared:  # fmt: skip
    """Run the same demand on several scenarios, or one scenario on several sites or under several policies.

    All see the same submissions, sizes and failures; run times follow the hardware.

    Parameters
    ----------
    *scenarios : LoadedScenario, str or Path
        Two or more, the baseline first; or one with `sites` or `policies`.
    sites : sequence of str
        Sites for the demand of one scenario.
    policies : sequence of str
        Policies for one scenario, as ``"fcfs"``, ``"easy"``, ``"sjf+easy"``.
    set, until
        As for `load`, the same for all.
    seed : int, optional
        Instead of that of the baseline.
    replications : int, optional
        At least 10 if not given.
    worlds : int, optional
        Draw so many choices of what is uncertain instead, each with luck of its own, the same for all.
    precision, jobs, cluster, fresh, output, force
        As for `simulate`.
    progress : callable, optional
        Told how many runs are done, the simulated time [s] and the jobs that have ended.

    Returns
    -------
    Compared
        ``findings`` of all, ``differences`` with verdicts, ``pareto``, and each scenario's own ``runs``.

    Raises
    ------
    UsageError
        There is one thing only, several scenarios with sites or policies, one name twice, or no such policy.
    InputError
        A scenario is wrong, or the directory cannot be written.
    """
    if worlds is not None and (precision is not None or replications is not None):
        raise UsageError("--worlds gives each world luck of its own: leave out -r and --precision")
    cases = cases_of(scenarios, sites=sites, policies=policies, set=set, until=until)
    common = seed if seed is not None else cases[0].scenario.seed
    folder = None if output is None else Path(output)
    with maybe_staged(folder, force=force) as stage:
        with executor_of(jobs, fresh=fresh, cluster=cluster) as executor:
            if worlds is not None:
                results = run_worlds(cases, executor, worlds=worlds, seed=common, progress=progress)
            else:
                results = run_scenarios(
                    cases, executor, seed=common,
                    replications=replications_of(cases, replications, precision), precision=precision,
                    progress=progress,
                )  # fmt: skip
        found = Comparison.of(results)
        if stage is not None:
            write_comparison(stage, found)
    return Compared(found, precision, folder)


def replications_of(
    cases: Sequence[LoadedScenario], replications: int | None, precision: float | None
) -> int:
    """Return how many replications each case gets; with a precision, at most."""
    if replications is not None or precision is not None:
        return replications or MOST_REPLICATIONS
    return max(REPLICATIONS, *(case.scenario.replications for case in cases))


def cases_of(
    scenarios: Sequence[Question], *, sites: Sequence[str] = (), policies: Sequence[str] = (), set: Set = (),
    until: date | str | None = None,
) -> list[LoadedScenario]:  # fmt: skip
    """Load what is to be compared, everything before the first run starts; see `compare`."""
    rules = [rules_of(policy) for policy in policies]
    if sites and policies:
        raise UsageError("compare sites or policies, not both at once")
    given: Sequence[Question] = sites or policies or scenarios
    if (sites or policies) and len(scenarios) != 1:
        flag = "--site" if sites else "--policy"
        raise UsageError(f"{flag} goes with one scenario; without it, name the scenarios to compare")
    if len(given) < 2:
        message = "nothing to compare: name two or more scenarios, or one and two or more --site or --policy"
        raise UsageError(message)
    names = [one.scenario.name if isinstance(one, LoadedScenario) else str(one) for one in given]
    if len({*names}) < len(names):
        raise UsageError("the same name is given twice")
    if policies:
        set_each = [[f"policy.order={one.order}", f"policy.backfill={one.backfill}"] for one in rules]
        found = [loaded(scenarios[0], [*overrides(set), *more], None, until) for more in set_each]
        called = [*policies]
    elif sites:
        found = [loaded(scenarios[0], set, site, until) for site in sites]
        called = [one.scenario.site.name for one in found]
    else:
        found = [loaded(one, set, None, until) for one in scenarios]
        called = [one.scenario.name for one in found]
    if len({*called}) < len(called):
        called = names  # two files have one name: all as they were given
    return [
        replace(one, record=one.scenario.model_copy(update={"name": name}))
        for one, name in zip(found, called, strict=True)
    ]
