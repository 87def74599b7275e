"""``capacity.sweep``: one scenario under many values, as long tables that any tool can read."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from capacity.errors import UsageError
from capacity.face.document import document
from capacity.face.executing import executor_of
from capacity.face.frames import html, read_frame
from capacity.inputs.reading.loader import load_part
from capacity.study.files.run_directory import check_target, staged
from capacity.study.store import ResultStore, code_version, default_place
from capacity.study.sweep.asked import Keeps, keeps
from capacity.study.sweep.cases import Cases, Checked
from capacity.study.sweep.files import (
    CASES,
    RUNS,
    Lost,
    Shard,
    manifest,
    read_manifest,
    shard_folder,
    write_manifest,
)
from capacity.study.sweep.forecast import SweepForecast, forecast
from capacity.study.sweep.run import write_runs
from capacity.study.sweep.shards import found_shards, is_done, lost_in, merge, read_shard
from capacity.study.sweep.spans import Span, spans
from capacity.study.task import Progress


@dataclass(frozen=True)
class Prepared:
    """An experiment of which every case that is to be run was found right.

    Attributes
    ----------
    cases, checked : Cases, tuple of Checked
        All cases, and those that are run here.
    keep : callable
        Which values are kept.
    shard : Shard or None
        The part of the cases that is run here; None for all.
    done : bool
        Whether the shard is there already, run by the same code: then nothing is checked, and nothing is run.
    """

    cases: Cases
    checked: tuple[Checked, ...]
    keep: Keeps
    shard: Shard | None = None
    done: bool = False

    @property
    def runs(self) -> int:
        """Number of runs."""
        return len(self.checked) * self.cases.experiment.replications

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is allowed in the experiment and its scenario but should not pass unread."""
        return (*self.cases.loaded.warnings, *self.cases.base.warnings)


@dataclass(frozen=True)
class Swept:
    """A sweep, or a shard of one, as it lies in its directory.

    Attributes
    ----------
    folder : Path
        With ``runs.parquet``, ``cases.parquet`` and ``manifest.json``.
    manifest : dict
        What was asked, and what it rests on.
    experiment : Cases
        The cases.
    """

    folder: Path
    manifest: dict[str, Any]
    experiment: Cases

    @cached_property
    def runs(self) -> pd.DataFrame:
        """One row for each value: case, replication, metric, labels (JSON), value [SI], censored."""
        return read_frame(self.folder / RUNS, None)

    @cached_property
    def cases(self) -> pd.DataFrame:
        """One row for each case: what is set, a column for each path [SI], and the scenario's hash."""
        return read_frame(self.folder / CASES, None)

    @cached_property
    def spans(self) -> tuple[Span, ...]:
        """Between which cases the figures lie."""
        return tuple(spans(self.folder / RUNS, self.experiment))

    @property
    def lost(self) -> tuple[Lost, ...]:
        """Runs that ended their workers again and again, and are missing."""
        return tuple(lost_in([self.manifest]))

    def to_json(self) -> dict[str, Any]:
        """Return the document that ``sweep --json`` prints."""
        told = ("experiment", "hash", "scenario", "seed", "cases", "replications", "runs", "shard", "lost")
        known = {name: self.manifest[name] for name in told}
        return document({**known, "folder": str(self.folder), "spans": [one.to_json() for one in self.spans]})

    def _repr_html_(self) -> str:
        rows = pd.DataFrame([one.to_json() for one in self.spans])
        return html(f"{self.manifest['experiment']}: {self.manifest['cases']} cases", rows)


def sweep(
    experiment: str | Path, *, output: str | Path, shard: str | None = None, merge: bool = False,
    jobs: int = 1, cluster: str | None = None, fresh: bool = False, force: bool = False,
    progress: Progress | None = None,
) -> Swept:  # fmt: skip
    """Run one scenario under many values.

    Parameters
    ----------
    experiment : str or Path
        A name of the catalogue (``capacity list experiments``), or the path of a YAML file.
    output : str or Path
        The directory to leave: whole or not at all.
    shard : str, optional
        Run a part only, ``"3/8"``: shards lie beside the directory until they are merged.
    merge : bool
        Put shards together instead of running anything.
    jobs, cluster, fresh, force
        As for `simulate`.
    progress : callable, optional
        Told how many runs are done, the simulated time [s] and the jobs that have ended.

    Returns
    -------
    Swept
        ``runs`` and ``cases`` are pandas frames.

    Raises
    ------
    InputError
        The experiment is wrong in any case, a shard is missing, or the directory cannot be written.
    UsageError
        The options do not go together.
    """
    if merge:
        if shard is not None:
            raise UsageError("--merge puts all shards together: it goes without --shard")
        return merge_shards(experiment, output, force=force)
    prepared = prepare(experiment, shard=shard, output=output, force=force)
    return run_prepared(
        prepared, output, jobs=jobs, cluster=cluster, fresh=fresh, force=force, progress=progress
    )


