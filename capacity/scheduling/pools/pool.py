"""One pool's state: the numpy arrays the kernel works on, and the commands that change the machine.

The kernel sees the arrays through a table of addresses; this object keeps them alive, enlarges them when the
kernel asks, and is the only place that writes them from Python.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from capacity.errors import InputError, Problem
from capacity.scheduling.compiled import Core, load_core
from capacity.scheduling.core.machine import state as k
from capacity.scheduling.orders import keys_of
from capacity.scheduling.pools import class_tree, conservative, parking, rule_numbers
from capacity.scheduling.rules import Rules

LONGEST_S = k.NO_NEED - 1
"""Longest request the core can hold, 68 years. [s]"""


@dataclass(frozen=True, slots=True)
class PoolSpec:
    """Identical nodes that the scheduler sees as one partition.

    Attributes
    ----------
    name : str
        Name of the pool.
    nodes : int
        Nodes in service at the start.
    slots_per_node : int
        Slots of each node.
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
        found = [
            Problem(f"pool {self.name}: {message}", fix=fix)
            for wrong, message, fix in (
                (self.nodes < 0, f"{self.nodes} nodes", "0 or more"),
                (self.slots_per_node < 1, f"{self.slots_per_node} slots per node", "at least 1"),
                (times != sorted(times), "its deliveries are not in order of time", "earliest first"),
                (any(count < 1 for _, count in self.deliveries), "a delivery without nodes", "at least 1"),
            )
            if wrong
        ]
        if found:
            raise InputError(found)

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


def _power_of_two(at_least: int) -> int:
    return 1 << max(6, int(at_least - 1).bit_length())


