"""What a schedule must be, written from the page that defines it and from nothing else: slow, short, plain.

`schedule` follows ``docs/scheduling.md`` sentence by sentence. It knows the jobs, the machine and the names
of the rules, keeps two lists (who waits, who runs) and works out all else from them whenever it asks.
"""

from bisect import bisect_left, insort
from collections import defaultdict, deque
from dataclasses import dataclass, field
from functools import partial

from tests.support.cases import Case
from tests.support.definition_machines import Counted, Nodes, Running
from tests.support.definition_orders import KEYS, SCORES

NEVER = 1 << 60

CORRECTIONS = [60 * minutes for minutes in (1, 5, 15, 30, 60, 120, 300, 600, 1_200, 3_000, 6_000)]
"""Added to the first prediction of a job that outlives its present one, in turn. [s]"""


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
        believed = case.effective_run if case.estimates == "exact" else case.requested
        self.limit = [max(1, time) for time in believed]
        self.planned = list(self.limit)  # a prediction differs from the limit
        self.predicts = case.backfill == "easy++"
        self.backfills = case.backfill != "none"
        self.candidate_order = "sjf" if case.backfill in ("easy-sjbf", "easy++") else case.backfill_order
        self.changing = case.order in SCORES or self.candidate_order in SCORES
        self.key, self.backfill_key = [0.0] * count, [0.0] * count
        self.rekey_at = 0
        self.pending = False
        self.last_runs = defaultdict(list)
        self.nodes = case.nodes
        self.deliveries = list(case.deliveries)
        most = (case.nodes + sum(n for _, n in case.deliveries)) * case.slots_per_node
        self.rejected = [need > most for need in case.need]
        self.arriving = deque(job for job in range(count) if not self.rejected[job])
        self.waiting: list[int] = []
        self.running: list[Running] = []  # in the order of their starts
        self.now = 0
        self.answer = Schedule([-1] * count, [{}] * count, [NEVER] * count, self.rejected)

    # what the scheduler knows

    def expected(self, r):
        """When a running job is expected to end; one that is late, at any moment."""
        return max(r.expected, self.now)

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
        return self.machine.free(nodes, [r for r in self.holding() if self.expected(r) > time])

    def shadow(self, head):
        """The earliest time at which the head fits: room only grows towards the future."""
        times = sorted({self.expected(r) for r in self.holding()} | {at for at, _ in self.deliveries})
        return times[bisect_left(times, True, key=lambda t: self.machine.fits(head, self.free_at(t)))]

    # orders

    def key_of(self, order, job):
        """Key of a job now; predictions count where candidates are tried by time, not in the queue."""
        if order in SCORES:
            return -SCORES[order](self.now - self.case.submit[job], self.limit[job], self.case.slots[job])
        return KEYS[order](self.case.submit[job], self.limit[job], self.case.slots[job])

    def work_out_keys(self, job):
        self.key[job] = self.key_of(self.case.order, job)
        if self.predicts:
            self.backfill_key[job] = self.planned[job]
        elif self.candidate_order != "queue":
            self.backfill_key[job] = self.key_of(self.candidate_order, job)

    def rekey_if_due(self):
        """Before the first pass at or after every multiple; equal keys by submission, or as they stood."""
        if not self.changing or self.now < self.rekey_at:
            return
        every = self.case.recompute_s
        self.rekey_at = (self.now // every + 1) * every if every else self.now
        for job in self.waiting:
            self.work_out_keys(job)
        if self.case.ties == "event":
            self.waiting.sort(key=lambda job: self.key[job])
        else:
            self.waiting.sort(key=lambda job: (self.key[job], job))

    def candidates(self):
        """Who may be started before the head, in the order in which they are tried."""
        others = self.waiting[1:]
        if self.candidate_order != "queue":
            others.sort(key=lambda job: self.backfill_key[job])
        return others[: self.case.backfill_depth or None]

    # passes

    def launch(self, job, free, usable):
        self.waiting.remove(job)
        places = self.machine.place(job, free, usable)
        end, expected = self.now + self.case.effective_run[job], self.now + self.planned[job]
        self.running.append(Running(job, end, expected, places))
        self.answer.start[job] = self.now
        self.answer.places[job] = places

    def scheduling_pass(self):
        self.rekey_if_due()
        free = self.free()
        while self.waiting and self.machine.fits(self.waiting[0], free):
            self.launch(self.waiting[0], free, free)
            free = self.free()
        if self.backfills and len(self.waiting) > 1:
            self.backfill(free)

    def backfill(self, free):
        head, others = self.waiting[0], self.candidates()
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
            usable = free if self.now + self.planned[job] <= shadow else beside
            if self.machine.fits(job, usable):
                self.launch(job, free, usable)
                free = self.free()
                beside = self.machine.beside(head, reserved, free, self.free_at(shadow))

    # predictions

    def predict(self, job):
        """At submission: the mean of the user's last two run times, at most the request; or it is exact."""
        last = self.last_runs[self.case.user[job]][-2:]
        if len(last) == 2 and self.case.estimates != "exact":
            self.planned[job] = min(self.limit[job], max(1, sum(last) // 2))

    def correct(self):
        """Before anything else: whoever outlives a prediction gets the next one, and no pass follows."""
        for r in self.running if self.predicts else []:
            if r.expected <= self.now < r.end:
                r.outlived += 1
                if r.outlived == 1:
                    r.first = self.planned[r.job]
                steps = [*CORRECTIONS, self.limit[r.job]]
                longer = r.first + steps[min(r.outlived, len(steps)) - 1]
                self.planned[r.job] = min(self.limit[r.job], longer)
                r.expected = self.answer.start[r.job] + self.planned[r.job]

    # events

    def enqueue(self, job):
        """Behind everyone with a smaller or equal key: arrivals come by submission, then number."""
        if self.predicts:
            self.predict(job)
        self.work_out_keys(job)
        insort(self.waiting, job, key=lambda j: self.key[j])

    def instant(self):
        """Everything that happens now; jobs of no duration started here end in a further round."""
        self.correct()
        delivered = False
        while self.deliveries and self.deliveries[0][0] == self.now:
            self.nodes += self.deliveries.pop(0)[1]
            delivered = True
        arrivals = []
        while self.arriving and self.case.submit[self.arriving[0]] == self.now:
            arrivals.append(self.arriving.popleft())
        ends = self.ending()
        if self.case.ties == "instant":
            self.together(ends, arrivals, delivered)
            return
        if delivered:
            self.scheduling_pass()
        steps = [partial(self.end, r) for r in ends] + [partial(self.arrive, job) for job in arrivals]
        if self.case.ties == "pyss":
            steps = steps[len(ends) :] + steps[: len(ends)]
        for step in steps:
            step()

    def together(self, ends, arrivals, delivered):
        """Ends, then arrivals, then one pass, now or at the next point of the grid."""
        for r in ends:
            self.forget(r)
        for job in arrivals:
            self.enqueue(job)
        self.pending |= bool(ends or arrivals or delivered)
        on_grid = self.case.cycle_s == 0 or self.now % self.case.cycle_s == 0
        if on_grid and (self.pending or self.may_change()):
            self.scheduling_pass()
            self.pending = False

    def may_change(self):
        """Whether a pass on the grid is due although nothing happened."""
        return self.case.cycle_s > 0 and self.changing and bool(self.waiting)

    def ending(self):
        return [r for r in self.running if r.end == self.now]

    def forget(self, r):
        self.running.remove(r)
        if self.predicts:
            self.last_runs[self.case.user[r.job]].append(self.case.effective_run[r.job])

    def end(self, r):
        self.forget(r)
        self.scheduling_pass()

    def arrive(self, job):
        self.enqueue(job)
        only_if_it_fits = self.case.ties == "pyss" and self.case.backfill in ("easy", "easy-sjbf")
        if not only_if_it_fits or self.machine.fits(job, self.free()):
            self.scheduling_pass()

    def next_time(self):
        times = [at for at, _ in self.deliveries[:1]]
        if self.running:
            times.append(self.next_end())
        if self.predicts:
            times += [r.expected for r in self.running]
        if self.arriving:
            times.append(self.case.submit[self.arriving[0]])
        if self.case.cycle_s and (self.pending or self.may_change()):
            times.append((self.now // self.case.cycle_s + 1) * self.case.cycle_s)
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
