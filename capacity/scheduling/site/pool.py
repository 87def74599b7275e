"""Pools as the site core uses them: the machine of each alone, and what is kept of all together."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from capacity.scheduling.core.machine import state as k
from capacity.scheduling.core.site import state as s
from capacity.scheduling.pools.pool import Pool, PoolJobs, PoolSpec
from capacity.scheduling.rules import Rules
from capacity.scheduling.site.groups import Arrays, longer
from capacity.scheduling.site.rules import MultifactorNumbers


class SitePool(Pool):
    """The machine of one `Pool`: who runs on it is decided elsewhere, and only placement counts here."""

    def __init__(self, spec: PoolSpec, rules: Rules, *, start_s: int) -> None:
        none, few = np.zeros(0, np.int64), np.zeros(0, np.int32)
        machine = Rules(placement=rules.placement, seed=rules.seed)
        super().__init__(spec, machine, PoolJobs(none, few, few, few, few), start_s=start_s)
        if not spec.counted:
            self.array(k.NODE_FREE)[spec.nodes :] = spec.slots_per_node  # what they will have

    def _make_running_room(self, slots: int) -> None:
        """Make room for as many jobs as there are slots: jobs are added later."""
        self.n_jobs = slots
        super()._make_running_room(slots)

    def set_jobs(self, columns: Arrays) -> None:
        """Use these columns of all jobs, by their index in the core's table, shape (n_jobs,)."""
        self.n_jobs = len(columns[k.NEED])
        self._set(columns)

    @property
    def table(self) -> npt.NDArray[np.int64]:
        """Addresses and lengths of its arrays."""
        return self._table

    def array(self, index: int) -> npt.NDArray[Any]:
        """One of its arrays."""
        return self._arrays[index]


def pool_arrays(specs: Sequence[PoolSpec], weights: MultifactorNumbers, accounts: int) -> Arrays:
    """Arrays of all pools and their nodes together, and the weights of priorities, scaled to the pools."""
    pools = len(specs)
    sizes = [0 if spec.counted else spec.most_nodes for spec in specs]
    first = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    most = max((spec.most_nodes * spec.slots_per_node for spec in specs), default=1)
    total = int(first[-1])
    begins = np.zeros(total, np.int64)
    why = np.zeros(total, np.int32)
    for number, spec in enumerate(specs):
        place = int(first[number]) + spec.nodes
        for time, count in () if spec.counted else spec.deliveries:
            begins[place : place + count] = time
            why[place : place + count] = s.UNDELIVERED | s.OUT
            place += count
    numbers = (
        weights.age, weights.size, weights.qos, weights.pool, weights.fair_share, weights.max_age_s,
        weights.half_life_s, weights.damping, max(1, most),
    )  # fmt: skip
    factors = [*weights.pool_factors, *[0.0] * pools][:pools]
    of_pools = (s.POOL_ROOM, s.POOL_FIRST_TAKE, s.POOL_DRAINED, s.POOL_NEXT_WINDOW)
    return {
        s.POOL_NODE0: first,
        s.POOL_SOUND: np.array([spec.nodes * spec.slots_per_node for spec in specs], np.int64),
        s.NODE_FROM: begins,
        s.NODE_DUE: begins.copy(),
        s.NODE_WHY: why,
        s.NODE_TAKES: np.full(total, -1, np.int32),
        **{index: np.zeros(pools, np.int64) for index in of_pools},
        **{index: np.zeros(pools, np.int32) for index in (s.POOL_CLOSED, s.POOL_RESERVED)},
        s.POOL_TAKES: np.full(pools, -1, np.int32),
        s.ACCOUNT_SLOTS: np.zeros(pools * accounts, np.int64),
        s.SCRATCH_TIME: np.zeros(max(sizes, default=0) + 1, np.int64),
        s.SCRATCH_NODE: np.zeros(max(sizes, default=0) + 1, np.int32),
        s.WEIGHTS: np.array([*numbers, *factors], np.float64),
    }


def room_arrays(
    old: Sequence[npt.NDArray[Any]], specs: Sequence[PoolSpec], queue: int, timers: int, takes: int
) -> Arrays:
    """Arrays with room for so many waiting jobs, timers and takes, with what is in the `old` ones."""
    running = sum(spec.most_nodes * spec.slots_per_node for spec in specs)
    waiting = (s.QUEUE, s.QUEUE_NEED, s.QUEUE_SET, s.FRESH, s.RESERVED_JOB, s.RESERVED_POOL)
    of_takes = (s.TAKE_SLOTS, s.TAKE_WINDOW, s.TAKE_ACCOUNT, s.TAKE_NEXT, s.TAKE_NODE)
    return {
        s.TIMERS: longer(old[s.TIMERS], timers, 0),
        s.SCRATCH_KEY: np.zeros(queue),
        s.SCRATCH_JOB: np.zeros(max(queue, running + 1), np.int32),
        **{index: longer(old[index].astype(np.int32), queue, 0) for index in waiting},
        **{index: np.zeros(queue, np.int32) for index in (s.PROMISED_JOB, s.PROMISED_POOL)},
        **{index: longer(old[index], takes, 0) for index in (s.TAKE_START, s.TAKE_END, s.TAKE_ROOM)},
        **{index: longer(old[index].astype(np.int32), takes, -1) for index in of_takes},
    }
