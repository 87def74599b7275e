"""A policy beside the site and the workload it meets: names that must be there, rules that clash."""

from collections.abc import Iterator

from capacity.errors import nearest
from capacity.inputs.demand.job_class import WorkClass
from capacity.inputs.demand.workload import Workload
from capacity.inputs.fields.complaints import Complaint, unknown
from capacity.inputs.policy.accounts import circle_complaints, with_tenants
from capacity.inputs.policy.limits import Limits
from capacity.inputs.policy.policy import Policy, contradicted
from capacity.inputs.site import Site
from capacity.registry import CHANGING, MULTIFACTOR


def nodes_can_fail(site: Site) -> bool:
    """Whether anything takes nodes out of service at times that nobody knows in advance."""
    return bool(site.outages) or any(pool.failures for pool in site.pools.values())


def _waits_out_failures(policy: Policy) -> bool:
    """Whether a queue for each pool is enough when nodes fail: what the queue core can do then."""
    return (
        policy.backfill in ("none", "easy", "easy-sjbf")
        and policy.ties == "instant"
        and policy.cycle == 0
        and policy.backfill_depth == 0
        and not {policy.order, policy.backfill_order} & {*CHANGING, MULTIFACTOR}
    )


def site_features(policy: Policy, site: Site, workload: Workload, *, failures: bool = True) -> list[str]:
    """Return what is asked for beyond a queue for each pool, in the words of the files; empty for nothing.

    Failures of nodes count only where they are simulated.
    """
    found = ["order multifactor"] if policy.order == MULTIFACTOR else []
    found += [word for word in ("qos", "accounts", "advance_reservations") if getattr(policy, word)]
    if policy.user_limits != Limits():
        found.append("user_limits")
    if policy.reservations > 1:
        found.append("several reservations")
    if site.maintenance:
        found.append("maintenance")
    if failures and nodes_can_fail(site) and not _waits_out_failures(policy):
        found.append("failures")
    for work in workload.classes.values():
        found += [word for word in _features_of(work) if word not in found]
    return found


def _features_of(work: WorkClass) -> Iterator[str]:
    """Yield what a class asks for that changes when its jobs may run; a checkpoint alone changes nothing."""
    if len(work.named_pools) > 1:
        yield "a choice of pools"
    if work.array is not None and work.array.at_once is not None:
        yield "array limits"
    for word in ("sessions", "resubmit"):
        if (follow_up := getattr(work, word)) is not None and follow_up.linked:
            yield f"linked {word}"
    yield from (
        word for word in ("depends", "singleton", "patience", "start_deadline") if getattr(work, word)
    )


def policy_complaints(policy: Policy, site: Site, workload: Workload) -> Iterator[Complaint]:
    """Say what does not fit together."""
    yield from _clashes(policy, site, site_features(policy, site, workload))
    yield from _unknown_accounts(policy, workload)
    yield from _circles(policy, workload)
    yield from _unknown_qos(policy, workload)
    for name, held in policy.advance_reservations.items():
        yield from held.complaints(site.pools, workload.tenants, ("policy", "advance_reservations", name))
    for pool in policy.multifactor.pool_factors if policy.multifactor else ():
        at = ("policy", "multifactor", "pool_factors", pool)
        yield from unknown("the site has no pool", pool, site.pools, *at)


def _clashes(policy: Policy, site: Site, features: list[str]) -> Iterator[Complaint]:
    """Say which rules are known for simple queues only, beside those that are never known."""
    known = [*contradicted(policy, "policy")]
    on_nodes = [name for name, pool in site.pools.items() if not pool.counted]
    if policy.backfill == "conservative" and on_nodes:
        features = [f"the nodes of {', '.join(on_nodes)}", *features]
    for found in contradicted(policy, "policy", beside=", ".join(features)):
        if found not in known:
            yield found


def _unknown_accounts(policy: Policy, workload: Workload) -> Iterator[Complaint]:
    parents = {account.parent for account in policy.accounts.values()} | {*workload.groups().values()}
    own = workload.accounts()
    for name, account in policy.accounts.items():
        if name not in own and name not in parents:
            what = f"there is no tenant '{name}', and no account below it"
            yield Complaint(what, nearest(name, own), ("policy", "accounts", name))
        if account.parent is not None:
            at = ("policy", "accounts", name, "parent")
            yield from unknown("there is no account", account.parent, policy.accounts, *at)


def _circles(policy: Policy, workload: Workload) -> Iterator[Complaint]:
    """Say which tenants are in a group that the policy puts below their own account."""
    groups = workload.groups()
    for complaint in circle_complaints(with_tenants(policy.accounts, workload.accounts(), groups)):
        account = str(complaint.at[1])
        for name, tenant in workload.tenants.items():
            if tenant.group is not None and workload.account_of(name) == account:
                yield complaint._replace(at=("workload", "tenants", name, "group"))


def _unknown_qos(policy: Policy, workload: Workload) -> Iterator[Complaint]:
    """Check the QOS of classes if the policy has any; otherwise all jobs are alike."""
    for name, work in workload.classes.items() if policy.qos else ():
        if work.qos is not None:
            at = ("workload", "classes", name, "qos")
            yield from unknown("the policy has no QOS", work.qos, policy.qos, *at)
