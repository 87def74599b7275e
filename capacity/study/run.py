"""Running a scenario: one replication, or many in local processes, and the directory they leave."""

import platform
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from time import perf_counter
from typing import Any

import capacity
from capacity.inputs.reading.loader import LoadedScenario
from capacity.measure.findings import Finding, combine
from capacity.measure.metrics import units_in
from capacity.registry import plug_ins
from capacity.study.executors.interface import Executor, run_all
from capacity.study.executors.local import local_executor
from capacity.study.files.replications import write_replications
from capacity.study.files.run_directory import MANIFEST, staged, write_json
from capacity.study.task import OneRun, Progress, Task

__all__ = ["OneRun", "Progress", "Result", "result_of", "run", "run_directory", "tasks_of", "to_json"]


@dataclass(frozen=True, slots=True)
class Result:
    """A scenario's findings and what they rest on."""

    loaded: LoadedScenario
    seed: int
    findings: tuple[Finding, ...]
    runs: tuple[OneRun, ...]
    total_s: float


def tasks_of(
    loaded: LoadedScenario, *, seed: int, numbers: Sequence[int], what_if: bool = False, keep: bool = False
) -> list[Task]:
    """Return the tasks of replications by their numbers; with `keep`, number 0 returns its tables."""
    return [
        Task(loaded.scenario, loaded.sha256, seed, number, what_if, keep_tables=keep and number == 0)
        for number in numbers
    ]


def result_of(loaded: LoadedScenario, runs: Sequence[OneRun], *, seed: int, total_s: float = 0.0) -> Result:
    """Combine replications into findings."""
    units = units_in(loaded.scenario.site.reporting_currency)
    findings = combine([one.values for one in runs], units)
    return Result(loaded, seed, tuple(findings), tuple(runs), total_s)


def run(
    loaded: LoadedScenario,
    *,
    seed: int | None = None,
    replications: int | None = None,
    processes: int = 1,
    executor: Executor | None = None,
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
    executor : Executor, optional
        Carries the replications out, instead of local processes.
    stage : Path, optional
        Where the first replication leaves its tables.
    progress : callable, optional
        Told how many runs are done, and parts of one, the simulated time [s] and the jobs ended.
    what_if : bool
        Whether to find out what each storage rule saves.

    Raises
    ------
    InputError
        The demand has a target that no draw of it can meet.
    CapacityError
        A process was ended from outside.
    """
    scenario = loaded.scenario
    begun = perf_counter()
    seed = scenario.seed if seed is None else seed
    count = scenario.replications if replications is None else replications
    tasks = tasks_of(loaded, seed=seed, numbers=range(count), what_if=what_if, keep=stage is not None)
    if executor is None:
        with local_executor(min(processes, count)) as local:
            runs = run_all(local, tasks, progress)
    else:
        runs = run_all(executor, tasks, progress)
    return leave_tables(result_of(loaded, runs, seed=seed, total_s=perf_counter() - begun), stage)


def leave_tables(result: Result, stage: Path | None) -> Result:
    """Write the tables that the first replication returned into a directory, and let go of them."""
    if stage is None:
        return result
    first, *others = result.runs
    for name, data in first.tables.items():
        (stage / name).write_bytes(data)
    return replace(result, runs=(replace(first, tables={}), *others))


def versions() -> dict[str, str]:
    """Versions of this tool and of what its numbers depend on, packages with plug-ins included."""
    packages = ("numpy", "pandas", "simpy", "pint", "numba", "pyarrow")
    return {
        "hpc-capacity": capacity.__version__,
        "python": platform.python_version(),
        **{package: version(package) for package in packages},
        **{point.dist.name: point.dist.version for point in sorted(plug_ins()) if point.dist},
    }


def manifest(result: Result) -> dict[str, Any]:
    """Everything needed to know what was run, and to run it again."""
    scenario = result.loaded.scenario
    return {
        "schema_version": 1, "scenario": scenario.name, "hash": result.loaded.sha256, "seed": result.seed,
        "replications": len(result.runs), "start": scenario.start_time.isoformat(),
        "end": scenario.end_time.isoformat(), "written": datetime.now(UTC).isoformat(timespec="seconds"),
        "versions": versions(), "warnings": list(result.loaded.warnings),
        "notes": ["jobs, series and events are those of the first replication"],
        "run_time_factors": result.runs[0].factors, "timings": [one.timings for one in result.runs],
        "resolved": result.loaded.data,
    }  # fmt: skip


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
            write_replications([(result.loaded.scenario.name, result.runs)], self.path)
            write_json(self.path / "findings.json", {"schema_version": 1, **to_json(result)})
            write_json(self.path / MANIFEST, json_safe(manifest(result)))


def json_safe(value: Any) -> Any:  # noqa: ANN401 - any plain data of a specification
    """Return plain data with dates as text and mappings as dicts."""
    if isinstance(value, dict):
        return {str(key): json_safe(item) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [json_safe(item) for item in value]
    return value.isoformat() if hasattr(value, "isoformat") else value
