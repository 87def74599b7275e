"""Pools of the queue core whose nodes can fail: what interrupted jobs had done, and when they come back.

The compiled core only takes the jobs of a failed node off the machine and puts them back into the queue.
All that must be remembered of them is kept here, for those few that were ever interrupted.
"""

from dataclasses import dataclass
from heapq import heappop, heappush

import numpy as np
import numpy.typing as npt

from capacity.errors import InputError, Problem
from capacity.scheduling.compiled import load_core
from capacity.scheduling.core.machine import state as k
from capacity.scheduling.outcome import Outcome
from capacity.scheduling.pools.pool import LONGEST_S, Pool, PoolJobs, PoolSpec
from capacity.scheduling.rules import Rules
from capacity.scheduling.site.rules import Restarts


@dataclass(slots=True)
class Interrupted:
    """One job whose node failed, up to the last time it did.

    Attributes
    ----------
    first_start_s : int
        Start of its first attempt. [s]
    left_s : int
        Work that is not yet saved. [s]
    attempts : int
        Attempts that were ended by a failure.
    ran_s, lost_s, restart_s : int
        Time in these attempts, what of it was lost, and what they took to get going again. [s]
    futile : int
        How many of the last ones saved nothing.
    since_s : int
        When the last one ended. [s]
    gone : bool
        It is not requeued any more.
    """

    first_start_s: int
    left_s: int
    attempts: int = 0
    ran_s: int = 0
    lost_s: int = 0
    restart_s: int = 0
    futile: int = 0
    since_s: int = 0
    gone: bool = False


