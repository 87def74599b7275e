"""What of some tasks waits, is under way on a cluster, or is suspected of ending workers.

A scheduler that is handed everything at once drowns in it, so no more than `IN_FLIGHT` bundles a worker are
under way. Whatever was under way on a worker that dies is suspected alike, so when a bundle has seen too many
workers die its runs are tried alone, one by one: one that ends its worker even so is lost, others are not.
"""

from collections import Counter, deque
from collections.abc import Iterator, Sequence
from contextlib import suppress
from math import ceil
from queue import Empty, SimpleQueue
from typing import Any, Final, Protocol
from uuid import uuid4

from capacity.errors import CapacityError
from capacity.study.executors.bundle import Carried, carry_out, packed, unpacked, without_scenario
from capacity.study.store import code_version
from capacity.study.task import OneRun, Task

LOOK_S: Final = 2.0
"""How often to look who is there while nothing ends. [s]"""
IN_FLIGHT: Final = 3
"""Bundles a worker that are under way: one that it works on, and what it goes on with."""
BUNDLE_S: Final = 20.0
"""How long a bundle should take: the scheduler's part in it is a thousandth of a second. [s]"""
FETCH_S: Final = 60.0
"""How long what came of a bundle may be on its way. [s]"""
MOST_RUNS: Final = 100
"""In a bundle: they are repeated together when its worker dies."""
INLINE: Final = 4
"""A scenario that no more runs share goes with their bundle; one that more share is sent once."""


class Cluster(Protocol):
    """What carries pieces of work out, somewhere."""

    @property
    def width(self) -> int:
        """Number of workers, 1 at least."""

    def submit(self, *args: object, **how: object) -> Any:  # noqa: ANN401 - Dask's future
        """Hand one piece of work over."""

    def cancel(self, futures: Sequence[Any]) -> None:
        """Take back what nobody waits for any more."""

    def gone(self) -> CapacityError:
        """Return what to raise when the cluster is."""

    def check_workers(self) -> None:
        """Raise if all workers have been gone for long."""

    def deaths(self, error: BaseException) -> int:
        """Return how many workers ended under a piece of work that failed so; 0 if it failed by itself."""


