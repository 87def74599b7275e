"""What the checkpoints of a class come to on a pool: interval, time to write, and whether that can work."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import ceil, inf
from typing import Any, Final

from capacity.facility.failures import daly_s, job_mtbf_s, young_s
from capacity.inputs.bandwidth import fastest_written, tier_rates
from capacity.inputs.demand.job_class import WorkClass
from capacity.inputs.failures.checkpoint import Checkpoint
from capacity.inputs.fields.complaints import Complaint, unknown
from capacity.inputs.site import Site
from capacity.inputs.storage.tiers import Tier

LONGEST_S: Final = 2**30 - 1
"""An interval and the time to write, together, fit into 31 bits. [s]"""


@dataclass(frozen=True, slots=True)
class Plan:
    """Checkpoints of jobs of one class and size on one pool."""

    every_s: int  # work between checkpoints; 0 for none
    write_s: int  # time to write one
    restart_s: int  # time to begin again after an interruption
    mtbf_s: float  # mean time between interruptions of the job; infinite if nothing fails

    @property
    def cycle_s(self) -> int:
        """From the end of one checkpoint to the end of the next; 0 without checkpoints [s]."""
        return self.every_s + self.write_s if self.every_s else 0

    def writing_s(self, work_s: Any) -> Any:  # noqa: ANN401  # a number or an array of them
        """Return the time that so much work spends on checkpoints, none of them at its end [s]."""
        return (work_s - 1) // self.every_s * self.write_s if self.every_s else work_s * 0


def mtbf_s(site: Site, pool: str, slots: int) -> float:
    """Return the mean time between interruptions of a job, by what the site says of failures [s]."""
    found = site.pools[pool]
    nodes = ceil(slots / found.node.slots)
    node_rate = 0.0 if found.failures is None else found.failures.node_rate
    struck = (outage for outage in site.outages.values() if pool in outage.pools_of(site.pools))
    return job_mtbf_s(nodes, node_rate, sum(outage.rate_for(nodes) for outage in struck))


def tier_of(site: Site, checkpoint: Checkpoint) -> Tier:
    """Return where a class writes its checkpoints: its tier, or the one that is written fastest."""
    return (
        fastest_written(site.storage.values()) if checkpoint.tier is None else site.storage[checkpoint.tier]
    )


def _seconds(size_bytes: float, rate: float) -> int:
    """Return the time that each slot takes for its part [s]."""
    return LONGEST_S if rate <= 0 else min(LONGEST_S, round(size_bytes / rate))


def plan_of(site: Site, pool: str, checkpoint: Checkpoint, slots: int) -> Plan:
    """Return what the checkpoints of a job of so many slots come to on a pool."""
    between, write, read = mtbf_s(site, pool, slots), 0, 0
    if checkpoint.has_size:
        write_rate, read_rate = tier_rates(site, pool, tier_of(site, checkpoint))
        size = checkpoint.slot_bytes(slots)
        write, read = _seconds(size, write_rate), _seconds(size, read_rate)
    restart = min(LONGEST_S, round(checkpoint.restart) + read)
    if not isinstance(checkpoint.every, str):
        every = checkpoint.every
    else:
        every = (young_s if checkpoint.every == "young" else daly_s)(max(write, 1), between)
    return Plan(0 if every == inf else max(1, min(LONGEST_S, round(every))), write, restart, between)


def checkpoint_complaints(work: WorkClass, tiers: Mapping[str, Tier]) -> Iterator[Complaint]:
    """Say that a class has nowhere to write its checkpoints."""
    checkpoint = work.checkpoint
    if checkpoint is None or not checkpoint.has_size:
        return
    if checkpoint.tier is not None:
        yield from unknown("the site has no tier", checkpoint.tier, tiers, "checkpoint", "tier")
    elif not tiers:
        what = "the site has no storage to write checkpoints to"
        yield Complaint(what, "add 'storage: …' to the site, or leave out 'size'", ("checkpoint", "size"))


def checkpoint_sentences(site: Site, name: str, work: WorkClass, pool: str) -> Iterator[str]:
    """Say what cannot work about the checkpoints of a class on its preferred pool."""
    checkpoint = work.checkpoint
    if checkpoint is None:
        return
    plans = {slots: plan_of(site, pool, checkpoint, slots) for slots in sorted(work.slots)}
    futile = {slots: plan for slots, plan in plans.items() if plan.write_s >= plan.mtbf_s}
    if futile:
        slots, plan = min(futile.items())
        more = " and more" if len(futile) > 1 else ""
        yield (
            f"class {name}: a checkpoint of its jobs of {slots} slots{more} "
            f"takes {_minutes(plan.write_s)} to write, and pool {pool} interrupts them every "
            f"{_minutes(plan.mtbf_s)}: they will hardly finish, and policy.max_futile_attempts stops them"
        )
    if all(plan.every_s == 0 for plan in plans.values()):
        yield f"class {name}: nothing fails in pool {pool}, so '{checkpoint.every}' writes no checkpoint"
    elif all(plan.every_s >= work.limit for plan in plans.values()):
        least = min(plan.every_s for plan in plans.values())
        yield (
            f"class {name}: its jobs would write a checkpoint every {_minutes(least)}, but end after "
            f"{_minutes(work.limit)} at the latest: they write none"
        )


def _minutes(seconds: float) -> str:
    for unit, length in (("days", 86_400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:.3g} {unit}"
    return f"{seconds:.3g} s"
