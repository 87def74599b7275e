"""What a schedule must be, written from the page that defines it and from nothing else: slow, short, plain.

`schedule` follows ``docs/scheduling.md`` sentence by sentence. It knows the jobs, the machine and the names
of the rules, keeps two lists (who waits, who runs) and works out all else from them whenever it asks.
"""

from bisect import bisect_left, insort
from collections import deque
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from tests.support.cases import Case

NEVER = 1 << 60


def log10(value: int) -> float:
    """numpy's, so that keys that are equal there are equal here."""
    return float(np.log10(np.float64(max(value, 1))))


KEYS = {
    "fcfs": lambda submit, requested, slots: submit,
    "sjf": lambda submit, requested, slots: requested,
    "ljf": lambda submit, requested, slots: -requested,
    "smallest": lambda submit, requested, slots: slots,
    "largest": lambda submit, requested, slots: -slots,
    "saf": lambda submit, requested, slots: requested * slots,
    "f1": lambda submit, requested, slots: log10(requested) * slots + 870 * log10(submit),
}


@dataclass(eq=False)
class Running:
    """A job that runs; `places` says how many slots it has on which node."""

    job: int
    end: int
    expected: int
    places: dict[int, int]


@dataclass
class Counted:
    """Any free slots will do: the state of the machine is one number."""

    case: Case

    def free(self, nodes, running):
        return nodes * self.case.slots_per_node - sum(self.case.slots[r.job] for r in running)

    def fits(self, job, free):
        return self.case.slots[job] <= free

    def place(self, job, free, usable):
        return {}

    def reserve(self, head, free_then, nodes):
        return None

    def beside(self, head, reserved, free, free_then):
        """Slots for a job that outlasts the shadow time: free now and spare then."""
        return min(free, free_then - self.case.slots[head])


