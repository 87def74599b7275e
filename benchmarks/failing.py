"""What nodes that fail cost in the queue core: the same jobs with failures and without."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from benchmarks.effort import Effort
from benchmarks.measure import cpu_s, interleaved
from benchmarks.nodes import generate
from benchmarks.row import Row
from capacity.scheduling.batch import BatchSystem, batch_system
from capacity.scheduling.jobs import Jobs
from capacity.scheduling.pools.pool import PoolSpec
from capacity.scheduling.rules import Rules
from capacity.scheduling.site.rules import Restarts

NODES, SLOTS = 440, 8
LOADS = (0.85, 0.9)
FAILURES_PER_MILLION = 10_000
REPAIR_S = 3600
CHECKPOINT_S, RESTART_S = 600, 60
"""Short, so that the load stays what it is: longer queues cost more by themselves."""
MOST = 1.25
"""Aim over the run without failures."""


def failures(jobs: Jobs, count: int, seed: int = 1) -> list[tuple[int, bool, int]]:
    """Draw failures over the span of the jobs: times [s], whether it fails, and the node, in order."""
    rng = np.random.default_rng(seed)
    begins = np.sort(rng.integers(0, int(jobs.submit_s[-1]), count))
    repairs = np.maximum(1, rng.exponential(REPAIR_S, count).astype(np.int64))
    up_again = np.zeros(NODES, np.int64)
    steps: list[tuple[int, bool, int]] = []
    for time, repair in zip(begins.tolist(), repairs.tolist(), strict=True):
        node = int(rng.integers(NODES))
        if up_again[node] < time:
            up_again[node] = time + repair
            steps += [(time, True, node), (time + repair, False, node)]
    return sorted(steps)


def run(jobs: Jobs, steps: list[tuple[int, bool, int]], *, restarts: Restarts | None) -> BatchSystem:
    """Run jobs to their end while nodes fail and are repaired."""
    spec = PoolSpec("nodes", NODES, SLOTS, counted=False)
    system = batch_system([spec], Rules(), jobs, restarts=restarts)
    for time, fails, node in steps:
        system.advance(time)
        (system.fail if fails else system.repair)(0, node)
    system.run()
    system.outcome()
    return system


def rows(effort: Effort) -> Iterator[Row]:
    """Compare runs with failures, and with the ability alone, with a plain run."""
    count = effort.million
    for load in LOADS:
        jobs = generate(count, load, nodes=NODES, slots_per_node=SLOTS)
        steps = failures(jobs, FAILURES_PER_MILLION * count // 1_000_000)
        saving = replace(
            jobs,
            checkpoint_s=np.full(count, CHECKPOINT_S, np.int32),
            restart_s=np.full(count, RESTART_S, np.int32),
        )
        ways = {
            "failing": lambda: cpu_s(lambda: run(saving, steps, restarts=Restarts())),  # noqa: B023 - used within this turn
            "sound": lambda: cpu_s(lambda: run(saving, [], restarts=Restarts())),  # noqa: B023
            "plain": lambda: cpu_s(lambda: run(jobs, [], restarts=None)),  # noqa: B023
        }
        took = interleaved(ways, effort.repeats)
        fails = sum(is_failure for _, is_failure, _ in steps)
        for way, what, most in (
            ("failing", f"{fails:,} failures", MOST),
            ("sound", "nodes that could fail", None),
        ):
            us = 1e6 * took.of(way) / count
            name = f"{NODES} x {SLOTS} nodes, load {load}, {what}"
            yield Row(name, us, "us/job", took.ratio(way, "plain"), "plain run", most, on_ratio=True)
