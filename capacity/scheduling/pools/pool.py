"""One pool's state: the numpy arrays the kernel works on, and the commands that change the machine.

The kernel sees the arrays through a table of addresses; this object keeps them alive, enlarges them when the
kernel asks, and is the only place that writes them from Python.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from capacity.errors import InputError
from capacity.scheduling.compiled import Core, load_core
from capacity.scheduling.core.machine import state as k
from capacity.scheduling.orders import keys_of
from capacity.scheduling.pools import allocation, conservative, parking, rule_numbers
from capacity.scheduling.rules import Rules

LONGEST_S = k.NO_NEED - 1
"""Longest request the core can hold, 68 years. [s]"""


@dataclass(frozen=True, slots=True)
class PoolSpec:
    """Identical nodes that the scheduler sees as one partition.

    Attributes
    ----------
    name, nodes, slots_per_node : str, int, int
        Its name, nodes in service at the start, and slots of each node.
    counted : bool
        Any free slots will do (a counted machine); otherwise jobs are placed on nodes.
    deliveries : tuple of (int, int)
        Time [s] and number of nodes of every delivery known in advance, ascending.

    Raises
    ------
    InputError
        A number of nodes or slots that cannot be, or deliveries out of order.
    """

    name: str
    nodes: int
    slots_per_node: int = 1
    counted: bool = True
    deliveries: tuple[tuple[int, int], ...] = ()

    def __post_init__(self) -> None:
        times = [time for time, _ in self.deliveries]
        name, none = f"pool {self.name}:", any(count < 1 for _, count in self.deliveries)
        rule_numbers.refuse(
            (
                (self.nodes < 0, f"{name} {self.nodes} nodes", "0 or more"),
                (self.slots_per_node < 1, f"{name} {self.slots_per_node} slots per node", "at least 1"),
                (times != sorted(times), f"{name} its deliveries are not in order of time", "earliest first"),
                (none, f"{name} a delivery without nodes", "at least 1"),
            )
        )

    @property
    def most_nodes(self) -> int:
        """Nodes after the last known delivery."""
        return self.nodes + sum(count for _, count in self.deliveries)

    def need(self, slots: npt.NDArray[Any]) -> npt.NDArray[np.int32]:
        """Slots that jobs occupy, shape (n_jobs,): those asked for, or whole nodes above one node."""
        whole = 1 if self.counted else self.slots_per_node
        rounded = np.where(slots <= whole, slots, -(-slots.astype(np.int64) // whole) * whole)
        # What does not fit into the core's integers is too large for any pool, and must not wrap around.
        return np.minimum(rounded, np.iinfo(np.int32).max).astype(np.int32)


@dataclass(frozen=True, slots=True)
class PoolState:
    """A pool at one moment, with its integrals since the start.

    Attributes
    ----------
    now_s : int
        Time. [s]
    capacity_slots, free_slots, running_jobs, waiting_jobs, waiting_slots : int
        The machine and its queue now.
    busy_slot_s, capacity_slot_s, waiting_job_s, waiting_slot_s : int
        Integrals over time of slots in use, slots in service, jobs waiting and slots they ask for.
        [slot s], [job s]
    peak_waiting_jobs, started_jobs, ended_jobs : int
        Longest queue so far, jobs started and ended so far.
    """

    now_s: int
    capacity_slots: int
    free_slots: int
    running_jobs: int
    waiting_jobs: int
    waiting_slots: int
    busy_slot_s: int
    capacity_slot_s: int
    waiting_job_s: int
    waiting_slot_s: int
    peak_waiting_jobs: int
    started_jobs: int
    ended_jobs: int


_STATE: Final = [
    k.NOW, k.CAPACITY, k.FREE, k.RUNNING, k.QUEUE_LENGTH, k.QUEUED_SLOTS, k.BUSY_SLOT_S, k.CAPACITY_SLOT_S,
    k.WAITING_JOB_S, k.WAITING_SLOT_S, k.PEAK_QUEUE, k.STARTED, k.N_ENDED,
]  # fmt: skip
"""Scalars of the core in the order of the fields of `PoolState`."""


@dataclass(frozen=True, slots=True)
class PoolJobs:
    """The jobs of one pool, sorted by submission; times and slots fit the integers of the core.

    Attributes
    ----------
    submit_s : ndarray of int64, shape (n_jobs,)
        Submission. [s]
    run_s, requested_s : ndarray of int32
        Run time and requested time. [s]
    slots, need_slots : ndarray of int32
        Slots asked for, and those that jobs occupy, which some day fit.
    user : ndarray of int, optional
        Who submitted each job, any numbers; below 0 for unknown, which count as user 0. Only for ``easy++``.
    checkpoint_s, restart_s : ndarray of int32, optional
        Work between checkpoints, and what each attempt after the first takes to get going again; None for 0
        everywhere. Only where nodes fail. [s]
    """

    submit_s: npt.NDArray[np.int64]
    run_s: npt.NDArray[np.int32]
    requested_s: npt.NDArray[np.int32]
    slots: npt.NDArray[np.int32]
    need_slots: npt.NDArray[np.int32]
    user: npt.NDArray[np.integer] | None = None
    checkpoint_s: npt.NDArray[np.integer] | None = None
    restart_s: npt.NDArray[np.integer] | None = None


class Pool:
    """The batch system of one pool, for everything that will be submitted; its clock starts at `start_s` [s].

    Raises
    ------
    InputError
        The rules contradict each other, or ask for users that are not given.
    """

    def __init__(self, spec: PoolSpec, rules: Rules, jobs: PoolJobs, *, start_s: int = 0) -> None:
        rule_numbers.check(rules, counted=spec.counted)
        self._conservative = rules.backfill == "conservative"
        self.spec = spec
        self.rules = rules
        self.n_jobs = len(jobs.submit_s)
        self._core: Core | None = None  # loaded when time first advances
        self._arrays: list[npt.NDArray[Any]] = [np.zeros(1, np.int64) for _ in range(k.N_ARRAYS)]
        self._table = np.zeros(2 * k.N_ARRAYS, np.int64)
        self._scalars = np.zeros(k.N_SCALARS, np.int64)
        self._own: set[int] = set()  # columns that nobody else looks at
        self._set({k.SCALARS: self._scalars})
        self._set_jobs(jobs)
        self._set_rules(start_s)
        self._set_users(jobs.user)
        self._make_queue_room(64)
        self._make_running_room(spec.most_nodes * spec.slots_per_node)
        placed = 0 if spec.counted else spec.most_nodes
        self._set(allocation.nodes(self._scalars, spec.slots_per_node, placed))
        self._put_in_service(spec.nodes)
        if self._conservative:
            self._set(conservative.set_up(self._arrays, self._scalars, rules))

    def _set_jobs(self, jobs: PoolJobs) -> None:
        """Columns of the jobs as the rules have the scheduler see them."""
        rules, spec = self.rules, self.spec
        run_s, limit = self._lasts(jobs.run_s, jobs.requested_s)
        keys = self._keys(jobs.submit_s, limit, jobs.slots)
        predicted = limit.copy() if rules.backfill == rule_numbers.PREDICTING else limit
        self._set(
            {
                k.SUBMIT: np.ascontiguousarray(jobs.submit_s, np.int64),
                k.NEED: np.ascontiguousarray(jobs.need_slots, np.int32),
                k.SLOTS: np.ascontiguousarray(jobs.slots, np.int32),
                k.RUN: np.ascontiguousarray(run_s, np.int32),
                k.LIMIT: np.ascontiguousarray(limit, np.int32),
                k.REQUESTED: np.ascontiguousarray(predicted, np.int32),
                k.START: np.full(self.n_jobs, -1, np.int64),
                k.ENDED: np.full(self.n_jobs, -1, np.int32),
                k.KEY: keys.get(k.KEY, np.zeros(1)),
                k.BACKFILL_KEY: keys.get(k.BACKFILL_KEY, np.zeros(1)),
                k.PLAN_TIME: np.array([time for time, _ in spec.deliveries], np.int64),
                k.PLAN_SLOTS: np.array([n * spec.slots_per_node for _, n in spec.deliveries], np.int64),
            }
        )

    def _keys(
        self, submit_s: npt.NDArray[Any], limit_s: npt.NDArray[Any], slots: npt.NDArray[Any]
    ) -> dict[int, npt.NDArray[np.float64]]:
        """Columns of keys by the orders that have some, from submissions, requests [s] and slots."""
        orders = (
            (k.KEY, self.rules.order, "fcfs"),
            (k.BACKFILL_KEY, rule_numbers.candidates(self.rules), "queue"),
        )
        return {
            index: np.ascontiguousarray(keys_of(order, submit_s, limit_s, slots), np.float64)
            for index, order, neutral in orders
            if order != neutral
        }

    def _lasts(
        self, run_s: npt.NDArray[np.int32], requested_s: npt.NDArray[np.int32]
    ) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
        """How long jobs last as the rules have it, and as the scheduler sees it [s]."""
        if self.rules.overrun == "kill":
            run_s = np.minimum(run_s, requested_s)
        # Planning needs time to pass: a request of nothing counts as 1 s.
        limit = run_s if self.rules.estimates == "exact" else requested_s
        if len(limit) and limit.min() < 1:
            limit = np.maximum(limit, 1)
        return run_s, limit

    def _set_users(self, user: npt.NDArray[np.integer] | None) -> None:
        """Give every user a number from 0 on, for predictions; exact ones are learned from nobody's jobs."""
        if self.rules.backfill != rule_numbers.PREDICTING:
            return
        if self.rules.estimates == "exact":
            user = np.arange(self.n_jobs)
        if user is None:
            message = "easy++ predicts from the last jobs of each user, and these jobs have no users"
            raise InputError(message, fix="backfill easy-sjbf, or jobs with users")
        known, number = np.unique(np.maximum(user, 0), return_inverse=True)
        runs = np.full(2 * max(1, len(known)), -1, np.int32)
        self._set({k.USER: number.reshape(-1).astype(np.int32), k.USER_RUNS: runs})

    def _set(self, arrays: allocation.Arrays) -> None:
        """Put arrays into the table; they stay alive as long as this object."""
        for index, array in arrays.items():
            self._arrays[index] = array
            self._table[2 * index] = array.ctypes.data
            self._table[2 * index + 1] = array.size

    def _set_rules(self, start_s: int) -> None:
        scalars = self._scalars
        scalars[k.NOW] = start_s
        scalars[k.N_JOBS] = self.n_jobs
        scalars[k.MACHINE] = k.COUNTED if self.spec.counted else k.NODES
        for index, value in rule_numbers.kernel_numbers(self.rules).items():
            scalars[index] = value
        scalars[k.SLOTS_PER_NODE] = self.spec.slots_per_node
        scalars[k.HELD_NODE] = k.NO_NODE
        scalars[k.REACH] = k.NO_NEED
        scalars[k.N_PLAN] = len(self.spec.deliveries)
        seed = np.random.SeedSequence(self.rules.seed)
        scalars[k.RNG] = seed.generate_state(1, np.uint64).astype(np.int64)[0] | 1

    def _make_queue_room(self, wanted: int) -> None:
        """Make room for `wanted` queue positions, keeping what waits."""
        self._set(allocation.queue(self._arrays, self._scalars, wanted))

    def _guard_queue(self) -> None:
        """Let the tree of the queue tell apart the sizes of those who wait now."""
        waiting = self._arrays[k.QUEUE_JOB][: int(self._scalars[k.QUEUE_TAIL])]
        waiting = waiting[waiting >= 0]
        if not len(waiting):
            return
        bounds = allocation.class_bounds(self._arrays[k.NEED][waiting])
        tree = allocation.class_tree(self._arrays[k.QUEUE_TREE], bounds)
        self._set({k.CLASS_BOUND: bounds, k.CLASS_TREE: tree})
        self._scalars[k.GUARD] = 1
        # Not again before searches have cost many times what this did.
        self._scalars[k.SEARCHED] += 1024 * self._scalars[k.QUEUE_SIZE]

    def _make_running_room(self, slots: int) -> None:
        """Make room for every job that may run at once."""
        self._set(allocation.running(self._scalars, min(slots, self.n_jobs)))

    def _put_in_service(self, nodes: int) -> None:
        """Add idle nodes with the next numbers."""
        scalars = self._scalars
        slots = nodes * self.spec.slots_per_node
        if not self.spec.counted:
            allocation.add_idle(self._arrays, scalars, self.spec.slots_per_node, nodes)
        scalars[k.CAPACITY] += slots
        scalars[k.FREE] += slots
        scalars[k.NODES_DELIVERED] += nodes

    def deliver(self) -> None:
        """Put the next known delivery into service now.

        Raises
        ------
        RuntimeError
            Every known delivery has already come.
        """
        scalars = self._scalars
        plan = int(scalars[k.PLAN_NEXT])
        if plan >= len(self.spec.deliveries):
            message = f"pool {self.spec.name}: no delivery left"
            raise RuntimeError(message)
        scalars[k.PLAN_NEXT] = plan + 1
        self._put_in_service(self.spec.deliveries[plan][1])
        scalars[k.DIRTY] = 1
        scalars[k.SHADOW_VALID] = 0

    def hold(self, jobs: npt.NDArray[np.integer]) -> None:
        """Put those jobs that are not yet submitted aside when they are."""
        self._set(parking.mark(self._arrays, self._scalars, jobs))

    def release(self, jobs: npt.NDArray[np.integer]) -> None:
        """Let jobs that were put aside join the queue at their places now, and others no longer be."""
        back = parking.unmark(self._arrays, self._scalars, jobs)
        if not len(back):
            return
        wanted = 2 * (int(self._scalars[k.QUEUE_LENGTH]) + len(back) + 1)
        if wanted > self._scalars[k.QUEUE_SIZE]:
            self._make_queue_room(wanted)
        self._set(parking.into_queue(self._arrays, self._scalars, back))

    def aside(self) -> npt.NDArray[np.integer]:
        """Jobs that were submitted and put aside: indices into the columns given, ascending."""
        return parking.aside(self._arrays, self._scalars)

    def is_submitted(self, jobs: npt.NDArray[np.integer]) -> npt.NDArray[np.bool_]:
        """Whether each of these jobs has been submitted."""
        submitted: npt.NDArray[np.bool_] = jobs < self._scalars[k.CURSOR]
        return submitted

    def stretch(
        self, jobs: npt.NDArray[np.integer], run_s: npt.NDArray[np.int32], requested_s: npt.NDArray[np.int32]
    ) -> None:
        """Give jobs that are not yet submitted other run and requested times. [s]."""
        run, limit = self._lasts(run_s, requested_s)
        for index, values in ((k.RUN, run), (k.LIMIT, limit), (k.REQUESTED, limit)):
            self._mine(index)[jobs] = values
        submit, slots = self._arrays[k.SUBMIT][jobs], self._arrays[k.SLOTS][jobs]
        for index, keys in self._keys(submit, limit, slots).items():
            self._arrays[index][jobs] = keys

    def _mine(self, index: int) -> npt.NDArray[Any]:
        """Return a column of the core that may be written: the one given may belong to somebody else."""
        if index not in self._own:
            self._own.add(index)
            self._set({index: self._arrays[index].copy()})
        return self._arrays[index]

    def advance(self, until_s: int) -> None:
        """Handle every job event before `until_s` [s] and set the clock to it.

        At the end of time (2³⁹ - 2 s) or later the clock stays at the last event instead.

        Raises
        ------
        ValueError
            `until_s` is in the past.
        """
        if until_s < self._scalars[k.NOW]:
            message = f"pool {self.spec.name}: it is {self._scalars[k.NOW]} s already, not {until_s} s"
            raise ValueError(message)
        self._scalars[k.UNTIL] = until_s if until_s < k.FOREVER - 1 else k.FOREVER
        if self._core is None:
            self._core = load_core("conservative" if self._conservative else "queue")
        while (reason := self._core(self._table)) != k.REACHED:
            if reason == k.GROW:
                self._make_queue_room(int(self._scalars[k.WANTED]))
                if self._conservative:
                    self._set(conservative.enlarged(self._arrays, self._scalars))
            else:
                self._guard_queue()

    @property
    def start_s(self) -> npt.NDArray[np.int64]:
        """Start of each job, -1 while it waits, shape (n_jobs,) [s]."""
        return self._arrays[k.START]

    @property
    def need_slots(self) -> npt.NDArray[np.int32]:
        """Slots each job occupies while it runs, shape (n_jobs,)."""
        return self._arrays[k.NEED]

    def ended(self, since: int) -> npt.NDArray[np.int32]:
        """Jobs that ended, in order, from the `since`-th on: indices into the columns given."""
        ended: npt.NDArray[np.int32] = self._arrays[k.ENDED][since : int(self._scalars[k.N_ENDED])]
        return ended

    def running(self) -> npt.NDArray[np.int32]:
        """Jobs that run now, in no order: indices into the columns given."""
        slots = self._arrays[k.HEAP][: int(self._scalars[k.RUNNING])] & k.SLOT_MASK
        jobs: npt.NDArray[np.int32] = self._arrays[k.RUN_JOB][slots]
        return jobs

    def state(self) -> PoolState:
        """Look at the pool as it is now."""
        return PoolState(*self._scalars[_STATE].tolist())