class UnderWay:
    """What becomes of some tasks on a cluster.

    `lost` has what to say of each run that ended its workers, by its place in the tasks.
    """

    def __init__(self, cluster: Cluster, tasks: Sequence[Task]) -> None:
        self.lost: dict[int, str] = {}
        self._cluster = cluster
        self._tasks = tasks
        self._waiting = deque(range(len(tasks)))
        self._suspects: deque[int] = deque()
        self._flying: dict[Any, tuple[list[int], bool]] = {}
        self._landed: SimpleQueue[Any] = SimpleQueue()
        self._wanted = Counter(task.sha256 for task in tasks)
        self._shared: dict[str, Any] = {}
        self._name = uuid4().hex[:12]  # other clients of the cluster have work of their own
        self._sent = 0
        self._ended = 0
        self._spent_s = 0.0

    def runs(self) -> Iterator[tuple[int, OneRun]]:
        """Yield places and runs until all are done or lost.

        Raises
        ------
        CapacityError
            The scheduler is gone, or all workers are for good; or a run failed by itself.
        """
        while self._waiting or self._flying or self._suspects:
            self._send()
            future = self._next()
            places, alone = self._flying.pop(future)
            if future.status == "cancelled":  # not by us
                raise self._cluster.gone()
            if future.status == "error":
                self._failed(future.exception(), places, alone=alone)
                continue
            carried = self._fetched(future)
            if carried is None:  # it ended, and its worker before it was fetched: it is done again
                self._flying[future] = (places, alone)
                future.add_done_callback(self._landed.put)
            else:
                yield from self._opened(carried, places)

    def drop(self) -> None:
        """Take back what is under way."""
        self._cluster.cancel([*self._flying])
        self._flying.clear()
        self._shared.clear()

    def _send(self) -> None:
        """Hand out bundles until enough are under way; suspects alone, when nothing else is."""
        width = self._cluster.width
        while self._waiting and len(self._flying) < IN_FLIGHT * width:
            even = ceil(len(self._waiting) / (IN_FLIGHT * width))
            count = max(1, min(even, MOST_RUNS, self._in_good_time()))
            self._submit([self._waiting.popleft() for _ in range(min(count, len(self._waiting)))])
        if self._suspects and not self._flying:
            self._submit([self._suspects.popleft()], alone=True)

    def _in_good_time(self) -> int:
        """Return how many runs a bundle should have: one, until it is known how long they take."""
        if not self._ended:
            return 1
        return int(BUNDLE_S / max(self._spent_s / self._ended, 1e-3))

    def _submit(self, places: list[int], *, alone: bool = False) -> None:
        hashes = list(dict.fromkeys(self._tasks[place].sha256 for place in places))
        scenarios = [self._scenario(sha256, places) for sha256 in hashes]
        wanted = [
            (hashes.index(self._tasks[place].sha256), without_scenario(self._tasks[place]))
            for place in places
        ]
        self._sent += 1
        key = f"capacity-bundle-{self._name}-{self._sent}"
        future = self._cluster.submit(carry_out, code_version(), scenarios, wanted, key=key)
        self._flying[future] = (places, alone)
        future.add_done_callback(self._landed.put)

    def _scenario(self, sha256: str, places: Sequence[int]) -> Any:  # noqa: ANN401 - bytes, or Dask's future
        """Return a scenario as a bundle holds it: packed, or as a task that Dask can always do again."""
        if sha256 not in self._shared:
            scenario = next(
                self._tasks[place].scenario for place in places if self._tasks[place].sha256 == sha256
            )
            parcel = packed(scenario)
            if self._wanted[sha256] <= INLINE:
                return parcel
            key = f"capacity-scenario-{self._name}-{sha256[:16]}"
            self._shared[sha256] = self._cluster.submit(unpacked, parcel, key=key)
        return self._shared[sha256]

    def _next(self) -> Any:  # noqa: ANN401 - Dask's future
        """Wait for something to end."""
        while True:
            with suppress(Empty):
                return self._landed.get(timeout=LOOK_S)
            self._cluster.check_workers()

    def _fetched(self, future: Any) -> Carried | None:  # noqa: ANN401 - Dask's future
        """Return what came of a bundle; None if that is not known any more, or not yet."""
        if future.status != "finished":
            return None
        try:
            found: Carried = future.result(timeout=FETCH_S)
        except Exception:
            if future.status == "finished":
                raise
            return None
        return found

    def _opened(self, carried: Carried, places: Sequence[int]) -> Iterator[tuple[int, OneRun]]:
        for place, parcel in zip(places, carried.runs, strict=False):
            run: OneRun = unpacked(parcel)
            self._ended += 1
            self._spent_s += run.timings.get("total_s", 0.0)
            self._forget(place)
            yield place, run
        if carried.error is not None:
            raise unpacked(carried.error)

    def _failed(self, error: BaseException, places: list[int], *, alone: bool) -> None:
        """Put what was on dead workers aside; a run that was alone there is lost."""
        often = self._cluster.deaths(error)
        if not often:
            if isinstance(error, CapacityError):
                raise error
            what = f"the cluster could not begin a bundle of runs ({type(error).__name__}: {error})"
            raise CapacityError(f"{what}: is the same capacity installed with its scheduler and all workers?")
        if not alone:
            self._suspects.extend(places)
            return
        task = self._tasks[places[0]]
        which = f"replication {task.replication} of {task.scenario.name}"
        whence = f"scenario {task.sha256[:12]}, seed {task.seed}"
        what = f"was lost: {often} workers ended under it, perhaps for lack of memory"
        self.lost[places[0]] = f"{which} ({whence}) {what}"
        self._forget(places[0])

    def _forget(self, place: int) -> None:
        """Let a scenario go with the last of its runs."""
        sha256 = self._tasks[place].sha256
        self._wanted[sha256] -= 1
        if not self._wanted[sha256]:
            self._shared.pop(sha256, None)
