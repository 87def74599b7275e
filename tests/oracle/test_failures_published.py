"""Failures and checkpoints beside what is known of them: Daly's closed form, and a run that was published."""

from itertools import chain, count, repeat

import numpy as np
import pytest

from capacity.facility.failures import daly_s
from capacity.inputs.reading.loader import load_scenario
from capacity.scheduling.batch import batch_system
from capacity.scheduling.jobs import Jobs
from capacity.scheduling.pools.pool import PoolSpec
from capacity.scheduling.rules import Rules
from capacity.scheduling.site.rules import Restarts
from capacity.simulation.build import build
from capacity.simulation.calendar import calendar_of
from capacity.simulation.failures.reliability import Failure, Hazards, NodeFailures
from capacity.simulation.storage.account import StorageAccount
from capacity.simulation.storage.numbers import StoragePlan
from capacity.simulation.world import SimulatedSite, World
from tests.support.daly import waste_frac
from tests.unit.simulation.test_world import columns_of

DAY_S = 86_400


@pytest.mark.parametrize(
    ("mtbf_s", "write_s", "restart_s"), [(20_000, 120, 300), (6000, 60, 600), (3000, 300, 60)]
)
def test_waste_of_long_jobs_is_that_of_daly(mtbf_s, write_s, restart_s):
    """Eight jobs of 400 days on one node each; a failed node is back before its job is."""
    rng, jobs, useful_s, days = np.random.default_rng(11), 8, 100 * DAY_S, 400
    every_s = round(daly_s(write_s, mtbf_s))
    wall_s = useful_s + (useful_s - 1) // every_s * write_s
    ones = np.ones(jobs, np.int32)
    table = Jobs(
        np.zeros(jobs, np.int64), wall_s * ones, (days * DAY_S) * ones, ones, None,
        checkpoint_s=(every_s + write_s) * ones, restart_s=restart_s * ones,
    )  # fmt: skip
    pools = [PoolSpec("gpu", jobs, counted=False)]
    batch = batch_system(pools, Rules(), table, restarts=Restarts(delay_s=2, max_futile=10**6))
    draw = lambda _: (Failure(rng.exponential(mtbf_s), 1) for _ in count())  # noqa: E731
    account = StorageAccount(StoragePlan(), tenants=["lab"], classes=1, days=days)
    edges = [DAY_S * day for day in range(days + 1)]
    World(SimulatedSite(batch, account, columns_of(table), edges, Hazards([NodeFailures(0, draw)]))).run()
    outcome = batch.outcome()
    assert (outcome.end_s > 0).all()
    assert not outcome.killed.any()
    assert not outcome.node_fail.any()
    held_s = outcome.ran_s
    waste = 1 - useful_s / held_s
    interval = 3 * waste.std(ddof=1) / np.sqrt(jobs) + 1e-3
    assert waste.mean() == pytest.approx(waste_frac(every_s, write_s, restart_s, mtbf_s), abs=interval)
    assert (held_s == wall_s + outcome.lost_s + outcome.restart_s).all()


def test_a_checkpoint_longer_than_the_time_between_failures_ends_by_rule():
    """Nothing is ever saved: the job is given up after so many futile attempts, and the run ends."""
    one = np.ones(1, np.int32)
    jobs = Jobs(0 * one, 10_000 * one, 20_000 * one, one, None, checkpoint_s=900 * one, restart_s=0 * one)
    rules = Restarts(delay_s=2, max_futile=10)
    batch = batch_system([PoolSpec("gpu", 1, counted=False)], Rules(), jobs, restarts=rules)
    draw = lambda _: chain(repeat(Failure(600, 1)))  # noqa: E731
    account = StorageAccount(StoragePlan(), tenants=["lab"], classes=1, days=3)
    edges = [DAY_S * day for day in range(4)]
    World(SimulatedSite(batch, account, columns_of(jobs), edges, Hazards([NodeFailures(0, draw)]))).run()
    outcome = batch.outcome()
    assert outcome.node_fail.tolist() == [True]
    assert outcome.attempts.tolist() == [10]


def test_the_llama_3_run_comes_out_as_published():
    """16,384 H100 for 54 days: 466 interruptions, one in about 3 h, more than 90 % effective."""
    scenario = load_scenario("llama-3").scenario
    assert scenario.site.pools["gpu"].slots == 16_384
    assert calendar_of(scenario).horizon_s == 54 * DAY_S
    kinds, effective = [], []
    for replication in range(3):
        built = build(scenario, seed=scenario.seed, replication=replication)
        assert built.site.batch.core == "queue"
        record = World(built.site).run()
        kinds += [event.kind for event in record.events]
        outcome, state = record.outcome, record.readings[-1].pools["gpu"]
        big = int(outcome.attempts.argmax())
        work = state.busy_slot_s / 16_384 - outcome.lost_s[big] - outcome.restart_s[big]
        cycle, write = built.checkpoints.cycle_s[big], built.checkpoints.write_s[big]
        effective.append(work * (1 - write / cycle) / calendar_of(scenario).horizon_s)
    unplanned, planned = kinds.count("node_failure") / 3, kinds.count("outage_start") / 3
    assert unplanned == pytest.approx(419, abs=3 * np.sqrt(419 / 3))
    assert planned == pytest.approx(47, abs=3 * np.sqrt(47 / 3))
    assert 54 * 24 / (unplanned + planned) == pytest.approx(2.8, abs=0.3)
    assert 0.90 < np.mean(effective) < 0.97
