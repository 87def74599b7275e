"""The batch system of a site with all its rules: arrays for the site core, and commands to it."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from capacity.errors import InputError, Problem
from capacity.scheduling.base import BaseSystem, Ints, Rows
from capacity.scheduling.compiled import load_core
from capacity.scheduling.core.machine import state as k
from capacity.scheduling.core.site import state as s
from capacity.scheduling.jobs import Jobs, appended, taken
from capacity.scheduling.outcome import Outcome
from capacity.scheduling.pools.pool import PoolSpec
from capacity.scheduling.rules import Rules
from capacity.scheduling.site import columns as of_jobs
from capacity.scheduling.site import rule_numbers
from capacity.scheduling.site.groups import Arrays, Groups, Tree, longer
from capacity.scheduling.site.pool import SitePool, pool_arrays, room_arrays
from capacity.scheduling.site.rules import SiteRules


class SiteSystem(BaseSystem):
    """One queue over several pools, under `SiteRules`; it knows commands that pools by themselves do not.

    More jobs may follow those that are known. The other arguments are those of `batch_system`.

    Raises
    ------
    InputError
        Rules that the site core does not have, or columns of jobs that point nowhere.
    """

    core: Final = "site"
    pools: list[SitePool]

    def __init__(
        self, specs: Sequence[PoolSpec], rules: Rules, site: SiteRules, jobs: Jobs, *, start_s: int = 0
    ) -> None:
        super().__init__(specs, rules, jobs)
        rule_numbers.check(rules)
        of_jobs.check(jobs, specs, site)
        self.site = site
        self.pools = [SitePool(spec, rules, start_s=start_s) for spec in specs]
        self._failed: list[set[int]] = [set() for _ in specs]  # nodes of counted pools
        self.groups, self.tree = Groups(site), Tree(site)
        self._arrays: list[npt.NDArray[Any]] = [np.zeros(1, np.int64) for _ in range(s.N_ARRAYS)]
        self._table = np.zeros(2 * s.N_ARRAYS, np.int64)
        self._scalars = np.zeros(s.N_SCALARS, np.int64)
        self._set({s.SCALARS: self._scalars})
        self._set_rules(start_s)
        self._arrays[s.LEAF_FACTOR] = np.ones(1)
        self._set_jobs(of_jobs.fresh_columns(len(jobs.submit_s)))
        self._set_room(256, 256, 256 + sum(spec.most_nodes for spec in specs))

    def _set(self, columns: Arrays) -> None:
        """Put arrays into the table; they stay alive as long as this object."""
        for index, array in columns.items():
            kept = np.ascontiguousarray(array)
            if not kept.size:
                kept = np.zeros(1, kept.dtype)
            self._arrays[index] = kept
            self._table[2 * index] = kept.ctypes.data
            self._table[2 * index + 1] = kept.size

    def _set_rules(self, start_s: int) -> None:
        """Numbers and arrays that depend on the rules and the machine alone."""
        site, scalars, pools = self.site, self._scalars, len(self.specs)
        windows = sorted((w for w in site.windows if w.end_s > start_s), key=lambda w: w.start_s)
        for index, value in rule_numbers.core_numbers(self.rules, site).items():
            scalars[index] = value
        scalars[[s.NOW, s.LAST_SHARES]] = start_s
        scalars[s.N_POOLS], scalars[s.N_ACCOUNTS] = pools, self.tree.n_accounts
        scalars[s.N_WINDOWS], scalars[s.N_EDGES] = len(windows), 2 * len(windows)
        self._set(rule_numbers.qos_arrays(site.qos, pools))
        self._set(pool_arrays(self.specs, site.multifactor, self.tree.n_accounts))
        self._set(rule_numbers.window_arrays(windows, pools))

    def _set_jobs(self, lives: Arrays) -> None:
        """Columns of all jobs; `lives` is what has become of them so far."""
        jobs, scalars = self.jobs, self._scalars
        count = len(jobs.submit_s)
        columns = of_jobs.job_columns(jobs, self.rules)
        columns[s.ARRIVAL] = np.lexsort((np.arange(count), columns[s.SUBMIT])).astype(np.int32)
        slots = np.asarray(jobs.slots)
        need_slots = [spec.need(slots) for spec in self.specs]
        lists = of_jobs.pool_lists(jobs, self.specs, need_slots)
        set_of = np.zeros(count, np.int32)
        for number, (rows, _, home) in enumerate(lists):
            set_of[rows] = number
            lives[s.ON_POOL][rows[lives[s.STATE][rows] == s.PENDING]] = home
        columns[s.SET_OF] = set_of
        columns[s.SET_ROOM] = np.zeros(len(lists), np.int64)
        scalars[s.N_SETS] = len(lists)
        columns[s.SET_FIRST] = np.cumsum([0] + [len(pools) for _, pools, _ in lists]).astype(np.int32)
        columns[s.SET_POOLS] = np.array([pool for _, pools, _ in lists for pool in pools], np.int32)
        groups = self.groups.of(jobs)
        columns[s.GROUPS] = groups.reshape(-1)
        columns[s.LEAF] = self.tree.leaves_of(jobs)
        links = of_jobs.chains(columns)
        self._set({**columns, **lives, **links})
        if scalars[s.PARKS]:
            self._set({s.PARKED: longer(self._arrays[s.PARKED], count, 0)})
        scalars[s.N_JOBS] = count
        scalars[s.N_LEAVES] = len(self.tree.leaf_account)
        scalars[s.HAS_LIMITS] = bool((groups >= 0).any() or (columns[s.SINGLE_OF] >= 0).any())
        self._set(self.groups.arrays(self._arrays))
        self._set(self.tree.arrays(self._arrays, int(scalars[s.NOW])))
        for number, pool in enumerate(self.pools):
            run, asked, longest = of_jobs.times_on(jobs, number, self.rules)
            of_pool = {k.NEED: need_slots[number], k.RUN: run, k.REQUESTED: asked}
            if self.rules.estimates == "exact":  # then the request does not tell how long an attempt may be
                of_pool[k.LIMIT] = longest
            pool.set_jobs({**of_pool, k.START: self._arrays[s.START]})
        tables = [(pool.table.ctypes.data, pool.table.size) for pool in self.pools]
        self._set({s.POOL_TABLES: np.array(tables, np.int64).reshape(-1)})

    def _set_room(self, queue: int, timers: int, takes: int) -> None:
        """Make room for so many waiting jobs, timers and takes, keeping what is there."""
        for index, size in ((s.QUEUE_SIZE, queue), (s.TIMERS_SIZE, timers), (s.TAKES_SIZE, takes)):
            self._scalars[index] = size
        self._set(room_arrays(self._arrays, self.specs, queue, timers, takes))

    def advance(self, until_s: int) -> None:
        """Handle everything before `until_s` [s] and set the clock to it."""
        scalars = self._scalars
        if until_s < scalars[s.NOW]:
            message = f"the clock is at {scalars[s.NOW]} s, not before {until_s} s"
            raise ValueError(message)
        scalars[s.OP], scalars[s.UNTIL] = s.ADVANCE, until_s
        core = load_core("site")
        while core(self._table) == k.GROW:
            have = scalars[[s.QUEUE_SIZE, s.TIMERS_SIZE, s.TAKES_SIZE]]
            wanted = scalars[[s.WANTED_QUEUE, s.WANTED_TIMERS, s.WANTED_TAKES]]
            self._set_room(*np.where(wanted > have, 2 * wanted, have).tolist())

    def _put_in_service(self, pool: int) -> None:
        self._command(s.DELIVER, pool=pool)

    def fail(self, pool: int, node: int) -> None:
        """Let a node fail now: its jobs end, and are requeued as the rules say."""
        self._command(s.FAIL, pool=pool, item=node)

    def repair(self, pool: int, node: int) -> None:
        """Put a failed node back into service."""
        self._command(s.REPAIR, pool=pool, item=node)

    def drain(self, pool: int, node: int) -> None:
        """Nothing starts on a node any more; what runs there ends as it would."""
        self._command(s.DRAIN, pool=pool, item=node)

    def resume(self, pool: int, node: int) -> None:
        """Undo `drain`."""
        self._command(s.RESUME, pool=pool, item=node)

    def cancel(self, row: int) -> None:
        """Take a job back for its user, waiting or running; nothing if it is not there yet or any more."""
        self._command(s.CANCEL, item=row)

    def preempt(self, row: int) -> None:
        """Requeue or cancel a running job now, as its QOS says; nothing if it does not run."""
        self._command(s.PREEMPT, item=row)

    def _command(self, op: int, *, pool: int = 0, item: int = 0) -> None:
        """Carry out one command now; see `capacity.scheduling.core.site.state`.

        Raises
        ------
        InputError
            It names a pool, node or job that is not there.
        """
        nodes = self.specs[pool].most_nodes if 0 <= pool < len(self.specs) else -1
        most = len(self.jobs.submit_s) if op in (s.CANCEL, s.PREEMPT) else nodes
        if nodes < 0 or not 0 <= item < max(1, most):
            raise InputError(Problem(f"command to pool {pool}, number {item}: there is no such thing"))
        if op in (s.DRAIN, s.RESUME) and self.specs[pool].counted:
            problem = f"pool {self.specs[pool].name} counts slots: it has no nodes to drain"
            raise InputError(Problem(problem, fix="a window that holds as many nodes"))
        if op in (s.FAIL, s.REPAIR) and self.specs[pool].counted:
            if (item in self._failed[pool]) == (op == s.FAIL):
                return
            self._failed[pool] ^= {item}
        scalars = self._scalars
        # A failure may requeue every job that runs.
        running = sum(int(pool.array(k.SCALARS)[k.RUNNING]) for pool in self.pools)
        wanted = int(scalars[s.N_TIMERS]) + running + 2
        if wanted > scalars[s.TIMERS_SIZE]:
            self._set_room(int(scalars[s.QUEUE_SIZE]), 2 * wanted, int(scalars[s.TAKES_SIZE]))
        scalars[s.OP], scalars[s.OP_POOL], scalars[s.OP_ITEM] = op, pool, item
        load_core("site")(self._table)

    def hold(self, rows: Rows) -> None:
        """Keep jobs that are not yet submitted out of the queue when they are."""
        chosen = self._existing(rows)
        chosen = chosen[self._arrays[s.STATE][chosen] == s.PENDING]
        if not len(chosen):
            return
        if not self._scalars[s.PARKS]:
            self._scalars[s.PARKS] = 1
            self._set({s.PARKED: np.zeros(len(self.jobs.submit_s), np.int32)})
        self._arrays[s.PARKED][chosen] = 1

    def release(self, rows: Rows) -> None:
        """Let held jobs join the queue now, at the place they would have had, or later as if never held."""
        chosen = self._existing(rows)
        if not self._scalars[s.PARKS]:
            return
        chosen = np.unique(chosen[self._arrays[s.PARKED][chosen] != 0])
        still = self._arrays[s.STATE][chosen] == s.PENDING
        self._arrays[s.PARKED][chosen[still]] = 0
        if not still.all():
            self._set({s.RELEASED: chosen[~still].astype(np.int32)})
            self._scalars[s.N_RELEASED] = np.count_nonzero(~still)
            self._command(s.RELEASE)

    def held_rows(self) -> Ints:
        """Rows of jobs that have been submitted and are still held, ascending."""
        if not self._scalars[s.PARKS]:
            return np.zeros(0, np.int64)
        return np.flatnonzero((self._column(s.PARKED) != 0) & (self._column(s.STATE) == s.HELD))

    def _submitted(self, rows: Ints) -> int:
        return int(np.count_nonzero(self._arrays[s.STATE][rows] != s.PENDING))

    def _take_times(self, rows: Ints, run_s: Ints, requested_s: Ints) -> None:
        del run_s, requested_s  # they stand in `jobs`
        few = taken(self.jobs, rows)
        keys = of_jobs.job_columns(few, self.rules)
        for index in (s.KEY, s.BASE_KEY, s.BACKFILL_KEY):
            self._arrays[index][rows] = keys[index]
        for number, pool in enumerate(self.pools):
            run, asked, longest = of_jobs.times_on(few, number, self.rules)
            pool.array(k.RUN)[rows], pool.array(k.REQUESTED)[rows] = run, asked
            if self.rules.estimates == "exact":
                pool.array(k.LIMIT)[rows] = longest

    def submit(self, jobs: Jobs) -> None:
        """Add jobs, with the same optional columns as those there are; they get the next rows.

        Raises
        ------
        InputError
            A submission lies in the past, or a column is missing that other jobs have.
        """
        if len(jobs.submit_s) and int(jobs.submit_s[0]) < self._scalars[s.NOW]:
            raise InputError(Problem(f"a job submitted at {int(jobs.submit_s[0])} s lies in the past"))
        before, count = len(self.jobs.submit_s), len(jobs.submit_s)
        arrived = self._arrays[s.ARRIVAL][: int(self._scalars[s.CURSOR])].copy()
        left = [(pool.array(k.RUN), pool.array(k.REQUESTED)) for pool in self.pools]
        self.jobs = appended(self.jobs, jobs)
        of_jobs.check(self.jobs, self.specs, self.site)
        lives = {
            index: np.concatenate([self._arrays[index][:before], column])
            for index, column in of_jobs.fresh_columns(count).items()
        }
        key = self._arrays[s.KEY][:before].copy()
        self._set_jobs(lives)
        self._arrays[s.KEY][:before] = key
        pending = self._arrays[s.ARRIVAL]
        pending = pending[~np.isin(pending, arrived)]
        self._set({s.ARRIVAL: np.concatenate([arrived, pending]).astype(np.int32)})
        waiting = slice(0, int(self._scalars[s.N_WAITING]))  # lists of pools have new numbers
        self._arrays[s.QUEUE_SET][waiting] = self._arrays[s.SET_OF][self._arrays[s.QUEUE][waiting]]
        for pool, (run, asked) in zip(self.pools, left, strict=True):
            pool.array(k.RUN)[:before] = run[:before]
            pool.array(k.REQUESTED)[:before] = asked[:before]

    def ended_rows(self, seen: list[int]) -> npt.NDArray[np.int32]:
        """Rows of `jobs` that ended after running since the last look; `seen` is brought up to date."""
        count = int(self._scalars[s.N_ENDED])
        rows: npt.NDArray[np.int32] = self._arrays[s.ENDED][seen[0] : count]
        seen[0] = count
        ran: npt.NDArray[np.bool_] = self._arrays[s.ATTEMPTS][rows] > 0
        return rows[ran]

    def running_rows(self) -> Ints:
        """Rows of `jobs` that run now, each once, in no order."""
        return np.concatenate([np.zeros(0, np.int64), *(pool.running() for pool in self.pools)])

    def _column(self, index: int) -> npt.NDArray[Any]:
        """One column of the jobs, shape (n_jobs,)."""
        return self._arrays[index][: len(self.jobs.submit_s)]

    def outcome(self) -> Outcome:
        """Return what became of every job by now."""
        state, pool = self._column(s.STATE), self._column(s.ON_POOL)
        held = np.zeros(len(state), np.int32)
        for number, one in enumerate(self.pools):
            mine = pool == number
            held[mine] = one.need_slots[mine]
        return Outcome(
            start_s=self._column(s.FIRST_START).copy(),
            end_s=self._column(s.END).copy(),
            killed=state == s.TIMEOUT,
            rejected=state == s.REJECTED,
            held_slots=held,
            pool=pool.astype(np.int16),
            attempts=self._column(s.ATTEMPTS).astype(np.int16),
            last_start_s=self._column(s.LAST_START).copy(),
            running=state == s.RUNNING,
            cancelled=state == s.CANCELLED,
            node_fail=state == s.NODE_FAIL,
            lost_s=self._column(s.LOST).copy(),
            restart_s=self._column(s.RESTARTED).copy(),
            attempts_ran_s=self._column(s.RAN).copy(),
            left_s=self._column(s.LEFT).copy(),
        )
