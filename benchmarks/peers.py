"""Beside others, on the same jobs in the same run: plain Python, SimPy by hand, and AccaSim."""

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt

from benchmarks import accasim_peer
from benchmarks.effort import Effort
from benchmarks.engine import COUNTED, kernel_s, starts
from benchmarks.measure import cpu_s, interleaved
from benchmarks.plain_python import PlainPython
from benchmarks.plain_simpy import PlainEasy
from benchmarks.row import Row, skipped
from benchmarks.workload import SLOTS, generate
from capacity.scheduling.batch import batch_system
from capacity.scheduling.jobs import Jobs
from capacity.scheduling.rules import Rules
from workloads.readers.swf.reader import read_swf

JOBS = 20_000
LOAD = 0.9
FEW = 2_000
"""Jobs on which AccaSim's first in, first out is compared start by start: its input was understood."""
LEAST = 100.0
FCFS = Rules(backfill="none")


def assert_equal(name: str, start: list[int] | npt.NDArray[np.int64], kernel: npt.NDArray[np.int64]) -> None:
    """Compare a peer's schedule with the kernel's.

    Raises
    ------
    AssertionError
        A job starts at different times.
    """
    if not np.array_equal(start, kernel):
        message = f"{name} and kernel differ"
        raise AssertionError(message)


def _row(name: str, seconds: float, ratio: float | None, to: str = "kernel") -> Row:
    least = None if ratio is None else LEAST
    return Row(name, JOBS / seconds, "jobs/CPU s", ratio, to if ratio else "", least=least, on_ratio=True)


def _plain(jobs: Jobs, effort: Effort) -> Iterator[Row]:
    """Time the two that have the same schedule, simulation alone."""
    made: dict[str, PlainPython | PlainEasy] = {}

    def python_s() -> float:
        made["python"] = alone = PlainPython(jobs, SLOTS)
        return cpu_s(alone.run)

    def simpy_s() -> float:
        made["simpy"] = joined = PlainEasy(jobs, SLOTS)
        return cpu_s(joined.env.run)

    kernel = starts(jobs)
    ways: dict[str, Callable[[], float]] = {
        "python": python_s, "simpy": simpy_s, "kernel": lambda: kernel_s(jobs),
    }  # fmt: skip
    took = interleaved(ways, effort.repeats)
    for way, name in (("python", "plain Python EASY"), ("simpy", "plain SimPy EASY")):
        assert_equal(name, made[way].start, kernel)
        yield _row(name, took.of(way), took.ratio(way, "kernel"))
    yield _row("EASY kernel", took.of("kernel"), None)


def _from_file_s(log: Path) -> float:
    """CPU time of this tool from the same file to what became of each job [s]."""

    def whole() -> None:
        table = read_swf(log)
        submit, ran, asked, slots = map(table.numbers, ("submit_s", "run_s", "requested_s", "slots"))
        system = batch_system([COUNTED], Rules(), Jobs(submit, ran, asked, slots))
        system.run()
        system.outcome()

    return cpu_s(whole)


def _accasim(jobs: Jobs, effort: Effort, folder: Path) -> Iterator[Row]:
    """Install AccaSim, see that its first in, first out is ours, and time its own dialect of EASY."""
    python = accasim_peer.install(folder / "environment")
    log, few, machine = folder / "log.swf", folder / "few.swf", folder / "machine.json"
    accasim_peer.write_machine(SLOTS, machine)
    accasim_peer.write_log(jobs, log)
    first = Jobs(jobs.submit_s[:FEW], jobs.run_s[:FEW], jobs.requested_s[:FEW], jobs.slots[:FEW])
    accasim_peer.write_log(first, few)
    answer = accasim_peer.simulate(python, "fcfs", FEW, few, machine)
    assert_equal("AccaSim's first in, first out", answer.start_s, starts(first, rules=FCFS))
    ways = {
        "accasim": lambda: accasim_peer.simulate(python, "easy", JOBS, log, machine).cpu_s,
        "kernel": lambda: kernel_s(jobs),
        "tool": lambda: _from_file_s(log),
    }
    took = interleaved(ways, effort.repeats)
    yield _row("AccaSim 1.1.3 EASY", took.of("accasim"), took.ratio("accasim", "kernel"))
    yield _row("AccaSim 1.1.3 EASY", took.of("accasim"), took.ratio("accasim", "tool"), "this tool from SWF")
    yield _row("this tool, SWF to outcome", took.of("tool"), None)


def rows(effort: Effort) -> Iterator[Row]:
    """Time all on the same jobs; AccaSim is skipped with the reason where it cannot be had."""
    jobs = generate(JOBS, LOAD)
    yield from _plain(jobs, effort)
    with tempfile.TemporaryDirectory(prefix="capacity-bench-") as folder:
        try:
            yield from _accasim(jobs, effort, Path(folder))
        except RuntimeError as problem:
            yield skipped("AccaSim 1.1.3 EASY", str(problem))
