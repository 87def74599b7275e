"""Findings: the mean of the replications, its interval, and what is null when nothing was measured."""

import json
import math

import numpy as np
import pytest

from capacity.measure.findings import Finding, Lookup, combine, labels
from capacity.report.language import Language
from capacity.statistics.bounds import AtLeast
from capacity.statistics.intervals import t_interval
from capacity.statistics.quantiles import quantiles

UNITS = {"wait_s": "s", "stored_bytes": "B"}
GPU = labels(pool="gpu", month="all")


def interval(values):
    found = t_interval(values)
    return found.mean, found.low, found.high


def test_the_interval_is_students():
    """Against the table: t(0.975, 4) = 2.776 and s = sqrt(2.5)."""
    mean, low, high = interval([1.0, 2.0, 3.0, 4.0, 5.0])
    assert mean == 3.0
    assert (high - low) / 2 == pytest.approx(2.7764 * math.sqrt(2.5 / 5), rel=1e-4)
    assert low + high == pytest.approx(6.0)


def test_the_interval_covers_the_mean_19_times_in_20():
    rng = np.random.default_rng(1)
    hits = sum(low <= 10 <= high for _, low, high in (interval(rng.normal(10, 3, 5)) for _ in range(4000)))
    assert 0.935 < hits / 4000 < 0.965  # three standard errors


@pytest.mark.parametrize(("values", "mean"), [([], math.nan), ([4.0], 4.0)])
def test_one_run_has_no_interval(values, mean):
    found = interval(values)
    assert found[0] == pytest.approx(mean, nan_ok=True)
    assert math.isnan(found[1])
    assert math.isnan(found[2])


def test_equal_runs_have_an_interval_of_no_width():
    assert interval([0.1, 0.1, 0.1]) == pytest.approx((0.1, 0.1, 0.1))


def test_replications_are_combined_by_metric_and_labels():
    runs = [{("wait_s", GPU): value} for value in (1.0, 2.0, 3.0)]
    (found,) = combine(runs, UNITS)
    assert (found.metric, found.labels, found.value, found.unit, found.n) == ("wait_s", GPU, 2.0, "s", 3)
    assert found.low < 2.0 < found.high


def test_runs_that_measured_nothing_do_not_count():
    (found,) = combine([{("wait_s", GPU): value} for value in (1.0, math.nan, 3.0)], UNITS)
    assert (found.value, found.n) == (2.0, 2)
    (nothing,) = combine([{("wait_s", GPU): math.nan}] * 3, UNITS)
    assert math.isnan(nothing.value)
    assert nothing.n == 0


def test_an_amount_that_only_some_runs_name_was_zero_in_the_others():
    key = ("stored_bytes", labels(tier="disk", tenant="lab", source="rare"))
    (found,) = combine([{}, {key: 30.0}, {}], UNITS)
    assert (found.value, found.n) == (10.0, 3)


def test_json_has_null_for_what_was_not_measured():
    finding = Finding("wait_s", GPU, math.nan, math.nan, math.nan, "s", 0)
    text = json.dumps(finding.to_json(), allow_nan=False)
    assert json.loads(text) == {
        "metric": "wait_s",
        "labels": {"pool": "gpu", "month": "all"},
        "value": None,
        "low": None,
        "high": None,
        "unit": "s",
        "n": 0,
        "censored": False,
    }


def test_a_wait_that_only_some_runs_know_is_not_zero_in_the_others():
    key = ("p95_wait_s", labels(pool="gpu", month="2022-01", width="65-256", length="1-4h"))
    (found,) = combine([{}, {key: 30.0}, {}], UNITS | {"p95_wait_s": "s"})
    assert (found.value, found.n) == (30.0, 1)


def test_a_lower_bound_in_one_run_makes_the_finding_one():
    key = ("p95_wait_s", GPU)
    (found,) = combine([{key: 10.0}, {key: AtLeast(30.0)}], UNITS | {"p95_wait_s": "s"})
    assert found.censored
    assert found.to_json()["censored"]
    assert Language("en").duration(found.value).startswith("≥ ")


def test_findings_are_looked_up_by_exact_labels():
    look = Lookup([Finding("wait_s", GPU, 5.0, 4.0, 6.0, "s", 3)])
    assert look.value("wait_s", pool="gpu", month="all") == 5.0
    assert look("wait_s", pool="gpu") is None
    assert math.isnan(look.value("wait_s", pool="hpc", month="all"))
    assert [f.value for f in look.of("wait_s")] == [5.0]
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
