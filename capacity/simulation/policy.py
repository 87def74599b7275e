"""From a scenario to what the batch system needs: its rules, those of the site, the columns of the jobs."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import numpy.typing as npt

from capacity.inputs.demand.job_class import WorkClass
from capacity.inputs.policy.accounts import Account, parents_first, with_tenants
from capacity.inputs.policy.checks import nodes_can_fail, site_features
from capacity.inputs.policy.limits import Limits
from capacity.inputs.policy.policy import Multifactor, Policy
from capacity.inputs.scenario import Scenario
from capacity.inputs.windows import Nodes, Window
from capacity.scheduling.jobs import Jobs
from capacity.scheduling.rules import Rules
from capacity.scheduling.site.rules import (
    FOREVER_S,
    UNLIMITED,
    AccountNumbers,
    LimitNumbers,
    MultifactorNumbers,
    QosNumbers,
    Restarts,
    SiteRules,
    WindowNumbers,
)
from capacity.simulation.calendar import calendar_of
from capacity.simulation.hardware import Hardware
from workloads.jobtable import JobTable
from workloads.synthetic.streams import stream

Ints = npt.NDArray[np.int32]
NEVER = -1


def rules_of(scenario: Scenario, *, seed: int, replication: int) -> Rules:
    """Return how jobs are ordered, started and placed."""
    policy = scenario.policy
    return Rules(
        policy.order,
        policy.backfill,
        policy.ties,
        policy.placement,
        seed=int(stream(seed, replication, "policy", "placement").integers(1 << 32)),
        backfill_order=policy.backfill_order,
        backfill_depth=policy.backfill_depth,
        reservations=policy.reservations,
        conservative=policy.conservative,
        cycle_s=round(policy.cycle),
        recompute_s=round(policy.recompute),
        estimates=policy.estimates,
        overrun=policy.overrun,
    )


def core_of(scenario: Scenario) -> str:
    """Return the compiled core that a scenario needs, to have it before the clock of the run starts."""
    conservative = scenario.policy.backfill == "conservative"
    on_nodes = not all(pool.counted for pool in scenario.site.pools.values())
    if _features(scenario) or (conservative and on_nodes):
        return "site"
    return "conservative" if conservative else "queue"


def _features(scenario: Scenario) -> list[str]:
    fails = scenario.simulate.failures
    return site_features(scenario.policy, scenario.site, scenario.workload, failures=fails)


def site_rules_of(scenario: Scenario) -> SiteRules | None:
    """Return the rules that sites add to a queue, or None if the scenario uses none of them."""
    policy = scenario.policy
    if not _features(scenario):
        return None
    accounts = _accounts(scenario)
    number = {None: NEVER} | {name: place for place, name in enumerate(accounts)}
    return SiteRules(
        accounts=tuple(
            AccountNumbers(name, one.shares, number[one.parent], _limits(one.limits))
            for name, one in accounts.items()
        ),
        qos=tuple(_qos(policy)),
        user_limits=_limits(policy.user_limits),
        multifactor=_multifactor(policy.multifactor or Multifactor(), list(scenario.site.pools)),
        windows=tuple(_windows(scenario, list(accounts))),
        route=policy.route,
        restarts=_restarts(policy),
    )


def restarts_of(scenario: Scenario) -> Restarts | None:
    """Return what becomes of jobs whose node fails, or None if no node does."""
    fails = scenario.simulate.failures and nodes_can_fail(scenario.site)
    return _restarts(scenario.policy) if fails else None


def _restarts(policy: Policy) -> Restarts:
    delay_s, most = max(1, round(policy.requeue_delay)), policy.max_attempts or UNLIMITED
    return Restarts(policy.requeue, delay_s, most, policy.max_futile_attempts)


def account_names(scenario: Scenario) -> list[str]:
    """Return all accounts, parents before children: those of the policy, and those of all tenants."""
    return list(_accounts(scenario))


def _accounts(scenario: Scenario) -> dict[str, Account]:
    """Return the accounts of the policy, and those that tenants name or need beside them, parents first."""
    workload = scenario.workload
    found = with_tenants(scenario.policy.accounts, workload.accounts(), workload.groups())
    return {name: found[name] for name in parents_first(found)}


def _qos(policy: Policy) -> Iterator[QosNumbers]:
    names = list(policy.qos)
    for name, qos in policy.qos.items():
        victims = tuple(names.index(victim) for victim in qos.preempts)
        limits, grace_s, min_run_s = _limits(qos.limits), round(qos.grace), round(qos.min_run)
        user_limits = _limits(qos.user_limits)
        yield QosNumbers(name, qos.priority, victims, qos.mode, grace_s, min_run_s, limits, user_limits)


def _limits(limits: Limits) -> LimitNumbers:
    return LimitNumbers(**{name: most for name, most in limits if most is not None})


def _multifactor(given: Multifactor, pools: Sequence[str]) -> MultifactorNumbers:
    apart = {"max_age", "half_life", "pool_factors", "source", "as_of", "why"}
    return MultifactorNumbers(
        **given.model_dump(exclude=apart),
        max_age_s=round(given.max_age),
        half_life_s=round(given.half_life),
        pool_factors=tuple(given.pool_factors.get(pool, 0.0) for pool in pools) if given.pool_factors else (),
    )


def _windows(scenario: Scenario, accounts: Sequence[str]) -> Iterator[WindowNumbers]:
    """Yield every time at which nodes are out of use or held, pool by pool."""
    pools = list(scenario.site.pools)
    for maintenance in scenario.site.maintenance.values():
        for pool in pools if maintenance.pool is None else [maintenance.pool]:
            yield from _occasions(scenario, maintenance, pool, NEVER, requeue=maintenance.drain == "requeue")
    for held in scenario.policy.advance_reservations.values():
        account = accounts.index(scenario.workload.account_of(held.tenant))
        yield from _occasions(scenario, held, held.pool, account)


def _occasions(
    scenario: Scenario, window: Window, pool: str, account: int, *, requeue: bool = False
) -> Iterator[WindowNumbers]:
    """Yield each time of a window that lies within the horizon, at least in part."""
    calendar = calendar_of(scenario)
    number = list(scenario.site.pools).index(pool)
    nodes = window.nodes or Nodes(0, scenario.site.pools[pool].nodes)
    for begin in window.begins(scenario.timezone, calendar_of(scenario).end_time):
        start = calendar.seconds_at(begin)
        start_s = max(0, round(start))
        end_s = FOREVER_S if window.duration is None else round(start + window.duration)
        if end_s > start_s:
            yield WindowNumbers(number, start_s, end_s, nodes.first, nodes.count, account, requeue)


def jobs_of(
    scenario: Scenario,
    table: JobTable,
    site: SiteRules | None,
    hardware: Hardware,
    *,
    unservable: npt.NDArray[np.bool_] | None = None,
) -> Jobs:
    """Return the jobs with the columns that the rules look at; those of checkpoints are added elsewhere.

    The table has run times on the preferred pool of each class; `unservable`, shape (n_jobs,), are jobs that
    no pool of the site can run.
    """
    pools = list(scenario.site.pools)
    codes, names = table.labels("pool")
    number = np.array([pools.index(name) for name in names], np.int16)
    times = (table.numbers("submit_s"), table.numbers("run_s"), table.numbers("requested_s"))
    slots, user = table.numbers("slots"), table.labels("user")[0]
    pool = number[codes] if len(pools) > 1 else None
    if site is None:
        return Jobs(*times, slots, pool, user=np.asarray(user, np.int32), unservable=unservable)
    by_class = _ByClass(scenario, table)
    sets, pool_set, pool_factor = _choices(scenario, by_class, hardware, slots)
    after, after_ok = _dependencies(table)
    arrays, array_limit = _arrays(table, by_class)
    tenant_codes, tenants = table.labels("tenant")
    accounts, qos = account_names(scenario), list(scenario.policy.qos)
    account = np.array([accounts.index(scenario.workload.account_of(name)) for name in tenants], np.int32)
    return Jobs(
        *times,
        slots,
        None if sets else pool,
        user=np.asarray(user, np.int32),
        account=account[tenant_codes],
        qos=by_class.column(lambda work: qos.index(work.qos) if work.qos in qos else 0),
        pool_set=pool_set,
        pool_sets=sets,
        pool_factor=pool_factor,
        after=after,
        after_ok=after_ok,
        singleton=_singletons(table, by_class),
        array=arrays,
        array_limit=array_limit,
        patience_s=by_class.column(lambda work: _whole_or_never(work.patience)),
        deadline_s=by_class.column(lambda work: _whole_or_never(work.start_deadline)),
        unservable=unservable,
    )


def _whole_or_never(seconds: float | None) -> int:
    return NEVER if seconds is None else round(seconds)


class _ByClass:
    """What job classes say, spread over the jobs."""

    def __init__(self, scenario: Scenario, table: JobTable) -> None:
        self.codes, self.names = table.labels("job_class")
        self.classes = [scenario.workload.classes[name] for name in self.names]

    def column(self, value: Callable[[WorkClass], int]) -> Ints:
        """Return a number of each job's class, shape (n_jobs,)."""
        numbers = np.array([value(work) for work in self.classes], np.int32)
        return np.asarray(numbers[self.codes])


