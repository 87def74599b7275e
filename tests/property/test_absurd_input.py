"""Workloads nobody would run: the simulator neither hangs nor grows without bound, and the answer is right.

Sizes are a hundredth in the normal run. Each has an answer known without a scheduler; an accident in the data
structures (a queue searched job by job, a heap that is never emptied) would take hours at the full size.
"""

import numpy as np
import pytest

from capacity.scheduling.batch import batch_system
from capacity.scheduling.jobs import Jobs
from capacity.scheduling.pools.pool import PoolSpec
from capacity.scheduling.rules import Rules
from capacity.scheduling.site.rules import SiteRules

SIZES = [pytest.param(0.01, id="small"), pytest.param(1.0, id="full", marks=pytest.mark.slow)]
SITES = [pytest.param(None, id="queue core"), pytest.param(SiteRules(), id="site core")]
MACHINES = [pytest.param(True, id="counted"), pytest.param(False, id="nodes")]
EVERYWHERE = pytest.mark.parametrize("counted", MACHINES)
BOTH_CORES = pytest.mark.parametrize("site", SITES)
BOTH_SIZES = pytest.mark.parametrize("size", SIZES)


def system(submit, run, slots, *, nodes, counted, site, order="fcfs", backfill="easy"):
    columns = np.broadcast_arrays(np.asarray(submit, np.int64), run, run, slots)
    jobs = Jobs(*(np.ascontiguousarray(column, np.int64) for column in columns))
    pool = PoolSpec("p", nodes=nodes, slots_per_node=4, counted=counted)
    return batch_system([pool], Rules(order, backfill), jobs, site=site)


def starts(made):
    made.run()
    (state,) = made.states().values()
    assert state.running_jobs == state.waiting_jobs == 0
    assert state.free_slots == state.capacity_slots
    return made.outcome().start_s


@BOTH_SIZES
@BOTH_CORES
@EVERYWHERE
def test_millions_of_jobs_of_one_second(size, site, counted):
    """Four a second on four slots: everybody starts at once, and never more than four are there."""
    count = int(2_000_000 * size)
    made = system(np.arange(count) // 4, 1, 1, nodes=1, counted=counted, site=site)
    np.testing.assert_array_equal(starts(made), np.arange(count) // 4)
    (state,) = made.states().values()
    assert state.peak_waiting_jobs <= 4


@BOTH_SIZES
@BOTH_CORES
@EVERYWHERE
def test_jobs_of_no_duration(size, site, counted):
    """A million at the same second, two at a time: each round they give their slots back and the next start.

    The site core moves its queue at every round, so that time grows with the square: a tenth of them there.
    """
    count = int((1_000_000 if site is None else 100_000) * size)
    made = system(np.zeros(count), 0, 3, nodes=2, counted=counted, site=site)
    assert (starts(made) == 0).all()
    assert (made.outcome().end_s == 0).all()


@BOTH_SIZES
@BOTH_CORES
@EVERYWHERE
def test_a_job_of_the_whole_machine_every_hour(size, site, counted):
    """Between them jobs of one slot: those that would be in its way wait until it is through."""
    hours = int(20_000 * size)
    big = np.arange(hours) * 3600
    small = big + 1800
    submit = np.stack([big, small], axis=1).ravel()
    run = np.tile([600, 3000], hours)  # the small one is in the way of the next big one for 20 minutes
    slots = np.tile([64, 1], hours)
    made = system(submit, run, slots, nodes=16, counted=counted, site=site)
    start = starts(made)
    np.testing.assert_array_equal(start[1::2], small)
    np.testing.assert_array_equal(start[0::2], np.where(big == 0, 0, big + 1200))


@BOTH_SIZES
@BOTH_CORES
@EVERYWHERE
@pytest.mark.parametrize("order", ["fcfs", "ljf"])
def test_all_at_the_same_second(size, site, counted, order):
    """As many jobs of one slot as fit start together, the next as many when they end."""
    count, nodes = int(100_000 * size), 25
    made = system(np.zeros(count), 7, 1, nodes=nodes, counted=counted, site=site, order=order)
    np.testing.assert_array_equal(starts(made), np.arange(count) // (4 * nodes) * 7)


@BOTH_SIZES
@BOTH_CORES
@EVERYWHERE
def test_a_very_long_queue(size, site, counted):
    """All wait behind one job of the whole machine, and none fits beside it; later ones come one a second."""
    count = int(100_000 * size)
    submit = np.concatenate([[0], np.zeros(count), np.arange(count)])
    run = np.concatenate([[count], np.full(2 * count, 10)])
    slots = np.concatenate([[40], np.full(2 * count, 20)])
    made = system(submit, run, slots, nodes=10, counted=counted, site=site)
    expected = np.concatenate([[0], count + np.arange(2 * count) // 2 * 10])
    order = np.argsort(submit, kind="stable")
    made = system(submit[order], run[order], slots[order], nodes=10, counted=counted, site=site)
    np.testing.assert_array_equal(starts(made), expected)
    (state,) = made.states().values()
    assert state.peak_waiting_jobs >= 2 * count - 2


@BOTH_CORES
@EVERYWHERE
def test_numbers_at_the_edge_of_what_is_allowed(site, counted):
    """The longest request, the latest submission and a job that asks for more than any machine has."""
    longest, latest = (1 << 31) - 2, 1 << 38
    made = system([0, 0, latest], [longest, 5, 1], [4, (1 << 31) - 1, 4], nodes=1, counted=counted, site=site)
    made.run()
    outcome = made.outcome()
    assert outcome.start_s.tolist() == [0, -1, latest]
    assert outcome.rejected.tolist() == [False, True, False]


@BOTH_CORES
@EVERYWHERE
def test_no_jobs_at_all(site, counted):
    made = system(np.zeros(0), np.zeros(0), np.zeros(0), nodes=1, counted=counted, site=site)
    assert starts(made).tolist() == []
