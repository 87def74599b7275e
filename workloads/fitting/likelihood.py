"""Which distribution a sample follows: maximum-likelihood fits, ranked, with how far each is off.

Families are ranked by Akaike's information criterion. The distance of Kolmogorov and Smirnov then says
whether the winner is any good; where none is, the sample speaks for itself as a table of quantiles.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from math import inf, log, nan, sqrt
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from workloads.fitting.density import log_density
from workloads.fitting.estimators import ESTIMATORS
from workloads.fitting.sample import Sample
from workloads.synthetic.distributions import Constant, Distribution, Empirical, mean_cut
from workloads.synthetic.families import Doubles

FAMILIES: tuple[str, ...] = tuple(ESTIMATORS)
FRACTIONS = (
    *(0.0, 0.001, 0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7),
    *(0.75, 0.8, 0.85, 0.9, 0.925, 0.95, 0.965, 0.975, 0.985, 0.99, 0.995, 0.9975, 0.999, 1.0),
)
"""Where a table of quantiles has its rows: close in the tails, where jobs are few and long."""
SPIKE_FRAC, MOST_SPIKES = 0.02, 10
"""A single value with this share of the sample gets rows of its own in the table."""
ROUNDED_UPTO_S = 20
"""Up to here a whole second is treated as the interval it stands for; above, that changes nothing."""
NOISE = 0.9
"""Times 1 / sqrt(n): a distance that even the right family reaches (Lilliefors 1967, 5 % level)."""


@dataclass(frozen=True, slots=True)
class Fit:
    """A family fitted to a sample.

    Attributes
    ----------
    family : str
        Name of the family: one of `FAMILIES`, or ``"constant"`` or ``"empirical"``.
    distribution : Distribution
        The family with its numbers.
    log_likelihood : float
        Of the whole sample; NaN for a table of quantiles, which has no density.
    n_parameters : int
        Numbers chosen by the sample.
    ks : float
        Largest difference between the shares below any value, of the sample and of the distribution.
    n : int
        Size of the sample.
    mean_ratio : float
        Mean of the distribution over that of the sample, both cut at the largest value, or at the limit. The
        few largest values hold much of the sum but hardly show in `ks`: they show here.
    """

    family: str
    distribution: Distribution
    log_likelihood: float
    n_parameters: int
    ks: float
    n: int
    mean_ratio: float = 1.0

    @property
    def parameters(self) -> Mapping[str, Any]:
        """The numbers, by the names of the fields of the distribution."""
        return asdict(self.distribution)  # type: ignore[call-overload, no-any-return]

    @property
    def aic(self) -> float:
        """Akaike's information criterion: the smaller, the better."""
        return 2 * self.n_parameters - 2 * self.log_likelihood


@dataclass(frozen=True, slots=True)
class Choice:
    """What was chosen, and what it was chosen from.

    Attributes
    ----------
    best : Fit
        The family with the smallest AIC among those close enough to the sample, or a table of quantiles.
    candidates : tuple of Fit
        All families that could be fitted, by AIC.
    """

    best: Fit
    candidates: tuple[Fit, ...]


def best_fit(
    values: ArrayLike,
    *,
    families: Iterable[str] = FAMILIES,
    empirical_if_ks_above: float = 0.05,
    empirical_if_mean_off: float = inf,
    limit_s: float | None = None,
) -> Choice:
    """Return the family that describes a sample best, or the sample's quantiles where none does.

    Parameters
    ----------
    values : array
        Positive numbers. [s]
    families : iterable of str
        Which to try.
    empirical_if_ks_above : float
        A family further off than this is not chosen. For small samples the limit is `NOISE` over the root
        of their size, because there chance alone is as large.
    empirical_if_mean_off : float
        Nor is one whose mean, cut at the largest value, is off by more than this part of the sample's.
    limit_s : float, optional
        Of values at or above it only that is known. [s]

    Raises
    ------
    ValueError
        The sample is empty, has a value that is not a positive number or none below the limit, or there is no
        such family.
    """
    wanted = [*families]
    _check(wanted)
    sample = Sample.of(values, limit_s=limit_s)
    allowed = max(empirical_if_ks_above, NOISE / sqrt(sample.n))
    if len(sample.values) == 1:
        always = Fit("constant", Constant(float(sample.values[0])), 0.0, 1, 0.0, sample.n)
        return Choice(_table_if_cut(always, sample), (always,))
    fits = [found for family in wanted if (found := _fit(sample, family)) is not None]
    ranked = tuple(sorted(fits, key=lambda found: found.aic))
    near = [
        found
        for found in ranked
        if found.ks <= allowed and abs(found.mean_ratio - 1) <= empirical_if_mean_off
    ]
    return Choice(near[0] if near else _table(sample), ranked)


