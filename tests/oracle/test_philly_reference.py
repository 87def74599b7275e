"""The Philly trace as CSV is, job by job, the input of the reference runs, and starts at the same times."""

import numpy as np

from capacity.scheduling.batch import batch_system
from capacity.scheduling.jobs import Jobs
from capacity.scheduling.pools.pool import PoolSpec
from capacity.scheduling.rules import Rules
from tests.data import need_data
from tests.support.published import Published, assert_same_starts, read_input, replay
from workloads.formats import reader
from workloads.logs import recognised

SLOTS = 512


def test_every_job_and_every_start_is_that_of_the_reference_input():
    log = need_data("gpu/philly_jobs_dev.csv.gz")
    ids, jobs = read_input(need_data("reference/Philly-dev-512.jobs.csv.gz"))
    assert recognised(log) == "philly"
    read = reader("philly")(log)
    cleaned = read.clean(max_slots=SLOTS)
    assert not cleaned.dropped
    for name, expected in (
        ("job_id", ids),
        ("submit_s", jobs.submit_s),
        ("run_s", jobs.run_s),
        ("slots", jobs.slots),
        ("requested_s", jobs.requested_s),
    ):
        np.testing.assert_array_equal(cleaned.numbers(name), expected, err_msg=name)
    columns = [cleaned.numbers(name) for name in ("submit_s", "run_s", "requested_s", "slots")]
    rules = Rules("fcfs", "easy", "instant")
    system = batch_system([PoolSpec("machine", SLOTS)], rules, Jobs(*columns))
    system.run()
    none = np.zeros(len(ids), np.int64)
    assert_same_starts(system.outcome().start_s, replay(Published(jobs, none, SLOTS), rules))