class Pool:
    """The batch system of one pool.

    Parameters
    ----------
    spec : PoolSpec
        The machine and its known deliveries.
    rules : Rules
        Order, backfilling, ties, placement and the rest.
    submit_s, run_s, requested_s, slots : ndarray, shape (n_jobs,)
        Jobs sorted by submission [s]; run time, requested time [s]; slots that some day fit.
    start_s : int
        Time at which the clock starts. [s]
    user : ndarray of int, shape (n_jobs,), optional
        Who submitted each job, any numbers; below 0 for unknown, which count as user 0. Only for ``easy++``.

    Raises
    ------
    InputError
        The rules contradict each other, or ask for users that are not given.
    """

    def __init__(
        self,
        spec: PoolSpec,
        rules: Rules,
        submit_s: npt.NDArray[np.int64],
        run_s: npt.NDArray[np.int32],
        requested_s: npt.NDArray[np.int32],
        slots: npt.NDArray[np.int32],
        *,
        start_s: int = 0,
        user: npt.NDArray[np.integer] | None = None,
    ) -> None:
        rule_numbers.check(rules)
        self._conservative = rules.backfill == "conservative"
        if self._conservative:
            conservative.check(rules, counted=spec.counted)
        self.spec = spec
        self.rules = rules
        self.n_jobs = len(submit_s)
        self._core: Core | None = None  # loaded when time first advances
        self._arrays: list[npt.NDArray[Any]] = [np.zeros(1, np.int64) for _ in range(k.N_ARRAYS)]
        self._table = np.zeros(2 * k.N_ARRAYS, np.int64)
        self._scalars = np.zeros(k.N_SCALARS, np.int64)
        self._own: set[int] = set()  # columns that nobody else looks at
        self._set(k.SCALARS, self._scalars)
        self._set_jobs(submit_s, run_s, requested_s, slots)
        self._set_rules(start_s)
        self._set_users(user)
        self._allocate_queue(64)
        self._allocate_running(spec.most_nodes * spec.slots_per_node)
        self._allocate_nodes(0 if spec.counted else spec.most_nodes)
        self._put_in_service(spec.nodes)
        if self._conservative:
            self._set_all(conservative.set_up(self._arrays, self._scalars, rules))

    def _set_jobs(
        self,
        submit_s: npt.NDArray[np.int64],
        run_s: npt.NDArray[np.int32],
        requested_s: npt.NDArray[np.int32],
        slots: npt.NDArray[np.int32],
    ) -> None:
        """Columns of the jobs as the rules have the scheduler see them."""
        rules, spec = self.rules, self.spec
        run_s, limit = self._lasts(run_s, requested_s)

        def keys(order: str, neutral: str) -> npt.NDArray[np.float64]:
            return np.zeros(1) if order == neutral else keys_of(order, submit_s, limit, slots)

        predicted = limit.copy() if rules.backfill == rule_numbers.PREDICTING else limit
        for index, array in (
            (k.SUBMIT, np.ascontiguousarray(submit_s, np.int64)),
            (k.NEED, spec.need(slots)),
            (k.SLOTS, np.ascontiguousarray(slots, np.int32)),
            (k.RUN, np.ascontiguousarray(run_s, np.int32)),
            (k.LIMIT, np.ascontiguousarray(limit, np.int32)),
            (k.REQUESTED, np.ascontiguousarray(predicted, np.int32)),
            (k.START, np.full(self.n_jobs, -1, np.int64)),
            (k.ENDED, np.full(self.n_jobs, -1, np.int32)),
            (k.KEY, np.ascontiguousarray(keys(rules.order, "fcfs"), np.float64)),
            (k.BACKFILL_KEY, np.ascontiguousarray(keys(rule_numbers.candidates(rules), "queue"), np.float64)),
            (k.PLAN_TIME, np.array([time for time, _ in spec.deliveries], np.int64)),
            (k.PLAN_SLOTS, np.array([n * spec.slots_per_node for _, n in spec.deliveries], np.int64)),
        ):
            self._set(index, array)

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
        """Give every user a number from 0 on, for predictions."""
        if self.rules.backfill != rule_numbers.PREDICTING:
            return
        if user is None:
            message = "easy++ predicts from the last jobs of each user, and these jobs have no users"
            raise InputError(message, fix="backfill easy-sjbf, or jobs with users")
        known, number = np.unique(np.maximum(user, 0), return_inverse=True)
        self._set(k.USER, number.reshape(-1).astype(np.int32))
        self._set(k.USER_RUNS, np.full(2 * max(1, len(known)), -1, np.int32))

    def _set(self, index: int, array: npt.NDArray[Any]) -> None:
        """Put an array into the table; it stays alive as long as this object."""
        self._arrays[index] = array
        self._table[2 * index] = array.ctypes.data
        self._table[2 * index + 1] = array.size

    def _set_all(self, arrays: parking.Arrays) -> None:
        for index, array in arrays.items():
            self._set(index, array)

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

    def _allocate_queue(self, wanted: int) -> None:
        """Make room for `wanted` queue positions, keeping what waits."""
        old = int(self._scalars[k.QUEUE_SIZE])
        size = _power_of_two(wanted)
        jobs = np.full(size, -1, np.int32)
        keys = np.zeros(size if self._scalars[k.ORDER_KIND] else 1)
        tree = np.full(4 * size, k.NO_NEED, np.int32)
        if old:
            jobs[:old] = self._arrays[k.QUEUE_JOB]
            if len(keys) > 1:
                keys[:old] = self._arrays[k.QUEUE_KEY]
            before = self._arrays[k.QUEUE_TREE].reshape(2 * old, 2)
            after = tree.reshape(2 * size, 2)
            after[size : size + old] = before[old:]
            level = size
            while level > 1:
                after[level // 2 : level] = after[level : 2 * level].reshape(-1, 2, 2).min(axis=1)
                level //= 2
        self._scalars[k.QUEUE_SIZE] = size
        self._set(k.QUEUE_JOB, jobs)
        self._set(k.QUEUE_KEY, keys)
        self._set(k.QUEUE_TREE, tree)
        if self._scalars[k.GUARD]:
            self._set(k.CLASS_TREE, class_tree.build(tree, self._arrays[k.CLASS_BOUND]))
        scratch = size if self._scalars[k.PREPARE] or self._scalars[k.TRY] == k.TRY_BY_KEY else 1
        self._set(k.SCRATCH_KEY, np.zeros(scratch))
        self._set(k.SCRATCH_JOB, np.zeros(scratch, np.int32))

    def _guard_queue(self) -> None:
        """Let the tree of the queue tell apart the sizes of those who wait now."""
        waiting = self._arrays[k.QUEUE_JOB][: int(self._scalars[k.QUEUE_TAIL])]
        waiting = waiting[waiting >= 0]
        if not len(waiting):
            return
        self._set(k.CLASS_BOUND, class_tree.bounds(self._arrays[k.NEED][waiting]))
        self._set(k.CLASS_TREE, class_tree.build(self._arrays[k.QUEUE_TREE], self._arrays[k.CLASS_BOUND]))
        self._scalars[k.GUARD] = 1
        # Not again before searches have cost many times what this did.
        self._scalars[k.SEARCHED] += 1024 * self._scalars[k.QUEUE_SIZE]

    def _allocate_running(self, slots: int) -> None:
        """Room for every job that may run at once (twice that: pyss frees slots before it retires jobs)."""
        most = 2 * min(slots, self.n_jobs) + 2
        predicted = most if self._scalars[k.PREDICT] else 1
        blocks = most // (k.BLOCK // 4) + 4
        for index, dtype, length in (
            (k.HEAP, np.int64, most),
            (k.RUN_JOB, np.int32, most),
            (k.RUN_NODE, np.int32, most),
            (k.RUN_ORDER, np.int64, most),
            (k.TIED, np.int64, most),
            (k.RUN_GUESS, np.int32, predicted),
            (k.RUN_OUTLIVED, np.int32, predicted),
            (k.END_KEYS, np.int64, blocks * k.BLOCK),
            (k.END_SLOTS, np.int32, most),
            (k.END_COUNT, np.int32, blocks),
            (k.END_NEED, np.int64, blocks),
        ):
            self._set(index, np.zeros(length, dtype))
        self._set(k.RUN_FREE, np.arange(most - 1, -1, -1, dtype=np.int32))
        self._set(k.END_ORDER, np.arange(blocks, dtype=np.int32))
        self._scalars[k.SLOTS_UNUSED] = most

    def _allocate_nodes(self, nodes: int) -> None:
        levels = self.spec.slots_per_node + 1
        words = max(1, -(-nodes // 64))
        summary = max(1, -(-words // 64))
        self._scalars[k.WORDS] = words
        self._scalars[k.SUMMARY_WORDS] = summary
        for index, dtype, length in (
            (k.NODE_FREE, np.int32, nodes),
            (k.NODE_LAST, np.int64, nodes),
            (k.NODE_JOBS, np.int32, nodes * self.spec.slots_per_node),
            (k.NODE_COUNT, np.int32, nodes),
            (k.NODE_NEXT, np.int32, nodes),
            (k.LEVEL_BITS, np.uint64, levels * words),
            (k.LEVEL_ANY, np.uint64, levels * summary),
            (k.LEVEL_COUNT, np.int32, levels),
            (k.HELD_BITS, np.uint64, words),
            (k.HELD_COUNT, np.int32, levels),
        ):
            self._set(index, np.zeros(max(1, length), dtype))

    def _put_in_service(self, nodes: int) -> None:
        """Add idle nodes with the next numbers."""
        scalars = self._scalars
        slots = nodes * self.spec.slots_per_node
        first = int(scalars[k.NODES_DELIVERED])
        scalars[k.CAPACITY] += slots
        scalars[k.FREE] += slots
        scalars[k.NODES_DELIVERED] += nodes
        if not self.spec.counted:
            whole = self.spec.slots_per_node
            words, summary = int(scalars[k.WORDS]), int(scalars[k.SUMMARY_WORDS])
            new = np.arange(first, first + nodes)
            bits, any_bits = self._arrays[k.LEVEL_BITS], self._arrays[k.LEVEL_ANY]
            np.bitwise_or.at(bits, whole * words + new // 64, np.uint64(1) << (new % 64).astype(np.uint64))
            np.bitwise_or.at(
                any_bits, whole * summary + new // 4096, np.uint64(1) << (new // 64 % 64).astype(np.uint64)
            )
            self._arrays[k.LEVEL_COUNT][whole] += nodes
            self._arrays[k.NODE_FREE][new] = whole

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
        self._set_all(parking.mark(self._arrays, self._scalars, jobs))

    def release(self, jobs: npt.NDArray[np.integer]) -> None:
        """Let jobs that were put aside join the queue at their places now, and others no longer be."""
        back = parking.unmark(self._arrays, self._scalars, jobs)
        if not len(back):
            return
        wanted = 2 * (int(self._scalars[k.QUEUE_LENGTH]) + len(back) + 1)
        if wanted > self._scalars[k.QUEUE_SIZE]:
            self._allocate_queue(wanted)
        self._set_all(parking.into_queue(self._arrays, self._scalars, back))

    def aside(self) -> npt.NDArray[np.integer]:
        """Jobs that were submitted and put aside: indices into the columns given, ascending."""
        return parking.aside(self._arrays, self._scalars)

    def is_submitted(self, jobs: npt.NDArray[np.integer]) -> npt.NDArray[np.bool_]:
        """Whether each of these jobs has been submitted."""
        submitted: npt.NDArray[np.bool_] = jobs < self._scalars[k.CURSOR]
        return submitted

    def stretch(
        self,
        jobs: npt.NDArray[np.integer],
        run_s: npt.NDArray[np.int32],
        requested_s: npt.NDArray[np.int32],
    ) -> None:
        """Give jobs that are not yet submitted other run and requested times. [s]."""
        run, limit = self._lasts(run_s, requested_s)
        for index, values in ((k.RUN, run), (k.LIMIT, limit), (k.REQUESTED, limit)):
            self._mine(index)[jobs] = values
        submit, slots = self._arrays[k.SUBMIT][jobs], self._arrays[k.SLOTS][jobs]
        orders = (
            (k.KEY, self.rules.order, "fcfs"),
            (k.BACKFILL_KEY, rule_numbers.candidates(self.rules), "queue"),
        )
        for index, order, neutral in orders:
            if order != neutral:
                self._arrays[index][jobs] = keys_of(order, submit, limit, slots)

    def _mine(self, index: int) -> npt.NDArray[Any]:
        """Return a column of the core that may be written: the one given may belong to somebody else."""
        if index not in self._own:
            self._own.add(index)
            self._set(index, self._arrays[index].copy())
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
                self._allocate_queue(int(self._scalars[k.WANTED]))
                if self._conservative:
                    self._set_all(conservative.enlarged(self._arrays, self._scalars))
            else:
                self._guard_queue()

    @property
    def start_s(self) -> npt.NDArray[np.int64]:
        """Start of each job, -1 while it waits, shape (n_jobs,) [s]."""
        return self._arrays[k.START]

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
        value = self._scalars.tolist()
        return PoolState(
            now_s=value[k.NOW],
            capacity_slots=value[k.CAPACITY],
            free_slots=value[k.FREE],
            running_jobs=value[k.RUNNING],
            waiting_jobs=value[k.QUEUE_LENGTH],
            waiting_slots=value[k.QUEUED_SLOTS],
            busy_slot_s=value[k.BUSY_SLOT_S],
            capacity_slot_s=value[k.CAPACITY_SLOT_S],
            waiting_job_s=value[k.WAITING_JOB_S],
            waiting_slot_s=value[k.WAITING_SLOT_S],
            peak_waiting_jobs=value[k.PEAK_QUEUE],
            started_jobs=value[k.STARTED],
            ended_jobs=value[k.N_ENDED],
        )
