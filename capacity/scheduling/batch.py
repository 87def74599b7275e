"""The batch system as the rest of the tool sees it: pools, jobs, a clock, and what became of each job."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from capacity.errors import InputError
from capacity.scheduling.core.site import state as s
from capacity.scheduling.jobs import Jobs, with_own_times
from capacity.scheduling.outcome import Outcome, SiteOutcome
from capacity.scheduling.pools.failing import FailingPool, Saving
from capacity.scheduling.pools.pool import LONGEST_S, Pool, PoolSpec, PoolState
from capacity.scheduling.pools.rule_numbers import jobs_may_return
from capacity.scheduling.rules import Rules
from capacity.scheduling.site.rules import Restarts, SiteRules
from capacity.scheduling.site.system import SiteSystem

Rows: TypeAlias = Sequence[int] | npt.NDArray[np.integer]

FOREVER_S: Final = (1 << 39) - 2
"""Later than any job event. [s]"""


class BatchSystem:
    """Pools that schedule jobs, advanced together to given times.

    Parameters
    ----------
    pools : sequence of PoolSpec
        The machine.
    rules : Rules
        The same for all pools.
    jobs : Jobs
        Everything that will be submitted.
    site : SiteRules, optional
        Rules of a whole site; without them, and without columns of jobs that need them, every pool
        schedules by itself.
    restarts : Restarts, optional
        Nodes can fail, and this becomes of their jobs; it takes the place of what `site` says of that.
    holds : bool
        Jobs will be held (`hold`): the site core takes over where the queue core could not let them join.
    start_s : int
        Time at which the clock starts. [s]

    Raises
    ------
    InputError
        A job names a pool that is not there.

    Examples
    --------
    Two slots, three jobs of one slot, 100 s each, submitted together:

    >>> import numpy as np
    >>> three = np.array([1, 1, 1])
    >>> jobs = Jobs(0 * three, 100 * three, 100 * three, three)
    >>> system = BatchSystem([PoolSpec("cpu", nodes=2)], Rules(), jobs)
    >>> system.run()
    >>> system.outcome().start_s.tolist()
    [0, 0, 100]
    """

    def __init__(
        self,
        pools: Sequence[PoolSpec],
        rules: Rules,
        jobs: Jobs,
        *,
        site: SiteRules | None = None,
        restarts: Restarts | None = None,
        holds: bool = False,
        start_s: int = 0,
    ) -> None:
        self.specs = tuple(pools)
        if jobs.pool is not None and len(jobs.pool):
            low, high = int(jobs.pool.min()), int(jobs.pool.max())
            if low < 0 or high >= len(self.specs):
                message = f"a job names pool number {low if low < 0 else high}"
                raise InputError(message, fix=f"pools are numbered 0 to {len(self.specs) - 1}")
        self.rules = rules
        self.jobs = jobs
        self.restarts = restarts
        self.rejected = np.zeros(len(jobs.submit_s), np.bool_)
        self._rows: list[npt.NDArray[np.int64] | None] = []
        self.pools: list[Pool] = []
        self._site: SiteSystem | None = None
        self._times_are_own = False
        self._delivered = [0] * len(self.specs)
        if needs_site_core(self.specs, rules, jobs, site, needs_returns=holds or restarts is not None):
            site = site or SiteRules()
            site = site if restarts is None else replace(site, restarts=restarts)
            self._site = SiteSystem(self.specs, rules, site, jobs, start_s=start_s)
            self.pools.extend(self._site.pools)
            return
        for index, spec in enumerate(self.specs):
            self._add_pool(index, spec, start_s)

    def _add_pool(self, index: int, spec: PoolSpec, start_s: int) -> None:
        jobs = self.jobs
        mine = np.ones(len(jobs.submit_s), np.bool_) if jobs.pool is None else jobs.pool == index
        too_large = spec.need(jobs.slots) > spec.most_nodes * spec.slots_per_node
        self.rejected |= mine & too_large
        if jobs.unservable is not None:
            too_large |= jobs.unservable
            self.rejected |= mine & jobs.unservable
        mine &= ~too_large
        rows = None if mine.all() else np.flatnonzero(mine)
        self._rows.append(rows)

        def column(values: npt.NDArray[np.integer]) -> npt.NDArray[np.integer]:
            return values if rows is None else values[rows]

        requested = np.minimum(column(jobs.requested_s), LONGEST_S).astype(np.int32, copy=False)
        run = np.minimum(column(jobs.run_s), LONGEST_S).astype(np.int32, copy=False)
        submit = column(jobs.submit_s).astype(np.int64, copy=False)
        slots = column(jobs.slots).astype(np.int32, copy=False)
        given = (spec, self.rules, submit, run, requested, slots)
        if self.restarts is not None:
            kept = (jobs.checkpoint_s, jobs.restart_s)
            saving = Saving(*(None if values is None else column(values) for values in kept))
            self.pools.append(FailingPool(*given, restarts=self.restarts, saving=saving, start_s=start_s))
            return
        user = None if jobs.user is None else column(jobs.user)
        self.pools.append(Pool(*given, start_s=start_s, user=user))

    def advance(self, until_s: int) -> None:
        """Handle every job event before `until_s` [s] in every pool and set all clocks to it."""
        if self._site is not None:
            self._site.advance(until_s)
            return
        for pool in self.pools:
            pool.advance(until_s)

    def deliver(self, pool: int) -> None:
        """Put the next known delivery of pool number `pool` into service now.

        Raises
        ------
        InputError
            Every known delivery of that pool has already come.
        """
        deliveries = self.specs[pool].deliveries
        if self._delivered[pool] >= len(deliveries):
            message = f"pool {self.specs[pool].name}: no delivery left"
            raise InputError(message)
        self._delivered[pool] += 1
        if self._site is not None:
            self._site.command(s.DELIVER, pool=pool)
        else:
            self.pools[pool].deliver()

    def run(self) -> None:
        """Bring in all known deliveries at their times, and run until every job has ended."""
        left = [spec.deliveries[come:] for spec, come in zip(self.specs, self._delivered, strict=True)]
        for time, pool in sorted((time, pool) for pool, later in enumerate(left) for time, _ in later):
            self.advance(max(time, *(state.now_s for state in self.states().values())))  # or late
            self.deliver(pool)
        self.advance(FOREVER_S)

    def states(self) -> dict[str, PoolState]:
        """Every pool as it is now, by name."""
        return {spec.name: pool.state() for spec, pool in zip(self.specs, self.pools, strict=True)}

    def ended_rows(self, seen: list[int]) -> npt.NDArray[np.integer]:
        """Rows of `Jobs` that ended after running since the last look.

        Parameters
        ----------
        seen : list of int, one per pool
            What the last look left here; zeros before the first. It is brought up to date.
        """
        if self._site is not None:
            rows, seen[0] = self._site.ended_rows(seen[0])
            return rows
        found = []
        for index, (pool, mine) in enumerate(zip(self.pools, self._rows, strict=True)):
            ended = pool.ended(seen[index])
            seen[index] += len(ended)
            found.append(ended if mine is None else mine[ended])
        return np.concatenate(found) if found else np.zeros(0, np.int64)

    def running_rows(self) -> npt.NDArray[np.int64]:
        """Rows of `Jobs` that run now, each once, in no order; the cost is that of those that run."""
        mine = self._rows or [None] * len(self.pools)  # the site core knows jobs by their rows
        found = [
            pool.running() if rows is None else rows[pool.running()]
            for pool, rows in zip(self.pools, mine, strict=True)
        ]
        return np.concatenate(found).astype(np.int64, copy=False) if found else np.zeros(0, np.int64)

    def hold(self, rows: Rows) -> None:
        """Keep jobs that are not yet submitted out of the queue when they are.

        They are submitted as ever, wait from then on and count as waiting in `outcome`, but not in the
        queue of `states`. Nothing happens to jobs that were submitted before.

        Raises
        ------
        InputError
            No such row, or rules under which only the site core lets jobs join the queue later.
        """
        chosen = self._existing(rows)
        if self._site is not None:
            self._site.hold(chosen)
            return
        if not jobs_may_return(self.rules):
            message = "jobs are held under rules that do not know jobs that join the queue later"
            raise InputError(message, fix="give BatchSystem holds=True: then the site core schedules")
        for pool, jobs in self._by_pool(chosen):
            pool.hold(jobs)

    def release(self, rows: Rows) -> None:
        """Let held jobs join the queue now, at the place they would have had, or later as if never held.

        Raises
        ------
        InputError
            No such row.
        """
        chosen = self._existing(rows)
        if self._site is not None:
            self._site.release(chosen)
            return
        for pool, jobs in self._by_pool(chosen):
            pool.release(jobs)

    def held_rows(self) -> npt.NDArray[np.int64]:
        """Rows of jobs that have been submitted and are still held, in no order."""
        if self._site is not None:
            return self._site.aside()
        found = [
            pool.aside() if rows is None else rows[pool.aside()]
            for pool, rows in zip(self.pools, self._rows, strict=True)
        ]
        return np.concatenate(found).astype(np.int64, copy=False) if found else np.zeros(0, np.int64)

    def stretch(self, rows: Rows, run_s: Rows, requested_s: Rows) -> None:
        """Give jobs that are not yet submitted other run and requested times; `jobs` has them from now on.

        Keys of orders that depend on the request are worked out again.

        Parameters
        ----------
        rows : sequence of int or ndarray, shape (n_rows,)
            Rows of `jobs`, each once.
        run_s, requested_s : sequence of int or ndarray, shape (n_rows,)
            The new times. [s]

        Raises
        ------
        InputError
            No such row, a job that has been submitted, columns of different lengths, or times that cannot
            be.
        """
        chosen = self._existing(rows)
        run, requested = np.asarray(run_s, np.int64), np.asarray(requested_s, np.int64)
        self._check_stretch(chosen, run, requested)
        if not self._times_are_own:
            self._times_are_own = True
            self.jobs = with_own_times(self.jobs)
        self.jobs.run_s[chosen], self.jobs.requested_s[chosen] = run, requested
        if self._site is not None:
            self._site.stretch(chosen, self.jobs)
            return
        for pool, jobs, mine in self._by_pool_with_places(chosen):
            pool.stretch(jobs, run[mine].astype(np.int32), requested[mine].astype(np.int32))

    def _check_stretch(
        self, rows: npt.NDArray[np.int64], run_s: npt.NDArray[np.int64], requested_s: npt.NDArray[np.int64]
    ) -> None:
        if not len(rows) == len(run_s) == len(requested_s):
            message = f"{len(rows)} jobs get {len(run_s)} run times and {len(requested_s)} requests"
            raise InputError(message, fix="one of each for every row")
        for name, values in (("run time", run_s), ("requested time", requested_s)):
            if len(values) and not (values.min() >= 0 and values.max() <= LONGEST_S):
                message = f"a job gets the {name} {values[(values < 0) | (values > LONGEST_S)][0]} s"
                raise InputError(message, fix=f"0 to {LONGEST_S} s")
        if self._site is not None:
            late = int(self._site.is_submitted(rows).sum())
        else:
            late = sum(int(pool.is_submitted(jobs).sum()) for pool, jobs in self._by_pool(rows))
        if late:
            message = f"{late} of {len(rows)} jobs that are to last longer have been submitted already"
            raise InputError(message, fix="rows of jobs whose submission is still to come")

    def _existing(self, rows: Rows) -> npt.NDArray[np.int64]:
        """Return rows as an array, all of which are there."""
        chosen = np.asarray(rows, np.int64).reshape(-1)
        if len(chosen) and not (chosen.min() >= 0 and chosen.max() < len(self.jobs.submit_s)):
            message = f"rows {chosen.min()} to {chosen.max()} are named"
            raise InputError(message, fix=f"rows of jobs are numbered 0 to {len(self.jobs.submit_s) - 1}")
        return chosen

    def _by_pool(self, rows: npt.NDArray[np.int64]) -> Iterator[tuple[Pool, npt.NDArray[np.int64]]]:
        """Yield the pools of the queue core with those of the jobs that are theirs, as they number them."""
        for pool, jobs, _ in self._by_pool_with_places(rows):
            yield pool, jobs

    def _by_pool_with_places(
        self, rows: npt.NDArray[np.int64]
    ) -> Iterator[tuple[Pool, npt.NDArray[np.int64], npt.NDArray[np.bool_]]]:
        """Yield the same, and which of `rows` they are, shape (n_rows,); rejected jobs are nobody's."""
        for pool, mine in zip(self.pools, self._rows, strict=True):
            if mine is None:
                yield pool, rows, np.ones(len(rows), np.bool_)
            elif len(mine):
                place = np.minimum(np.searchsorted(mine, rows), len(mine) - 1)
                found = mine[place] == rows
                yield pool, place[found], found

    def outcome(self) -> Outcome:
        """Return what became of every job by now."""
        return self._plain_outcome() if self._site is None else site_outcome(self._site)

    def _plain_outcome(self) -> Outcome:
        jobs = self.jobs
        count = len(jobs.submit_s)
        start = np.full(count, -1, np.int64)
        held = np.asarray(jobs.slots, np.int32).copy()
        ended = np.zeros(count, np.bool_)
        for pool, rows in zip(self.pools, self._rows, strict=True):
            where = slice(None) if rows is None else rows
            start[where] = pool.start_s
            held[where] = pool.spec.need(jobs.slots[where])
            ended[pool.ended(0) if rows is None else rows[pool.ended(0)]] = True
        kill = self.rules.overrun == "kill"
        end = start + (np.minimum(jobs.run_s, jobs.requested_s) if kill else jobs.run_s)
        end[~ended] = -1
        killed = ended & (jobs.run_s > jobs.requested_s) & kill
        site = None if self.restarts is None else self._interruptions(start, end, killed)
        return Outcome(start, end, killed, self.rejected, held, site)

    def _interruptions(
        self, start_s: npt.NDArray[np.int64], end_s: npt.NDArray[np.int64], killed: npt.NDArray[np.bool_]
    ) -> SiteOutcome:
        """Return what failures did; the columns given, those of last attempts, are brought up to date."""
        count = len(start_s)
        site = SiteOutcome(
            cancelled=np.zeros(count, np.bool_),
            node_fail=np.zeros(count, np.bool_),
            attempts=(start_s >= 0).astype(np.int16),
            ran_s=np.where(end_s >= 0, end_s - start_s, 0),
            lost_s=np.zeros(count, np.int64),
            restart_s=np.zeros(count, np.int64),
            last_start_s=start_s.copy(),
            running_since_s=np.where(end_s < 0, start_s, -1),
            pool=np.zeros(count, np.int16) if self.jobs.pool is None else self.jobs.pool.astype(np.int16),
        )
        for pool, rows in zip(self.pools, self._rows, strict=True):
            for fate in pool.fates() if isinstance(pool, FailingPool) else ():
                row = fate.job if rows is None else rows[fate.job]
                start_s[row], end_s[row], killed[row] = fate.start_s, fate.end_s, fate.killed
                if not fate.running:
                    site.running_since_s[row] = -1
                site.node_fail[row], site.attempts[row] = fate.node_fail, fate.attempts
                site.ran_s[row], site.lost_s[row], site.restart_s[row] = (
                    fate.ran_s,
                    fate.lost_s,
                    fate.restart_s,
                )
        return site

    @property
    def core(self) -> str:
        """Name of the compiled core these rules need, for `load_core`."""
        if self._site is not None:
            return "site"
        return "conservative" if self.rules.backfill == "conservative" else "queue"

    @property
    def site(self) -> SiteSystem:
        """The site core, for commands that only it knows.

        Raises
        ------
        InputError
            These jobs run under plain rules.
        """
        if self._site is None:
            message = (
                "drains, cancellations and the like need the rules of a site, and nodes that fail theirs"
            )
            raise InputError(message, fix="give BatchSystem site=SiteRules(), or restarts=Restarts()")
        return self._site

    def fail(self, pool: int, node: int) -> None:
        """Let a node fail now: its jobs end, and are requeued as the rules say."""
        if (alone := self._failing(pool)) is not None:
            alone.fail(node)
        else:
            self.site.command(s.FAIL, pool=pool, item=node)

    def repair(self, pool: int, node: int) -> None:
        """Put a failed node back into service."""
        if (alone := self._failing(pool)) is not None:
            alone.repair(node)
        else:
            self.site.command(s.REPAIR, pool=pool, item=node)

    def _failing(self, pool: int) -> FailingPool | None:
        """Pool number `pool` if it schedules by itself and its nodes can fail."""
        if self._site is not None or self.restarts is None:
            return None
        if not 0 <= pool < len(self.pools):
            problem = f"command to pool {pool}: there is no such thing"
            raise InputError(problem, fix=f"pools are numbered 0 to {len(self.pools) - 1}")
        alone = self.pools[pool]
        return alone if isinstance(alone, FailingPool) else None

    def drain(self, pool: int, node: int) -> None:
        """Nothing starts on a node any more; what runs there ends as it would."""
        self.site.command(s.DRAIN, pool=pool, item=node)

    def resume(self, pool: int, node: int) -> None:
        """Undo `drain`."""
        self.site.command(s.RESUME, pool=pool, item=node)

    def cancel(self, row: int) -> None:
        """Take a job back for its user, waiting or running; nothing if it is not there yet or any more."""
        self.site.command(s.CANCEL, item=row)

    def preempt(self, row: int) -> None:
        """Requeue or cancel a running job now, as its QOS says; nothing if it does not run."""
        self.site.command(s.PREEMPT, item=row)

    def submit(self, jobs: Jobs) -> None:
        """Add jobs, with the same optional columns as those there are; they get the next rows."""
        self.site.submit(jobs)
        self.jobs = self.site.jobs


