"""Findings: the mean of the replications, its interval, and what is null when nothing was measured."""

import json
import math

import numpy as np
import pytest

from capacity.measure.findings import Finding, Lookup, combine, labels
from capacity.measure.metrics import UNITS
from capacity.report.language import Language
from capacity.statistics.bounds import AtLeast
from capacity.statistics.intervals import logit_interval
from capacity.statistics.quantiles import quantiles

GPU = labels(pool="gpu", month="all")


def test_replications_are_combined_by_metric_and_labels():
    runs = [{("p95_wait_s", GPU): value} for value in (1.0, 2.0, 3.0)]
    (found,) = combine(runs, UNITS)
    assert (found.metric, found.labels, found.value, found.unit, found.n) == ("p95_wait_s", GPU, 2.0, "s", 3)
    assert (found.method, found.covers, found.enough) == ("order statistics", "none", 6)


def test_the_kind_of_metric_decides_what_its_value_is():
    """Six futures: the median of waits, the mean of queue lengths and shares, the days that are not known."""
    values = [1.0, 1.0, 2.0, 3.0, 4.0, 10.0]
    keys = [("p95_wait_s", GPU), ("queue_length", GPU), ("storage_refused_bytes", GPU)]
    used, full = ("utilization", GPU), ("storage_full_s", labels(tier="disk"))
    days = [1.0, 2.0, math.nan, math.nan, math.nan, math.nan]
    runs = [{**dict.fromkeys(keys, v), used: v / 10, full: day} for v, day in zip(values, days, strict=True)]
    wait, queue, refused, share, date = combine(runs, UNITS)
    assert (wait.value, wait.covers) == (2.5, "both")
    assert 1.0 <= wait.low < wait.high <= 10.0
    assert (queue.value, queue.covers, queue.enough) == (3.5, "at least", 10)
    assert 0.0 <= queue.low < 3.5
    assert math.isnan(queue.high)
    assert (refused.value, refused.low, refused.high, refused.share) == (3.5, 1.0, 10.0, 1.0)
    assert (share.low, share.high) == (logit_interval([v / 10 for v in values]).low, share.high)
    assert 0 < share.low < 0.35 < share.high < 1
    assert (date.n, date.share) == (6, pytest.approx(1 / 3))
    assert math.isnan(date.value), "the median future has no such day"
    assert date.low >= 1.0
    for one in (wait, queue, refused, share, date):
        json.dumps(one.to_json(), allow_nan=False)


def test_runs_that_measured_nothing_do_not_count():
    (found,) = combine([{("p95_wait_s", GPU): value} for value in (1.0, math.nan, 3.0)], UNITS)
    assert (found.value, found.n) == (2.0, 2)
    (nothing,) = combine([{("p95_wait_s", GPU): math.nan}] * 3, UNITS)
    assert math.isnan(nothing.value)
    assert nothing.n == 0


def test_an_amount_that_only_some_runs_name_was_zero_in_the_others():
    key = ("storage_growth_bytes", labels(tier="disk", tenant="lab", source="rare"))
    (found,) = combine([{}, {key: 30.0}, {}], UNITS)
    assert (found.value, found.n) == (10.0, 3)


def test_what_is_no_amount_was_not_measured_in_the_others():
    key = ("p95_wait_s", labels(pool="gpu", month="all", qos="rare"))
    (found,) = combine([{}, {key: 30.0}, {}], UNITS)
    assert (found.value, found.n) == (30.0, 1)


def test_json_has_null_for_what_was_not_measured():
    finding = Finding("p95_wait_s", GPU, math.nan, math.nan, math.nan, "s", 0)
    text = json.dumps(finding.to_json(), allow_nan=False)
    assert json.loads(text) == {
        "metric": "p95_wait_s",
        "labels": {"pool": "gpu", "month": "all"},
        "value": None,
        "low": None,
        "high": None,
        "unit": "s",
        "n": 0,
        "censored": False,
        "method": "",
        "covers": "none",
        "enough": 0,
        "share": None,
    }


def test_a_wait_that_only_some_runs_know_is_not_zero_in_the_others():
    key = ("p95_wait_s", labels(pool="gpu", month="2022-01", width="65-256", length="1-4h"))
    (found,) = combine([{}, {key: 30.0}, {}], UNITS)
    assert (found.value, found.n) == (30.0, 1)


def test_a_lower_bound_in_one_run_makes_the_finding_one():
    """No upper end can be known of what is still waiting; the lower one holds all the same."""
    runs = [{("p95_wait_s", GPU): value} for value in (10.0, 20.0, 30.0, 40.0, 50.0, AtLeast(30.0))]
    (found,) = combine(runs, UNITS)
    assert (found.censored, found.covers, found.value) == (True, "at least", 30.0)
    assert 10.0 <= found.low <= 30.0
    assert math.isnan(found.high)
    assert found.to_json()["censored"]
    assert Language("en").duration(found.value).startswith("≥ ")
    assert not combine(runs[:5], UNITS)[0].censored


def test_findings_are_looked_up_by_exact_labels():
    look = Lookup([Finding("p95_wait_s", GPU, 5.0, 4.0, 6.0, "s", 3)])
    assert look.value("p95_wait_s", pool="gpu", month="all") == 5.0
    assert look("p95_wait_s", pool="gpu") is None
    assert math.isnan(look.value("p95_wait_s", pool="hpc", month="all"))
    assert [f.value for f in look.of("p95_wait_s")] == [5.0]
    assert look.of("other") == []


# --- Quantiles ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "median", "p95"),
    [
        ([5], 5, 5),
        ([1, 2], 1, 2),
        ([1, 2, 3], 2, 3),
        ([3, 1, 2, 4], 2, 4),
        (range(1, 20), 10, 19),
        (range(1, 21), 10, 19),
        (range(1, 22), 11, 20),
        ([0] * 95 + [100] * 5, 0, 0),
        ([0] * 94 + [100] * 6, 0, 100),
    ],
)
def test_quantiles_are_values_that_occur(values, median, p95):
    assert quantiles(np.array([*values], np.int64)) == (median, p95)


def test_quantiles_equal_the_definition_on_random_values():
    rng = np.random.default_rng(2)
    for n in (*range(1, 60), 1000):
        values = rng.integers(0, 50, n)
        for part, found in zip((0.5, 0.95), quantiles(values), strict=True):
            enough = [v for v in np.unique(values) if np.count_nonzero(values <= v) >= part * n - 1e-9]
            assert found == enough[0]
