"""Conservative backfilling written from the page that defines it and from nothing else: slow, short, plain.

Built on `tests.support.definition`, which has the clock, the queue, the machine and the dialects of ties.
Here are the reservations: a start for every waiting job that has one, and the question what is free at a
time, answered from all reservations and expected ends whenever it is asked.
"""

from tests.support.cases import Case
from tests.support.definition import NEVER, Definition, Schedule


class Conservative(Definition):
    """The section on conservative backfilling, acted out on a counted machine."""

    def __init__(self, case: Case) -> None:
        super().__init__(case)
        assert case.counted
        self.reserved: dict[int, int] = {}
        self.broken: set[int] = set()
        self.ended_early = False
        self.promises: list[list[int]] = [[] for _ in case.submit]

    # what the scheduler knows

    def planned_free(self, time):
        """Slots free then, by expected ends, known deliveries and all reservations."""
        taken = [j for j, start in self.reserved.items() if start <= time < start + self.planned[j]]
        return self.free_at(time) - sum(self.case.slots[j] for j in taken)

    def changes(self):
        """Every moment from now on at which what is free then may be another number."""
        times = {self.now} | {r.expected for r in self.running} | {at for at, _ in self.deliveries}
        for job, start in self.reserved.items():
            times |= {start, start + self.planned[job]}
        return sorted(time for time in times if time >= self.now)

    def on_grid(self, time):
        every = self.case.cycle_s
        return -(-time // every) * every if every else time

    def earliest_fit(self, job):
        changes = self.changes()
        room = {time: self.planned_free(time) >= self.case.slots[job] for time in changes}
        for start in sorted({self.on_grid(time) for time in changes}):
            then = max(time for time in changes if time <= start)
            within = [time for time in changes if start < time < start + self.planned[job]]
            if all(room[time] for time in [then, *within]):
                return start
        raise AssertionError("every job fits once all others have ended")

    # reservations

    def place(self, job):
        self.reserved[job] = self.earliest_fit(job)
        self.promises[job].append(self.reserved[job])

    def scheduling_pass(self):
        if self.case.conservative == "replan" or self.broken:
            self.reserved.clear()
            self.broken.clear()
        elif self.ended_early:
            self.look_through()
        self.ended_early = False
        self.fill()
        if self.case.conservative == "replan" or self.case.ties == "instant":
            self.start_due()

    def look_through(self):
        """Take each reservation out, in queue order, and put it back at its earliest fit."""
        for job in [j for j in self.waiting if self.reserved.get(j, self.now) > self.now]:
            del self.reserved[job]
            self.place(job)

    def fill(self):
        """The first jobs without a reservation get one, as many as may hold one."""
        for job in self.waiting:
            if self.case.backfill_depth and len(self.reserved) >= self.case.backfill_depth:
                break
            if job not in self.reserved:
                self.place(job)

    def start_due(self):
        """Start, in queue order, whose time has come, and give their places to others."""
        while due := [j for j in self.waiting if self.is_due(j)]:
            for job in due:
                if self.machine.fits(job, self.free()):
                    del self.reserved[job]
                    self.launch(job, self.free(), self.free())
                else:
                    self.broken.add(job)
            self.fill()

    def is_due(self, job):
        return self.reserved.get(job, NEVER) <= self.now and job not in self.broken

    # events

    def instant(self):
        super().instant()
        if self.case.ties != "instant":
            self.start_due()

    def forget(self, r):
        super().forget(r)
        self.ended_early |= r.expected > self.now or self.case.ties == "pyss"

    def may_change(self):
        return any(self.is_due(job) for job in self.waiting)

    def next_time(self):
        times = [start for job, start in self.reserved.items() if job not in self.broken]
        return min([time for time in (super().next_time(), *times) if time is not None], default=None)


def conservative_schedule(case: Case) -> Schedule:
    """The schedule that the definition demands; a promise is the first start reserved for a job."""
    acted = Conservative(case)
    answer = acted.run_all()
    answer.promise = [made[0] if made else NEVER for made in acted.promises]
    return answer
