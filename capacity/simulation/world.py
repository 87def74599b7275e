"""The World: a site on a SimPy calendar, joined to the batch system.

SimPy holds what is rare (deliveries, the daily settlement of storage and the readings); the compiled core
holds every job event. The join is a loop outside SimPy's processes: ask the calendar for its next event,
let the batch system advance to exactly there, let SimPy take its step. (As a SimPy process the same join
costs twice as much and orders events no better.)

At one instant: first the day's settlement and reading, which see the site just before; then deliveries; then
whatever jobs do.
"""

from collections.abc import Callable, Collection, Generator, Sequence
from dataclasses import dataclass, field
from time import perf_counter
from typing import Final

import numpy as np
import simpy
from simpy.events import NORMAL, URGENT, EventPriority
from simpy.events import Event as SimEvent

from capacity.quantity_writing import format_bytes
from capacity.scheduling.batch import BatchSystem
from capacity.simulation.record import Event, Reading, RunRecord
from capacity.simulation.storage import JobColumns, StorageAccount

TIER_TEXTS: Final = {
    "tier_full": "{} reaches its fill limit: what does not fit is turned away",
    "tier_missing": "{} is not in service: what comes is turned away",
    "tier_relieved": "{} has room again",
}

Progress = Callable[[int, int], None]
"""Called with the simulated time [s] and the number of jobs that have ended."""


@dataclass(frozen=True, slots=True)
class Plant:
    """A site ready to be simulated.

    Attributes
    ----------
    batch : BatchSystem
        Pools with their jobs.
    storage : StorageAccount
        Tiers with what flows into them.
    jobs : JobColumns
        What the storage account needs to know of each job.
    day_edges_s : sequence of int
        Local midnights from the start to the end of the run, both included. [s]
    """

    batch: BatchSystem
    storage: StorageAccount
    jobs: JobColumns
    day_edges_s: Sequence[int]


@dataclass(slots=True)
class World:
    """A running simulated site.

    Parameters
    ----------
    plant : Plant
        What to simulate.
    progress : callable, optional
        Told about once a simulated day how far the run is.
    """

    plant: Plant
    progress: Progress | None = None
    _env: simpy.Environment = field(default_factory=simpy.Environment)
    _events: list[Event] = field(default_factory=list)
    _readings: list[Reading] = field(default_factory=list)
    _short: dict[str, str] = field(default_factory=dict)
    _seen_ends: list[int] = field(default_factory=list)

    def run(self) -> RunRecord:
        """Simulate to the last day edge and return what is left behind."""
        begun = perf_counter()
        end_s = self.plant.day_edges_s[-1]
        self._seen_ends = [0] * len(self.plant.batch.pools)
        self._env.process(self._days())
        for index, spec in enumerate(self.plant.batch.specs):
            times = [time for time, _ in spec.deliveries if time < end_s]
            self._env.process(self._deliver_nodes(index, times))
        for tier in self.plant.storage.tiers:
            for _, usable in (step for step in tier.steps if step[0] <= 0):
                self.plant.storage.set_capacity(tier.name, usable)
            steps = [step for step in tier.steps if 0 < step[0] < end_s]
            self._env.process(self._deliver_storage(tier.name, steps))
        engine_s = self._join(end_s)
        return RunRecord(
            outcome=self.plant.batch.outcome(),
            readings=tuple(self._readings),
            events=tuple(self._events),
            growth=self.plant.storage.growth(),
            engine_s=engine_s,
            total_s=perf_counter() - begun,
        )

    def _join(self, end_s: int) -> float:
        """Step through both calendars up to and including `end_s`; returns the time spent on jobs [s]."""
        env, batch = self._env, self.plant.batch
        spent = 0.0
        now = -1
        while (time := env.peek()) <= end_s:
            if time > now:
                now = int(time)
                before = perf_counter()
                batch.advance(now)
                spent += perf_counter() - before
            env.step()
        return spent

    def _at(self, time_s: int, priority: EventPriority = NORMAL) -> SimEvent:
        """Return an event that happens at an absolute time, before others of its instant if urgent."""
        event = self._env.event()
        event._ok = True
        event._value = None
        self._env.schedule(event, priority=priority, delay=time_s - self._env.now)
        return event

    def _days(self) -> Generator[SimEvent, None, None]:
        """Settle and read once a day."""
        for number, edge in enumerate(self.plant.day_edges_s):
            yield self._at(edge, URGENT)
            if number:
                self._settle(edge)
            self._readings.append(Reading(edge, self.plant.batch.states(), self.plant.storage.readings()))
            if self.progress:
                self.progress(edge, sum(self._seen_ends))

    def _settle(self, now_s: int) -> None:
        """Hand the jobs that ended since yesterday to the storage account."""
        batch = self.plant.batch
        rows = []
        for index, pool in enumerate(batch.pools):
            ended = pool.ended(self._seen_ends[index])
            self._seen_ends[index] += len(ended)
            mine = batch.rows(index)
            rows.append(ended if mine is None else mine[ended])
        lacking = self.plant.storage.settle(self.plant.jobs, np.concatenate(rows))
        self._note_full(now_s, lacking)

    def _note_full(self, now_s: int, lacking: Collection[str]) -> None:
        """Record which tiers have become full, or have room again; `lacking` turned something away today."""
        for name, tier in self.plant.storage.readings().items():
            was = self._short.get(name, "")
            full = name in lacking or (was and tier.used_bytes >= tier.limit_bytes)
            now = "" if not full else "tier_full" if tier.capacity_bytes else "tier_missing"
            kind = now or ("tier_relieved" if was == "tier_full" else "")
            if kind and now != was:
                text = TIER_TEXTS[kind].format(name)
                self._events.append(Event(now_s, kind, name, tier.used_bytes, text))
            self._short[name] = now

    def _deliver_nodes(self, index: int, times_s: Sequence[int]) -> Generator[SimEvent, None, None]:
        """Put each known delivery of a pool into service at its time."""
        pool = self.plant.batch.pools[index]
        for time in times_s:
            yield self._at(time)
            pool.deliver()
            nodes = pool.state().capacity_slots // pool.spec.slots_per_node
            text = f"{pool.spec.name}: {nodes} nodes in service"
            self._events.append(Event(time, "delivery", pool.spec.name, nodes, text))

    def _deliver_storage(
        self, name: str, steps: Sequence[tuple[int, int]]
    ) -> Generator[SimEvent, None, None]:
        """Put each step of a tier into service at its time."""
        for time, usable in steps:
            yield self._at(time)
            self.plant.storage.set_capacity(name, usable)
            text = f"{name}: {format_bytes(usable)} usable in service"
            self._events.append(Event(time, "storage_delivery", name, usable, text))
