"""What the rules of a site did, in sentences: waits by QOS, work undone, shares held beside shares owned."""

import math
from collections.abc import Iterator, Mapping, Sequence

from capacity.inputs.policy.accounts import Account, parents_first
from capacity.inputs.scenario import Scenario
from capacity.measure.findings import Lookup
from capacity.report.words import count, duration, listed, percent


def operations(scenario: Scenario, look: Lookup, pools: Sequence[str]) -> Iterator[str]:
    """Yield sentences on QOS, requeues and shares, as far as the scenario has any."""
    if scenario.policy.qos:
        yield f"Waits by QOS: {'; '.join(_of_qos(name, look) for name in scenario.policy.qos)}."
    yield from _undone(look, pools)
    if scenario.policy.accounts:
        yield f"Shares: {listed(list(_shares(scenario, look)))}."


def _of_qos(name: str, look: Lookup) -> str:
    half, late = (look.value(metric, month="all", qos=name) for metric in ("p50_wait_s", "p95_wait_s"))
    return f"{name} {duration(half)} at the median, {duration(late)} at the 95th percentile"


def _undone(look: Lookup, pools: Sequence[str]) -> Iterator[str]:
    """Say what failures and preemption cost, if anything ran twice or was given up."""

    def total(metric: str) -> float:
        found = [look.value(metric, pool=pool, month="all") for pool in pools]
        return math.fsum(value for value in found if not math.isnan(value))

    again, failed, given_up = (total(m) for m in ("requeues", "jobs_node_fail", "jobs_cancelled"))
    if not again and not failed and not given_up:
        return
    lost, delivered = total("lost_slot_hours"), total("delivered_slot_hours")
    part = percent(lost / delivered) if delivered else "none"
    yield (
        f"Requeued {count(again)} times by failures, maintenance and preemption, which undid {count(lost)} "
        f"slot-hours, {part} of those delivered; {count(failed)} jobs ended for good with a failed node, "
        f"{count(given_up)} were given up before they started."
    )


def entitled(accounts: Mapping[str, Account], tenants: Sequence[str]) -> dict[str, float]:
    """Return each tenant's part of the machine by shares alone: the product of its parts on the way up.

    Groups without tenants count for nothing; a tenant without an account has one share below the root.
    """
    tree = {**accounts, **{name: Account() for name in tenants if name not in accounts}}
    used = set(tenants)
    for name in reversed(parents_first(tree)):
        parent = tree[name].parent
        if name in used and parent is not None:
            used.add(parent)
    part: dict[str, float] = {}
    for name in parents_first(tree):
        parent = tree[name].parent
        siblings = math.fsum(tree[n].shares for n in used if tree[n].parent == parent)
        above = 1.0 if parent is None else part[parent]
        part[name] = above * tree[name].shares / siblings if siblings and name in used else 0.0
    return {name: part[name] for name in tenants}


def _shares(scenario: Scenario, look: Lookup) -> Iterator[str]:
    owned = entitled(scenario.policy.accounts, list(scenario.workload.tenants))
    for name, part in owned.items():
        held = look.value("tenant_share", tenant=name, month="all")
        yield f"{name} held {percent(held)} of the slot-hours (its shares: {percent(part)})"
