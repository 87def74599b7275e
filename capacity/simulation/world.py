"""The World: a site on a SimPy calendar, joined to the batch system.

SimPy holds what is rare (deliveries, failures and repairs, the daily settlement of storage, the readings);
the compiled core holds every job event and the edges of windows known in advance. The join is a loop outside
SimPy's processes: ask the calendar for its next event, let the batch system advance to exactly there, let
SimPy take its step. (As a SimPy process the same join costs twice as much and orders events no better.)

At one instant: first the day's settlement and reading, which see the site just before; then deliveries,
failures and repairs; then whatever jobs do.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from time import perf_counter

import simpy
from simpy.events import NORMAL, URGENT, EventPriority
from simpy.events import Event as SimEvent

from capacity.quantities.writing import format_bytes
from capacity.scheduling.batch import BatchSystem
from capacity.scheduling.site.rules import WindowNumbers
from capacity.simulation.bandwidth.contention import Contention
from capacity.simulation.failures.reliability import NO_HAZARDS, Hazards, Reliability, Steps
from capacity.simulation.record import Event, Reading, RunRecord
from capacity.simulation.storage.account import JobColumns, StorageAccount
from capacity.simulation.storage.full_tiers import FullTiers

Progress = Callable[[int, int], None]
"""Called with the simulated time [s] and the number of jobs that have ended."""


@dataclass(frozen=True, slots=True)
class SimulatedSite:
    """A site ready to be simulated.

    Attributes
    ----------
    batch, storage, jobs : BatchSystem, StorageAccount, JobColumns
        Pools with their jobs; tiers with what flows into them; what these need to know of each job.
    day_edges_s : sequence of int
        Local midnights from the start to the end of the run, both included. [s]
    hazards : Hazards
        What takes nodes out of service unannounced.
    windows : sequence of WindowNumbers
        Maintenance and advance reservations; the batch system keeps to them itself, they are recorded here.
    contention : Contention or None
        How jobs share the bandwidth of storage; None if none can wait for it.
    """

    batch: BatchSystem
    storage: StorageAccount
    jobs: JobColumns
    day_edges_s: Sequence[int]
    hazards: Hazards = NO_HAZARDS
    windows: Sequence[WindowNumbers] = ()
    contention: Contention | None = None


@dataclass(slots=True)
class World:
    """A running simulated site; `progress` is told about once a simulated day how far the run is."""

    site: SimulatedSite
    progress: Progress | None = None
    _env: simpy.Environment = field(default_factory=simpy.Environment)
    _events: list[Event] = field(default_factory=list)
    _readings: list[Reading] = field(default_factory=list)
    _full_tiers: FullTiers = field(init=False)
    _seen_ends: list[int] = field(default_factory=list)

    def run(self) -> RunRecord:
        """Simulate to the last day edge and return what is left behind."""
        begun = perf_counter()
        end_s = self.site.day_edges_s[-1]
        self._full_tiers = FullTiers(self.site.batch, self.site.storage, self.site.jobs, self._note_now)
        self._seen_ends = [0] * len(self.site.batch.specs)
        self._env.process(self._days())
        for index, spec in enumerate(self.site.batch.specs):
            times = [time for time, _ in spec.deliveries if time < end_s]
            self._env.process(self._deliver_nodes(index, times))
        Reliability(self._env, self.site.batch, self._note_now, end_s).start(self.site.hazards)
        self._env.process(self._note_windows(end_s))
        for tier in self.site.storage.tiers:
            for _, usable in (step for step in tier.steps if step[0] <= 0):
                self.site.storage.set_capacity(tier.name, usable)
            steps = [step for step in tier.steps if 0 < step[0] < end_s]
            self._env.process(self._deliver_storage(tier.name, steps))
        engine_s = self._join(end_s)
        self.site.storage.holdings.check()
        return RunRecord(
            outcome=self.site.batch.outcome(),
            readings=tuple(self._readings),
            events=tuple(self._events),
            growth=self.site.storage.growth(),
            held=self.site.storage.held(),
            without_room=self._full_tiers.failed(),
            held_back=self._full_tiers.held_back(end_s),
            contention=self.site.contention.record if self.site.contention is not None else None,
            engine_s=engine_s,
            total_s=perf_counter() - begun,
        )

    def _join(self, end_s: int) -> float:
        """Step through both calendars up to and including `end_s`; returns the time spent on jobs [s]."""
        env, batch = self._env, self.site.batch
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
        event._ok, event._value = True, None
        self._env.schedule(event, priority=priority, delay=time_s - self._env.now)
        return event

    def _days(self) -> Steps:
        """Settle and read once a day."""
        for number, edge in enumerate(self.site.day_edges_s):
            yield self._at(edge, URGENT)
            if number:
                self._settle(edge)
            self._readings.append(Reading(edge, self.site.batch.states(), self.site.storage.readings()))
            if self.progress:
                self.progress(edge, sum(self._seen_ends))

    def _settle(self, now_s: int) -> None:
        """Hand the jobs that ended today to the storage account, and see what those that run want."""
        batch, storage = self.site.batch, self.site.storage
        ended = batch.ended_rows(self._seen_ends)
        contention = self.site.contention
        running = batch.running_rows() if storage.plan.running or contention is not None else None
        self._full_tiers.settled(now_s, storage.settle(self.site.jobs, ended, running))
        if contention is not None and running is not None:
            contention.settle(batch, running, storage.holdings.capacity)

    def _deliver_nodes(self, index: int, times_s: Sequence[int]) -> Steps:
        """Put each known delivery of a pool into service at its time."""
        spec = self.site.batch.specs[index]
        for time in times_s:
            yield self._at(time)
            self.site.batch.deliver(index)
            nodes = self.site.batch.states()[spec.name].capacity_slots // spec.slots_per_node
            self._note(time, "delivery", spec.name, nodes, f"{nodes} nodes in service")

    def _note(self, time_s: int, kind: str, place: str, amount: float, text: str) -> None:
        self._events.append(Event(time_s, kind, place, amount, f"{place}: {text}"))

    def _note_now(self, kind: str, place: str, amount: float, text: str) -> None:
        self._events.append(Event(int(self._env.now), kind, place, amount, text))

    def _note_windows(self, end_s: int) -> Steps:
        """Record when maintenance and advance reservations begin and end."""
        edges = sorted(
            (time, number, word)
            for number, window in enumerate(self.site.windows)
            for time, word in ((window.start_s, "start"), (window.end_s, "end"))
            if time < end_s
        )
        for time, number, word in edges:
            yield self._at(time)
            window = self.site.windows[number]
            name = self.site.batch.specs[window.pool].name
            kind = "maintenance" if window.account < 0 else "reservation"
            which = f"nodes {window.first} to {window.first + window.nodes - 1}"
            self._note(time, f"{kind}_{word}", name, window.nodes, f"{kind} of {which}, {word}")

    def _deliver_storage(self, name: str, steps: Sequence[tuple[int, int]]) -> Steps:
        """Put each step of a tier into service at its time."""
        for time, usable in steps:
            yield self._at(time)
            self.site.storage.set_capacity(name, usable)
            self._note(time, "storage_delivery", name, usable, f"{format_bytes(usable)} usable in service")
