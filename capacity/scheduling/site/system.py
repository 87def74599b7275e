"""The batch system of a site with all its rules: arrays for the site core, and commands to it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from capacity.errors import InputError, Problem
from capacity.registry import BACKFILLING, CHANGING, FAIR_SHARE, ROUTES
from capacity.scheduling.compiled import load_core
from capacity.scheduling.core.machine import state as k
from capacity.scheduling.core.site import state as s
from capacity.scheduling.growing import appended, longer
from capacity.scheduling.pools.pool import PoolSpec
from capacity.scheduling.pools.rule_numbers import candidates
from capacity.scheduling.rules import Rules
from capacity.scheduling.site.columns import (
    Columns,
    chains,
    check,
    fresh_columns,
    job_columns,
    longest_on,
    pool_lists,
    taken,
    times_on,
)
from capacity.scheduling.site.groups import Groups, Tree
from capacity.scheduling.site.pool import SitePool
from capacity.scheduling.site.rules import FOREVER_S, SiteRules

if TYPE_CHECKING:
    from capacity.scheduling.jobs import Jobs

ALL: Final = 1 << 30
"""Depth and reservations without limit."""


def check_rules(rules: Rules) -> None:
    """Refuse rules that the site core does not have.

    Raises
    ------
    InputError
        Naming each of them.
    """
    found = [
        Problem(message, fix=fix)
        for wrong, message, fix in (
            (rules.ties != "instant", f"ties {rules.ties} with the rules of a site", "ties instant"),
            (rules.backfill == "easy++", "easy++ with the rules of a site", "backfill easy or easy-sjbf"),
            (
                rules.backfill == "conservative" and rules.conservative == "sticky",
                "sticky reservations on nodes, or with the rules of a site",
                "conservative replan",
            ),
            (
                rules.backfill == "easy-sjbf" and rules.backfill_order not in ("queue", "sjf"),
                f"easy-sjbf tries candidates by time, not in the order {rules.backfill_order}",
                f"backfill easy with backfill_order {rules.backfill_order}",
            ),
            (
                rules.backfill == "conservative" and rules.backfill_order != "queue",
                f"conservative backfilling has no candidates to try in the order {rules.backfill_order}",
                "backfill_order queue",
            ),
            (rules.backfill_order == "multifactor", "backfill_order multifactor", "an order that stays"),
            (candidates(rules) in CHANGING, f"backfill_order {rules.backfill_order}", "an order that stays"),
        )
        if wrong
    ]
    if found:
        raise InputError(found)


class SiteSystem:
    """One queue over several pools, under `SiteRules`.

    Parameters
    ----------
    specs : sequence of PoolSpec
        The machine.
    rules : Rules
        Order, backfilling, placement.
    site : SiteRules
        Everything else.
    jobs : Jobs
        What is known to be submitted; more may follow.
    start_s : int
        Time at which the clock starts. [s]
    """

    def __init__(
        self, specs: Sequence[PoolSpec], rules: Rules, site: SiteRules, jobs: "Jobs", *, start_s: int
    ) -> None:
        check_rules(rules)
        check(jobs, specs, site)
        self.specs, self.rules, self.site, self.jobs = tuple(specs), rules, site, jobs
        self.pools = [SitePool(spec, rules, start_s=start_s) for spec in specs]
        self._failed: list[set[int]] = [set() for _ in specs]  # nodes of counted pools
        self.groups, self.tree = Groups(site), Tree(site)
        self._arrays: list[npt.NDArray[Any]] = [np.zeros(1, np.int64) for _ in range(s.N_ARRAYS)]
        self._table = np.zeros(2 * s.N_ARRAYS, np.int64)
        self._scalars = np.zeros(s.N_SCALARS, np.int64)
        self._set({s.SCALARS: self._scalars})
        self._set_rules(start_s)
        self._set_pools()
        self._set_windows(start_s)
        self._arrays[s.LEAF_FACTOR] = np.ones(1)
        self._set_jobs(fresh_columns(len(jobs.submit_s)))
        self._set_room(256, 256, 256 + sum(spec.most_nodes for spec in specs))

    def _set(self, columns: Columns) -> None:
        """Put arrays into the table; they stay alive as long as this object."""
        for index, array in columns.items():
            kept = np.ascontiguousarray(array)
            if not kept.size:
                kept = np.zeros(1, kept.dtype)
            self._arrays[index] = kept
            self._table[2 * index] = kept.ctypes.data
            self._table[2 * index + 1] = kept.size

    def _set_rules(self, start_s: int) -> None:
        rules, site, scalars = self.rules, self.site, self._scalars
        multifactor = rules.order == "multifactor"
        conservative = rules.backfill == "conservative"
        restless = (
            multifactor
            or rules.order in CHANGING
            or rules.overrun == "allow"
            or rules.backfill_depth > 0
            or site.route != "preferred"
            or any(q.preempts for q in site.qos)
            or rules.backfill == "none"
        )
        for index, value in (
            (s.NOW, start_s),
            (s.LAST_SHARES, start_s),
            (s.N_POOLS, len(self.specs)),
            (s.N_ACCOUNTS, self.tree.n_accounts),
            (s.N_QOS, max(1, len(site.qos))),
            (s.OVERRUN, rules.overrun == "allow"),
            (s.CYCLE, rules.cycle_s),
            (s.ORDER_KIND, s.MULTIFACTOR if multifactor else CHANGING.get(rules.order, k.BY_KEY)),
            (s.TIME_VARYING, multifactor or rules.order in CHANGING),
            (s.RECOMPUTE, rules.recompute_s),
            (s.LAST_RECOMPUTE, -1),
            (s.BACKFILL, min(BACKFILLING[rules.backfill].number, s.EASY)),
            (s.OTHER_ORDER, candidates(rules) != "queue"),
            (s.DEPTH, (rules.backfill_depth if rules.backfill != "none" else 0) or ALL),
            (s.RESERVATIONS, ALL if conservative else min(rules.reservations, ALL)),
            (s.ROUTE, ROUTES[site.route].number),
            (s.FAVOR_SMALL, site.multifactor.favor_small),
            (s.FAIR_SHARE_RULE, FAIR_SHARE[site.multifactor.fair_share_rule].number),
            (s.HAS_SHARES, multifactor and site.multifactor.fair_share != 0),
            (s.HAS_PREEMPTION, any(q.preempts for q in site.qos)),
            (s.RESTLESS, restless),
            (s.REQUEUE_ON_FAIL, site.restarts.requeue),
            (s.REQUEUE_DELAY, site.restarts.delay_s),
            (s.MAX_ATTEMPTS, site.restarts.max_attempts),
            (s.MAX_FUTILE, site.restarts.max_futile),
            (s.EXACT, rules.estimates == "exact"),
        ):
            scalars[index] = value
        qos = site.qos
        self._set(
            {
                s.QOS_RUNNING: np.zeros(len(self.specs) * max(1, len(qos)), np.int64),
                s.QOS_PRIORITY: np.array([q.priority for q in qos] or [0.0]),
                s.QOS_PREEMPTS: np.array(
                    [sum(1 << n for n in set(q.preempts)) for q in qos] or [0], np.int64
                ),
                s.QOS_MODE: np.array([int(q.mode == "cancel") for q in qos] or [0], np.int32),
                s.QOS_GRACE: np.array([q.grace_s for q in qos] or [0], np.int64),
                s.QOS_MIN_RUN: np.array([q.min_run_s for q in qos] or [0], np.int64),
            }
        )

    def _set_pools(self) -> None:
        specs = self.specs
        sizes = [0 if spec.counted else spec.most_nodes for spec in specs]
        first = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
        most = np.array([spec.most_nodes * spec.slots_per_node for spec in specs], np.int64)
        total = int(first[-1])
        begins = np.zeros(total, np.int64)
        why = np.zeros(total, np.int32)
        for number, spec in enumerate(specs):
            if not spec.counted:
                place = int(first[number]) + spec.nodes
                for time, count in spec.deliveries:
                    begins[place : place + count] = time
                    why[place : place + count] = s.UNDELIVERED | s.OUT
                    place += count
        weights = self.site.multifactor
        factors = [*weights.pool_factors, *[0.0] * len(specs)][: len(specs)]
        pools = len(specs)
        self._set(
            {
                s.POOL_NODE0: first,
                s.POOL_SOUND: np.array([spec.nodes * spec.slots_per_node for spec in specs], np.int64),
                s.NODE_FROM: begins,
                s.NODE_DUE: begins.copy(),
                s.NODE_WHY: why,
                s.NODE_TAKES: np.full(total, -1, np.int32),
                **{
                    index: np.zeros(pools, np.int64)
                    for index in (s.POOL_ROOM, s.POOL_FIRST_TAKE, s.POOL_DRAINED)
                },
                **{
                    index: np.zeros(pools, np.int64)
                    for index in (s.POOL_WINDOWS, s.POOL_GONE, s.POOL_NEXT_WINDOW)
                },
                **{index: np.zeros(pools, np.int32) for index in (s.POOL_CLOSED, s.POOL_RESERVED)},
                s.POOL_TAKES: np.full(pools, -1, np.int32),
                s.ACCOUNT_SLOTS: np.zeros(pools * self.tree.n_accounts, np.int64),
                s.SCRATCH_TIME: np.zeros(max(sizes, default=0) + 1, np.int64),
                s.SCRATCH_NODE: np.zeros(max(sizes, default=0) + 1, np.int32),
                s.WEIGHTS: np.array(
                    [
                        weights.age,
                        weights.size,
                        weights.qos,
                        weights.pool,
                        weights.fair_share,
                        weights.max_age_s,
                        weights.half_life_s,
                        weights.damping,
                        max(1, int(most.max(initial=1))),
                        *factors,
                    ],
                    np.float64,
                ),
            }
        )

    def _set_windows(self, start_s: int) -> None:
        windows = sorted((w for w in self.site.windows if w.end_s > start_s), key=lambda w: w.start_s)
        for window in windows:
            if not 0 <= window.pool < len(self.specs):
                raise InputError(Problem(f"a window names pool number {window.pool}"))
            self._arrays[s.POOL_WINDOWS][window.pool] += 1
            self._arrays[s.POOL_GONE][window.pool] += window.end_s >= FOREVER_S
        edges = sorted(
            [(w.end_s, 0, n) for n, w in enumerate(windows)]
            + [(w.start_s, 1, n) for n, w in enumerate(windows)]
        )
        self._scalars[s.N_WINDOWS] = len(windows)
        self._scalars[s.N_EDGES] = len(edges)
        self._set(
            {
                s.WINDOW_POOL: np.array([w.pool for w in windows], np.int32),
                s.WINDOW_START: np.array([w.start_s for w in windows], np.int64),
                s.WINDOW_END: np.array([w.end_s for w in windows], np.int64),
                s.WINDOW_FIRST: np.array([w.first for w in windows], np.int64),
                s.WINDOW_NODES: np.array([w.nodes for w in windows], np.int64),
                s.WINDOW_ACCOUNT: np.array([w.account for w in windows], np.int32),
                s.WINDOW_REQUEUE: np.array([w.requeue for w in windows], np.int32),
                s.WINDOW_ON: np.zeros(len(windows), np.int64),
                s.EDGE_TIME: np.array([time for time, _, _ in edges], np.int64),
                s.EDGE_WINDOW: np.array([~n if is_start else n for _, is_start, n in edges], np.int32),
            }
        )

    def _set_jobs(self, lives: Columns) -> None:
        """Columns of all jobs; `lives` is what has become of them so far."""
        jobs, scalars = self.jobs, self._scalars
        count = len(jobs.submit_s)
        columns = job_columns(jobs, self.rules)
        columns[s.ARRIVAL] = np.lexsort((np.arange(count), columns[s.SUBMIT])).astype(np.int32)
        lists = pool_lists(jobs, self.specs)
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
        links = chains(columns)
        self._set({**columns, **lives, **links})
        if scalars[s.PARKS]:
            self._set({s.PARKED: longer(self._arrays[s.PARKED], count, 0)})
        scalars[s.N_JOBS] = count
        scalars[s.N_LEAVES] = len(self.tree.leaf_account)
        scalars[s.HAS_LIMITS] = bool((groups >= 0).any() or (columns[s.SINGLE_OF] >= 0).any())
        self._set_groups()
        self._set_tree()
        for number, pool in enumerate(self.pools):
            run, asked = times_on(jobs, number, self.rules)
            need = pool.spec.need(np.asarray(jobs.slots))
            pool.set_jobs(need, run.copy(), asked.copy(), self._arrays[s.START])
            if self.rules.estimates == "exact":
                pool.set_limit(longest_on(jobs, number, self.rules))
        tables = [(pool.table.ctypes.data, pool.table.size) for pool in self.pools]
        self._set({s.POOL_TABLES: np.array(tables, np.int64).reshape(-1)})

    def _set_groups(self) -> None:
        limits = self.groups.limits
        columns: Columns = {}
        for index, name in (
            (s.LIMIT_SLOTS, "running_slots"),
            (s.LIMIT_JOBS, "running_jobs"),
            (s.LIMIT_SUBMITTED, "submitted_jobs"),
        ):
            columns[index] = np.array([getattr(limit, name) for limit in limits], np.int64)
        for index in (s.GROUP_SLOTS, s.GROUP_JOBS, s.GROUP_SUBMITTED):
            columns[index] = longer(self._arrays[index], len(limits), 0)
        self._set(columns)

    def _set_tree(self) -> None:
        leaves, accounts = len(self.tree.leaf_account), self.tree.n_accounts
        now = int(self._scalars[s.NOW])
        self._set(
            {
                **self.tree.arrays(),
                s.TREE_USAGE: longer(self._arrays[s.TREE_USAGE].astype(np.float64), accounts + leaves, 0.0),
                s.TREE_EFFECT: np.zeros(accounts + leaves),
                s.LEAF_RATE: longer(self._arrays[s.LEAF_RATE], leaves, 0),
                s.LEAF_SINCE: longer(self._arrays[s.LEAF_SINCE], leaves, now),
                s.LEAF_NEW: longer(self._arrays[s.LEAF_NEW], leaves, 0),
                s.LEAF_FACTOR: longer(self._arrays[s.LEAF_FACTOR].astype(np.float64), leaves, 1.0),
            }
        )

    def _set_room(self, queue: int, timers: int, takes: int) -> None:
        """Make room for so many waiting jobs, timers and takes, keeping what is there."""
        old = self._arrays
        self._scalars[s.QUEUE_SIZE], self._scalars[s.TIMERS_SIZE], self._scalars[s.TAKES_SIZE] = (
            queue,
            timers,
            takes,
        )
        columns: Columns = {
            s.QUEUE: longer(old[s.QUEUE].astype(np.int32), queue, 0),
            s.TIMERS: longer(old[s.TIMERS], timers, 0),
            s.SCRATCH_KEY: np.zeros(queue),
        }
        running = sum(spec.most_nodes * spec.slots_per_node for spec in self.specs)
        columns[s.SCRATCH_JOB] = np.zeros(max(queue, running + 1), np.int32)
        for index in (s.QUEUE_NEED, s.QUEUE_SET, s.FRESH, s.RESERVED_JOB, s.RESERVED_POOL):
            columns[index] = longer(old[index].astype(np.int32), queue, 0)
        for index in (s.PROMISED_JOB, s.PROMISED_POOL):
            columns[index] = np.zeros(queue, np.int32)
        for index in (s.TAKE_START, s.TAKE_END, s.TAKE_ROOM):
            columns[index] = longer(old[index], takes, 0)
        for index in (s.TAKE_SLOTS, s.TAKE_WINDOW, s.TAKE_NEXT, s.TAKE_NODE):
            columns[index] = longer(old[index].astype(np.int32), takes, -1)
        self._set(columns)

    def advance(self, until_s: int) -> None:
        """Handle everything before `until_s` [s] and set the clock to it."""
        scalars = self._scalars
        if until_s < scalars[s.NOW]:
            message = f"the clock is at {scalars[s.NOW]} s, not before {until_s} s"
            raise ValueError(message)
        scalars[s.OP], scalars[s.UNTIL] = s.ADVANCE, until_s
        core = load_core("site")
        while core(self._table) == k.GROW:
            self._set_room(
                *(
                    int(max(scalars[size], 2 * scalars[wanted] if scalars[wanted] > scalars[size] else 0))
                    for size, wanted in (
                        (s.QUEUE_SIZE, s.WANTED_QUEUE),
                        (s.TIMERS_SIZE, s.WANTED_TIMERS),
                        (s.TAKES_SIZE, s.WANTED_TAKES),
                    )
                )
            )

    def command(self, op: int, *, pool: int = 0, item: int = 0) -> None:
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
        self._make_timer_room()
        scalars[s.OP], scalars[s.OP_POOL], scalars[s.OP_ITEM] = op, pool, item
        load_core("site")(self._table)

    def _make_timer_room(self) -> None:
        """Make room for a failure to requeue every job that runs."""
        scalars = self._scalars
        running = sum(int(pool.array(k.SCALARS)[k.RUNNING]) for pool in self.pools)
        wanted = int(scalars[s.N_TIMERS]) + running + 2
        if wanted > scalars[s.TIMERS_SIZE]:
            self._set_room(int(scalars[s.QUEUE_SIZE]), 2 * wanted, int(scalars[s.TAKES_SIZE]))

    def hold(self, rows: npt.NDArray[np.integer]) -> None:
        """Put those of these jobs that are not yet submitted aside when they are."""
        rows = rows[self._arrays[s.STATE][rows] == s.PENDING]
        if not len(rows):
            return
        if not self._scalars[s.PARKS]:
            self._scalars[s.PARKS] = 1
            self._set({s.PARKED: np.zeros(len(self.jobs.submit_s), np.int32)})
        self._arrays[s.PARKED][rows] = 1

    def release(self, rows: npt.NDArray[np.integer]) -> None:
        """Let jobs that were put aside join the queue at their places now, and others no longer be."""
        if not self._scalars[s.PARKS]:
            return
        rows = np.unique(rows[self._arrays[s.PARKED][rows] != 0])
        still = self._arrays[s.STATE][rows] == s.PENDING
        self._arrays[s.PARKED][rows[still]] = 0
        if not still.all():
            self._set({s.RELEASED: rows[~still].astype(np.int32)})
            self._scalars[s.N_RELEASED] = np.count_nonzero(~still)
            self.command(s.RELEASE)

    def aside(self) -> npt.NDArray[np.int64]:
        """Rows of jobs that were submitted and put aside, ascending."""
        if not self._scalars[s.PARKS]:
            return np.zeros(0, np.int64)
        return np.flatnonzero((self.column(s.PARKED) != 0) & (self.column(s.STATE) == s.HELD))

    def is_submitted(self, rows: npt.NDArray[np.integer]) -> npt.NDArray[np.bool_]:
        """Whether each of these jobs has been submitted."""
        submitted: npt.NDArray[np.bool_] = self._arrays[s.STATE][rows] != s.PENDING
        return submitted

    def stretch(self, rows: npt.NDArray[np.integer], jobs: "Jobs") -> None:
        """Take over the run and requested times of jobs not yet submitted from `jobs`, which has all rows."""
        self.jobs = jobs
        few = taken(jobs, rows)
        keys = job_columns(few, self.rules)
        for index in (s.KEY, s.BASE_KEY, s.BACKFILL_KEY):
            self._arrays[index][rows] = keys[index]
        for number, pool in enumerate(self.pools):
            pool.array(k.RUN)[rows], pool.array(k.REQUESTED)[rows] = times_on(few, number, self.rules)
            if self.rules.estimates == "exact":
                pool.array(k.LIMIT)[rows] = longest_on(few, number, self.rules)

    def submit(self, jobs: "Jobs") -> None:
        """Add jobs, which must not be submitted in the past; they get the next rows.

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
        check(self.jobs, self.specs, self.site)
        lives = {
            index: np.concatenate([self._arrays[index][:before], column])
            for index, column in fresh_columns(count).items()
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

    def ended_rows(self, since: int) -> tuple[npt.NDArray[np.int32], int]:
        """Rows of jobs that ended after running, from the `since`-th end on, and the number of ends."""
        count = int(self._scalars[s.N_ENDED])
        rows = self._arrays[s.ENDED][since:count]
        return rows[self._arrays[s.ATTEMPTS][rows] > 0], count

    def column(self, index: int) -> npt.NDArray[Any]:
        """One column of the jobs, shape (n_jobs,)."""
        return self._arrays[index][: len(self.jobs.submit_s)]

    def count(self, index: int) -> int:
        """One scalar of the core."""
        return int(self._scalars[index])
