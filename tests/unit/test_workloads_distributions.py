"""Every distribution has the moments it is stated by, and longer draws continue shorter ones."""

from math import exp, gamma, log, sqrt

import numpy as np
import pytest
from scipy import stats

from workloads.synthetic.distributions import (
    Choice,
    Constant,
    Empirical,
    Lognormal,
    Mixture,
    Pareto,
    Weibull,
)
from workloads.synthetic.streams import stream

N = 200_000
KINDS = {
    "constant": Constant(60),
    "lognormal": Lognormal(600, 3600),
    "weibull": Weibull(3600, 0.6),
    "pareto": Pareto(60, 2.5),
    "empirical": Empirical(((0, 10), (0.5, 1000), (1, 100_000))),
    "mixture": Mixture(((3, Constant(10)), (1, Lognormal(1000, 2000)))),
}


def draw(name, n=N):
    return KINDS[name].draw(stream(7, 0, name), n).astype(float)


@pytest.mark.parametrize("name", KINDS)
def test_a_longer_draw_continues_a_shorter_one(name):
    np.testing.assert_array_equal(draw(name, 1000), draw(name, 5000)[:1000])


@pytest.mark.parametrize(
    ("name", "reference"),
    [
        ("lognormal", stats.lognorm(sqrt(2 * log(6)), scale=600)),
        ("weibull", stats.weibull_min(0.6, scale=3600)),
        ("pareto", stats.pareto(2.5, scale=60)),
        ("empirical", stats.loguniform(10, 1000)),
    ],
)
def test_the_shape_is_that_of_the_closed_form(name, reference):
    values = draw(name)
    if name == "empirical":
        values = values[values < 1000]
    assert stats.kstest(values, reference.cdf).pvalue > 0.001


def test_means_lie_within_their_standard_errors():
    lognormal = KINDS["lognormal"]
    assert exp(lognormal.mu + lognormal.sigma**2 / 2) == pytest.approx(3600)
    for name, mean in (("weibull", 3600 * gamma(1 + 1 / 0.6)), ("pareto", 100.0), ("mixture", 507.5)):
        values = draw(name)
        assert abs(values.mean() - mean) < 5 * values.std() / sqrt(N)


def test_a_choice_follows_its_weights():
    counts = np.bincount(Choice.of([1, 0, 2, 1]).draw(stream(1, 0, "c"), N), minlength=4)
    assert counts[1] == 0
    assert stats.chisquare(counts[[0, 2, 3]], np.array([0.25, 0.5, 0.25]) * N).pvalue > 0.001
    assert set(Choice.of([5.0]).draw(stream(1, 0, "c"), 10)) == {0}


def test_streams_are_told_apart_by_every_part_of_their_name():
    first = {
        tuple(stream(*key).integers(0, 2**63, 2))
        for key in [(1, 0, "a", "b"), (1, 0, "ab"), (1, 0, "b", "a"), (1, 1, "a", "b"), (2, 0, "a", "b")]
    }
    assert len(first) == 5


def test_streams_are_the_same_everywhere():
    assert stream(20200701, 0, "ai-school", "notebook").integers(0, 2**32, 3).tolist() == [
        1769808738,
        3416291589,
        4249109490,
    ]
