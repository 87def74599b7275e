"""Tasks on this machine: in this process if one at a time is enough, otherwise in spawned processes.

The start method is chosen here and for these processes only. They are started when there is first more than
one task, and stay until the executor is closed, because starting one costs more than many a task.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from contextlib import ExitStack, contextmanager

from capacity.scheduling.compiled import load_core
from capacity.simulation.calendar import calendar_of
from capacity.simulation.policy import core_of
from capacity.study.executors.interface import Executor
from capacity.study.task import OneRun, Progress, Task, after, perform
from capacity.study.workers import starting, worker_processes


@contextmanager
def local_executor(processes: int) -> Iterator[Executor]:
    """Give an executor of so many local processes; they are gone when the block ends.

    Raises
    ------
    CapacityError
        A process was ended from outside.
    """
    with ExitStack() as stack:
        yield LocalExecutor(processes, stack)


class LocalExecutor:
    """See `local_executor`."""

    def __init__(self, processes: int, stack: ExitStack) -> None:
        self._processes = processes
        self._stack = stack
        self._workers: ProcessPoolExecutor | None = None

    @property
    def width(self) -> int:
        """Number of processes."""
        return self._processes

    def completed(
        self, tasks: Sequence[Task], progress: Progress | None = None
    ) -> Iterator[tuple[int, OneRun]]:
        """See `Executor`."""
        for core in dict.fromkeys(core_of(task.scenario) for task in tasks):
            load_core(core)  # compiled once, here, before several processes would
        if self._processes <= 1 or len(tasks) <= 1:
            return _one_by_one(tasks, progress)
        return self._shared(tasks, progress)

    def _shared(self, tasks: Sequence[Task], progress: Progress | None) -> Iterator[tuple[int, OneRun]]:
        if self._workers is None:
            self._workers = self._stack.enter_context(worker_processes(self._processes))
        with starting():
            futures: dict[Future[OneRun], int] = {
                self._workers.submit(perform, tasks[place]): place for place in longest_first(tasks)
            }
        ended = 0
        for done, future in enumerate(as_completed(futures), 1):
            run, place = future.result(), futures[future]
            ended += run.jobs
            if progress:
                progress(done, calendar_of(tasks[place].scenario).horizon_s, ended)
            yield place, run


def longest_first(tasks: Sequence[Task]) -> list[int]:
    """Return the places of the tasks, those with most jobs to come first: so all processes end together.

    Jobs are those expected on average; what no demand model says, as how long they queue, is not in it.
    """
    scenarios = {task.sha256: task.scenario for task in tasks}
    jobs = {
        sha256: sum(float(daily.sum()) for daily in scenario.timing().jobs().values())
        for sha256, scenario in scenarios.items()
    } if len(scenarios) > 1 else {}  # fmt: skip
    return sorted(range(len(tasks)), key=lambda place: -jobs.get(tasks[place].sha256, 0.0))


def _one_by_one(tasks: Sequence[Task], progress: Progress | None) -> Iterator[tuple[int, OneRun]]:
    ended = 0
    for place, task in enumerate(tasks):
        run = perform(task, after(progress, place, ended))
        ended += run.jobs
        yield place, run
