"""What the hardware of a site makes of each kind of work: how long it runs, how many operations that is."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from capacity.facility.hardware.compute import rate_with_fallback
from capacity.facility.hardware.slot_rates import SlotRates, runtime_factor
from capacity.inputs.bandwidth import read_rate
from capacity.inputs.demand.job_class import WorkClass
from capacity.inputs.hardware.parts import Node
from capacity.inputs.hardware.work import Scaling
from capacity.inputs.scenario import Scenario

Floats = npt.NDArray[np.float64]


def slot_rates(node: Node, *, storage: float | None = None) -> SlotRates:
    """Return the rates of a slot of a node, with what it reads from shared storage if that is known [B/s]."""
    slots, network, drives = node.slots, node.network_bandwidth, node.local_storage_bandwidth
    return SlotRates(
        node.slot_peaks,
        node.achievable_fracs,
        slots_per_node=slots,
        memory=node.slot_memory_bandwidth,
        link=node.accelerator.link_bandwidth if node.accelerator is not None else None,
        network=None if network is None else network / slots,
        local_storage=None if drives is None else drives / slots,
        storage=storage,
        host=node.host_speed,
    )


@dataclass(frozen=True)
class Hardware:
    """The hardware of a scenario's site beside that of its reference.

    Classes that say nothing of hardware run equally long everywhere, and so do all with
    ``simulate.hardware`` off.
    """

    scenario: Scenario

    @cached_property
    def _reference(self) -> SlotRates | None:
        workload = self.scenario.workload
        if workload.reference is None:
            return None
        return slot_rates(workload.reference, storage=workload.reference_storage)

    @cached_property
    def _pools(self) -> dict[str, SlotRates]:
        site = self.scenario.site
        return {name: slot_rates(p.node, storage=read_rate(site, name)) for name, p in site.pools.items()}

    def _class(self, name: str) -> WorkClass:
        return self.scenario.workload.classes[name]

    def factor(self, job_class: str, pool: str, slots: npt.ArrayLike) -> Floats:
        """Return the run time of a class on a pool that can run it over that on the reference.

        By the slots asked for, shape (n,); at least what `mfu_at_most` of the class allows.
        """
        work, n = self._class(job_class), np.asarray(slots, np.float64)
        if self._reference is None or work.precision is None or not self.scenario.simulate.hardware:
            return np.ones_like(n)
        assert work.bound is not None
        here = self._pools[pool]
        scaling = work.scaling.to_scaling() if work.scaling else None
        found = runtime_factor(self._reference, here, work.precision, work.bound.shares, n, scaling=scaling)
        if work.mfu is None or work.mfu_at_most is None:
            return found
        peak, _ = rate_with_fallback(here.peaks, work.precision)
        return np.maximum(found, self._reference_flops(work, n) / (peak * work.mfu_at_most))

    def waiting_frac(self, job_class: str) -> float:
        """Return the part of the run time on its preferred pool in which a class waits for shared storage.

        Mean over the sizes of its jobs, checkpoints not counted; 0 for a class without `bound`.
        """
        work = self._class(job_class)
        pools = self.scenario.pools_of(work)
        if work.bound is None or work.precision is None or not pools or not work.bound.storage:
            return 0.0
        if self._reference is None:
            return work.bound.storage
        here = self._pools[pools[0]] if self.scenario.simulate.hardware else self._reference
        scaling = work.scaling.to_scaling() if work.scaling else None
        sizes, shares = [*work.slots], dict(work.bound.shares)
        alone, without = (
            runtime_factor(self._reference, here, work.precision, some, sizes, scaling=scaling)
            for some in (shares, shares | {"storage": 0.0})
        )
        # No part of peak above `mfu_at_most` makes the rest of the run time longer.
        waiting = (alone - without) / np.maximum(alone, self.factor(job_class, pools[0], sizes))
        return float(np.dot(waiting, [*work.slots.values()]) / sum(work.slots.values()))

    def factors(self) -> dict[str, dict[int, float]]:
        """Return the factor of each class on its preferred pool, by slots; 1 where no pool can run it."""
        found = {}
        for name, work in self.scenario.workload.classes.items():
            pools, slots = self.scenario.pools_of(work), [*work.slots]
            factors = self.factor(name, pools[0], slots) if pools else np.ones(len(slots))
            found[name] = dict(zip(slots, factors.tolist(), strict=True))
        return found

    def mean_factor(self, job_class: str, pool: str) -> float:
        """Return the factor of a class on a pool, mean over the sizes of its jobs."""
        slots = self._class(job_class).slots
        return float(np.dot(self.factor(job_class, pool, [*slots]), [*slots.values()]) / sum(slots.values()))

    def mean_factors(self) -> dict[str, float]:
        """Return the mean factor of each class on its preferred pool; 1 where no pool can run it."""
        pools = {name: self.scenario.pools_of(work) for name, work in self.scenario.workload.classes.items()}
        return {name: self.mean_factor(name, its[0]) if its else 1.0 for name, its in pools.items()}

    def _reference_flops(self, work: WorkClass, slots: Floats) -> Floats:
        """Operations per slot and second of run time on the reference [FLOP/s]."""
        assert self._reference is not None and work.precision is not None and work.mfu is not None
        peak, _ = rate_with_fallback(self._reference.peaks, work.precision)
        scaling = work.scaling or Scaling()
        reached = scaling.to_scaling().mfu(work.mfu, float(scaling.at), slots)
        return np.asarray(peak * reached)

    def flop_per_slot_s(self, job_class: str, pool: str, slots: npt.ArrayLike) -> Floats:
        """Return the operations per slot and second of useful time on a pool, NaN without `mfu` [FLOP/s]."""
        work, n = self._class(job_class), np.asarray(slots, np.float64)
        if self._reference is None or work.mfu is None:
            return np.full_like(n, np.nan)
        return self._reference_flops(work, n) / self.factor(job_class, pool, n)

    def precision_used(self, job_class: str, pool: str) -> str:
        """Return the precision at which a pool really does the work of a class; empty if it says none."""
        work = self._class(job_class)
        return (
            "" if work.precision is None else rate_with_fallback(self._pools[pool].peaks, work.precision)[1]
        )
