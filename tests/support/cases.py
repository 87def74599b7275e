"""One scheduling question as a plain record, and the compiled core's answer to it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields, replace
from functools import cached_property

import numpy as np

from capacity.scheduling.batch import batch_system
from capacity.scheduling.jobs import Jobs
from capacity.scheduling.pools.pool import Pool, PoolSpec
from capacity.scheduling.rules import Rules
from capacity.scheduling.site.rules import FOREVER_S

ORDERS = ("fcfs", "sjf", "largest", "saf", "f1")
BACKFILLS = ("none", "easy")
TIES = ("instant", "event", "pyss")
MACHINES = ("counted", "best-fit", "worst-fit", "first-fit")
"""A counted machine, or nodes with one of the placements that leave nothing to chance."""

COMBINATIONS = [
    (order, backfill, ties, machine)
    for order in ORDERS
    for backfill in BACKFILLS
    for ties in TIES
    for machine in MACHINES
]


@dataclass(frozen=True)
class Case:
    """Jobs in order of submission, one pool, its known deliveries and its rules."""

    submit: tuple[int, ...]
    run: tuple[int, ...]
    requested: tuple[int, ...]
    slots: tuple[int, ...]
    nodes: int
    slots_per_node: int = 1
    counted: bool = True
    deliveries: tuple[tuple[int, int], ...] = ()
    order: str = "fcfs"
    backfill: str = "easy"
    ties: str = "instant"
    placement: str = "best-fit"
    seed: int = 1
    backfill_order: str = "queue"
    backfill_depth: int = 0
    cycle_s: int = 0
    recompute_s: int = 300
    estimates: str = "requested"
    overrun: str = "kill"
    conservative: str = "sticky"
    user: tuple[int, ...] = ()

    @property
    def spec(self) -> PoolSpec:
        return PoolSpec("pool", self.nodes, self.slots_per_node, self.counted, self.deliveries)

    @property
    def rules(self) -> Rules:
        return Rules(
            **{rule.name: getattr(self, rule.name) for rule in fields(Rules) if hasattr(self, rule.name)}
        )

    @property
    def jobs(self) -> Jobs:
        columns = (self.submit, self.run, self.requested, self.slots)
        submit, run, requested, slots = (np.array(column, np.int64) for column in columns)
        return Jobs(submit, run, requested, slots, user=np.array(self.user) if self.user else None)

    @cached_property
    def need(self) -> list[int]:
        """Slots each job occupies once it runs."""
        whole = self.slots_per_node
        if self.counted:
            return list(self.slots)
        return [s if s <= whole else -(-s // whole) * whole for s in self.slots]

    @cached_property
    def effective_run(self) -> list[int]:
        """Run times after the kill at the request, if there is one."""
        if self.overrun == "allow":
            return list(self.run)
        return [min(pair) for pair in zip(self.run, self.requested, strict=True)]

    def with_rules(self, order: str, backfill: str, ties: str, machine: str) -> "Case":
        """The same jobs under one of COMBINATIONS."""
        counted = machine == "counted"
        placement = "best-fit" if counted else machine
        return replace(self, order=order, backfill=backfill, ties=ties, counted=counted, placement=placement)


def stops(case: Case, cuts: Iterable[int] = ()) -> Iterator[tuple[Pool, int]]:
    """Advance the core cut by cut, deliveries on time, and stop after each for the caller to look."""
    system = batch_system([case.spec], case.rules, case.jobs)
    pool = system.pools[0]
    coming = [time for time, _ in case.deliveries]
    for moment in sorted([*cuts, *coming]):
        system.advance(moment)
        while coming and coming[0] == moment:
            pool.deliver()
            coming.pop(0)
        yield pool, moment
    system.advance(FOREVER_S)
    after = pool.state().now_s + 1  # the clock stays at the last event, which `advance(after)` has behind it
    system.advance(after)
    yield pool, after


def core_starts(case: Case) -> list[int]:
    """Start of every job, -1 for those rejected, as the core has it."""
    system = batch_system([case.spec], case.rules, case.jobs)
    system.run()
    return system.outcome().start_s.tolist()
