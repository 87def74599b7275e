"""Queues with a known answer: the checks of `capacity verify`, their truths, and that they can fail."""

import heapq
from dataclasses import replace

import numpy as np
import pytest

from capacity.study.conformance import laws, queues
from capacity.study.conformance.queues import QUEUES, check_queue, erlang_c, inside, interval, queue, waits

KNOWN = {"m-m-1": 9.0, "m-m-4": 1.969383, "m-m-10": 0.668732, "m-m-100": 0.101291, "m-d-1": 4.5, "m-g-1": 10}
BY_NAME = {found.name: found for found in QUEUES}


@pytest.mark.parametrize("name", KNOWN)
def test_the_truths_are_those_of_the_books(name):
    assert BY_NAME[name].truth == pytest.approx(KNOWN[name], abs=1e-6)


@pytest.mark.parametrize("found", QUEUES, ids=lambda found: found.name)
def test_the_truth_is_inside_the_interval(found):
    result = check_queue(found)
    assert result.verdict.standing == "shown", result.got
    assert result.verdict.low < found.truth < result.verdict.high


@pytest.mark.parametrize("found", QUEUES, ids=lambda found: found.name)
def test_another_truth_is_not(found):
    """Even that of a quick run says something: an answer that is half as large again lies outside."""
    for wrong in (0.5 * found.truth, 1.5 * found.truth):
        result = check_queue(replace(found, truth=wrong), quick=True)
        assert result.verdict.standing == "shown not"
        assert not result.verdict.low <= wrong <= result.verdict.high


@pytest.mark.parametrize("found", QUEUES[:4], ids=lambda found: found.name)
def test_the_probability_of_waiting_is_erlangs(found):
    jobs = queue(found.service, found.servers, found.rho, seed=found.seed, count=2_000_000)
    wait = waits(jobs, found.machine, found.rules)
    assert inside(erlang_c(found.servers, found.rho), wait > 0, within=0.2).verdict.standing == "shown"


def test_the_hyperexponential_service_varies_as_it_is_said_to():
    service = queues.hyperexponential(np.random.default_rng(1), 2_000_000)
    assert service.mean() == pytest.approx(1, rel=0.01)
    assert service.var() == pytest.approx(queues.HYPEREXPONENTIAL_VARIATION, rel=0.02)


def test_an_interval_that_says_nothing_fails():
    values = np.random.default_rng(2).exponential(1.0, 4_000)
    assert inside(1.0, values, within=0.5).verdict.standing == "shown"
    result = inside(1.0, values, within=0.001)
    assert result.verdict.standing == "shown not"
    assert "says nothing" in result.got


def test_the_interval_holds_the_truth_as_often_as_it_says():
    rng = np.random.default_rng(3)
    runs = [interval(rng.exponential(1.0, 4_000)) for _ in range(2_000)]
    missed = sum(not low <= 1.0 <= high for _, low, high in runs)
    assert 5 <= missed <= 45  # 20 expected at 99 %


@pytest.mark.parametrize("servers", laws.SERVERS)
def test_fcfs_is_kiefer_and_wolfowitz_to_the_second(servers):
    result = laws.check_recursion(servers, 50_000)
    assert (result.verdict.standing, result.jobs, result.verdict.found) == ("shown", 50_000, 0)


@pytest.mark.parametrize("rules", laws.LITTLE, ids=lambda rules: f"{rules.order}-{rules.ties}")
def test_littles_law_is_exact(rules):
    result = laws.check_little(rules, 200_000)
    assert result.verdict.standing == "shown", result.got
    assert result.numbers["waiting_job_s"] > 0


@pytest.mark.parametrize(("servers", "load", "blocked"), [(1, 1.0, 0.5), (2, 1.0, 0.2), (10, 8.0, 0.121661)])
def test_erlang_b(servers, load, blocked):
    assert queues.erlang_b(servers, load) == pytest.approx(blocked, abs=1e-6)


@pytest.mark.parametrize("check", queues.loss_checks(), ids=lambda check: check.name)
def test_jobs_with_a_deadline_of_nothing_are_turned_away_as_erlang_b_says(check):
    result = check.run()
    assert result.verdict.standing == "shown", result.got


@pytest.mark.parametrize("service", [queues.exponential, queues.hyperexponential])
def test_a_plain_queue_without_waiting_room_turns_away_as_erlang_b_says(service):
    """The same jobs in ten lines: the truth and the interval do not lean on the batch system."""
    jobs = queue(service, queues.LOSS_SERVERS, queues.LOSS_LOAD / queues.LOSS_SERVERS, seed=12, count=200_000)
    ends: list[int] = []
    turned_away = np.zeros(len(jobs.submit_s))
    for row, (submit, run) in enumerate(zip(jobs.submit_s.tolist(), jobs.run_s.tolist(), strict=True)):
        while ends and ends[0] <= submit:
            heapq.heappop(ends)
        if len(ends) < queues.LOSS_SERVERS:
            heapq.heappush(ends, submit + run)
        else:
            turned_away[row] = 1
    assert (
        inside(
            queues.erlang_b(queues.LOSS_SERVERS, queues.LOSS_LOAD), turned_away, within=0.1
        ).verdict.standing
        == "shown"
    )
