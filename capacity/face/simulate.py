"""``capacity.simulate``: one scenario run, as a result that a notebook can work with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from time import perf_counter
from typing import Any, Final, TypedDict, TypeVar, Unpack

import pandas as pd

from capacity.errors import InputError, UsageError
from capacity.face.document import document
from capacity.face.executing import executor_of
from capacity.face.frames import findings_frame, html, of_the_whole_time, read_frame
from capacity.face.load import DEFAULT, Question, Set, loaded
from capacity.face.result import Simulated
from capacity.inputs.reading.loader import LoadedScenario
from capacity.simulation.calendar import calendar_of
from capacity.simulation.storage.ahead import LookAhead
from capacity.statistics.sequential import DEFAULT_SHARE, bounds, fewest
from capacity.study.compare.scenarios import Imprecise, imprecise, run_scenarios
from capacity.study.files.run_directory import maybe_staged, staged
from capacity.study.requirements import (
    Judgement,
    always_met,
    check_places,
    judge,
    read_requirement,
    waits_asked,
)
from capacity.study.run import Result, leave_tables, run, tasks_of, to_json, write_run
from capacity.study.task import Progress, perform
from capacity.study.uncertainty.draws import draw_worlds, places_of, world_of
from capacity.study.uncertainty.futures import run_worlds

MOST_REPLICATIONS: Final = 100
"""With a precision, if no other number is given."""
CONFIDENCE: Final = 0.95
"""Of what is required."""
R = TypeVar("R", bound="Run")


class RunOptions(TypedDict, total=False):
    """How a verb runs a scenario; each is explained at `simulate`."""

    seed: int | None
    replications: int | None
    precision: float | None
    jobs: int
    cluster: str | None
    fresh: bool
    worlds: int | None
    world: int | None
    require: Sequence[str]
    in_futures: float
    output: str | Path | None
    force: bool
    progress: Progress | None


@dataclass(frozen=True)
class Run(Simulated):
    """A scenario that was run.

    Attributes
    ----------
    result : Result
        The findings and what every replication measured.
    require, in_futures : tuple of str, float
        What must hold, and in which part of the futures. [1]
    precision : float or None
        What was asked of the headline figures: half of their 95 % intervals over their means.
    warnings : tuple of str
        What is allowed in the scenario, or required of it, but should not pass unread.
    folder : Path or None
        The run directory, if one was left.
    """

    result: Result
    require: tuple[str, ...] = ()
    precision: float | None = None
    warnings: tuple[str, ...] = ()
    folder: Path | None = None
    in_futures: float = DEFAULT_SHARE

    @property
    def loaded(self) -> LoadedScenario:
        """The scenario."""
        return self.result.loaded

    @cached_property
    def judgements(self) -> tuple[Judgement, ...]:
        """What the replications say of each requirement.

        Raises
        ------
        InputError
            One speaks of nothing that was measured.
        """
        runs = [run.values for run in self.result.futures_of_their_own]
        never_s = calendar_of(self.loaded.scenario).horizon_s
        if len(runs) == 1:  # one draw of luck: it meets them or it does not
            return tuple(judge(read_requirement(text), runs, never_s=never_s) for text in self.require)
        sure = {"share": self.in_futures, "confidence": CONFIDENCE}
        (look,) = bounds([len(runs)], **sure)
        read = map(read_requirement, self.require)
        return tuple(judge(one, runs, look, never_s=never_s, **sure) for one in read)

    @property
    def enough(self) -> int:
        """Replications that can show what is required, if all of them meet it."""
        return fewest(self.in_futures, CONFIDENCE)

    @property
    def imprecise(self) -> list[Imprecise]:
        """The headline figures that are not known as well as was asked for."""
        return [] if self.precision is None else imprecise(self.loaded, self.result.runs, self.precision)

    def to_json(self) -> dict[str, Any]:
        """Return the document that ``--json`` prints."""
        return document(to_json(self.result))

    def _leave(self, target: Path, *, force: bool) -> None:
        with staged(target, force=force) as stage:
            first, *others = self.result.runs
            whole = replace(self.result, runs=(replace(first, tables=self._tables), *others))
            write_run(stage, leave_tables(whole, stage))

    @cached_property
    def _tables(self) -> Mapping[str, bytes]:
        """The tables of the first replication, which is simulated again where nobody kept them."""
        (first,) = tasks_of(self.loaded, seed=self.result.seed, numbers=[0], keep=True)
        return perform(first).tables

    def _frame(self, name: str) -> pd.DataFrame:
        if name == "findings":
            return findings_frame(self.result.findings)
        file = None if self.folder is None else self.folder / f"{name}.parquet"
        source = file if file is not None and file.is_file() else self._tables[f"{name}.parquet"]
        return read_frame(source, calendar_of(self.loaded.scenario).start_time)

    def _repr_html_(self) -> str:
        runs, seed = len(self.result.runs), self.result.seed
        rests_on = f"{runs} replication{'s' * (runs > 1)}, seed {seed}, scenario {self.loaded.sha256[:12]}"
        title = f"{self.loaded.scenario.title}: the whole horizon"
        return html(title, of_the_whole_time(self.result.findings), [rests_on, *self.warnings])


def simulate(
    scenario: Question = DEFAULT, *, set: Set = (), site: str | Path | None = None,
    until: date | str | None = None, seed: int | None = None, replications: int | None = None,
    precision: float | None = None, worlds: int | None = None, world: int | None = None, jobs: int = 1,
    cluster: str | None = None, fresh: bool = False, require: Sequence[str] = (),
    in_futures: float = DEFAULT_SHARE, output: str | Path | None = None, force: bool = False,
    progress: Progress | None = None,
) -> Run:  # fmt: skip
    """Simulate a scenario.

    Parameters
    ----------
    scenario : LoadedScenario, str or Path
        What `load` returned, or a name or path.
    set, site, until
        As for `load`, of a scenario that is not loaded yet.
    seed, replications : int, optional
        Instead of the scenario's own; two or more replications give intervals.
    precision : float, optional
        Replicate until half of the 95 % interval of use, p95 waits and storage is at most this part of the
        mean (0.05), or `replications` (100) are done.
    worlds : int, optional
        Draw so many worlds, one choice of every uncertain assumption each, and run each with luck of its own;
        `seed` is that of the draws, too. ``findings`` then have the middle of the futures, eight of ten of
        them, and what of that is luck and what assumption.
    world : int, optional
        Run this world alone, 0 for the first, with the luck that it has among `worlds`.
    jobs : int
        Processes that share the replications; a script that asks for more than one needs
        ``if __name__ == "__main__":``.
    cluster : str, optional
        Address of the scheduler of a Dask cluster that shares them instead, as ``"tcp://host:8786"``.
    fresh : bool
        Run everything anew, also what is in the store of finished runs.
    require : sequence of str
        What must hold, as ``"p95_wait_s[pool=gpu] <= 4 h"``: see `Run.judgements`.
    in_futures : float
        In which part of the futures it must hold, with 95 % confidence, if there are replications. [1]
    output : str or Path, optional
        Leave a run directory there; `force` overwrites one.
    progress : callable, optional
        Told how many runs are done, parts counted, the simulated time [s] and the jobs that have ended.

    Returns
    -------
    Run
        Its ``findings``, ``jobs``, ``series`` and ``events`` are pandas frames.

    Raises
    ------
    InputError
        The scenario or a requirement is wrong, or the directory cannot be written.
    UsageError
        The options do not go together.
    """
    asked = loaded(scenario, set, site, until)
    return run_loaded(
        Run, asked, seed=seed, replications=replications, precision=precision, worlds=worlds, world=world,
        jobs=jobs, cluster=cluster, fresh=fresh, require=require, in_futures=in_futures, output=output,
        force=force, progress=progress,
    )  # fmt: skip


def check_required(require: Sequence[str], asked: LoadedScenario) -> list[str]:
    """Refuse requirements that cannot hold for a scenario, before it runs; return what else to say of them.

    Raises
    ------
    InputError
        One is malformed, or speaks of what the scenario does not have.
    """
    read = [read_requirement(text) for text in require]
    for one in read:
        check_places(one, asked.scenario)
    return always_met(read, asked.scenario)


def runs_in(worlds: int) -> int:
    """Return how many runs so many worlds take: some are run twice, to know luck from assumptions."""
    return len(places_of(worlds))


def one_world(asked: LoadedScenario, world: int, worlds: int | None, seed: int | None) -> LoadedScenario:
    """Return a scenario in one of its worlds.

    Raises
    ------
    InputError
        There are fewer worlds, nothing is uncertain, or the scenario is wrong in this one.
    """
    if worlds is not None and world >= worlds:
        raise InputError(f"there is no world {world}", where="--world", fix=f"of {worlds}, 0 to {worlds - 1}")
    drawn = draw_worlds(asked.assumptions, world + 1, asked.scenario.seed if seed is None else seed)
    return world_of(asked, drawn, world)


def run_loaded(
    kind: type[R], asked: LoadedScenario, *, ahead: LookAhead | None = None, **options: Unpack[RunOptions]
) -> R:
    """Run a scenario and, if a directory is named, leave the run there; with `ahead` as `storage` does."""
    precision, replications = options.get("precision"), options.get("replications")
    if precision is not None and (replications is not None and replications < 2):
        raise UsageError("--precision needs intervals: -r is the most replications, 2 or more")
    worlds, world = options.get("worlds"), options.get("world")
    if worlds is not None and (precision is not None or replications is not None):
        raise UsageError("--worlds gives each world luck of its own: leave out -r and --precision")
    require, output = tuple(options.get("require", ())), options.get("output")
    first = 0
    if world is not None:
        asked, first, worlds = one_world(asked, world, worlds, options.get("seed")), 2 * world, None
    remarks = check_required(require, asked)
    folder = None if output is None else Path(output)
    with maybe_staged(folder, force=options.get("force", False)) as stage:
        fresh, cluster = options.get("fresh", False), options.get("cluster")
        with executor_of(options.get("jobs", 1), fresh=fresh, cluster=cluster) as executor:
            common: dict[str, Any] = {"ahead": ahead, "progress": options.get("progress")}
            common["waits_by"] = waits_asked(map(read_requirement, require))
            seed, begun = options.get("seed"), perf_counter()
            if worlds is not None:
                (result,) = run_worlds(
                    [asked], executor, worlds=worlds, seed=seed, keep=stage is not None, **common
                )
                result = leave_tables(result, stage)
            elif precision is None:
                result = run(
                    asked, seed=seed, replications=replications, executor=executor, stage=stage, first=first,
                    **common,
                )  # fmt: skip
            else:  # until every headline figure is known that well, or as often as is allowed
                (found,) = run_scenarios(
                    [asked], executor, seed=asked.scenario.seed if seed is None else seed,
                    replications=MOST_REPLICATIONS if replications is None else replications,
                    precision=precision, keep=stage is not None, **common,
                )  # fmt: skip
                result = leave_tables(replace(found, total_s=perf_counter() - begun), stage)
        if stage is not None:
            write_run(stage, result)
    share = options.get("in_futures", DEFAULT_SHARE)
    return kind(result, require, precision, (*asked.warnings, *remarks), folder, share)