def _check(families: list[str]) -> None:
    for family in families:
        if family not in ESTIMATORS:
            message = f"unknown family '{family}'; known: {', '.join(FAMILIES)}"
            raise ValueError(message)


def _fit(sample: Sample, family: str) -> Fit | None:
    """Return the fit, or None if the sample has too few different values for the family."""
    n_parameters, estimate = ESTIMATORS[family]
    if len(sample.values) < max(n_parameters, 2):
        return None
    kind = estimate(sample)
    if kind is None:
        return None
    total = float(sample.counts @ _log_likelihoods(kind, sample))
    if sample.limit_s is not None and sample.censored:
        beyond = 1 - float(kind.cdf(sample.limit_s))
        total += sample.censored * log(max(beyond, 1e-300))
    total *= sample.n / sample.size
    ratio = _mean_ratio(kind, sample)
    return Fit(family, kind, total, n_parameters, distance(kind, sample), sample.n, ratio)


def _mean_ratio(kind: Distribution, sample: Sample) -> float:
    """Return the mean of a distribution over that of a sample, both cut where the sample ends."""
    end_s = float(sample.values[-1]) if sample.limit_s is None else sample.limit_s
    total_s = float(sample.counts @ sample.values) + sample.censored * end_s
    return mean_cut(kind, end_s) / (total_s / sample.size)


def _log_likelihoods(kind: Distribution, sample: Sample) -> Doubles:
    """Return the log-likelihood of each distinct value.

    A whole second stands for all times that are rounded to it. Where seconds are few that matters: a density
    would reward any family for a peak at 1 s, where all that is shorter has been put.
    """
    logs = log_density(kind, sample.values)
    if not sample.is_whole:
        return logs
    few = int(np.searchsorted(sample.values, ROUNDED_UPTO_S, side="right"))
    upto = kind.cdf(sample.values[:few] + 0.5)
    before = np.where(sample.values[:few] == 1, 0.0, kind.cdf(sample.values[:few] - 0.5))
    logs[:few] = np.log(np.maximum(upto - before, 1e-300))
    return logs


def distance(kind: Distribution, sample: Sample) -> float:
    """Return the Kolmogorov-Smirnov distance between a distribution and a sample below its limit.

    Notes
    -----
    Whole seconds are rounded ones: the value 60 stands for 59.5 to 60.5, and 1 for all that is shorter.
    """
    upto = np.cumsum(sample.counts) / sample.size
    before = np.concatenate([[0.0], upto[:-1]])
    half = 0.5 if sample.is_whole else 0.0
    above = np.abs(kind.cdf(sample.values + half) - upto)
    low = kind.cdf(sample.values - half)
    below = np.abs(np.where(sample.values - half < half, 0.0, low) - before)
    if half and sample.values[0] == 1:
        below[0] = 0.0
    return float(max(above.max(), below.max()))


def _table_if_cut(always: Fit, sample: Sample) -> Fit:
    return _table(sample) if sample.censored else always


def _table(sample: Sample) -> Fit:
    """Return the quantiles of a sample, with rows of their own for values that many share."""
    values, counts = sample.values, sample.counts
    if sample.censored:
        assert sample.limit_s is not None
        values, counts = np.append(values, sample.limit_s), np.append(counts, sample.censored)
    upto = np.cumsum(counts) / counts.sum()
    # The largest values count for no more than they are: one that is far off must not pull up its neighbours.
    last = [round(1 - few / counts.sum(), 6) for few in (100, 30, 10, 3, 1)]
    fractions = [*FRACTIONS, *(fraction for fraction in last if FRACTIONS[-2] < fraction < 1)]
    places = np.searchsorted(upto, np.array(fractions) - 1e-12)
    rows = dict(zip(fractions, values[np.minimum(places, len(values) - 1)].tolist(), strict=True))
    shares = counts / counts.sum()
    for at in np.argsort(-shares, kind="stable")[:MOST_SPIKES]:
        if shares[at] >= SPIKE_FRAC:
            # A hair above the end of the value before it, which may have rows of its own.
            rows |= {round(upto[at] - shares[at] + 1e-6, 6): values[at].item()}
            rows |= {round(upto[at].item(), 6): values[at].item()}
    kind = Empirical(tuple(sorted(rows.items())))
    ratio = _mean_ratio(kind, sample)
    return Fit("empirical", kind, nan, len(rows), distance(kind, sample), sample.n, ratio)
