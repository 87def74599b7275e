"""Jobs that can never start, whoever waits how long: larger than every pool they may use, or than a limit."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from capacity.inputs.demand.job_class import WorkClass
from capacity.inputs.demand.workload import Workload
from capacity.inputs.policy.limits import Limits
from capacity.inputs.policy.policy import Policy
from capacity.inputs.site import Site

MANY_SIZES = 6
"""More sizes than this are told by the smallest and the largest."""


@dataclass(frozen=True, slots=True)
class NeverStarts:
    """Jobs of a class that cannot start, and why.

    Attributes
    ----------
    job_class, slots, tenants : str, tuple of int, tuple of str
        Whose jobs of which sizes; of every size if empty. [slot]
    share_frac : float
        Part of the jobs of the class that have these sizes, of these tenants.
    everybody, rejected : bool
        Whether it holds for all tenants that work on the class; whether the jobs are rejected when they are
        submitted: they wait in vain otherwise.
    why : str
        What stands in the way, in words.
    """

    job_class: str
    slots: tuple[int, ...]
    tenants: tuple[str, ...]
    share_frac: float
    everybody: bool
    rejected: bool
    why: str

    @property
    def sizes(self) -> str:
        """The sizes of the jobs in words; empty for every size."""
        few = len(self.slots) <= MANY_SIZES
        return ", ".join(map(str, self.slots)) if few else f"{self.slots[0]}-{self.slots[-1]}"

    @property
    def sentence(self) -> str:
        """All of it in words."""
        whose = "" if self.everybody else f" of {', '.join(self.tenants)}"
        which = f" of {self.sizes} slots{whose} ({100 * self.share_frac:.3g} %)" if self.sizes else ""
        then = "rejected" if self.rejected else "never started"
        return f"class {self.job_class}: {self.why}: its jobs{which} are {then}"


def never_start(
    site: Site, workload: Workload, policy: Policy, *, first: date, last: date,
    pools_of: Mapping[str, Sequence[str]], unfit: Mapping[str, str],
) -> Iterator[NeverStarts]:  # fmt: skip
    """Yield the jobs that cannot start from the first through the last day.

    `pools_of` are the pools that can run each class, `unfit` the classes that none can, and why.
    """
    room = {pool: _room(site, pool, first, last) for pool in site.pools}
    for name, work in workload.classes.items():
        tenants = [tenant for tenant, who in workload.tenants.items() if who.works_on.get(name)]
        if name in unfit:
            yield NeverStarts(name, (), tuple(tenants), 1.0, True, True, unfit[name])
            continue
        found: dict[tuple[str, bool], dict[str, list[int]]] = {}
        for tenant in tenants:
            limits = [*_limits(policy, work, workload.account_of(tenant))]
            for slots in work.slots:
                reasons = [_reason(site, pool, slots, room[pool], limits) for pool in pools_of[name]]
                if all(why for why, _ in reasons):
                    why = "; ".join(dict.fromkeys(why for why, _ in reasons))
                    key = why, all(rejected for _, rejected in reasons)
                    found.setdefault(key, {}).setdefault(tenant, []).append(slots)
        for (why, rejected), by_tenant in found.items():
            sizes = sorted({slots for mine in by_tenant.values() for slots in mine})
            share = sum(work.slots[slots] for slots in sizes) / sum(work.slots.values())
            whose = tuple(by_tenant)
            yield NeverStarts(name, tuple(sizes), whose, share, len(whose) == len(tenants), rejected, why)


def _limits(policy: Policy, work: WorkClass, account: str) -> Iterator[tuple[str, int]]:
    """Yield every limit on running slots that a job of a class and an account is under, in words."""
    qos = work.qos if work.qos in policy.qos else next(iter(policy.qos), None)
    above: dict[str, Limits] = {"a user": policy.user_limits}
    if account in policy.accounts:
        above[f"account {account}"] = policy.accounts[account].limits
    if qos is not None:
        above |= {f"QOS {qos}": policy.qos[qos].limits, f"a user of QOS {qos}": policy.qos[qos].user_limits}
    for who, limits in above.items():
        if limits.running_slots is not None:
            yield who, limits.running_slots


def _reason(
    site: Site, pool: str, slots: int, room_slots: int, limits: Sequence[tuple[str, int]]
) -> tuple[str, bool]:
    """Say why a pool never starts a job of so many slots, empty if it may, and whether it is rejected."""
    node = 1 if site.pools[pool].counted else site.pools[pool].node.slots
    held = slots if slots <= node else -(-slots // node) * node
    if held > room_slots:
        most = max(step.nodes[pool] for step in site.schedule(first_day=date.min))
        ever = most * site.pools[pool].node.slots
        if held > ever:
            return f"{pool} has {ever:,} slots", True
        return f"{pool} has {room_slots:,} slots within the horizon", False
    for who, most in limits:
        if held > most:
            return f"{who} may run {most:,} slots at once", False
    return "", False


def _room(site: Site, pool: str, first: date, last: date) -> int:
    """Return the most slots of a pool that are in service at once, nodes removed for good left out [slot]."""
    most = 0
    for step in site.schedule(first_day=first):
        if step.day <= last:
            gone = [*_removed(site, pool, by=max(step.day, first))]
            nodes = range(step.nodes[pool])
            most = max(
                most, sum(all(node not in some for some in gone) for node in nodes) if gone else len(nodes)
            )
    return most * site.pools[pool].node.slots


def _removed(site: Site, pool: str, *, by: date) -> Iterator[range]:
    """Yield the numbers of the nodes that maintenance without an end takes away by a day."""
    for window in site.maintenance.values():
        if window.duration is None and window.pool in (None, pool) and window.start.date() <= by:
            nodes = window.nodes
            yield (
                range(site.pools[pool].nodes)
                if nodes is None
                else range(nodes.first, nodes.first + nodes.count)
            )
