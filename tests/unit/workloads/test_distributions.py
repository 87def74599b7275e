"""Every distribution has the moments it is stated by, and longer draws continue shorter ones."""

from math import exp, gamma, inf, log, sqrt

import numpy as np
import pytest
from scipy import stats

from workloads.synthetic.distributions import (
    Choice,
    Constant,
    Empirical,
    Gamma,
    LogGamma,
    Lognormal,
    LogUniform,
    Mixture,
    Pareto,
    Tailed,
    Weibull,
    mean_cut,
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
    "gamma": Gamma.of(1000, 2),
    "exponential": Gamma.of(1000, 1),
    "loguniform": LogUniform(60, 6000),
    "loggamma": LogGamma(4.2, 0.94),
    "hyper-gamma": Mixture(((1, LogGamma(4.2, 0.94)), (2, LogGamma(312, 0.03)))),
    "tailed": Tailed(Lognormal(600, 3600), 7200, 2.5, 0.05),
    "tailed mixture": Tailed(Mixture(((3, Gamma(2, 50)), (1, Weibull(1000, 2)))), 1500, 1.5, 0.02),
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
        ("gamma", stats.gamma(0.25, scale=4000)),
        ("exponential", stats.expon(scale=1000)),
        ("loguniform", stats.loguniform(60, 6000)),
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


@pytest.mark.parametrize("name", [name for name in KINDS if name not in ("constant", "mixture")])
def test_draws_follow_the_stated_shares(name):
    assert stats.kstest(draw(name), KINDS[name].cdf).pvalue > 0.001


@pytest.mark.parametrize(
    ("name", "reference"),
    [
        ("lognormal", stats.lognorm(sqrt(2 * log(6)), scale=600)),
        ("weibull", stats.weibull_min(0.6, scale=3600)),
        ("pareto", stats.pareto(2.5, scale=60)),
        ("gamma", stats.gamma(0.25, scale=4000)),
        ("loguniform", stats.loguniform(60, 6000)),
        ("loggamma", stats.loggamma),
    ],
)
def test_shares_and_quantiles_are_those_of_scipy(name, reference):
    kind = KINDS[name]
    x_s = np.array([-5.0, 0.0, 1e-3, 1.0, 59.0, 600.0, 5e3, 1e5, 1e12])
    p_frac = np.array([0.0, 0.01, 0.5, 0.99, 0.999999])
    if name == "loggamma":  # scipy's is another one of this name: ours is the exponential of a gamma
        inner = stats.gamma(4.2, scale=0.94)
        expected = inner.cdf(np.log(np.maximum(x_s, 1e-9))), np.exp(inner.ppf(p_frac))
    else:
        expected = reference.cdf(x_s), reference.ppf(p_frac)
    np.testing.assert_allclose(kind.cdf(x_s), expected[0], rtol=1e-9, atol=1e-300)
    np.testing.assert_allclose(kind.quantile(p_frac), expected[1], rtol=1e-9)


@pytest.mark.parametrize("name", KINDS)
def test_a_quantile_is_the_least_value_with_its_share_below(name):
    kind = KINDS[name]
    p_frac = np.array([0.001, 0.1, 0.5, 0.74, 0.76, 0.9, 0.97, 0.9999])
    x_s = kind.quantile(p_frac)
    assert (np.diff(x_s) >= 0).all()
    assert (kind.cdf(x_s * (1 + 1e-9)) >= p_frac - 1e-9).all()
    assert (kind.cdf(x_s * (1 - 1e-6)) <= p_frac).all()


@pytest.mark.parametrize("name", [*KINDS, "heavy pareto", "heavy loggamma", "loggamma of scale 1"])
def test_the_mean_below_a_limit_is_the_integral_of_the_quantiles(name):
    heavy = {
        "heavy pareto": Pareto(60, 0.8),
        "heavy loggamma": LogGamma(2, 1.5),
        "loggamma of scale 1": LogGamma(2, 1),
    }
    kind = KINDS.get(name) or heavy[name]
    for limit_s in (5.0, 700.0, 7200.0):
        share = float(kind.cdf(limit_s))
        p_frac = (np.arange(20_000) + 0.5) / 20_000
        values = kind.quantile(p_frac)
        expected = values[p_frac <= share].sum() / 20_000
        assert kind.mean_below(limit_s) == pytest.approx(expected, rel=2e-3, abs=1e-3 * limit_s)
        assert mean_cut(kind, limit_s) == pytest.approx(np.minimum(values, limit_s).mean(), rel=2e-3)
    assert kind.mean_below(1e300) == pytest.approx(kind.mean_s, rel=1e-6) or kind.mean_s == inf


def test_means_have_closed_forms():
    assert KINDS["gamma"].mean_s == pytest.approx(1000)
    assert KINDS["loggamma"].mean_s == pytest.approx((1 - 0.94) ** -4.2)
    assert KINDS["loguniform"].mean_s == pytest.approx(stats.loguniform(60, 6000).mean())
    assert KINDS["weibull"].mean_s == pytest.approx(stats.weibull_min(0.6, scale=3600).mean())
    assert KINDS["mixture"].mean_s == 507.5
    assert KINDS["empirical"].mean_s == pytest.approx(
        stats.loguniform(10, 1000).mean() / 2 + stats.loguniform(1000, 100_000).mean() / 2
    )
    assert Pareto(60, 1).mean_s == LogGamma(4, 1).mean_s == Tailed(Constant(1), 2, 0.9, 0.1).mean_s == inf
    assert Lognormal.of(log(600), 2).sigma == pytest.approx(2)


def test_quantiles_that_stand_still_are_a_spike():
    spiky = Empirical(((0, 10), (0.2, 60), (0.8, 60), (1, 600)))
    assert spiky.cdf([9, 10, 60, 600, 601]).tolist() == [0, 0, 0.8, 1, 1]
    assert spiky.quantile([0.2, 0.5, 0.8]) == pytest.approx([60, 60, 60])
    assert spiky.mean_s == pytest.approx(0.2 * (50 / log(6) + 540 / log(10)) + 0.6 * 60)


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
