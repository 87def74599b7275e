"""What the rules of a site did, in sentences: waits by QOS, work undone, shares held beside shares owned."""

import math
from collections.abc import Iterator, Mapping, Sequence

from capacity.inputs.policy.accounts import Account, parents_first
from capacity.inputs.scenario import Scenario
from capacity.measure.findings import Lookup
from capacity.report.language import Language


def operation(scenario: Scenario, look: Lookup, pools: Sequence[str], say: Language) -> Iterator[str]:
    """Yield sentences on QOS, requeues and shares, as far as the scenario has any."""
    if scenario.policy.qos:
        waits = {
            name: {
                "half": look.value("p50_wait_s", month="all", qos=name),
                "late": look.value("p95_wait_s", month="all", qos=name),
            }
            for name in scenario.policy.qos
        }
        each = "; ".join(say.text("policy.of_qos", name=name, **both) for name, both in waits.items())
        yield say.text("policy.qos", each=each)
    yield from _undone(look, pools, say)
    if scenario.policy.accounts:
        owned = entitled(scenario.policy.accounts, list(scenario.workload.tenants))
        held = {name: look.value("tenant_share", tenant=name, month="all") for name in owned}
        shares = [say.text("policy.share", name=n, held=held[n], part=part) for n, part in owned.items()]
        yield say.text("policy.shares", each=shares)


def _undone(look: Lookup, pools: Sequence[str], say: Language) -> Iterator[str]:
    """Say what failures and preemption cost, if anything ran twice or was given up."""

    def total(metric: str) -> float:
        found = [look.value(metric, pool=pool, month="all") for pool in pools]
        return math.fsum(value for value in found if not math.isnan(value))

    again, failed, given_up = total("requeues"), total("jobs_node_fail"), total("jobs_cancelled")
    if again or failed or given_up:
        lost, delivered = total("lost_slot_hours"), total("delivered_slot_hours")
        part = say.percent(lost / delivered) if delivered else say.text("policy.none")
        yield say.text("policy.undone", again=again, lost=lost, part=part, failed=failed, given_up=given_up)


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
