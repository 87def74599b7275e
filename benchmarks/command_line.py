"""The tool as a person meets it: help, the first run ever, the default scenario."""

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.children import capacity, python, run, typical
from benchmarks.effort import Effort
from benchmarks.row import Row, skipped

SCENARIO = "gwangju-plan"
READY = """
import numpy as np
from capacity.scheduling.batch import batch_system
from capacity.scheduling.jobs import Jobs
from capacity.scheduling.pools.pool import PoolSpec
from capacity.scheduling.rules import Rules
one = np.ones(1, np.int64)
batch_system([PoolSpec("one", 1)], Rules(), Jobs(one, one, one, one)).run()
"""


def _start(effort: Effort) -> Iterator[Row]:
    """Time help and the way to the first simulated job."""
    bare, help_, ready = [], [], []
    run(python("-c", READY))
    for _ in range(effort.repeats):
        bare.append(run(python("-c", "pass")))
        help_.append(run(capacity("--help")))
        ready.append(run(python("-c", READY)))
    empty, empty_cpu = typical(bare)
    wall, cpu = typical(help_)
    yield Row("capacity --help", wall, "s wall", wall / empty, "python -c pass", most=0.15)
    yield Row("capacity --help", cpu, "s CPU", cpu / empty_cpu, "python -c pass")
    _, cpu = typical(ready)
    yield Row(
        "ready to simulate: imports, cached core", cpu, "s CPU", cpu / empty_cpu, "python -c pass", most=0.8
    )


def _scenario(effort: Effort) -> Iterator[Row]:
    """Time the default scenario, with the core to be compiled and with the core in the cache."""
    with tempfile.TemporaryDirectory(prefix="capacity-bench-") as name:
        folder = Path(name)
        env = {"CAPACITY_CACHE_DIR": str(folder / "cache")}

        def command(turn: int) -> list[str]:
            return capacity("simulate", SCENARIO, "--output", str(folder / f"run{turn}"))

        cold = run(command(0), env=env)
        warm = [run(command(turn), env=env) for turn in range(1, effort.repeats + 1)]
        measured = json.loads(run(python("-m", "benchmarks.scenario_run", SCENARIO, name)).said)
    wall, cpu = typical(warm)
    yield Row(f"first run ever of {SCENARIO}", cold.wall_s, "s wall", cold.wall_s / wall, "warm run", most=40)
    yield Row(f"first run ever of {SCENARIO}", cold.cpu_s, "s CPU", cold.cpu_s / cpu, "warm run")
    yield Row(f"{SCENARIO}, start to written results", wall, "s wall", wall / cpu, "its CPU time", most=10)
    yield Row(f"{SCENARIO}, start to written results", cpu, "s CPU")
    each = (measured["after"] - measured["before"]) / measured["jobs"]
    name = f"{SCENARIO}, peak memory per job beyond start-up"
    yield Row(name, each, "B/job", measured["after"] / 1e9, "GB in all", most=150)


def rows(effort: Effort) -> Iterator[Row]:
    """Time the installed command; figures by the clock where a person waits."""
    yield from _start(effort)
    try:
        yield from _scenario(effort)
    except RuntimeError as problem:
        yield skipped(f"{SCENARIO} from the command line", str(problem))
