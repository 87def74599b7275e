"""Tasks on a Dask cluster: connecting to it, who is there, and what it means when somebody no longer is.

Dask itself does a bundle of runs again when its worker dies, three times unless the scheduler is told
otherwise (``distributed.scheduler.allowed-failures``); `capacity.study.executors.under_way` says what then.
Runs are plain data that depends on nothing but their task, so they are the same wherever they ran.
"""

import asyncio
import logging
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from time import monotonic
from typing import Any, Final

from capacity.errors import CapacityError, InputError, UsageError
from capacity.simulation.calendar import calendar_of
from capacity.study.executors.interface import Executor, RunsLost
from capacity.study.executors.under_way import LOOK_S, UnderWay
from capacity.study.task import OneRun, Progress, Task

CONNECT_S: Final = 5.0
"""How long a scheduler may take to answer. [s]"""
NO_WORKER_S: Final = 60.0
"""How long to wait for a first worker, or for another one when all are gone. [s]"""


@contextmanager
def dask_executor(address: str) -> Iterator[Executor]:
    """Give an executor on the cluster whose scheduler listens at an address, as ``tcp://host:8786``.

    Raises
    ------
    UsageError
        The package `distributed` is not installed here.
    InputError
        Nobody answers at the address, or no worker joins.
    """
    try:
        from distributed import Client  # noqa: PLC0415 - most runs need no cluster
    except ImportError:
        fix = "pip install 'hpc-capacity[cluster]'"
        raise UsageError(f"--cluster needs Dask, which is not installed here: {fix}") from None
    with _silent():
        _knock(address)
        client = Client(address, timeout=CONNECT_S, set_as_default=False, name="capacity")
        try:
            executor = DaskExecutor(client, address)
            executor.wait_for_a_worker()
            yield executor
        finally:
            with suppress(OSError, TimeoutError):
                client.close(timeout=CONNECT_S)


def _knock(address: str) -> None:
    """Return if a scheduler answers: a client that was never connected could not be closed in peace."""
    from distributed.core import connect  # noqa: PLC0415 - see `dask_executor`

    async def knock() -> None:
        await (await connect(address, timeout=CONNECT_S)).close()

    try:
        with ThreadPoolExecutor(1) as aside:  # a notebook has a loop of its own in this thread
            aside.submit(asyncio.run, knock()).result()
    except (OSError, ValueError) as error:
        what = f"no Dask scheduler answers within {CONNECT_S:g} s"
        if not isinstance(error, OSError):
            what = f"'{address}' is no address of a scheduler"
        fix = "its address, as tcp://host:8786, is what `dask scheduler` printed"
        raise InputError(what, where=f"--cluster {address}", fix=fix) from None


@contextmanager
def _silent() -> Iterator[None]:
    """Keep Dask from telling a reader what is told here in other words."""
    logger = logging.getLogger("distributed")
    before = logger.level
    logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        logger.setLevel(before)


class DaskExecutor:
    """See `dask_executor`; `client` is one of Dask's, connected."""

    def __init__(self, client: Any, address: str) -> None:  # noqa: ANN401 - Dask need not be installed
        self._client = client
        self._address = address
        self._workers = 0
        self._looked_s = -LOOK_S
        self._there_s = monotonic()

    @property
    def width(self) -> int:
        """Number of workers."""
        return max(1, self._look())

    def wait_for_a_worker(self) -> None:
        """Return when there is one.

        Raises
        ------
        InputError
            None has joined within `NO_WORKER_S`.
        """
        try:
            self._client.wait_for_workers(1, timeout=NO_WORKER_S)
        except TimeoutError:
            what = f"no worker has joined the cluster within {NO_WORKER_S:g} s"
            fix = f"start some: dask worker {self._address} --nthreads 1"
            raise InputError(what, where=f"--cluster {self._address}", fix=fix) from None

    def completed(
        self, tasks: Sequence[Task], progress: Progress | None = None
    ) -> Iterator[tuple[int, OneRun]]:
        """See `Executor`.

        Raises
        ------
        RunsLost
            Runs ended their workers, alone and again.
        CapacityError
            The scheduler is gone, or all workers are for good.
        """
        study = UnderWay(self, tasks)
        ended = 0
        try:
            for done, (place, run) in enumerate(study.runs(), 1):
                ended += run.jobs
                if progress:
                    progress(done, calendar_of(tasks[place].scenario).horizon_s, ended)
                yield place, run
        finally:
            study.drop()
        if study.lost:
            raise RunsLost(study.lost)

    def submit(self, *args: object, **how: object) -> Any:  # noqa: ANN401 - Dask's future
        """Hand one piece of work to the cluster."""
        if self._client.status != "running":
            raise self.gone()
        return self._client.submit(*args, **how)

    def cancel(self, futures: Sequence[Any]) -> None:
        """Take back what nobody waits for any more."""
        if futures and self._client.status == "running":
            with suppress(OSError, TimeoutError):
                self._client.cancel(futures)

    def gone(self) -> CapacityError:
        """Return what to raise when the scheduler is."""
        what = f"the scheduler at {self._address} is gone, and what was under way with it"
        return CapacityError(f"{what}: what had ended is kept, and the same command goes on from there")

    def deaths(self, error: BaseException) -> int:
        """Return how many workers ended under a piece of work that failed so; 0 if it failed by itself."""
        from distributed.scheduler import KilledWorker  # noqa: PLC0415 - see `dask_executor`

        return int(error.allowed_failures) + 1 if isinstance(error, KilledWorker) else 0

    def check_workers(self) -> None:
        """Return if a worker is there, or may still come.

        Raises
        ------
        CapacityError
            All are gone, and none has come for `NO_WORKER_S`; or the scheduler is gone.
        """
        if not self._look() and monotonic() - self._there_s > NO_WORKER_S:
            what = f"all workers of the cluster are gone, and none has come for {NO_WORKER_S:g} s"
            raise CapacityError(f"{what}: what had ended is kept, and the same command goes on from there")

    def _look(self) -> int:
        """Return the number of workers, as of a moment ago."""
        now_s = monotonic()
        if now_s - self._looked_s >= LOOK_S:
            try:
                self._workers = len(self._client.nthreads())
            except (OSError, TimeoutError, RuntimeError, AttributeError):
                raise self.gone() from None
            self._looked_s = now_s
        if self._workers:
            self._there_s = now_s
        return self._workers
