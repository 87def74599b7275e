"""Maximum-likelihood fits find the numbers a sample was drawn with, as exactly as its size allows."""

from math import exp, log, sqrt

import numpy as np
import pytest
from scipy import stats

from workloads.fitting.likelihood import FAMILIES, best_fit
from workloads.synthetic.distributions import (
    Constant,
    Empirical,
    Gamma,
    Lognormal,
    LogUniform,
    Mixture,
    Tailed,
    Weibull,
)
from workloads.synthetic.streams import stream

N = 20_000
ROOT = sqrt(N)
TWO = Mixture(((0.3, Lognormal.of(3, 0.5)), (0.7, Lognormal.of(8, 1.5))))
THREE = Mixture(((0.2, Lognormal.of(3, 0.4)), (0.5, Lognormal.of(6, 0.6)), (0.3, Lognormal.of(10, 1))))
HYPER = Mixture(((0.4, Gamma(5, 10)), (0.6, Gamma(2, 5000))))
TRUTHS = {
    "exponential": Gamma(1, 900),
    "lognormal": Lognormal.of(6, 2),
    "weibull": Weibull(5000, 0.6),
    "gamma": Gamma(0.5, 4000),
    "loguniform": LogUniform(10, 50_000),
    "lognormal with Pareto tail": Tailed(Lognormal.of(5, 1), 1000, 1.2, 0.1),
    "two lognormals": TWO,
    "hyper-gamma": HYPER,
    "three lognormals": THREE,
}

CONTAINING = {
    "lognormal": ("two lognormals", "three lognormals", "lognormal with Pareto tail"),
    "two lognormals": ("three lognormals",),
    "gamma": ("hyper-gamma",),
}
"""Families that are as right, and may win by chance."""


def fit(values, family, *, limit_s=None):
    """The fit of one family, near the sample or not."""
    (found,) = best_fit(values, families=[family], limit_s=limit_s).candidates
    return found


def sample(kind, n=N, *, seed=1):
    return kind.draw(stream(seed, 0, "sample"), n).astype(float)


def numbers(kind):
    """Parameters whose standard error at n values is about their second entry over the root of n."""
    match kind:
        case Lognormal():
            return [(kind.mu, kind.sigma), (kind.sigma, kind.sigma)]
        case Gamma():
            return [(log(kind.shape), 1.5), (log(kind.scale_s), 2.5)]
        case Weibull():
            return [(log(kind.shape), 1.0), (log(kind.scale_s), 1.1 / kind.shape)]
        case LogUniform():
            return [(log(kind.shortest_s), 0.5), (log(kind.longest_s), 0.5)]
        case Mixture():
            parts = sorted(kind.parts, key=lambda part: part[1].mean_s)
            inner = [(v, e / sqrt(share)) for share, part in parts for v, e in numbers(part)]
            return [(share, 0.5) for share, _ in parts] + [(v, 2.5 * e) for v, e in inner]
        case Tailed():
            return [*numbers(kind.body), (kind.exponent, kind.exponent / sqrt(kind.share_frac))]


@pytest.mark.parametrize("family", FAMILIES)
def test_the_numbers_come_back_within_the_sampling_error(family):
    found = fit(sample(TRUTHS[family]), family)
    expected, seen = numbers(TRUTHS[family]), numbers(found.distribution)
    for (truth, error), (value, _) in zip(expected, seen, strict=True):
        assert abs(value - truth) < 5 * error / ROOT
    assert found.ks < 1.6 / ROOT
    assert found.n == N


@pytest.mark.parametrize("family", [name for name in FAMILIES if name != "exponential"])
@pytest.mark.parametrize("whole", [False, True])
def test_the_right_family_has_the_smallest_aic(family, whole):
    values = sample(TRUTHS[family])
    if whole:
        values = np.maximum(np.rint(values), 1)
    choice = best_fit(values)
    right = next(found for found in choice.candidates if found.family == family)
    assert right.aic < choice.best.aic + 6
    assert choice.best.family in {family, *CONTAINING.get(family, ())}
    assert [found.aic for found in choice.candidates] == sorted(found.aic for found in choice.candidates)


def test_the_exponential_is_among_the_first_that_contain_it():
    choice = best_fit(sample(TRUTHS["exponential"]))
    first = [found.family for found in choice.candidates if found.aic < choice.best.aic + 6]
    assert "exponential" in first
    assert choice.best.distribution.mean_s == pytest.approx(900, rel=5 / ROOT)


@pytest.mark.parametrize(
    ("family", "reference"),
    [
        ("lognormal", stats.lognorm),
        ("weibull", stats.weibull_min),
        ("gamma", stats.gamma),
        ("exponential", stats.expon),
    ],
)
def test_likelihoods_are_those_of_scipy(family, reference):
    values = sample(TRUTHS[family], 3000)
    values = values[values > 1e-3]
    theirs = reference.fit(values, floc=0)
    ours = fit(values, family)
    assert ours.log_likelihood == pytest.approx(reference.logpdf(values, *theirs).sum(), abs=0.02)
    assert ours.ks == pytest.approx(stats.kstest(values, reference(*theirs).cdf).statistic, abs=2e-4)
    assert ours.aic == 2 * ours.n_parameters - 2 * ours.log_likelihood