@dataclass
class Nodes:
    """Jobs sit on nodes: the state of the machine is the free slots of each."""

    case: Case

    def free(self, nodes, running):
        free = [self.case.slots_per_node] * nodes
        for r in running:
            for node, slots in r.places.items():
                free[node] -= slots
        assert all(0 <= f <= self.case.slots_per_node for f in free)
        return free

    def wide(self, job):
        """How many whole nodes a job takes; 0 for one that shares a node."""
        slots, whole = self.case.slots[job], self.case.slots_per_node
        return -(-slots // whole) if slots > whole else 0

    def idle(self, free):
        return [node for node, f in enumerate(free) if f == self.case.slots_per_node]

    def fits(self, job, free):
        if wanted := self.wide(job):
            return len(self.idle(free)) >= wanted
        return any(f >= self.case.slots[job] for f in free)

    def place(self, job, free, usable):
        if wanted := self.wide(job):
            return dict.fromkeys(self.idle(usable)[:wanted], self.case.slots_per_node)
        slots = self.case.slots[job]
        candidates = [node for node, f in enumerate(usable) if f >= slots]
        rule = {
            "best-fit": lambda node: (free[node], node),
            "worst-fit": lambda node: (-free[node], node),
            "first-fit": lambda node: node,
        }[self.case.placement]
        return {min(candidates, key=rule): slots}

    def reserve(self, head, free_then, nodes):
        """Lowest-numbered nodes with room at the shadow time; those still to be delivered hold nobody off."""
        if wanted := self.wide(head):
            chosen = self.idle(free_then)[:wanted]
        else:
            chosen = [node for node, f in enumerate(free_then) if f >= self.case.slots[head]][:1]
        return [node for node in chosen if node < nodes]

    def beside(self, head, reserved, free, free_then):
        """Slots for a job that outlasts the shadow time: all but the reserved ones."""
        usable = list(free)
        for node in reserved:
            spare = 0 if self.wide(head) else free_then[node] - self.case.slots[head]
            usable[node] = min(free[node], spare)
        return usable


@dataclass
class Schedule:
    """The answer: starts, nodes, and the first start that each blocked head was promised."""

    start: list[int]
    places: list[dict[int, int]]
    promise: list[int] = field(default_factory=list)
    rejected: list[bool] = field(default_factory=list)


class Definition:
    """The page, acted out."""

    def __init__(self, case: Case) -> None:
        count = len(case.submit)
        self.case = case
        self.machine = Counted(case) if case.counted else Nodes(case)
        self.key = [
            KEYS[case.order](*job) for job in zip(case.submit, case.requested, case.slots, strict=True)
        ]
        self.nodes = case.nodes
        self.deliveries = list(case.deliveries)
        most = (case.nodes + sum(n for _, n in case.deliveries)) * case.slots_per_node
        self.rejected = [need > most for need in case.need]
        self.arriving = deque(job for job in range(count) if not self.rejected[job])
        self.waiting: list[int] = []
        self.running: list[Running] = []  # in the order of their starts
        self.now = 0
        self.answer = Schedule([-1] * count, [{}] * count, [NEVER] * count, self.rejected)

    def holding(self):
        """Running jobs that hold their slots; under pyss one expected to end by now has given them back."""
        if self.case.ties == "pyss":
            return [r for r in self.running if r.expected > self.now]
        return self.running

    def free(self):
        return self.machine.free(self.nodes, self.holding())

    def free_at(self, time):
        """What will be free then, by expected ends and known deliveries."""
        nodes = self.nodes + sum(n for at, n in self.deliveries if at <= time)
        return self.machine.free(nodes, [r for r in self.holding() if r.expected > time])

    def shadow(self, head):
        """The earliest time at which the head fits: room only grows towards the future."""
        times = sorted({r.expected for r in self.holding()} | {at for at, _ in self.deliveries})
        return times[bisect_left(times, True, key=lambda t: self.machine.fits(head, self.free_at(t)))]

    def launch(self, job, free, usable):
        self.waiting.remove(job)
        places = self.machine.place(job, free, usable)
        run = min(self.case.run[job], self.case.requested[job])
        self.running.append(Running(job, self.now + run, self.now + self.case.requested[job], places))
        self.answer.start[job] = self.now
        self.answer.places[job] = places

    def scheduling_pass(self):
        free = self.free()
        while self.waiting and self.machine.fits(self.waiting[0], free):
            self.launch(self.waiting[0], free, free)
            free = self.free()
        if self.case.backfill == "easy" and len(self.waiting) > 1:
            self.backfill(free)

    def backfill(self, free):
        head, *others = self.waiting
        if not any(self.machine.fits(job, free) for job in others):
            return  # nothing can start whatever the reservation is
        shadow = self.shadow(head)
        self.answer.promise[head] = min(self.answer.promise[head], shadow)
        free_then = self.free_at(shadow)
        reserved = self.machine.reserve(head, free_then, self.nodes)
        beside = self.machine.beside(head, reserved, free, free_then)
        for job in others:
            if not self.machine.fits(job, free):
                continue
            usable = free if self.now + self.case.requested[job] <= shadow else beside
            if self.machine.fits(job, usable):
                self.launch(job, free, usable)
                free = self.free()
                beside = self.machine.beside(head, reserved, free, self.free_at(shadow))

    def enqueue(self, job):
        """Behind everyone with a smaller or equal key: arrivals come by submission, then number."""
        insort(self.waiting, job, key=lambda j: (self.key[j], j))

    def instant(self):
        """Everything that happens now; jobs of no duration started here end in a further round."""
        delivered = False
        while self.deliveries and self.deliveries[0][0] == self.now:
            self.nodes += self.deliveries.pop(0)[1]
            delivered = True
        arrivals = []
        while self.arriving and self.case.submit[self.arriving[0]] == self.now:
            arrivals.append(self.arriving.popleft())
        ends = self.ending()
        if self.case.ties == "instant":
            for r in ends:
                self.forget(r)
            for job in arrivals:
                self.enqueue(job)
            self.scheduling_pass()
            return
        if delivered:
            self.scheduling_pass()
        steps = [partial(self.end, r) for r in ends] + [partial(self.arrive, job) for job in arrivals]
        if self.case.ties == "pyss":
            steps = steps[len(ends) :] + steps[: len(ends)]
        for step in steps:
            step()

    def ending(self):
        return [r for r in self.running if r.end == self.now]

    def forget(self, r):
        self.running.remove(r)

    def end(self, r):
        self.forget(r)
        self.scheduling_pass()

    def arrive(self, job):
        self.enqueue(job)
        only_if_it_fits = self.case.ties == "pyss" and self.case.backfill == "easy"
        if not only_if_it_fits or self.machine.fits(job, self.free()):
            self.scheduling_pass()

    def next_time(self):
        times = [at for at, _ in self.deliveries[:1]]
        if self.running:
            times.append(self.next_end())
        if self.arriving:
            times.append(self.case.submit[self.arriving[0]])
        return min(times, default=None)

    def next_end(self):
        return min(r.end for r in self.running)

    def run_all(self):
        while (time := self.next_time()) is not None:
            self.now = time
            self.instant()
        return self.answer


def schedule(case: Case) -> Schedule:
    """The schedule that the definition demands."""
    return Definition(case).run_all()
