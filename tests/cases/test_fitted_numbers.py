"""The numbers of a fitted run time are times of its jobs: no median of days for a class of minutes."""

import numpy as np
import pytest

from workloads.fitting.likelihood import FAMILIES, best_fit
from workloads.synthetic.distributions import Gamma, Lognormal, Mixture, Tailed, Weibull


def times(kind):
    """Yield the times that a distribution is written with. [s]"""
    match kind:
        case Lognormal():
            yield kind.median_s
        case Weibull():
            yield kind.scale_s
        case Gamma():
            yield kind.mean_s
        case Tailed():
            yield kind.above_s
            yield from times(kind.body)
        case Mixture():
            for _, part in kind.parts:
                yield from times(part)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("growth", [0.5, 1.0, 3.0])
def test_every_time_of_every_family_is_one_of_the_sample(seed, growth):
    """Run times that are ever more frequent up to a wall, as those of a class that ends at 45 minutes."""
    rng = np.random.default_rng(seed)
    values_s = np.maximum(np.rint(2_700 * rng.random(400) ** (1 / growth)), 1)
    for family in FAMILIES:
        for found in best_fit(values_s, families=[family], empirical_if_ks_above=1.0).candidates:
            for time_s in times(found.distribution):
                assert values_s.min() <= time_s <= 1.5 * values_s.max(), found


@pytest.mark.parametrize("growth", [0.5, 1.0, 3.0])
def test_the_body_of_a_tail_has_its_median_below_it(growth):
    values_s = np.rint(2_700 * np.linspace(0.1, 1, 500) ** (1 / growth))
    (found,) = best_fit(values_s, families=["lognormal with Pareto tail"]).candidates
    assert found.distribution.body.median_s <= found.distribution.above_s * (1 + 1e-6)
