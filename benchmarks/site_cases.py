"""Runs under the rules of a site, each beside the same run without the one rule whose price is asked."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from benchmarks.workload import SLOTS, generate
from capacity.scheduling.batch import BatchSystem, batch_system
from capacity.scheduling.jobs import Jobs
from capacity.scheduling.pools.pool import PoolSpec
from capacity.scheduling.rules import Rules
from capacity.scheduling.site.rules import (
    AccountNumbers,
    LimitNumbers,
    MultifactorNumbers,
    QosNumbers,
    SiteRules,
    WindowNumbers,
)

LOAD: Final = 0.85
COUNTED: Final = (PoolSpec("counted", SLOTS),)
NODES: Final = (PoolSpec("nodes", SLOTS // 8, 8, counted=False),)
THREE: Final = tuple(PoolSpec(f"pool {n}", SLOTS) for n in range(3))
LISTS: Final = ((0, 1), (1, 2), (2, 0))
LARGE: Final = 11 * SLOTS
"""Slots of a machine on which some 200 jobs run and thousands come per day, as on real systems."""
USERS, ACCOUNTS = 200, 20
HOUR_S, DAY_S = 3_600, 86_400
JOBS_PER_FAILURE: Final = 100
System = Callable[[], BatchSystem]


def run(batch: BatchSystem) -> None:
    """Run a batch system to its end."""
    batch.run()


@dataclass(frozen=True, slots=True)
class Case:
    """One rule and its price.

    Attributes
    ----------
    name : str
        The rule.
    ready, plain : function
        A batch system ready to run, with the rule and without it.
    drive : function
        Runs a system of the first kind to its end.
    same : bool
        The rule must not change any start.
    """

    name: str
    ready: System
    plain: System
    drive: Callable[[BatchSystem], None] = run
    same: bool = False


def system(
    specs: tuple[PoolSpec, ...], jobs: Jobs, site: SiteRules | None, rules: Rules | None = None
) -> System:
    """Give a function that sets up these jobs on these pools."""
    return lambda: batch_system(specs, rules or Rules(), jobs, site=site)


def kills(count: int) -> Case:
    """Tell how much it costs that a tenth of the jobs ends at its request: they would end then anyway."""
    jobs = generate(count, LOAD)
    chosen = np.random.default_rng(2).random(count) < 0.1
    requested = np.where(chosen, jobs.run_s, jobs.requested_s).astype(np.int32)
    longer = np.where(chosen, 2 * jobs.run_s, jobs.run_s).astype(np.int32)
    fine, late = replace(jobs, requested_s=requested), replace(jobs, requested_s=requested, run_s=longer)
    site = SiteRules()
    return Case(
        "a tenth of the jobs killed at the limit",
        system(COUNTED, late, site),
        system(COUNTED, fine, site),
        same=True,
    )


def failures(count: int) -> Case:
    """Fail a node for an hour once per 100 jobs; what ran there goes on from its last hourly checkpoint."""
    jobs = replace(generate(count, LOAD), checkpoint_s=np.full(count, HOUR_S, np.int32))
    many = count // JOBS_PER_FAILURE
    rng = np.random.default_rng(3)
    at = np.sort(rng.integers(0, int(jobs.submit_s[-1]), many))
    node = rng.integers(0, NODES[0].nodes, many)
    # A node that fails again before its repair stays down until the last of them.
    calls = sorted(
        [(int(t), 1, int(n)) for t, n in zip(at, node, strict=True)]
        + [(int(t) + HOUR_S, 0, int(n)) for t, n in zip(at, node, strict=True)]
    )

    def drive(batch: BatchSystem) -> None:
        for time, fails, which in calls:
            batch.advance(time)
            (batch.fail if fails else batch.repair)(0, which)
        batch.run()

    ready = system(NODES, jobs, SiteRules())
    return Case(f"{many:,} node failures, jobs requeued", ready, ready, drive)


def preemption(count: int) -> Case:
    """Let a tenth of the jobs preempt the others, which are requeued."""
    qos = (np.random.default_rng(4).random(count) < 0.1).astype(np.int32)
    jobs = replace(generate(count, LOAD), qos=qos)
    low = QosNumbers("low")
    return Case(
        "preemption between two QOS",
        system(COUNTED, jobs, SiteRules(qos=(low, QosNumbers("high", preempts=(0,))))),
        system(COUNTED, jobs, SiteRules(qos=(low, QosNumbers("high")))),
    )


def with_people(jobs: Jobs) -> Jobs:
    """Give jobs 200 users in 20 accounts, some of whom submit far more than others."""
    user = (USERS * np.random.default_rng(5).random(len(jobs.submit_s)) ** 2).astype(np.int32)
    return replace(jobs, user=user, account=user % ACCOUNTS)


def accounts(limits: LimitNumbers | None = None) -> tuple[AccountNumbers, ...]:
    """Twenty accounts with one to three shares each."""
    return tuple(AccountNumbers(f"a{n}", 1 + n % 3, limits=limits or LimitNumbers()) for n in range(ACCOUNTS))


def _fair_share(jobs: Jobs, slots: int) -> Case:
    """Weigh the usage of 200 users beside age and size, worked out every 5 minutes."""
    people, rules = with_people(jobs), Rules("multifactor")
    specs = (PoolSpec("counted", slots),)
    plain = MultifactorNumbers(age=1000, size=100)
    shares = replace(plain, fair_share=1000)
    per_day = len(jobs.submit_s) * DAY_S / int(jobs.submit_s[-1])
    return Case(
        f"fair-share of {USERS} users, {per_day:,.0f} jobs per day",
        system(specs, people, SiteRules(accounts(), multifactor=shares), rules),
        system(specs, people, SiteRules(accounts(), multifactor=plain), rules),
    )


def fair_share(count: int) -> Case:
    """Take a small machine, on which 200 users are worked out anew for nearly every job."""
    return _fair_share(generate(count, LOAD), SLOTS)


def fair_share_of_many_jobs(count: int) -> Case:
    """Take a large machine, on which some 15 jobs come between two reckonings."""
    return _fair_share(generate(count, LOAD, slots=LARGE), LARGE)


def limits(count: int) -> Case:
    """Hold every user to half of the machine and every account to three quarters."""
    jobs = with_people(generate(count, LOAD))
    half, most = LimitNumbers(running_slots=SLOTS // 2), LimitNumbers(running_slots=3 * SLOTS // 4)
    return Case(
        "limits per user and account",
        system(COUNTED, jobs, SiteRules(accounts(most), user_limits=half)),
        system(COUNTED, jobs, SiteRules(accounts())),
    )


def windows(count: int) -> Case:
    """Close an eighth of the machine for 8 hours every four weeks, known in advance.

    Closing all of it would triple the queue, and the price of a longer queue is no price of the rule.
    """
    jobs = generate(count, LOAD)
    last = int(jobs.submit_s[-1])
    closed = tuple(
        WindowNumbers(0, start, start + 8 * HOUR_S, 0, SLOTS // 8)
        for start in range(28 * DAY_S, last, 28 * DAY_S)
    )
    return Case(
        f"{len(closed)} maintenance windows, an eighth of the slots",
        system(COUNTED, jobs, SiteRules(windows=closed)),
        system(COUNTED, jobs, SiteRules()),
    )


def pools(count: int) -> Case:
    """Let every job choose between two of three pools, instead of naming one."""
    jobs = generate(count, LOAD, slots=len(THREE) * SLOTS)
    chosen = np.random.default_rng(6).integers(0, len(LISTS), count).astype(np.int32)
    return Case(
        "three pools, jobs with a list of two",
        system(THREE, replace(jobs, pool_set=chosen, pool_sets=LISTS), SiteRules()),
        system(THREE, replace(jobs, pool=chosen), SiteRules()),
    )


CASES: Final = (kills, failures, preemption, fair_share, fair_share_of_many_jobs, limits, windows, pools)
