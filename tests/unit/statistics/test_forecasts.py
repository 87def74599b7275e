"""Scores of forecasts: true quantiles score best; exact binomial tests and bounds agree with SciPy's."""

import numpy as np
import pytest
from scipy import stats

from capacity.statistics.forecasts import coverage_p, interval_score, share_bounds


def test_the_true_quantiles_have_the_least_score():
    came = np.random.default_rng(1).normal(size=100_000)
    true = stats.norm.ppf([0.1, 0.9])

    def score(low, high):
        return interval_score(np.full_like(came, low), np.full_like(came, high), came, confidence=0.8).mean()

    best = score(*true)
    for shift in (0.8, 0.9, 1.1, 1.3):
        assert score(true[0] * shift, true[1]) > best
        assert score(true[0], true[1] * shift) > best


@pytest.mark.parametrize("count", [1, 2, 13, 26, 96])
def test_exact_tests_are_those_of_scipy(count):
    for inside in range(count + 1):
        expected = stats.binomtest(inside, count, 0.8)
        assert coverage_p(inside, count, 0.8) == pytest.approx(expected.pvalue, abs=1e-9)
        bounds = expected.proportion_ci(0.95, method="exact")
        assert share_bounds(inside, count) == pytest.approx((bounds.low, bounds.high), abs=1e-9)