def prepare(
    experiment: str | Path, *, shard: str | None = None, output: str | Path | None = None,
    force: bool = False, told: Callable[[int, int], None] | None = None,
) -> Prepared:  # fmt: skip
    """Load an experiment and check every case that is to be run, and where results are to go.

    Parameters
    ----------
    experiment, shard, output, force
        As for `sweep`.
    told : callable, optional
        Told how many cases have been checked, of how many.

    Raises
    ------
    InputError
        Something is wrong; the error says where, and in which case.
    """
    part = None if shard is None else read_shard(shard)
    cases = Cases(load_part("experiment", experiment))
    origins = cases.loaded.origins
    where = origins.get(("metrics",), origins.get(("metrics", 0), "metrics"))
    keep = keeps(cases.experiment.metrics or (), cases.base.scenario, where)
    if output is not None:
        if part is not None and not force and is_done(Path(output), part, cases, code_version()):
            return Prepared(cases, (), keep, part, done=True)
        check_target(target_of(output, part), force=force)
    numbers = (part or Shard(0, 1)).numbers(len(cases))
    tell = None if told is None else (lambda done: told(done, len(numbers)))
    return Prepared(cases, tuple(cases.check(numbers, tell)), keep, part)


def target_of(output: str | Path, shard: Shard | None) -> Path:
    """Return the directory that is left: the one named, or that of a shard beside it."""
    return Path(output) if shard is None else shard_folder(Path(output)) / shard.name


def run_prepared(
    prepared: Prepared, output: str | Path, *, jobs: int = 1, cluster: str | None = None, fresh: bool = False,
    force: bool = False, progress: Progress | None = None,
) -> Swept:  # fmt: skip
    """Run what was prepared; see `sweep`."""
    cases, shard = prepared.cases, prepared.shard
    target = target_of(output, shard)
    if prepared.done:
        return _swept(target, cases)
    with staged(target, force=force) as stage:
        with executor_of(jobs, fresh=fresh, cluster=cluster) as executor:
            lost = write_runs(stage, cases, prepared.checked, prepared.keep, executor, progress)
        write_manifest(stage, manifest(cases, runs=prepared.runs, lost=lost, shard=shard))
    return _swept(target, cases)


def merge_shards(experiment: str | Path, output: str | Path, *, force: bool = False) -> Swept:
    """Put the shards of a sweep together; see `sweep`."""
    cases, target = Cases(load_part("experiment", experiment)), Path(output)
    found = found_shards(target, cases, f"capacity sweep {experiment} -o {output}")
    with staged(target, force=force) as stage:
        merge(stage, cases, [place for place, _ in found])
        whole = manifest(
            cases, runs=sum(document["runs"] for _, document in found), shard=None,
            lost=lost_in([document for _, document in found]),
        )  # fmt: skip
        write_manifest(stage, {**whole, **{name: found[0][1][name] for name in ("code", "versions")}})
    return _swept(target, cases)


def dry_run(prepared: Prepared, *, jobs: int = 1, cluster: str | None = None) -> SweepForecast:
    """Return what a sweep would take; one of its runs is measured, and kept in the store."""
    place, width = default_place(), jobs
    if cluster is not None:
        with executor_of(jobs, fresh=False, cluster=cluster) as executor:
            width = executor.width
    store = None if place is None else ResultStore(place)
    return forecast(prepared.cases, prepared.checked, prepared.keep, width=width, store=store)


def _swept(folder: Path, cases: Cases) -> Swept:
    return Swept(folder, read_manifest(folder) or {}, cases)
