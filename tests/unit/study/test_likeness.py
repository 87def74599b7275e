"""Queues beside one another: figures by hand, intervals from whole months, and what is said of them."""

import numpy as np
import pytest

from capacity.study.demand.likeness import MONTH_S, UNITS, Queue, alike, compare, figures, intervals, replayed
from tests.support.logs_to_fit import random_log, table_of


def queue(submit_s, wait_s, run_s, slots, machine=4):
    columns = (np.array(column, dtype=np.int64) for column in (submit_s, wait_s, run_s, slots))
    return Queue(*columns, machine)


def test_a_replay_by_hand():
    """4 slots: the second job waits for the first; the third is small and short enough to be backfilled."""
    table = table_of(
        submit_s=[5, 6, 7], run_s=[100, 50, 20], requested_s=[100, 50, 20], slots=[3, 4, 1], user=["a"] * 3
    )
    found = replayed(table, 4)
    assert found.submit_s.tolist() == [0, 1, 2]
    assert found.wait_s.tolist() == [0, 99, 0]
    assert found.slowdown.tolist() == pytest.approx([1, 149 / 50, 1])
    assert figures(found)["p50_wait_s"] == 0.0
    assert figures(found)["p95_wait_s"] == 99, "of a job that is there"
    # From second 0 to second 2, in which jobs are submitted, 3 of 4 slots are in use.
    assert figures(found)["submission_utilization"] == pytest.approx(0.75)
    assert figures(found)["mean_bounded_slowdown"] == pytest.approx((2 + 149 / 50) / 3)


def test_short_jobs_count_as_ten_seconds():
    assert queue([0, 5], [30, 0], [1, 1], [1, 1]).slowdown.tolist() == [3.1, 1.0]


def test_two_months_give_the_mean_of_either_or_both():
    """Months that are all alike but for their waits: the interval ends at the figures of each month alone."""
    n = 100
    at = np.concatenate((np.arange(n), np.arange(n) + n)) * (MONTH_S // n)
    waits = np.repeat([10, 30], n)
    found = intervals(queue(at, waits, np.full(2 * n, 100), np.ones(2 * n)), np.random.default_rng(1))
    assert {*found} == {*UNITS}
    assert found["p50_wait_s"] == (10.0, 30.0)
    assert found["p95_wait_s"] == (10.0, 30.0)
    assert found["mean_bounded_slowdown"] == pytest.approx((1.1, 1.3), abs=0.01)
    low, high = found["submission_utilization"]
    assert low <= high


def test_one_month_says_nothing_about_chance():
    found = intervals(queue([0, 100], [5, 5], [9, 9], [1, 1]), np.random.default_rng(1))
    assert all(low == high for low, high in found.values())


def test_months_without_jobs_do_no_harm():
    at = [0, 1, 5 * MONTH_S]
    found = intervals(queue(at, [1, 2, 3], [9, 9, 9], [1, 1, 1]), np.random.default_rng(1))
    assert all(np.isfinite(bounds).all() for bounds in found.values())


@pytest.mark.parametrize(
    ("metric", "real", "synthetic", "low", "high", "standing"),
    [
        ("submission_utilization", 0.70, 0.729, 0.0, 1.0, "shown"),
        ("submission_utilization", 0.70, 0.735, 0.0, 1.0, "shown not"),
        ("p50_wait_s", 100.0, 125.0, 120.0, 130.0, "shown"),
        ("p50_wait_s", 100.0, 75.0, 70.0, 80.0, "shown"),
        ("p50_wait_s", 100.0, 126.0, 99.0, 130.0, "not shown"),
        ("p50_wait_s", 100.0, 126.0, 101.0, 130.0, "shown not"),
        ("p50_wait_s", 0.0, 0.0, 0.0, 0.0, "shown"),
        ("p50_wait_s", 0.0, 5.0, 0.0, 9.0, "not shown"),
        ("p50_wait_s", 0.0, 5.0, 1.0, 9.0, "shown not"),
        ("mean_bounded_slowdown", 4.0, 2.9, 2.0, 3.9, "shown not"),
    ],
)
def test_verdicts(metric, real, synthetic, low, high, standing):
    found = alike(metric, real, synthetic, low, high)
    assert (found.standing, found.found, found.limit) == (standing, synthetic, real)


def test_a_log_is_like_itself():
    found = replayed(random_log(500, 4).clean(max_slots=64), 64)
    cells = compare(found, found, np.random.default_rng(1))
    assert [cell.metric for cell in cells] == [*UNITS]
    assert {cell.standing for cell in cells} == {"shown"}
    assert all(cell.limit == cell.found for cell in cells)
