"""EASY by definition in plain Python: a heap of ends, a list that waits, a sort for each reservation."""

import heapq

from capacity.scheduling.jobs import Jobs


class PlainPython:
    """A counted machine under EASY, in order of submission, one pass per instant.

    Parameters
    ----------
    jobs : Jobs
        Sorted by submission.
    slots : int
        Size of the machine.
    """

    def __init__(self, jobs: Jobs, slots: int) -> None:
        self.submit: list[int] = jobs.submit_s.tolist()
        self.run_s: list[int] = jobs.run_s.tolist()
        self.requested: list[int] = jobs.requested_s.tolist()
        self.slots: list[int] = jobs.slots.tolist()
        self.free = slots
        self.ends: list[tuple[int, int]] = []
        self.expected: dict[int, int] = {}
        self.queue: list[int] = []
        self.start = [-1] * len(self.submit)

    def run(self) -> None:
        """Take every instant with an end or an arrival: ends, arrivals, one pass."""
        arrived, count = 0, len(self.submit)
        while arrived < count or self.ends:
            now = self.submit[arrived] if arrived < count else self.ends[0][0]
            if self.ends:
                now = min(now, self.ends[0][0])
            while self.ends and self.ends[0][0] == now:
                job = heapq.heappop(self.ends)[1]
                del self.expected[job]
                self.free += self.slots[job]
            while arrived < count and self.submit[arrived] == now:
                self.queue.append(arrived)
                arrived += 1
            if self.queue:
                self.make_pass(now)

    def begin(self, job: int, now: int) -> None:
        """Start a job."""
        self.free -= self.slots[job]
        self.start[job] = now
        self.expected[job] = now + self.requested[job]
        heapq.heappush(self.ends, (now + self.run_s[job], job))

    def make_pass(self, now: int) -> None:
        """Start from the head while jobs fit, then those that do not delay the first that does not."""
        while self.queue and self.slots[self.queue[0]] <= self.free:
            self.begin(self.queue.pop(0), now)
        if len(self.queue) < 2 or self.free == 0:
            return
        shadow, spare = self.reservation(self.queue[0])
        waiting = self.queue[:1]
        for job in self.queue[1:]:
            need = self.slots[job]
            in_time = now + self.requested[job] <= shadow
            if need <= self.free and (in_time or need <= spare):
                spare -= 0 if in_time else need
                self.begin(job, now)
            else:
                waiting.append(job)
        self.queue = waiting

    def reservation(self, head: int) -> tuple[int, int]:
        """When the head fits by expected ends [s], and the slots that are spare then."""
        free, need, shadow = self.free, self.slots[head], 0
        for end, job in sorted((end, job) for job, end in self.expected.items()):
            if free >= need and end > shadow:
                break
            free += self.slots[job]
            shadow = end
        return shadow, free - need
