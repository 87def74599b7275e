"""Queues with a known answer: the true value lies inside the 99 % interval of a long run.

One-slot jobs on c slots are the queue M/G/c. A service lasts 10⁵ s on average, so that whole seconds do not
bias it. Intervals are batch means over 40 batches after a warm-up of a tenth; seeds are fixed.
"""

import heapq
from math import factorial

import numpy as np
import pytest
from scipy import stats

from capacity.scheduling.batch import BatchSystem, Jobs
from capacity.scheduling.pool import PoolSpec
from capacity.scheduling.rules import Rules

MEAN_S = 100_000
JOBS = 2_000_000
BATCHES = 40


def exponential(rng, count):
    return rng.exponential(1.0, count)


def constant(rng, count):
    return np.ones(count)


def hyperexponential(rng, count):
    """Two branches of equal load; squared coefficient of variation 4."""
    p = (1 + np.sqrt(0.6)) / 2
    first = rng.random(count) < p
    return rng.exponential(1.0, count) / (2 * np.where(first, p, 1 - p))


def queue(service, servers, rho, *, seed, count=JOBS) -> Jobs:
    """Poisson arrivals that load `servers` slots to `rho`."""
    rng = np.random.default_rng(seed)
    submit = np.cumsum(rng.exponential(MEAN_S / (servers * rho), count)).astype(np.int64)
    run = np.maximum(1, np.rint(service(rng, count) * MEAN_S)).astype(np.int64)
    return Jobs(submit, run, run, np.ones(count, np.int32))


def waits(jobs: Jobs, spec: PoolSpec, rules: Rules) -> np.ndarray:
    """Wait of every job [mean service times]."""
    system = BatchSystem([spec], rules, jobs)
    system.run()
    return (system.outcome().start_s - jobs.submit_s) / MEAN_S


def interval_99(values) -> tuple[float, float]:
    """Batch means of the run after its warm-up."""
    kept = values[len(values) // 10 :]
    means = kept[: len(kept) // BATCHES * BATCHES].reshape(BATCHES, -1).mean(axis=1)
    half = stats.t.ppf(0.995, BATCHES - 1) * means.std(ddof=1) / np.sqrt(BATCHES)
    return means.mean() - half, means.mean() + half


def assert_inside(truth, values, *, within):
    """The interval holds the truth and is narrower than +- `within` of it, so that it says something."""
    low, high = interval_99(values)
    assert low <= truth <= high
    assert high - low < 2 * within * truth


def erlang_c(servers, rho):
    """Probability of waiting in M/M/c."""
    load = servers * rho
    terms = [load**k / factorial(k) for k in range(servers)]
    last = load**servers / factorial(servers) / (1 - rho)
    return last / (sum(terms) + last)


COUNTED = ("none", lambda c: PoolSpec("p", c))
ON_NODES = ("easy", lambda c: PoolSpec("p", max(1, c // 2), min(c, 2), counted=False))


@pytest.mark.parametrize(("backfill", "machine"), [COUNTED, ON_NODES], ids=["counted-none", "nodes-easy"])
@pytest.mark.parametrize(
    ("servers", "rho", "mean_wait", "within"),
    [(1, 0.9, 9.0, 0.1), (4, 0.9, 1.969383, 0.1), (10, 0.9, 0.668732, 0.1), (100, 0.95, 0.101291, 0.2)],
)
def test_m_m_c(servers, rho, mean_wait, within, backfill, machine):
    jobs = queue(exponential, servers, rho, seed=servers)
    wait = waits(jobs, machine(servers), Rules("fcfs", backfill, "instant"))
    assert erlang_c(servers, rho) / (servers * (1 - rho)) == pytest.approx(mean_wait, rel=1e-5)
    assert_inside(mean_wait, wait, within=within)
    assert_inside(erlang_c(servers, rho), wait > 0, within=within)


def test_m_d_1():
    wait = waits(queue(constant, 1, 0.9, seed=5), PoolSpec("p", 1), Rules("fcfs", "none"))
    assert_inside(4.5, wait, within=0.1)


def test_m_g_1_by_pollaczek_and_khinchine():
    rho, variation = 0.8, 4.0
    jobs = queue(hyperexponential, 1, rho, seed=6)
    spread = np.var(jobs.run_s / MEAN_S) / np.mean(jobs.run_s / MEAN_S) ** 2
    assert spread == pytest.approx(variation, rel=0.02)
    wait = waits(jobs, PoolSpec("p", 1), Rules("fcfs", "none"))
    assert_inside(rho / (1 - rho) * (1 + variation) / 2, wait, within=0.1)


@pytest.mark.parametrize("servers", [1, 3, 16])
def test_fcfs_is_kiefer_and_wolfowitz_to_the_second(servers):
    """Each job takes the slot that comes free first: exact for any arrivals and services."""
    jobs = queue(hyperexponential, servers, 0.95, seed=7, count=50_000)
    system = BatchSystem([PoolSpec("p", servers)], Rules("fcfs", "none"), jobs)
    system.run()
    free = [0] * servers
    starts = []
    for submit, run in zip(jobs.submit_s.tolist(), jobs.run_s.tolist(), strict=True):
        starts.append(max(submit, free[0]))
        heapq.heapreplace(free, starts[-1] + run)
    assert system.outcome().start_s.tolist() == starts


@pytest.mark.parametrize("ties", ["instant", "event", "pyss"])
@pytest.mark.parametrize("order", ["fcfs", "saf"])
def test_littles_law_is_exact(order, ties):
    """Jobs in the queue, and slots in use, on average = arrival rate x time spent there; in whole seconds."""
    rng = np.random.default_rng(8)
    count, slots = 200_000, 64
    run = rng.integers(0, 5_000, count)
    size = rng.integers(1, 33, count)
    span = int((run * size).sum() / (0.85 * slots))
    jobs = Jobs(np.sort(rng.integers(0, span, count)), run, run + rng.integers(1, 4_000, count), size)
    system = BatchSystem([PoolSpec("p", slots)], Rules(order, "easy", ties), jobs)
    system.run()
    outcome, state = system.outcome(), system.pools[0].state()
    wait = outcome.start_s - jobs.submit_s
    assert state.waiting_job_s == int(wait.sum()) > 0
    assert state.waiting_slot_s == int((wait * size).sum())
    assert state.busy_slot_s == int((run * size).sum())
    assert state.started_jobs == state.ended_jobs == count
