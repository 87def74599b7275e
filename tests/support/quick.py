"""The definition again with numpy in place of its loops, for workloads of thousands of jobs.

Equal to `tests.support.definition` on small workloads (tested), and still nothing like the kernel: no tree,
no blocks, no bitsets, no reservation kept between passes. A counted machine is one node that has all slots.
"""

from bisect import bisect_left
from collections import defaultdict
from heapq import heappop, heappush

import numpy as np

from tests.support.cases import Case
from tests.support.definition import Definition, Schedule
from tests.support.definition_machines import Running


class Quick(Definition):
    """Overrides what the definition works out from the lists of running and waiting jobs."""

    def __init__(self, case: Case) -> None:
        super().__init__(case)
        self.one = case.counted
        self.whole = 1 << 60 if self.one else case.slots_per_node
        self.need, self.asked = np.array(case.need), np.array(self.planned)
        capacity = case.nodes * case.slots_per_node
        self.vacant = np.array([capacity] if self.one else [case.slots_per_node] * case.nodes)
        self.rows = np.empty((4, 0), np.int64)  # expected end, node, slots and job, per running job and node
        self.running = 0  # only how many
        self.end_times: list[int] = []
        self.by_end = defaultdict(list)

    # the calendar

    def next_end(self):
        while not self.by_end[self.end_times[0]]:
            heappop(self.end_times)
        return self.end_times[0]

    def ending(self):
        return list(self.by_end[self.now])

    def forget(self, r):
        self.by_end[r.end].remove(r)
        self.running -= 1

    # the machine

    def extended(self, free, deliveries):
        """Add delivered nodes; on a counted machine they make the one node larger."""
        if self.one:
            return free + sum(deliveries) * self.case.slots_per_node
        return np.concatenate([free, np.full(sum(deliveries), self.whole)])

    def free_at(self, time):
        expected, node, slots, _ = self.rows
        due = expected <= time
        free = self.vacant + np.bincount(node[due], slots[due], len(self.vacant)).astype(np.int64)
        return self.extended(free, [n for at, n in self.deliveries if at <= time])

    def room(self, free):
        """Most slots a job may need to fit."""
        idle = np.count_nonzero(free == self.whole)
        return idle * self.whole if idle else int(free.max(initial=0))

    def give_back(self, rows):
        np.add.at(self.vacant, self.rows[1, rows], self.rows[2, rows])
        self.rows = self.rows[:, ~rows]

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
        expected = self.now + self.planned[job]
        rows = np.empty((4, len(nodes)), np.int64)
        rows[:] = [[expected], [0], [each], [job]]
        rows[1] = nodes
        self.rows = np.concatenate([self.rows, rows], axis=1)
        end = self.now + self.case.effective_run[job]
        self.by_end[end].append(Running(job, end, expected, {}))
        heappush(self.end_times, end)
        self.running += 1
        self.answer.start[job] = self.now

    # events

    def instant(self):
        if self.case.ties == "pyss":
            self.give_back(self.rows[0] <= self.now)
        if self.case.ties == "instant":
            self.give_back(np.isin(self.rows[3], [r.job for r in self.ending()]))
        arriving = [n for at, n in self.deliveries if at == self.now]
        self.vacant = self.extended(self.vacant, arriving)
        super().instant()

    def end(self, r):
        self.give_back(self.rows[3] == r.job)
        super().end(r)

    def arrive(self, job):
        self.enqueue(job)
        easy_pyss = self.case.ties == "pyss" and self.case.backfill == "easy"
        if not easy_pyss or self.need[job] <= self.room(self.vacant):
            self.scheduling_pass()

    # passes

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
        coming = np.array([at for at, _ in self.deliveries], np.int64)
        times = np.sort(np.concatenate([self.rows[0], coming])).tolist()
        shadow = times[bisect_left(times, True, key=lambda t: self.need[head] <= self.room(self.free_at(t)))]
        self.answer.promise[head] = min(self.answer.promise[head], shadow)
        soon = asked <= shadow - self.now
        enough = np.flatnonzero(self.free_at(shadow) >= min(self.need[head], self.whole))
        reserved = enough[: max(1, self.need[head] // self.whole)]
        reserved = reserved[reserved < len(free)]
        position = 0
        while position < len(others):
            usable = self.beside(head, reserved, self.free_at(shadow))
            fits, apart = need[position:] <= self.room(self.vacant), need[position:] <= self.room(usable)
            may = fits & (soon[position:] | apart)
            if not may.any():
                return
            position += int(may.argmax()) + 1
            where = self.vacant if soon[position - 1] else usable
            self.launch(int(others[position - 1]), self.vacant, where)


def quick_schedule(case: Case) -> Schedule:
    """The schedule the definition demands, quickly."""
    return Quick(case).run_all()
