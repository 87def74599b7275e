"""A pool as the site core uses it: the machine alone, its jobs in columns shared with the other pools."""

from typing import Any

import numpy as np
import numpy.typing as npt

from capacity.scheduling.core.machine import state as k
from capacity.scheduling.pools.pool import Pool, PoolSpec
from capacity.scheduling.rules import Rules


class SitePool(Pool):
    """The machine of one pool; who runs on it is decided elsewhere.

    Parameters
    ----------
    spec : PoolSpec
        The machine and its known deliveries.
    rules : Rules
        Only placement and its seed matter here.
    start_s : int
        Time at which the clock starts. [s]
    """

    def __init__(self, spec: PoolSpec, rules: Rules, *, start_s: int) -> None:
        none = np.zeros(0, np.int64)
        machine = Rules(placement=rules.placement, seed=rules.seed)
        few = none.astype(np.int32)
        super().__init__(spec, machine, none, few, few, few, start_s=start_s)
        if not spec.counted:
            self.array(k.NODE_FREE)[spec.nodes :] = spec.slots_per_node  # what they will have

    def _allocate_running(self, slots: int) -> None:
        """Room for as many jobs as there are slots: jobs are added later."""
        self.n_jobs = slots
        super()._allocate_running(slots)

    def set_jobs(
        self,
        need: npt.NDArray[np.int32],
        run_s: npt.NDArray[np.int32],
        requested_s: npt.NDArray[np.int32],
        start_s: npt.NDArray[np.int64],
    ) -> None:
        """Use these columns, shape (n_jobs,); `start_s` is that of all pools. [slots], [s], [s], [s]."""
        self.n_jobs = len(need)
        for index, array in ((k.NEED, need), (k.RUN, run_s), (k.REQUESTED, requested_s), (k.START, start_s)):
            self._set(index, array)

    def set_limit(self, longest_s: npt.NDArray[np.int32]) -> None:
        """Say how long an attempt may be at most, shape (n_jobs,) [s]: an exact estimate does not tell."""
        self._set(k.LIMIT, longest_s)

    @property
    def table(self) -> npt.NDArray[np.int64]:
        """Addresses and lengths of its arrays."""
        return self._table

    def array(self, index: int) -> npt.NDArray[Any]:
        """One of its arrays."""
        return self._arrays[index]
