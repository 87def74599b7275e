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
from capacity.face.policy import split
from capacity.face.simulate import MOST_REPLICATIONS, Run
from capacity.inputs.reading.loader import LoadedScenario
from capacity.study.compare.comparison import Comparison, write_comparison
from capacity.study.compare.scenarios import Imprecise, run_scenarios
from capacity.study.files.run_directory import maybe_staged, staged
from capacity.study.task import Progress

REPLICATIONS: Final = 10
"""Enough for verdicts on what matters; the scenario's own if that is more."""


@dataclass(frozen=True)
class Compared:
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

    @cached_property
    def findings(self) -> pd.DataFrame:
        """The findings of all, with a first column ``scenario``."""
        return joined({name: run.findings for name, run in self.runs.items()})

    @cached_property
    def jobs(self) -> pd.DataFrame:
        """The jobs of the first replication of all, with a first column ``scenario``."""
        return joined({name: run.jobs for name, run in self.runs.items()})

    @cached_property
    def series(self) -> pd.DataFrame:
        """The series of the first replication of all, with a first column ``scenario``."""
        return joined({name: run.series for name, run in self.runs.items()})

    @cached_property
    def events(self) -> pd.DataFrame:
        """The events of the first replication of all, with a first column ``scenario``."""
        return joined({name: run.events for name, run in self.runs.items()})

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

    def save(self, directory: str | Path, *, force: bool = False) -> Path:
        """Leave a directory, whole or not at all, as ``-o`` does; `force` overwrites one.

        Raises
        ------
        InputError
            It exists, is no run directory, or cannot be written.
        """
        with staged(Path(directory), force=force) as stage:
            write_comparison(stage, self.comparison)
        return Path(directory)

    def _repr_html_(self) -> str:
        place = ["metric", "of", "unit"]
        found = {
            name: of_the_whole_time(run.result.findings).set_index(place)["value"]
            for name, run in self.runs.items()
        }
        return html(f"{', '.join(found)}: the whole horizon", pd.concat(found, axis="columns").reset_index())


def compare(
    *scenarios: Question,
    sites: Sequence[str] = (),
    policies: Sequence[str] = (),
    set: Set = (),
    until: date | str | None = None,
    seed: int | None = None,
    replications: int | None = None,
    precision: float | None = None,
    jobs: int = 1,
    fresh: bool = False,
    output: str | Path | None = None,
    force: bool = False,
    progress: Progress | None = None,
) -> Compared:
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
    precision, jobs, fresh, output, force
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
        There is one thing only, several scenarios with sites or policies, or one name twice.
    InputError
        A scenario is wrong, or the directory cannot be written.
    """
    cases = cases_of(scenarios, sites=sites, policies=policies, set=set, until=until)
    common = seed if seed is not None else cases[0].scenario.seed
    folder = None if output is None else Path(output)
    with maybe_staged(folder, force=force) as stage:
        with executor_of(jobs, fresh=fresh) as executor:
            results = run_scenarios(
                cases,
                executor,
                seed=common,
                replications=replications_of(cases, replications, precision),
                precision=precision,
                progress=progress,
            )
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
    scenarios: Sequence[Question],
    *,
    sites: Sequence[str] = (),
    policies: Sequence[str] = (),
    set: Set = (),
    until: date | str | None = None,
) -> list[LoadedScenario]:
    """Load what is to be compared, everything before the first run starts; see `compare`."""
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
        found = [
            loaded(
                scenarios[0],
                [*overrides(set), f"policy.order={order}", f"policy.backfill={backfill}"],
                None,
                until,
            )
            for order, backfill in map(split, policies)
        ]
        return _called(found, policies, names)
    if sites:
        found = [loaded(scenarios[0], set, site, until) for site in sites]
        return _called(found, [one.scenario.site.name for one in found], names)
    found = [loaded(one, set, None, until) for one in scenarios]
    return _called(found, [one.scenario.name for one in found], names)


def _called(found: list[LoadedScenario], names: Sequence[str], given: Sequence[str]) -> list[LoadedScenario]:
    """Call each case by its name, or all as they were given if two files have one name."""
    if len({*names}) < len(names):
        names = given
    return [
        replace(one, record=one.scenario.model_copy(update={"name": name}))
        for one, name in zip(found, names, strict=True)
    ]
