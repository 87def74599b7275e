"""With one pool and none of the rules of a site, the site core makes the schedule of the queue core."""

import numpy as np
import pytest

from capacity.scheduling.batch import BatchSystem
from capacity.scheduling.jobs import Jobs
from capacity.scheduling.pools.pool import PoolSpec
from capacity.scheduling.rules import Rules
from capacity.scheduling.site.rules import SiteRules

JOBS = 60


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
def test_same_starts_and_ends(first):
    for seed in range(first, first + 50):
        spec, rules, jobs = case(seed)
        alone, with_site = (
            BatchSystem([spec], rules, jobs),
            BatchSystem([spec], rules, jobs, site=SiteRules()),
        )
        alone.run()
        with_site.run()
        one, other = alone.outcome(), with_site.outcome()
        assert np.array_equal(one.start_s, other.start_s), f"seed {seed}: {spec}, {rules}"
        assert np.array_equal(one.end_s, other.end_s), f"seed {seed}: {spec}, {rules}"
        assert np.array_equal(one.killed, other.killed), f"seed {seed}: {spec}, {rules}"
        assert np.count_nonzero(one.start_s > jobs.submit_s) > 0, f"seed {seed}: nobody waits"
