"""Running the cases of an experiment, all or those of a shard."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from capacity.study.executors.interface import Executor, RunsLost
from capacity.study.sweep.asked import Keeps
from capacity.study.sweep.cases import Cases, Checked
from capacity.study.sweep.files import CASES, RUNS, Kept, Lost, RunsFile, write_cases
from capacity.study.task import OneRun, Progress, Task, after

AT_ONCE: Final = 16
"""Runs handed out for each that is carried out at a time: what is waited for at the end is a part of that."""
FEWEST: Final = 64
"""Runs handed out at once, at least."""


def tasks_of_case(cases: Cases, number: int) -> list[Task]:
    """Return the runs of a case."""
    loaded = cases.load(number)
    return [
        Task(loaded.scenario, loaded.sha256, cases.seed, replication)
        for replication in cases[number].replications
    ]


def write_runs(
    stage: Path, cases: Cases, checked: Sequence[Checked], keep: Keeps, executor: Executor,
    progress: Progress | None = None,
) -> list[Lost]:  # fmt: skip
    """Run cases and write what is kept of them, and their table; return the runs that were lost.

    Parameters
    ----------
    stage : Path
        Where the files go.
    cases, checked : Cases, sequence of Checked
        The experiment, and the cases to run.
    keep : callable
        Which values are kept.
    executor, progress : Executor, callable
        What carries runs out; told how many are done, the simulated time [s] and the jobs that have ended.
    """
    lost: list[Lost] = []
    write_cases(stage / CASES, cases, checked)
    with RunsFile(stage / RUNS) as file:
        done, jobs = 0, 0
        for numbers in _handed_out([one.number for one in checked], cases, executor):
            tasks = [(number, task) for number in numbers for task in tasks_of_case(cases, number)]
            found: dict[int, dict[int, Kept]] = {number: {} for number in numbers}
            seen = after(progress, done, jobs)
            try:
                for place, run in executor.completed([task for _, task in tasks], seen):
                    number, task = tasks[place]
                    found[number][task.replication] = kept_of(run, keep)
                    jobs += run.jobs
            except RunsLost as error:
                for place, what in sorted(error.lost.items()):
                    number, task = tasks[place]
                    lost.append(Lost(number, task.replication, what))
            done += len(tasks)
            for number in numbers:
                file.add(number, found[number])
    return lost


def kept_of(run: OneRun, keep: Keeps) -> Kept:
    """Return what is kept of a run."""
    return [(metric, where, value) for (metric, where), value in run.values.items() if keep(metric, where)]


def _handed_out(numbers: Sequence[int], cases: Cases, executor: Executor) -> Iterator[Sequence[int]]:
    """Yield cases whose runs are handed out together: their scenarios and results fit into memory."""
    each = max(1, max(FEWEST, AT_ONCE * executor.width) // cases.experiment.replications)
    for first in range(0, len(numbers), each):
        yield numbers[first : first + each]
