"""The batch system of pools that schedule by themselves: every job knows its pool, none knows another."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from capacity.errors import InputError
from capacity.scheduling.base import BaseSystem, Ints, Rows
from capacity.scheduling.jobs import Jobs
from capacity.scheduling.outcome import Outcome
from capacity.scheduling.pools.failing import FailingPool
from capacity.scheduling.pools.pool import LONGEST_S, Pool, PoolJobs, PoolSpec
from capacity.scheduling.pools.rule_numbers import jobs_may_return
from capacity.scheduling.rules import Rules
from capacity.scheduling.site.rules import Restarts


class PoolSystem(BaseSystem):
    """Pools of the queue core or the conservative core, advanced together; see `batch_system`.

    Raises
    ------
    InputError
        A job names a pool that is not there, or the rules contradict each other.
    """

    pools: list[Pool]

    def __init__(
        self, specs: Sequence[PoolSpec], rules: Rules, jobs: Jobs, *, restarts: Restarts | None, start_s: int
    ) -> None:
        super().__init__(specs, rules, jobs)
        self._restarts = restarts
        self._rejected = np.zeros(len(jobs.submit_s), np.bool_)
        self._rows: list[Ints | None] = []
        self.pools = [self._pool(number, start_s) for number in range(len(self.specs))]

    def _pool(self, number: int, start_s: int) -> Pool:
        """Set up one pool with those of its jobs that it can run."""
        jobs, spec = self.jobs, self.specs[number]
        rows = None if jobs.pool is None else np.flatnonzero(jobs.pool == number)
        need = spec.need(jobs.slots if rows is None else jobs.slots[rows])
        fits = need <= spec.most_nodes * spec.slots_per_node
        if jobs.unservable is not None:
            fits &= ~(jobs.unservable if rows is None else jobs.unservable[rows])
        if not fits.all():
            rows = np.arange(len(fits)) if rows is None else rows
            self._rejected[rows[~fits]] = True
            rows, need = rows[fits], need[fits]
        if rows is not None and len(rows) == len(jobs.submit_s):
            rows = None
        self._rows.append(rows)

        def column(values: npt.NDArray[np.integer]) -> npt.NDArray[np.integer]:
            return values if rows is None else values[rows]

        def optional(values: npt.NDArray[np.integer] | None) -> npt.NDArray[np.integer] | None:
            return None if values is None else column(values)

        mine = PoolJobs(
            submit_s=column(jobs.submit_s).astype(np.int64, copy=False),
            run_s=np.minimum(column(jobs.run_s), LONGEST_S).astype(np.int32, copy=False),
            requested_s=np.minimum(column(jobs.requested_s), LONGEST_S).astype(np.int32, copy=False),
            slots=column(jobs.slots).astype(np.int32, copy=False),
            need_slots=need,
            user=optional(jobs.user),
            checkpoint_s=optional(jobs.checkpoint_s),
            restart_s=optional(jobs.restart_s),
        )
        if self._restarts is None:
            return Pool(spec, self.rules, mine, start_s=start_s)
        return FailingPool(spec, self.rules, mine, restarts=self._restarts, start_s=start_s)

    @property
    def core(self) -> str:
        """Name of the compiled core these rules need."""
        return "conservative" if self.rules.backfill == "conservative" else "queue"

    def advance(self, until_s: int) -> None:
        """Handle every job event before `until_s` [s] in every pool and set all clocks to it."""
        for pool in self.pools:
            pool.advance(until_s)

    def _put_in_service(self, pool: int) -> None:
        self.pools[pool].deliver()

    def fail(self, pool: int, node: int) -> None:
        """Let a node fail now: its jobs end, and are requeued as the rules say."""
        self._failing(pool).fail(node)

    def repair(self, pool: int, node: int) -> None:
        """Put a failed node back into service."""
        self._failing(pool).repair(node)

    def _failing(self, pool: int) -> FailingPool:
        if self._restarts is None:
            message = "nodes that fail need rules that say what becomes of their jobs"
            raise InputError(message, fix="give batch_system restarts=Restarts(), or site=SiteRules()")
        if not 0 <= pool < len(self.pools):
            problem = f"command to pool {pool}: there is no such thing"
            raise InputError(problem, fix=f"pools are numbered 0 to {len(self.pools) - 1}")
        found = self.pools[pool]
        assert isinstance(found, FailingPool)
        return found

    def ended_rows(self, seen: list[int]) -> Ints:
        """Rows of `jobs` that ended after running since the last look; `seen` is brought up to date."""
        ended = [pool.ended(since) for pool, since in zip(self.pools, seen, strict=True)]
        seen[:] = [since + len(new) for since, new in zip(seen, ended, strict=True)]
        return self._in_rows(ended)

    def running_rows(self) -> Ints:
        """Rows of `jobs` that run now, each once, in no order."""
        return self._in_rows(pool.running() for pool in self.pools)

    def held_rows(self) -> Ints:
        """Rows of jobs that have been submitted and are still held, in no order."""
        return self._in_rows(pool.aside() for pool in self.pools)

    def _in_rows(self, found: Iterable[npt.NDArray[np.integer]]) -> Ints:
        """Return jobs of each pool, as the pools number them, as rows of `jobs`."""
        rows = [jobs if mine is None else mine[jobs] for jobs, mine in zip(found, self._rows, strict=True)]
        return np.concatenate([np.zeros(0, np.int64), *rows], dtype=np.int64)

    def hold(self, rows: Rows) -> None:
        """Keep jobs that are not yet submitted out of the queue when they are."""
        chosen = self._existing(rows)
        if not jobs_may_return(self.rules):
            message = "jobs are held under rules that do not know jobs that join the queue later"
            raise InputError(message, fix="give batch_system holds=True: then the site core schedules")
        for pool, jobs, _ in self._by_pool(chosen):
            pool.hold(jobs)

    def release(self, rows: Rows) -> None:
        """Let held jobs join the queue now, at the place they would have had, or later as if never held."""
        for pool, jobs, _ in self._by_pool(self._existing(rows)):
            pool.release(jobs)

    def _submitted(self, rows: Ints) -> int:
        return sum(int(pool.is_submitted(jobs).sum()) for pool, jobs, _ in self._by_pool(rows))

    def _take_times(self, rows: Ints, run_s: Ints, requested_s: Ints) -> None:
        for pool, jobs, mine in self._by_pool(rows):
            pool.stretch(jobs, run_s[mine].astype(np.int32), requested_s[mine].astype(np.int32))

    def _by_pool(self, rows: Ints) -> Iterator[tuple[Pool, Ints, npt.NDArray[np.bool_]]]:
        """Yield each pool, those of the jobs that are its own as it numbers them, and which of the rows.

        Rejected jobs are nobody's.
        """
        for pool, mine in zip(self.pools, self._rows, strict=True):
            if mine is None:
                yield pool, rows, np.ones(len(rows), np.bool_)
            elif len(mine):
                place = np.minimum(np.searchsorted(mine, rows), len(mine) - 1)
                found = mine[place] == rows
                yield pool, place[found], found

    def outcome(self) -> Outcome:
        """Return what became of every job by now."""
        jobs = self.jobs
        count = len(jobs.submit_s)
        start = np.full(count, -1, np.int64)
        held = np.asarray(jobs.slots, np.int32).copy()
        ended = np.zeros(count, np.bool_)
        for pool, rows in zip(self.pools, self._rows, strict=True):
            where = slice(None) if rows is None else rows
            start[where] = pool.start_s
            held[where] = pool.need_slots
            ended[pool.ended(0) if rows is None else rows[pool.ended(0)]] = True
        kill = self.rules.overrun == "kill"
        end = start + (np.minimum(jobs.run_s, jobs.requested_s) if kill else jobs.run_s)
        end[~ended] = -1
        never, nothing = np.broadcast_to(np.bool_(False), count), np.broadcast_to(np.int64(0), count)
        found = Outcome(
            start_s=start,
            end_s=end,
            killed=ended & (jobs.run_s > jobs.requested_s) & kill,
            rejected=self._rejected,
            held_slots=held,
            pool=np.broadcast_to(np.int16(0), count) if jobs.pool is None else jobs.pool.astype(np.int16),
            attempts=(start >= 0).astype(np.int16),
            last_start_s=start,
            running=(start >= 0) & ~ended,
            cancelled=never,
            node_fail=never,
            lost_s=nothing,
            restart_s=nothing,
        )
        if self._restarts is None:
            return found
        own = {
            name: getattr(found, name).copy() for name in ("last_start_s", "node_fail", "lost_s", "restart_s")
        }
        found = replace(found, attempts_ran_s=found.ran_s, **own)  # what it knows is their last attempt
        for pool, rows in zip(self.pools, self._rows, strict=True):
            if isinstance(pool, FailingPool):
                pool.tell(found, rows)
        return found
