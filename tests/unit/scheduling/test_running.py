"""Which jobs run at a moment: those that have started and not ended, in every core."""

import numpy as np
import pytest

from capacity.scheduling.batch import batch_system
from capacity.scheduling.jobs import Jobs
from capacity.scheduling.pools.pool import PoolSpec
from capacity.scheduling.rules import Rules
from capacity.scheduling.site.rules import SiteRules
from capacity.study.conformance.trials import random_columns


@pytest.mark.parametrize("counted", [True, False])
@pytest.mark.parametrize(
    ("rules", "site"),
    [
        (Rules("fcfs", "none"), None),
        (Rules("fcfs", "easy"), None),
        (Rules("wfp3", "easy"), None),
        (Rules("fcfs", "easy"), SiteRules()),
    ],
)
def test_running_jobs_are_those_between_start_and_end(rules, site, counted):
    submit, run, asked, slots = random_columns(
        7, 400, nodes=8, slots_per_node=8, load=1.3, longest=2000, wide=0.1
    )
    jobs = Jobs(submit, run, asked, slots.astype(np.int32))
    batch = batch_system([PoolSpec("gpu", 8, 8, counted=counted)], rules, jobs, site=site)
    seen = {}
    last = int(submit.max()) + 3000
    for now in range(0, last, 97):
        batch.advance(now)
        seen[now] = np.sort(batch.running_rows()).tolist()
    batch.run()
    outcome = batch.outcome()
    for now, rows in seen.items():
        # At `now` everything before it has happened, and nothing at it.
        running = (outcome.start_s >= 0) & (outcome.start_s < now) & (outcome.end_s >= now)
        assert rows == np.flatnonzero(running).tolist()
    assert max(len(rows) for rows in seen.values()) > 3