class FailingPool(Pool):
    """A `Pool` whose nodes fail and are repaired; `restarts` says what becomes of jobs whose node fails."""

    def __init__(
        self, spec: PoolSpec, rules: Rules, jobs: PoolJobs, *, restarts: Restarts, start_s: int = 0
    ) -> None:
        super().__init__(spec, rules, jobs, start_s=start_s)
        self._restarts = restarts
        self._checkpoint_s, self._restart_s = jobs.checkpoint_s, jobs.restart_s
        self._work_s, self._longest_s = jobs.run_s, jobs.requested_s
        self._stretched = False  # until then the two may belong to somebody else
        # Numbers one by one come faster from a view than from an array.
        self._numbers: memoryview[int] = self._scalars.data
        self._begun: memoryview[int] = self._arrays[k.START].data
        self._interrupted: dict[int, Interrupted] = {}
        self._returns: list[tuple[int, int]] = []  # heap of (time [s], job)
        self._failed: set[int] = set()
        self._scalars[k.REACH] = spec.most_nodes * spec.slots_per_node
        self._set({k.STOPPED: np.zeros(spec.slots_per_node, np.int32)})

    def advance(self, until_s: int) -> None:
        """Handle every job event before `until_s` [s], jobs that come back included, and set the clock."""
        while self._returns and self._returns[0][0] < until_s:
            time = self._returns[0][0]
            super().advance(time)
            back = []
            while self._returns and self._returns[0][0] == time:
                back.append(heappop(self._returns)[1])
            wanted = 2 * (self._numbers[k.QUEUE_LENGTH] + len(back) + 1)
            if wanted > self._numbers[k.QUEUE_SIZE]:
                self._make_queue_room(wanted)
            for job in back:
                self._command(k.RETURN, job)
        super().advance(until_s)

    def fail(self, node: int) -> None:
        """Let a node fail now: its jobs end, and are requeued as the rules say; nothing if it is out already.

        One that has not been delivered is an InputError.
        """
        self._check(node)
        if node in self._failed:
            return
        self._failed.add(node)
        self._command(k.FAIL, node)
        for job in self._arrays[k.STOPPED][: self._numbers[k.N_STOPPED]].tolist():
            self._interrupt(job)

    def repair(self, node: int) -> None:
        """Put a failed node back into service; nothing if it has not failed.

        One that has not been delivered is an InputError.
        """
        self._check(node)
        if node in self._failed:
            self._failed.remove(node)
            self._command(k.REPAIR, node)

    def _check(self, node: int) -> None:
        delivered = self._numbers[k.NODES_DELIVERED]
        if not 0 <= node < delivered:
            what = f"pool {self.spec.name}: node {node} fails or is repaired, but only {delivered} are there"
            raise InputError(Problem(what, fix=f"0 to {delivered - 1}"))

    def _command(self, op: int, item: int) -> None:
        self._numbers[k.OP], self._numbers[k.OP_ITEM] = op, item
        if self._core is None:
            self._core = load_core("queue")
        self._core(self._table)
        self._numbers[k.OP] = k.ADVANCE

    def _interrupt(self, job: int) -> None:
        """Work out what a job that was stopped just now has saved, and when it comes back."""
        now, begun = self._numbers[k.NOW], self._begun[job]
        past = self._interrupted.get(job)
        if past is None:
            past = self._interrupted[job] = Interrupted(begun, self._work_s.item(job))
        ran = now - begun
        going = min(ran, self._getting_going_s(job)) if past.attempts else 0
        cycle = 0 if self._checkpoint_s is None else int(self._checkpoint_s.item(job))
        saved = (ran - going) // cycle * cycle if cycle > 0 else 0
        past.attempts += 1
        past.ran_s += ran
        past.restart_s += going
        past.lost_s += ran - going - saved
        past.left_s -= saved
        past.futile = 0 if saved else past.futile + 1
        past.since_s = now
        rules = self._restarts
        if rules.requeue and past.attempts < rules.max_attempts and past.futile < rules.max_futile:
            self._prepare(job, past.left_s)
            heappush(self._returns, (now + max(1, rules.delay_s), job))
            return
        past.gone = True
        self._arrays[k.ENDED][self._numbers[k.N_ENDED]] = job
        self._numbers[k.N_ENDED] += 1

    def _getting_going_s(self, job: int) -> int:
        """Look up what an attempt of a job after the first takes before it works [s]."""
        return 0 if self._restart_s is None else int(self._restart_s.item(job))

    def _prepare(self, job: int, left_s: int) -> None:
        """Say how long the next attempt of a job lasts, and what the scheduler knows of that."""
        lasts = min(self._getting_going_s(job) + left_s, LONGEST_S)
        if self.rules.overrun == "kill":
            lasts = min(lasts, self._longest_s.item(job))
        self._mine(k.RUN)[job] = lasts
        if self.rules.estimates == "exact":
            self._mine(k.REQUESTED)[job] = max(1, lasts)

    def stretch(
        self, jobs: npt.NDArray[np.integer], run_s: npt.NDArray[np.int32], requested_s: npt.NDArray[np.int32]
    ) -> None:
        """Give jobs that are not yet submitted other run and requested times. [s]."""
        if not self._stretched:
            self._stretched = True
            self._work_s, self._longest_s = self._work_s.copy(), self._longest_s.copy()
        self._work_s[jobs], self._longest_s[jobs] = run_s, requested_s
        super().stretch(jobs, run_s, requested_s)

    def tell(self, outcome: Outcome, rows: npt.NDArray[np.int64] | None) -> None:
        """Write what became of jobs that were ever interrupted into an outcome, in their `rows` of it."""
        ended = np.zeros(self.n_jobs, np.bool_)
        ended[self.ended(0)] = True
        kill = self.rules.overrun == "kill"
        for job, past in self._interrupted.items():
            row = job if rows is None else rows[job]
            begun, ran = int(self._arrays[k.START][job]), int(self._arrays[k.RUN][job])
            again = begun > past.since_s  # it has been started once more
            done = again and bool(ended[job])
            going = self._getting_going_s(job)
            outcome.start_s[row] = past.first_start_s
            outcome.end_s[row] = begun + ran if done else past.since_s if past.gone else -1
            outcome.killed[row] = done and kill and going + past.left_s > int(self._longest_s[job])
            outcome.node_fail[row] = past.gone
            outcome.attempts[row] = past.attempts + again
            outcome.running[row] = again and not done
            outcome.ran_s[row] = past.ran_s + (ran if done else 0)
            outcome.lost_s[row] = past.lost_s
            outcome.restart_s[row] = past.restart_s + (min(ran, going) if done else 0)
