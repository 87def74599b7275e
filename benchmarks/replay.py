"""Time in the engine: a real log with its published schedule, and a million synthetic jobs."""

import gzip
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from benchmarks.effort import Effort
from benchmarks.engine import engine_s, starts
from benchmarks.floor import floor_s
from benchmarks.measure import interleaved
from benchmarks.row import Row, skipped
from benchmarks.workload import generate
from capacity.scheduling.jobs import Jobs
from capacity.scheduling.pools.pool import PoolSpec
from capacity.scheduling.rules import Rules

LOG = Path(__file__).parents[2] / "shared" / "data" / "oracle" / "SDSC-SP2.easy.swf.gz"
SLOTS = 128
PYSS = Rules(ties="pyss")


def _replay(effort: Effort) -> Iterator[Row]:
    name = "SDSC-SP2 replay, EASY, in the engine"
    if not LOG.exists():
        yield skipped(name, f"{LOG} is not there")
        return
    with gzip.open(LOG, "rt") as lines:
        columns = np.loadtxt(lines, np.int64, comments=";", usecols=(0, 1, 2, 3, 4, 8))
    number, submit, wait, run, slots, requested = columns[np.lexsort((columns[:, 0], columns[:, 1]))].T
    jobs = Jobs(submit, run, requested, slots)
    machine = PoolSpec("sp2", SLOTS)
    if not np.array_equal(starts(jobs, spec=machine, rules=PYSS), submit + wait):
        message = "the replay differs from the published schedule"
        raise AssertionError(message)
    took = interleaved(
        {"log": lambda: engine_s(jobs, spec=machine, rules=PYSS), "h": floor_s}, effort.repeats
    )
    yield Row(name, took.of("log"), "s CPU", took.ratio("log", "h") / len(number), "h per job", most=0.1)


def rows(effort: Effort) -> Iterator[Row]:
    """Time the log, then the million."""
    yield from _replay(effort)
    jobs = generate(effort.million, 0.9)
    took = interleaved({"engine": lambda: engine_s(jobs), "h": floor_s}, effort.repeats)
    name = f"{effort.million:,} jobs, EASY, load 0.9, in the engine"
    yield Row(
        name,
        took.of("engine"),
        "s CPU",
        took.ratio("engine", "h") / effort.million,
        "h per job",
        most=effort.million / 1e6,
    )