@pytest.mark.parametrize("family", [name for name in FAMILIES if name != "three lognormals"])
def test_values_cut_at_a_limit_are_made_up_for(family):
    truth = TRUTHS[family]
    limit_s = float(truth.quantile(0.93))
    values = np.minimum(sample(truth), limit_s)
    found = fit(values, family, limit_s=limit_s)
    for (real, error), (value, _) in zip(numbers(truth), numbers(found.distribution), strict=True):
        assert abs(value - real) < 9 * error / ROOT
    blind = fit(values, family)
    assert found.ks < 1.6 / ROOT < 0.02 < blind.ks


def test_spiky_samples_speak_for_themselves():
    rng = stream(2, 0, "spikes")
    values = rng.choice([60, 300, 3600, 86_400], N, p=[0.1, 0.2, 0.3, 0.4]).astype(float)
    choice = best_fit(values)
    assert choice.best.family == "empirical"
    assert choice.best.ks < 1e-4
    assert all(found.ks > 0.05 for found in choice.candidates)
    drawn = sample(choice.best.distribution)
    shares = [(np.rint(drawn) == value).mean() for value in (60, 300, 3600, 86_400)]
    assert shares == pytest.approx([0.1, 0.2, 0.3, 0.4], abs=5 * 0.5 / ROOT)


def test_a_table_is_close_in_the_tail():
    values = np.concatenate([sample(TWO), np.full(N, 3600.0)])
    choice = best_fit(values)
    table = choice.best.distribution
    assert isinstance(table, Empirical)
    assert table.quantile([0.99, 0.999]) == pytest.approx(np.quantile(values, [0.99, 0.999]), rel=0.02)
    assert 20 <= len(table.quantiles) <= 60
    assert table.mean_s == pytest.approx(values.mean(), rel=0.1)


def test_one_value_that_is_far_off_does_not_pull_up_its_neighbours():
    values = np.concatenate([np.full(N, 600.0), [1e9]])
    choice = best_fit(values)
    assert choice.best.family == "empirical"
    assert choice.best.mean_ratio == pytest.approx(choice.best.distribution.mean_s / values.mean())
    assert choice.best.mean_ratio < 1.01


def test_a_tail_that_is_too_heavy_shows_in_the_mean():
    cut_s = float(TRUTHS["lognormal"].quantile(0.9))
    values = sample(TRUTHS["lognormal"])
    values = np.append(values[values < cut_s], 50 * cut_s)
    loose = best_fit(values, families=["lognormal"], empirical_if_ks_above=0.1)
    assert loose.best.family != "empirical"
    assert loose.best.mean_ratio > 1.1
    strict = best_fit(values, families=["lognormal"], empirical_if_ks_above=0.1, empirical_if_mean_off=0.1)
    assert strict.best.family == "empirical"
    assert strict.best.mean_ratio == pytest.approx(1, abs=0.02)
    assert strict.candidates == loose.candidates


@pytest.mark.parametrize("family", FAMILIES)
def test_the_right_family_has_the_right_mean(family):
    values = sample(TRUTHS[family])
    assert fit(values, family).mean_ratio == pytest.approx(1, abs=5 * values.std() / values.mean() / ROOT)


def test_large_samples_are_thinned_the_same_way_every_time():
    values = sample(TRUTHS["lognormal"], 1_000_000)
    found = fit(values, "lognormal")
    assert found.n == 1_000_000
    assert found == fit(values[::-1], "lognormal")
    assert found.distribution.mu == pytest.approx(6, abs=5 * 2 / 1000)
    whole = stats.norm.logpdf(np.log(values), 6, 2).sum() - np.log(values).sum()
    assert found.log_likelihood == pytest.approx(whole, rel=1e-4)


@pytest.mark.parametrize("values", [[7], [7, 7, 7], [1, 86_400], [1, 1, 2], [5, 6, 7, 8], list(range(1, 12))])
def test_tiny_samples_have_an_answer(values):
    choice = best_fit(values)
    assert choice.best.n == len(values)
    drawn = sample(choice.best.distribution, 100)
    assert np.isfinite(drawn).all()
    assert (drawn > 0).all()
    if len(set(values)) == 1:
        assert choice.best.distribution == Constant(7)


@pytest.mark.parametrize(
    ("values", "what"),
    [
        ([], "nothing to fit"),
        ([1, 0, 2], "1 of 3 values are no positive numbers (the first: 0)"),
        ([1, -5.0], "no positive numbers"),
        ([float("nan"), 1], "(the first: nan)"),
        ([float("inf")], "(the first: inf)"),
        ([50, 60], "no value is below the limit"),
    ],
)
def test_what_cannot_be_fitted_is_refused(values, what):
    with pytest.raises(ValueError, match=r"value|nothing") as caught:
        best_fit(values, limit_s=40)
    assert what in str(caught.value)


def test_unknown_families_are_refused():
    with pytest.raises(ValueError, match="unknown family 'gauss'; known: exponential"):
        best_fit([1, 2], families=["gauss"])
    few = best_fit([1, 2, 3], families=["three lognormals", "lognormal"])
    assert [found.family for found in few.candidates] == ["lognormal"], "too few different values for three"
    assert exp(fit([1, 2, 3], "lognormal").distribution.mu) == pytest.approx(6 ** (1 / 3))