def needs_site_core(
    specs: Sequence[PoolSpec],
    rules: Rules,
    jobs: Jobs,
    site: SiteRules | None,
    *,
    needs_returns: bool = False,
) -> bool:
    """Whether anything asks for more than the cores that know one pool at a time have.

    Parameters
    ----------
    specs, rules, jobs, site
        As those of `BatchSystem`.
    needs_returns : bool
        Jobs join the queue long after their submission: requeued after a failure, or held.
    """
    columns = (
        jobs.qos, jobs.pool_set, jobs.after, jobs.singleton, jobs.array, jobs.patience_s, jobs.deadline_s,
        jobs.pool_factor,
    )  # fmt: skip
    return (
        site is not None
        or (needs_returns and not jobs_may_return(rules))
        or bool(jobs.pool_sets)
        or any(column is not None for column in columns)
        or rules.reservations > 1
        or rules.order == "multifactor"
        or (rules.backfill == "conservative" and not all(spec.counted for spec in specs))
    )


def site_outcome(system: SiteSystem) -> Outcome:
    """Outcome of jobs under the rules of a site."""
    state, end = system.column(s.STATE), system.column(s.END)
    pool = system.column(s.ON_POOL)
    slots = np.asarray(system.jobs.slots)
    held = np.zeros(len(slots), np.int32)
    for number, spec in enumerate(system.specs):
        mine = pool == number
        held[mine] = spec.need(slots[mine])
    return Outcome(
        start_s=system.column(s.FIRST_START).copy(),
        end_s=end.copy(),
        killed=state == s.TIMEOUT,
        rejected=state == s.REJECTED,
        held_slots=held,
        site=SiteOutcome(
            cancelled=state == s.CANCELLED,
            node_fail=state == s.NODE_FAIL,
            attempts=system.column(s.ATTEMPTS).astype(np.int16),
            ran_s=system.column(s.RAN).copy(),
            lost_s=system.column(s.LOST).copy(),
            restart_s=system.column(s.RESTARTED).copy(),
            last_start_s=system.column(s.LAST_START).copy(),
            running_since_s=np.where(state == s.RUNNING, system.column(s.LAST_START), -1),
            pool=pool.astype(np.int16),
        ),
    )