def _choices(
    scenario: Scenario, by_class: _ByClass, hardware: Hardware, slots: npt.NDArray[np.integer]
) -> tuple[tuple[tuple[int, ...], ...], Ints | None, npt.NDArray[np.float64] | None]:
    """Return the lists of pools, which list each job has, and run times there over those in the table."""
    pools = list(scenario.site.pools)
    if all(len(scenario.pools_of(work)) <= 1 for work in by_class.classes):
        return (), None, None
    sets = []
    factor = np.ones((len(slots), len(pools)))
    for code, name in enumerate(by_class.names):
        mine = scenario.pools_of(by_class.classes[code]) or (scenario.pool_by_class()[name],)
        sets.append(tuple(pools.index(pool) for pool in mine))
        rows = np.flatnonzero(by_class.codes == code)
        for pool in mine[1:]:
            first = hardware.factor(name, mine[0], slots[rows])
            factor[rows, pools.index(pool)] = hardware.factor(name, pool, slots[rows]) / first
    return tuple(sets), np.asarray(by_class.codes, np.int32), factor


def _dependencies(table: JobTable) -> tuple[Ints | None, npt.NDArray[np.bool_] | None]:
    """Return the row of the job that each waits for, -1 for none, and whether it must have completed."""
    ok, ended = table.links("afterok_id"), table.links("afterany_id")
    waits_for = np.where(ok >= 0, ok, ended)
    if not (waits_for >= 0).any():
        return None, None
    ids = table.numbers("job_id")
    order = np.argsort(ids, kind="stable")
    place = order[np.minimum(np.searchsorted(ids[order], waits_for), len(ids) - 1)]
    return np.where(ids[place] == waits_for, place, NEVER).astype(np.int32), ok >= 0


def _arrays(table: JobTable, by_class: _ByClass) -> tuple[Ints | None, Ints | None]:
    """Return the number of each job's array, -1 for none, and how many tasks of each may run at once."""
    at_once = by_class.column(lambda work: (work.array.at_once if work.array else None) or NEVER)
    ids = np.where(at_once > 0, table.links("array_id"), NEVER)
    if not (ids >= 0).any():
        return None, None
    limited = np.flatnonzero(ids >= 0)
    _, first, numbers = np.unique(ids[limited], return_index=True, return_inverse=True)
    array = np.full(len(ids), NEVER, np.int32)
    array[limited] = numbers
    return array, at_once[limited[first]]


def _singletons(table: JobTable, by_class: _ByClass) -> Ints | None:
    """Return a number for each person and class that runs one job after the other, -1 for the others."""
    single = by_class.column(lambda work: int(work.singleton)) > 0
    if not single.any():
        return None
    user = np.asarray(table.labels("user")[0], np.int64)
    pairs = user[single] * len(by_class.names) + by_class.codes[single]
    number = np.full(len(single), NEVER, np.int32)
    number[single] = np.unique(pairs, return_inverse=True)[1]
    return number
