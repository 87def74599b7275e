"""Random pools by themselves whose nodes fail, as questions to two cores and to the definition.

Everything happens in few seconds: jobs end, come and come back while nodes fail and are repaired, so that
most of it falls into the same instants. The rules are those that the queue core knows when nodes fail.
"""

from dataclasses import replace
from itertools import groupby

import numpy as np

from capacity.scheduling.batch import BatchSystem, Jobs
from capacity.scheduling.pool import PoolSpec
from capacity.scheduling.rules import Rules
from capacity.scheduling.site_rules import UNLIMITED, Restarts, SiteRules
from tests.support.random_cases import OVERSTATED
from tests.support.random_site_cases import STATIC_ORDERS
from tests.support.site_case import NAMES, Fate, SiteCase

LONGEST = 24


def random_failing_case(seed: int) -> SiteCase:
    """Jobs, pools and failures; every job may use one pool only."""
    rng = np.random.default_rng(seed)

    def pick(values):
        return values[int(rng.integers(len(values)))]

    count, number = int(rng.integers(5, 41)), int(pick((1, 1, 1, 2)))
    pools = tuple(_pool(rng, pick, n) for n in range(number))
    home = rng.integers(0, number, count)
    run = rng.integers(0, LONGEST + 1, count)
    whole = np.array([spec.slots_per_node for spec in pools])[home]
    most = np.array([spec.most_nodes * spec.slots_per_node for spec in pools])[home]
    wide = rng.random(count) < pick((0.0, 0.2, 0.5))
    slots = np.where(wide, rng.integers(1, most + 2), rng.integers(1, whole + 1))
    slots = np.where(rng.random(count) < pick((0.0, 0.1)), most, slots)  # all there will ever be
    saves = rng.random() < 0.7
    return SiteCase(
        pools,
        submit=tuple(np.sort(rng.integers(0, pick((0, 10, 60)) + 1, count)).tolist()),
        run=tuple(run.tolist()),
        requested=tuple(np.maximum(1, run + rng.choice(OVERSTATED, count)).tolist()),
        slots=tuple(slots.tolist()),
        rules=_rules(rng, pick, number),
        site=SiteRules(restarts=_restarts(rng, pick)),
        pool_sets=tuple((n,) for n in range(number)),
        pool_set=tuple(home.tolist()),
        checkpoint=tuple(np.where(rng.random(count) < 0.8, rng.integers(1, 9, count), 0)) if saves else (),
        restart=tuple(np.where(rng.random(count) < 0.5, rng.integers(1, 7, count), 0)) if saves else (),
        unservable=tuple((rng.random(count) < 0.1).tolist()) if rng.random() < 0.2 else (),
        commands=_failures(rng, pools),
    )


def _pool(rng, pick, number):
    times = np.sort(rng.choice(60, int(pick((0, 0, 1, 2))), replace=False)).tolist()
    deliveries = tuple((at, int(rng.integers(1, 3))) for at in times)
    counted = bool(rng.random() < 0.3)
    return PoolSpec(f"p{number}", int(rng.integers(1, 6)), int(pick((1, 2, 3, 4))), counted, deliveries)


def _rules(rng, pick, number):
    """Several pools together mean something else by an order of candidates than each by itself."""
    alone = number == 1
    backfill = pick(("none", "easy", "easy", "easy", "easy-sjbf")) if alone else pick(("none", "easy"))
    return Rules(
        order=pick(STATIC_ORDERS) if rng.random() < 0.5 else "fcfs",
        backfill=backfill,
        placement=pick(("best-fit", "worst-fit", "first-fit")),
        backfill_order=pick(STATIC_ORDERS)
        if alone and backfill == "easy" and rng.random() < 0.3
        else "queue",
        estimates="exact" if rng.random() < 0.2 else "requested",
        overrun="allow" if rng.random() < 0.2 else "kill",
    )


def _restarts(rng, pick):
    return Restarts(
        bool(rng.random() < 0.9),
        int(pick((0, 1, 1, 5))),
        int(rng.integers(1, 4)) if rng.random() < 0.3 else UNLIMITED,
        int(rng.integers(1, 4)) if rng.random() < 0.3 else 10,
    )


def _failures(rng, pools):
    """Failures and repairs of delivered nodes, some again and again, some at once, some never repaired."""
    found = []
    for number, spec in enumerate(pools):
        begins = [0] * spec.nodes + [at for at, nodes in spec.deliveries for _ in range(nodes)]
        for node, begin in enumerate(begins):
            at = begin
            for _ in range(int(rng.integers(0, 4))):
                at += int(rng.integers(0, 40))
                found.append((at, "fail", (number, node)))
                if rng.random() < 0.1:
                    break
                at += int(rng.integers(1, 20))
                found.append((at, "repair", (number, node)))
    return tuple(sorted(found, key=lambda command: command[0]))


def jobs_alone(case: SiteCase) -> Jobs:
    """The jobs with the pool of each, which lets every pool schedule by itself."""
    jobs = case.jobs()
    return replace(jobs, pool=jobs.pool_set, pool_set=None, pool_sets=())


def systems(case: SiteCase) -> tuple[BatchSystem, BatchSystem]:
    """The queue core and the site core, each before its first second."""
    alone = BatchSystem(case.pools, case.rules, jobs_alone(case), restarts=case.site.restarts)
    assert alone.core == "queue"
    return alone, BatchSystem(case.pools, case.rules, case.jobs(), site=case.site)


def moments(case: SiteCase, system: BatchSystem):
    """Carry out the commands; yield after each instant of them, and once more when all is done."""
    for now, commands in groupby(case.timeline(), key=lambda command: command[0]):
        system.advance(now)
        yield now
        for _, name, args in commands:
            getattr(system, name)(*args)
    system.run()
    yield None


def fates_of(system: BatchSystem) -> list[Fate]:
    """What became of each job by now."""
    outcome = system.outcome()
    columns = [
        np.asarray(getattr(outcome if hasattr(outcome, name) else outcome.site, name)).tolist()
        for name in NAMES
    ]
    return [Fate(*row) for row in zip(*columns, strict=True)]
