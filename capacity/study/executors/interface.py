"""What carries tasks out. Whatever stands behind it, a study hands in tasks and gets runs as they end.

Nothing that uses an executor may assume that a task sees this machine's files, memory or environment.
"""

from collections.abc import Iterator, Sequence
from typing import Protocol

from capacity.errors import CapacityError
from capacity.study.task import OneRun, Progress, Task


class Executor(Protocol):
    """Carries tasks out, in any order, perhaps several at once."""

    @property
    def width(self) -> int:
        """How many tasks run at once; fewer than that leave something idle."""

    def completed(
        self, tasks: Sequence[Task], progress: Progress | None = None
    ) -> Iterator[tuple[int, OneRun]]:
        """Give each task's place in `tasks` and its run, as they end.

        `progress` is told how many tasks are done (parts of one count), the simulated time [s] and the jobs
        that have ended in all of them. What had ended when an error comes has been given.
        """


class RunsLost(CapacityError):  # noqa: N818 - what has become of runs
    """Runs that ended their workers again and again; every other run was given.

    `lost` has the place of each in the tasks, and what became of it.
    """

    def __init__(self, lost: dict[int, str]) -> None:
        self.lost = lost
        super().__init__("\n".join(lost.values()))

    def __reduce__(self) -> tuple[type["RunsLost"], tuple[dict[int, str]]]:
        """Survive a trip between processes."""
        return type(self), (self.lost,)


def run_all(executor: Executor, tasks: Sequence[Task], progress: Progress | None = None) -> list[OneRun]:
    """Carry all tasks out and return their runs in the order of the tasks."""
    runs = dict(executor.completed(tasks, progress))
    return [runs[place] for place in range(len(tasks))]
