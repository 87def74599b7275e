"""Whatever positive numbers a log has, there is a distribution that can be drawn from, and no warning."""

import warnings

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from workloads.fitting.likelihood import best_fit
from workloads.synthetic.distributions import Empirical, mean_cut
from workloads.synthetic.streams import stream

SECONDS = st.integers(1, 10**8).map(float)
NUMBERS = st.floats(1e-6, 1e12)
SPIKES = st.sampled_from([1.0, 60.0, 3600.0, 86_400.0])


@settings(deadline=None, max_examples=150)
@given(
    values=st.lists(SECONDS | SPIKES, min_size=1, max_size=80) | st.lists(NUMBERS, min_size=1, max_size=40)
)
def test_any_sample_has_a_distribution(values):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        choice = best_fit(values)
        kind = choice.best.distribution
        drawn = kind.draw(stream(1, 0, "any"), 50)
        x_s = kind.quantile(np.linspace(0, 1, 21))
        shares = kind.cdf(np.sort(values))
    assert (drawn >= 0).all()
    assert (np.diff(x_s) >= -1e-6 * x_s[:-1]).all()
    assert (np.diff(shares) >= -1e-12).all()
    assert 0 <= choice.best.ks <= 1
    assert choice.best.n == len(values)
    assert mean_cut(kind, max(values)) <= max(values) * (1 + 1e-9)
    for found in choice.candidates:
        assert not np.isnan(found.log_likelihood)
        assert 0 <= found.ks <= 1
    if isinstance(kind, Empirical):
        fractions, table = np.array(kind.quantiles).T
        assert (fractions[0], fractions[-1]) == (0, 1)
        assert (np.diff(fractions) > 0).all()
        assert (np.diff(table) >= 0).all()
        assert set(table) <= set(values)


@settings(deadline=None, max_examples=60)
@given(values=st.lists(SECONDS, min_size=1, max_size=60), part=st.floats(0.05, 1.0))
def test_any_limit_can_cut_a_sample(values, part):
    limit_s = float(np.quantile(values, part)) + 0.5
    if min(values) >= limit_s:
        return
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        choice = best_fit(np.minimum(values, limit_s), limit_s=limit_s)
        drawn = choice.best.distribution.draw(stream(1, 0, "any"), 20)
    assert (drawn >= 0).all()
    assert 0 <= choice.best.ks <= 1
