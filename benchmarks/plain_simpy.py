"""EASY written by hand on SimPy in plain Python: naive and honest, the same schedule as the kernel's.

One process feeds arrivals, one process runs each job, one event of low priority makes the pass after
everything else of its instant. This is what a planner would write without a compiled core.
"""

from collections.abc import Generator
from typing import Any

import simpy
from simpy.events import EventPriority

from capacity.scheduling.jobs import Jobs

AFTER_ALL_ELSE = EventPriority(2)
Process = Generator[simpy.Event, Any, None]


class PlainEasy:
    """A counted machine under EASY, in order of submission.

    Parameters
    ----------
    jobs : Jobs
        Sorted by submission.
    slots : int
        Size of the machine.
    """

    def __init__(self, jobs: Jobs, slots: int) -> None:
        self.submit: list[int] = jobs.submit_s.tolist()
        self.run: list[int] = jobs.run_s.tolist()
        self.requested: list[int] = jobs.requested_s.tolist()
        self.slots: list[int] = jobs.slots.tolist()
        self.free = slots
        self.queue: list[int] = []
        self.running: dict[int, int] = {}
        self.start = [-1] * len(self.submit)
        self.pass_due = False
        self.env = simpy.Environment()
        self.env.process(self.arrivals())

    def arrivals(self) -> Process:
        """Submit every job at its time."""
        for job, time in enumerate(self.submit):
            if time > self.env.now:
                yield self.env.timeout(time - self.env.now)
            self.queue.append(job)
            self.ask_for_pass()

    def occupy(self, job: int) -> Process:
        """Run one job."""
        yield self.env.timeout(self.run[job])
        del self.running[job]
        self.free += self.slots[job]
        self.ask_for_pass()

    def ask_for_pass(self) -> None:
        """Have one pass made after everything else that happens now."""
        if self.queue and not self.pass_due:
            self.pass_due = True
            event = self.env.event()
            event._ok, event._value = True, None
            event.callbacks.append(self.make_pass)
            self.env.schedule(event, priority=AFTER_ALL_ELSE)

    def begin(self, job: int) -> None:
        """Start a job now."""
        now = int(self.env.now)
        self.free -= self.slots[job]
        self.running[job] = now + self.requested[job]
        self.start[job] = now
        self.env.process(self.occupy(job))

    def make_pass(self, _: simpy.Event) -> None:
        """Start from the head while jobs fit, then those that do not delay the first that does not."""
        self.pass_due = False
        while self.queue and self.slots[self.queue[0]] <= self.free:
            self.begin(self.queue.pop(0))
        if len(self.queue) < 2 or self.free == 0:
            return
        shadow, spare = self.reservation(self.queue[0])
        waiting = self.queue[:1]
        for job in self.queue[1:]:
            need = self.slots[job]
            in_time = self.env.now + self.requested[job] <= shadow
            if need <= self.free and (in_time or need <= spare):
                spare -= 0 if in_time else need
                self.begin(job)
            else:
                waiting.append(job)
        self.queue = waiting

    def reservation(self, head: int) -> tuple[int, int]:
        """When the head fits by expected ends [s], and the slots that are spare then."""
        free, need, shadow = self.free, self.slots[head], 0
        for end, job in sorted((end, job) for job, end in self.running.items()):
            if free >= need and end > shadow:
                break
            free += self.slots[job]
            shadow = end
        return shadow, free - need
