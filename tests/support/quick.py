"""The definition again with numpy in place of its loops, for workloads of thousands of jobs.

Equal to `tests.support.definition` on small workloads (tested), and still nothing like the kernel: no tree, no
blocks, no bitsets, no reservation kept between passes. A counted machine is one node that has all the slots.
"""

from bisect import bisect_left

import numpy as np

from tests.support.cases import Case
from tests.support.definition import Definition, Running, Schedule


class Quick(Definition):
    """Overrides what the definition works out from the lists of running and waiting jobs."""

    def __init__(self, case: Case) -> None:
        super().__init__(case)
        self.one = case.counted
        self.whole = 1 << 60 if self.one else case.slots_per_node
        self.need, self.asked = np.array(case.need), np.array(case.requested)
        capacity = case.nodes * case.slots_per_node
        self.vacant = np.array([capacity] if self.one else [case.slots_per_node] * case.nodes)
        self.expected = np.empty(0, np.int64)  # one row per running job and node
        self.node = np.empty(0, np.int64)
        self.held = np.empty(0, np.int64)
        self.owner = np.empty(0, np.int64)

    def free(self):
        return self.vacant

    def free_at(self, time):
        due = self.expected <= time
        free = self.vacant + np.bincount(self.node[due], self.held[due], len(self.vacant)).astype(np.int64)
        return self.extended(free, [n for at, n in self.deliveries if at <= time])

    def extended(self, free, deliveries):
        """Add delivered nodes; on a counted machine they make the one node larger."""
        if self.one:
            return free + sum(deliveries) * self.case.slots_per_node
        return np.concatenate([free, np.full(sum(deliveries), self.whole)])

    def room(self, free):
        """Most slots a job may need to fit."""
        idle = int((free == self.whole).sum())
        return idle * self.whole if idle else int(free.max(initial=0))

    def give_back(self, rows):
        np.add.at(self.vacant, self.node[rows], self.held[rows])
        for name in ("expected", "node", "held", "owner"):
            setattr(self, name, getattr(self, name)[~rows])

    def instant(self):
        if self.case.ties == "pyss":
            self.give_back(self.expected <= self.now)
        if self.case.ties == "instant":
            self.give_back(np.isin(self.owner, [r.job for r in self.running if r.end == self.now]))
        arriving = [n for at, n in self.deliveries if at == self.now]
        self.vacant = self.extended(self.vacant, arriving)
        super().instant()

    def end(self, r):
        self.give_back(self.owner == r.job)
        super().end(r)

    def launch(self, job, free, usable):
        need = int(self.need[job])
        self.waiting.remove(job)
        if need > self.whole:
            nodes = np.flatnonzero(usable == self.whole)[: need // self.whole]
        else:
            candidates = np.flatnonzero(usable >= need)
            level = free[candidates] * {"best-fit": 1, "worst-fit": -1, "first-fit": 0}[self.case.placement]
            nodes = candidates[[level.argmin()]]
        each = min(need, self.whole)
        self.vacant[nodes] -= each
        until = self.now + self.case.requested[job]
        for name, value in (("expected", until), ("node", nodes), ("held", each), ("owner", job)):
            rows = np.broadcast_to(value, nodes.shape)
            setattr(self, name, np.concatenate([getattr(self, name), rows]))
        end = self.now + min(self.case.run[job], self.case.requested[job])
        self.running.append(Running(job, end, until, {}))
        self.answer.start[job] = self.now

    def scheduling_pass(self):
        while self.waiting and self.need[self.waiting[0]] <= self.room(self.vacant):
            self.launch(self.waiting[0], self.vacant, self.vacant)
        if self.case.backfill == "easy" and len(self.waiting) > 1:
            self.backfill(self.vacant)

    def beside(self, head, reserved, then):
        usable = self.vacant.copy()
        spare = then[reserved] - min(self.need[head], self.whole)
        usable[reserved] = np.minimum(usable[reserved], spare)
        return usable

    def backfill(self, free):
        head = self.waiting[0]
        others = np.array(self.waiting[1:])
        need, asked = self.need[others], self.asked[others]
        if need.min() > self.room(free):
            return
        times = np.unique([*self.expected, *(at for at, _ in self.deliveries)]).tolist()
        shadow = times[bisect_left(times, True, key=lambda t: self.need[head] <= self.room(self.free_at(t)))]
        self.answer.promise[head] = min(self.answer.promise[head], shadow)
        then = self.free_at(shadow)
        enough = np.flatnonzero(then >= min(self.need[head], self.whole))
        reserved = enough[: max(1, self.need[head] // self.whole)]
        reserved = reserved[reserved < len(free)]
        position = 0
        while position < len(others):
            usable = self.beside(head, reserved, self.free_at(shadow))
            soon = asked[position:] <= shadow - self.now
            may = (need[position:] <= self.room(self.vacant)) & (soon | (need[position:] <= self.room(usable)))
            if not may.any():
                return
            position += int(may.argmax()) + 1
            where = self.vacant if asked[position - 1] <= shadow - self.now else usable
            self.launch(int(others[position - 1]), self.vacant, where)

    def arrive(self, job):
        self.enqueue(job)
        easy_pyss = self.case.ties == "pyss" and self.case.backfill == "easy"
        if not easy_pyss or self.need[job] <= self.room(self.vacant):
            self.scheduling_pass()


def quick_schedule(case: Case) -> Schedule:
    """The schedule the definition demands, quickly."""
    return Quick(case).run_all()
