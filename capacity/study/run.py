"""Running a scenario: one replication, or many in local processes, and the directory they leave."""

import platform
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from time import perf_counter
from typing import Any

import capacity
from capacity.scheduling.compiled import load_core
from capacity.simulation.record import Event
from capacity.simulation.world import World
from capacity.spec.loader import LoadedScenario
from capacity.spec.scenario import Scenario
from capacity.study import tables
from capacity.study.batch_rules import core_of
from capacity.study.build import build
from capacity.study.findings import Finding, Values, combine
from capacity.study.full_tiers import with_failed_for_room
from capacity.study.metrics import UNITS, measure
from capacity.study.rundir import MANIFEST, staged, write_json
from capacity.study.workers import starting, worker_processes

Progress = Callable[[float, int, int], None]
"""Told the part done (0 to 1), the simulated time [s] and the jobs that have ended."""


@dataclass(frozen=True, slots=True)
class OneRun:
    """What one replication tells the study.

    Attributes
    ----------
    values : dict
        Everything measured.
    events : tuple of Event
        What happened to the plant.
    jobs : int
        Jobs submitted.
    factors : dict of str to float
        Run time on this hardware over that on the reference, by job class.
    timings : dict of str to float
        Seconds spent on drawing the demand, in the batch system, and in all. [s]
    """

    values: Values
    events: tuple[Event, ...]
    jobs: int
    factors: dict[str, float]
    timings: dict[str, float]


@dataclass(frozen=True, slots=True)
class Result:
    """A scenario's findings and what they rest on."""

    loaded: LoadedScenario
    seed: int
    findings: tuple[Finding, ...]
    runs: tuple[OneRun, ...]
    total_s: float


def run_once(
    scenario: Scenario,
    seed: int,
    replication: int,
    stage: Path | None = None,
    progress: Progress | None = None,
    *,
    what_if: bool = False,
) -> OneRun:
    """Simulate one replication; with a `stage`, write its jobs, series and events there.

    With `what_if`, also settle its storage again under other rules.
    """
    begun = perf_counter()
    built = build(scenario, seed=seed, replication=replication)
    drawn = perf_counter()
    horizon = scenario.horizon_s
    record = World(
        built.plant, (lambda now, ended: progress(now / horizon, now, ended)) if progress else None
    ).run()
    built = with_failed_for_room(built, record)
    values = measure(scenario, built, record, what_if=what_if)
    if stage is not None:
        tables.write(
            tables.jobs_table(built.table, built.plant.batch, record.outcome), stage / "jobs.parquet"
        )
        tables.write(tables.series_table(record), stage / "series.parquet")
        tables.write(tables.events_table(record), stage / "events.parquet")
    timings = {
        "demand_s": drawn - begun,
        "engine_s": record.engine_s,
        "world_s": record.total_s,
        "total_s": perf_counter() - begun,
    }
    return OneRun(values, record.events, len(built.table), built.hardware.mean_factors(), timings)


def run(
    loaded: LoadedScenario,
    *,
    seed: int | None = None,
    replications: int | None = None,
    processes: int = 1,
    stage: Path | None = None,
    progress: Progress | None = None,
    what_if: bool = False,
) -> Result:
    """Run a scenario and combine its replications into findings.

    Parameters
    ----------
    loaded : LoadedScenario
        The question.
    seed, replications : int, optional
        Instead of the scenario's own.
    processes : int
        Local processes to share the replications; each gets its own streams, so the number of processes
        does not change a result.
    stage : Path, optional
        Where the first replication leaves its tables.
    progress : callable, optional
        Told how far the run is.
    what_if : bool
        Whether to find out what each storage rule saves.
    """
    scenario = loaded.scenario
    load_core(core_of(scenario))
    begun = perf_counter()
    seed = scenario.seed if seed is None else seed
    count = scenario.replications if replications is None else replications
    if min(processes, count) <= 1:
        runs = [
            run_once(scenario, seed, n, None if n else stage, _part(progress, n, count), what_if=what_if)
            for n in range(count)
        ]
    else:
        runs = _in_processes(scenario, seed, count, processes, stage, progress, what_if=what_if)
    findings = combine([one.values for one in runs], UNITS)
    return Result(loaded, seed, tuple(findings), tuple(runs), perf_counter() - begun)


def _part(progress: Progress | None, number: int, count: int) -> Progress | None:
    """Progress of one replication as part of all."""
    if progress is None:
        return None
    return lambda part, now, ended: progress((number + part) / count, now, ended)


def _in_processes(
    scenario: Scenario,
    seed: int,
    count: int,
    processes: int,
    stage: Path | None,
    progress: Progress | None,
    *,
    what_if: bool,
) -> list[OneRun]:
    """Share the replications among spawned processes; results come back in order of replication."""
    with worker_processes(min(processes, count)) as workers:
        with starting():
            futures: list[Future[OneRun]] = [
                workers.submit(run_once, scenario, seed, n, None if n else stage, what_if=what_if)
                for n in range(count)
            ]
        ended = 0
        for done, future in enumerate(as_completed(futures), 1):
            ended += future.result().jobs
            if progress:
                progress(done / count, scenario.horizon_s, ended)
        return [future.result() for future in futures]


def versions() -> dict[str, str]:
    """Versions of this tool and of what its numbers depend on."""
    packages = ("numpy", "pandas", "simpy", "pint", "numba", "pyarrow")
    return {
        "hpc-capacity": capacity.__version__,
        "python": platform.python_version(),
        **{package: version(package) for package in packages},
    }


def manifest(result: Result) -> dict[str, Any]:
    """Everything needed to know what was run, and to run it again."""
    scenario = result.loaded.scenario
    return {
        "schema_version": 1,
        "scenario": scenario.name,
        "hash": result.loaded.sha256,
        "seed": result.seed,
        "replications": len(result.runs),
        "start": scenario.start_time.isoformat(),
        "end": scenario.end_time.isoformat(),
        "written": datetime.now(UTC).isoformat(timespec="seconds"),
        "versions": versions(),
        "warnings": list(result.loaded.warnings),
        "notes": ["jobs, series and events are those of the first replication"],
        "run_time_factors": result.runs[0].factors,
        "timings": [one.timings for one in result.runs],
        "resolved": result.loaded.data,
    }


def to_json(result: Result) -> dict[str, Any]:
    """Return the findings as ``simulate --json`` prints them, without the schema version."""
    return {
        "scenario": result.loaded.scenario.name,
        "hash": result.loaded.sha256,
        "replications": len(result.runs),
        "findings": [finding.to_json() for finding in result.findings],
    }


@contextmanager
def run_directory(target: Path | None, *, force: bool) -> Iterator["Stage"]:
    """Open a run directory that appears whole when the block ends well; nothing without a target."""
    if target is None:
        yield Stage(None)
        return
    with staged(target, force=force) as path:
        yield Stage(path)


@dataclass(frozen=True, slots=True)
class Stage:
    """Where the files of a run are being written, if anywhere."""

    path: Path | None

    def finish(self, result: Result) -> None:
        """Write manifest and findings beside the tables."""
        if self.path is not None:
            write_json(self.path / "findings.json", {"schema_version": 1, **to_json(result)})
            write_json(self.path / MANIFEST, json_safe(manifest(result)))


def json_safe(value: Any) -> Any:  # noqa: ANN401 - any plain data of a specification
    """Return plain data with dates as text and mappings as dicts."""
    if isinstance(value, dict):
        return {str(key): json_safe(item) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [json_safe(item) for item in value]
    return value.isoformat() if hasattr(value, "isoformat") else value
