"""With one pool and none of the rules of a site, the site core makes the schedule of the queue core."""

import numpy as np
import pytest

from capacity.scheduling.batch import batch_system
from capacity.scheduling.jobs import Jobs
from capacity.scheduling.pools.pool import PoolSpec
from capacity.scheduling.rules import Rules
from capacity.scheduling.site.rules import SiteRules

JOBS = 60
COLUMNS = (
    "start_s", "end_s", "killed", "held_slots", "pool", "attempts", "last_start_s", "running", "cancelled",
    "node_fail", "lost_s", "restart_s", "ran_s",
)  # fmt: skip
"""All of an outcome but who is rejected, which the queue core knows before they are submitted."""


def case(seed):
    """Jobs full of ties, a machine and rules."""
    luck = np.random.default_rng(seed)
    run = luck.integers(0, 40, JOBS)
    per_node, nodes = int(luck.choice([1, 2, 4, 8])), int(luck.integers(2, 7))
    jobs = Jobs(
        np.sort(luck.integers(0, 120, JOBS)),
        run,
        np.maximum(1, run + luck.integers(-5, 30, JOBS)),
        luck.integers(1, max(2, nodes * per_node // 2), JOBS).astype(np.int32),
    )
    deliveries = ((30, 2),) if luck.integers(2) else ()
    counted = per_node == 1 or bool(luck.integers(2))
    rules = Rules(
        order=str(luck.choice(["fcfs", "sjf", "saf", "largest", "wfp3", "unicef", "expansion"])),
        backfill=str(luck.choice(["none", "easy", "easy-sjbf"])),
        placement=str(luck.choice(["best-fit", "first-fit", "worst-fit"])),
        recompute_s=int(luck.choice([0, 10, 300])),
        **finer(luck),
    )
    return PoolSpec("machine", nodes, per_node, counted=counted, deliveries=deliveries), rules, jobs


def finer(luck):
    """A cycle, or what makes the queue core use every point of one (see ``docs/site-rules.md``)."""
    if luck.integers(2):
        return {"cycle_s": 7, "estimates": str(luck.choice(["requested", "exact"]))}
    return {"overrun": str(luck.choice(["kill", "allow"])), "backfill_depth": int(luck.choice([0, 1, 3]))}


@pytest.mark.parametrize("first", range(0, 200, 50))
def test_the_same_becomes_of_every_job(first):
    for seed in range(first, first + 50):
        spec, rules, jobs = case(seed)
        alone, with_site = (
            batch_system([spec], rules, jobs),
            batch_system([spec], rules, jobs, site=SiteRules()),
        )
        for now in (25, 60, None):
            for system in (alone, with_site):
                system.run() if now is None else system.advance(now)
                if now == 25 and spec.deliveries:
                    system.advance(30)
                    system.deliver(0)
            one, other = alone.outcome(), with_site.outcome()
            for name in COLUMNS:
                here, there = getattr(one, name), getattr(other, name)
                assert here.dtype == there.dtype, name
                assert np.array_equal(here, there), f"{name} at {now} s, seed {seed}: {spec}, {rules}"
        assert np.array_equal(one.rejected, other.rejected)
        assert np.count_nonzero(one.start_s > jobs.submit_s) > 0, f"seed {seed}: nobody waits"
