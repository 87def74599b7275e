"""What a sweep will take: one of its runs is measured, in a process of its own."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from math import ceil
from typing import Any

from capacity.scheduling.compiled import load_core
from capacity.simulation.policy import core_of
from capacity.study.store import ResultStore
from capacity.study.sweep.asked import Keeps
from capacity.study.sweep.cases import Cases, Checked
from capacity.study.sweep.run import kept_of, tasks_of_case
from capacity.study.task import OneRun, Task, perform
from capacity.study.workers import worker_processes


@dataclass(frozen=True, slots=True)
class SweepForecast:
    """What a sweep will take.

    Attributes
    ----------
    cases, runs, stored : int
        Cases and runs, and those of them that are in the store of finished runs.
    values : int
        Kept of each run.
    run_s : float
        What one run took. [s]
    peak_bytes : int or None
        The most memory that its process held; None where the system does not tell. [B]
    width : int
        Runs at a time.
    """

    cases: int
    runs: int
    stored: int
    values: int
    run_s: float
    peak_bytes: int | None
    width: int

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {**asdict(self), "left_s": self.left_s, "memory_bytes": self.memory_bytes}

    @property
    def left_s(self) -> float:
        """How long what is not in the store will take, if every run is as long as that one. [s]."""
        return ceil((self.runs - self.stored) / self.width) * self.run_s

    @property
    def memory_bytes(self) -> int | None:
        """What all processes will hold at once; None if it is not known. [B]."""
        return None if self.peak_bytes is None else self.peak_bytes * min(self.width, self.runs)


def forecast(
    cases: Cases, checked: Sequence[Checked], keep: Keeps, *, width: int, store: ResultStore | None
) -> SweepForecast:
    """Carry one run out and return what all will take; the run is kept in the store.

    It is one of the case in the middle: the first case may be the smallest, and the last the largest.
    """
    stored = 0
    if store is not None:
        stored = sum(store.has(task) for one in checked for task in tasks_of_case(cases, one.number))
    runs = len(checked) * cases.experiment.replications
    task = tasks_of_case(cases, checked[len(checked) // 2].number)[0]
    load_core(core_of(task.scenario))  # compiled once for all
    with worker_processes(1) as workers:
        run, peak_bytes = workers.submit(_measured, task).result()
    if store is not None:
        store.put(task, run)
    return SweepForecast(
        len(checked), runs, stored, len(kept_of(run, keep)), run.timings["total_s"], peak_bytes, width
    )


def _measured(task: Task) -> tuple[OneRun, int | None]:
    """Carry a run out and tell the most memory that this process has held. [B]."""
    load_core(core_of(task.scenario))  # once a process, so no part of a run
    run = perform(task)
    try:
        import resource  # noqa: PLC0415 - not on every system
        import sys  # noqa: PLC0415

        unit = 1 if sys.platform == "darwin" else 1024
        return run, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
    except ImportError:
        return run, None
