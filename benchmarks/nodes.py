"""EASY with jobs placed on named nodes, against the same jobs on a machine that only counts slots."""

from collections.abc import Iterator

import numpy as np

from benchmarks import workload
from benchmarks.effort import Effort
from benchmarks.engine import kernel_s
from benchmarks.floor import floor_s
from benchmarks.measure import interleaved
from benchmarks.row import Row
from capacity.scheduling.jobs import Jobs
from capacity.scheduling.pools.pool import PoolSpec

MACHINES = ((1_000, 8), (11_000, 4))
LOADS = (0.85, 1.05)
MOST_FLOORS = {(11_000, 0.85): 1.2, (11_000, 1.05): 2.5}
"""Aims of the study of the core, in h."""
MULTI_NODE_FRAC = 0.2
WIDEST_FRAC = 0.012
"""Largest job, as a share of the nodes."""


def generate(count: int, load: float, *, nodes: int, slots_per_node: int, seed: int = 1) -> Jobs:
    """Draw jobs of 1, 2, 4, ... slots on one node and 20 % of two to many whole nodes, log-uniform."""
    rng = np.random.default_rng(seed)
    narrow = 1 << rng.integers(0, slots_per_node.bit_length(), count)
    widest = max(3.0, nodes * WIDEST_FRAC)
    wide = slots_per_node * np.exp(rng.uniform(np.log(2), np.log(widest), count)).astype(np.int64)
    slots = np.where(rng.random(count) < MULTI_NODE_FRAC, wide, narrow).astype(np.int32)
    run_s = workload.run_times(rng, count)
    requested_s = workload.requests(rng, run_s)
    work = float(np.dot(slots.astype(np.float64), run_s))
    submit_s = workload.arrivals(rng, work, count, capacity=nodes * slots_per_node, load=load)
    return Jobs(submit_s, run_s, requested_s, slots)


def rows(effort: Effort) -> Iterator[Row]:
    """Best fit on nodes, per machine and load."""
    count = effort.million // 5
    for nodes, each in MACHINES:
        for load in LOADS:
            jobs = generate(count, load, nodes=nodes, slots_per_node=each)
            placed = PoolSpec("nodes", nodes, each, counted=False)
            counted = PoolSpec("slots", nodes, each)
            ways = {
                "placed": lambda: kernel_s(jobs, spec=placed),  # noqa: B023 - used within this turn
                "counted": lambda: kernel_s(jobs, spec=counted),  # noqa: B023
                "h": floor_s,
            }
            took = interleaved(ways, effort.repeats)
            name = f"{nodes:,} x {each} nodes, load {load}"
            us = 1e6 * took.of("placed") / count
            most = MOST_FLOORS.get((nodes, load))
            yield Row(name, us, "us/job", took.ratio("placed", "h") / count, "h", most, on_ratio=True)
            yield Row(name, us, "us/job", took.ratio("placed", "counted"), "counted slots")
