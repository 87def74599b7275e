"""Running a scenario: one replication, or many in local processes, and the directory they leave."""

import json
import platform
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from time import perf_counter
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

import capacity
from capacity.inputs.reading.loader import LoadedScenario
from capacity.measure.findings import Finding, Labels, Lookup, combine
from capacity.measure.metrics import units_in
from capacity.measure.use import LoadState, pool_load
from capacity.registry import plug_ins
from capacity.simulation.calendar import calendar_of
from capacity.simulation.storage.ahead import LookAhead
from capacity.statistics.bounds import AtLeast
from capacity.study.executors.interface import Executor, run_all
from capacity.study.executors.local import local_executor
from capacity.study.files.run_directory import MANIFEST, write_json
from capacity.study.task import OneRun, Progress, Task
from capacity.study.uncertainty.draws import Futures

__all__ = ["OneRun", "Progress", "Result", "result_of", "run", "tasks_of", "to_json", "write_run"]
REPLICATIONS: Final = "replications.parquet"


@dataclass(frozen=True)
class Result:
    """A scenario's findings and what they rest on."""

    loaded: LoadedScenario
    seed: int
    findings: tuple[Finding, ...]
    runs: tuple[OneRun, ...]
    total_s: float
    futures: Futures | None = None
    """The worlds of the runs, where assumptions were drawn, too."""

    @property
    def futures_of_their_own(self) -> tuple[OneRun, ...]:
        """The runs that are independent of each other: of worlds that were run twice, the first."""
        return self.runs if self.futures is None else self.runs[: self.futures.draws.count]

    @cached_property
    def look(self) -> Lookup:
        """Its findings by metric and labels."""
        return Lookup(self.findings)


def tasks_of(
    loaded: LoadedScenario, *, seed: int, numbers: Sequence[int], ahead: LookAhead | None = None,
    keep: bool = False, waits_by: tuple[str, ...] = (), first: int = 0,
) -> list[Task]:  # fmt: skip
    """Return the tasks of replications by their numbers; with `keep`, `first` returns its tables."""
    return [
        Task(loaded.scenario, loaded.sha256, seed, number, ahead, keep and number == first, waits_by)
        for number in numbers
    ]


def result_of(loaded: LoadedScenario, runs: Sequence[OneRun], *, seed: int, total_s: float = 0.0) -> Result:
    """Combine replications into findings."""
    units = units_in(loaded.scenario.site.reporting_currency)
    findings = combine([one.values for one in runs], units)
    return Result(loaded, seed, tuple(findings), tuple(runs), total_s)


def run(
    loaded: LoadedScenario, *, seed: int | None = None, replications: int | None = None, processes: int = 1,
    executor: Executor | None = None, stage: Path | None = None, progress: Progress | None = None,
    ahead: LookAhead | None = None, waits_by: tuple[str, ...] = (), first: int = 0,
) -> Result:  # fmt: skip
    """Run a scenario and combine its replications into findings.

    Parameters
    ----------
    loaded : LoadedScenario
        The question.
    seed, replications : int, optional
        Instead of the scenario's own.
    processes, executor : int, Executor, optional
        Local processes to share the replications, or what carries them out instead. Each replication gets
        its own streams, so the number of processes does not change a result.
    stage : Path, optional
        Where the first replication leaves its tables.
    progress : callable, optional
        Told how many runs are done, and parts of one, the simulated time [s] and the jobs ended.
    ahead : LookAhead, optional
        How far to follow storage beyond the horizon; then it is found out, too, what each of its rules saves.
    waits_by : tuple of str
        Sets of labels by which waits are measured beside those of the table of metrics.
    first : int
        Number of the first replication.

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
    options: dict[str, Any] = {
        "ahead": ahead,
        "keep": stage is not None,
        "waits_by": waits_by,
        "first": first,
    }
    tasks = tasks_of(loaded, seed=seed, numbers=range(first, first + count), **options)
    with nullcontext(executor) if executor else local_executor(min(processes, count)) as carries_out:
        runs = run_all(carries_out, tasks, progress)
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
    calendar = calendar_of(scenario)
    return {
        "schema_version": 1, "scenario": scenario.name, "hash": result.loaded.sha256, "seed": result.seed,
        "replications": len(result.runs), "worlds": result.futures.draws.count if result.futures else None,
        "start": calendar.start_time.isoformat(),
        "end": calendar.end_time.isoformat(), "written": datetime.now(UTC).isoformat(timespec="seconds"),
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
        "load_state": load_states(result),
        "findings": [finding.to_json() for finding in result.findings],
    }


def load_states(result: Result) -> dict[str, LoadState]:
    """Return how the run left each pool: settled, backlogged or overloaded."""
    look = result.look
    months = sorted({month for one in look.of("backlog_s") if (month := dict(one.labels)["month"]) != "all"})
    return {pool: pool_load(look, pool, months).state for pool in result.loaded.scenario.site.pools}


def write_run(stage: Path, result: Result) -> None:
    """Write manifest, findings and what every replication measured beside the tables."""
    write_replications([result], stage)
    write_json(stage / "findings.json", {"schema_version": 1, **to_json(result)})
    write_json(stage / MANIFEST, json_safe(manifest(result)))


def write_replications(results: Sequence[Result], folder: Path) -> None:
    """Write every value of every replication: ``case replication metric labels value censored``.

    Labels are JSON, in the order in which findings have them; what was not measured is NaN, and a
    value of which only the least it can be is known is ``censored``. With this file a
    report, or anybody's own script, can work from the replications themselves: draw an interval anew, pair
    two sites, count in how many of them a tier filled.
    """
    rows: list[tuple[int, int, str, Labels, float]] = [
        (case, number, metric, where, value) for case, result in enumerate(results)
        for number, one in enumerate(result.runs) for (metric, where), value in one.values.items()
    ]  # fmt: skip
    words = {where: json.dumps(dict(where), ensure_ascii=False) for where in {row[3] for row in rows}}
    names = pa.array([result.loaded.scenario.name for result in results], pa.string())
    table = pa.table(
        {
            "case": pa.DictionaryArray.from_arrays(pa.array([row[0] for row in rows], pa.int32()), names),
            "replication": pa.array([row[1] for row in rows], pa.int32()),
            "metric": pa.array([row[2] for row in rows], pa.string()).dictionary_encode(),
            "labels": pa.array([words[row[3]] for row in rows], pa.string()).dictionary_encode(),
            "value": pa.array([row[4] for row in rows], pa.float64()),
            "censored": pa.array([isinstance(row[4], AtLeast) for row in rows], pa.bool_()),
        }
    )
    pq.write_table(table, folder / REPLICATIONS, compression="zstd")


def json_safe(value: Any) -> Any:  # noqa: ANN401 - any plain data of a specification
    """Return plain data with dates as text and mappings as dicts."""
    if isinstance(value, dict):
        return {str(key): json_safe(item) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [json_safe(item) for item in value]
    return value.isoformat() if hasattr(value, "isoformat") else value
