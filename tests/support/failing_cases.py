"""Random pools by themselves whose nodes fail, as questions to two cores and to the definition.

Everything happens in few seconds: jobs end, come and come back while nodes fail and are repaired, so that
most of it falls into the same instants. The rules are those that the queue core knows when nodes fail.
"""

from dataclasses import replace
from itertools import groupby

import numpy as np

from capacity.scheduling.batch import BatchSystem, batch_system
from capacity.scheduling.core.machine import state as k
from capacity.scheduling.jobs import Jobs
from capacity.scheduling.pools.pool import PoolSpec
from capacity.scheduling.rules import Rules
from capacity.scheduling.site.rules import UNLIMITED, Restarts, SiteRules
from tests.support.random_cases import OVERSTATED
from tests.support.random_site_cases import STATIC_ORDERS
from tests.support.site_case import NAMES, Fate, SiteCase, give

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
    alone = batch_system(case.pools, case.rules, jobs_alone(case), restarts=case.site.restarts)
    assert alone.core == "queue"
    return alone, batch_system(case.pools, case.rules, case.jobs(), site=case.site)


def moments(case: SiteCase, system: BatchSystem):
    """Carry out the commands; yield after each instant of them, and once more when all is done."""
    for now, commands in groupby(case.timeline(), key=lambda command: command[0]):
        system.advance(now)
        yield now
        for _, name, args in commands:
            give(system, name, args)
    system.run()
    yield None


def fates_of(system: BatchSystem) -> list[Fate]:
    """What became of each job by now."""
    outcome = system.outcome()
    columns = [np.asarray(getattr(outcome, name)).tolist() for name in NAMES]
    return [Fate(*row) for row in zip(*columns, strict=True)]


def watch(system: BatchSystem) -> list[tuple[int, ...]]:
    """What both cores must say of every pool, the order in which events are counted aside."""
    return [
        (
            state.capacity_slots, state.free_slots, state.running_jobs, state.waiting_jobs,
            state.waiting_slots, state.busy_slot_s, state.capacity_slot_s, state.waiting_job_s,
            state.waiting_slot_s, state.started_jobs, state.ended_jobs,
        )
        for state in system.states().values()
    ]  # fmt: skip


def check_adds_up(case: SiteCase) -> None:
    """Compare the integrals of the queue core with its jobs and its nodes, at every moment."""
    system, _ = systems(case)
    home, out = np.array(case.pool_set), [set[int]() for _ in case.pools]
    in_service = [spec.nodes for spec in case.pools]
    installed, last = [0] * len(case.pools), 0
    timeline = {now: list(group) for now, group in groupby(case.timeline(), key=lambda command: command[0])}
    for now in moments(case, system):
        states = list(system.states().values())
        if now is not None:
            for number, spec in enumerate(case.pools):
                nodes = in_service[number] - len(out[number])
                installed[number] += nodes * spec.slots_per_node * (now - last)
                assert states[number].capacity_slots == nodes * spec.slots_per_node
                assert states[number].capacity_slot_s == installed[number]
            for _, name, args in timeline[now]:
                number = args[0]
                if name == "deliver":
                    at = [delivery for delivery in case.pools[number].deliveries if delivery[0] == now]
                    in_service[number] += at[0][1]
                else:
                    (out[number].add if name == "fail" else out[number].discard)(args[1])
            last = now
        _check_jobs(case, system, home, states)


def _check_jobs(case, system, home, states):
    outcome = system.outcome()
    running = (outcome.last_start_s >= 0) & (outcome.end_s < 0)
    for number, state in enumerate(states):
        mine = home == number
        held = outcome.held_slots.astype(np.int64)
        ended = int((outcome.ran_s * held)[mine].sum())
        begun = np.array([_runs_since(system, row) for row in np.flatnonzero(mine & running)], np.int64)
        holds = held[np.flatnonzero(mine & running)]
        still = int(((state.now_s - begun) * holds)[begun >= 0].sum())
        assert state.busy_slot_s == ended + still
        assert state.capacity_slots - state.free_slots == int(holds[begun >= 0].sum())
        assert 0 <= state.free_slots <= state.capacity_slots
    assert np.all(outcome.ran_s >= outcome.lost_s + outcome.restart_s)
    assert np.all(outcome.start_s <= outcome.last_start_s)
    wrong = outcome.rejected & (outcome.attempts > 0)
    assert not wrong.any()


def _runs_since(system, row):
    """Start of the attempt that runs, or -1 for a job that waits to run again."""
    pool = system.pools[int(system.jobs.pool[row])]
    rows = system._rows[int(system.jobs.pool[row])]
    job = row if rows is None else int(np.searchsorted(rows, row))
    slots = pool._arrays[k.RUN_JOB][pool._arrays[k.HEAP][: pool.state().running_jobs] & k.SLOT_MASK]
    return int(pool.start_s[job]) if job in slots else -1
