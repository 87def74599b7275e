"""Maximum likelihood for each family: a checked sample in, the distribution out."""

from collections.abc import Callable
from math import exp, log, sqrt

import numpy as np
from scipy.optimize import brentq, minimize
from scipy.special import log_ndtr

from workloads.fitting import mixtures
from workloads.fitting.sample import Sample
from workloads.synthetic.distributions import Distribution, Gamma, Lognormal, LogUniform, Tailed, Weibull
from workloads.synthetic.families import Doubles

CUTS = (0.5, 0.65, 0.8, 0.9, 0.95, 0.98)
"""Shares of the sample below which a Pareto tail may begin."""
WIDEST_BODY_SIGMA = 6.0
LEAST_BODY = 0.5
"""A body that lies with less than this below its tail is none: its median would be where no job of it is."""
SHAPES = (1e-3, 1e3)
"""Between which the shape of a Weibull is sought."""


def exponential(sample: Sample) -> Gamma:
    """Return the exponential distribution: all time seen, over the values that ended."""
    seen_s = float(sample.counts @ sample.values) + sample.censored * (sample.limit_s or 0.0)
    return Gamma(1.0, seen_s / float(sample.counts.sum()))


def lognormal(sample: Sample) -> Distribution:
    """Return the lognormal."""
    if sample.censored:
        return mixtures.lognormals(sample, 1)
    variance = float(sample.counts @ (sample.logs - sample.mean_log) ** 2 / sample.counts.sum())
    return Lognormal.of(sample.mean_log, sqrt(max(variance, mixtures.NARROWEST_SIGMA**2)))


def weibull(sample: Sample) -> Weibull:
    """Return the Weibull; its shape solves an equation in which the censored count with their limit."""
    top = float(sample.logs[-1]) if sample.limit_s is None else log(sample.limit_s)
    logs = np.append(sample.logs, top) - top
    counts = np.append(sample.counts, sample.censored)
    mean = sample.mean_log - top

    def miss(shape: float) -> float:
        powers = counts * np.exp(shape * logs)
        return float(powers @ logs / powers.sum() - 1 / shape - mean)

    low, high = SHAPES
    shape = high if miss(high) < 0 else float(brentq(miss, low, high, rtol=1e-10))
    power = float(counts @ np.exp(shape * logs)) / float(sample.counts.sum())
    return Weibull(exp(top + log(power) / shape), shape)


def gamma(sample: Sample) -> Distribution:
    """Return the gamma."""
    return mixtures.gammas(sample, 1)


def loguniform(sample: Sample) -> LogUniform:
    """Return the log-uniform: from the least to the largest value, or as far as the censored demand."""
    low = float(sample.logs[0])
    high = float(sample.logs[-1])
    if sample.censored:
        assert sample.limit_s is not None
        high = low + (log(sample.limit_s) - low) * sample.size / float(sample.counts.sum())
    return LogUniform(float(sample.values[0]), float(sample.values[-1]) if not sample.censored else exp(high))


def lognormal_with_tail(sample: Sample) -> Distribution | None:
    """Return a lognormal with a Pareto tail, or None if no tail of at least ten values can be told apart.

    Notes
    -----
    The exponent is Hill's estimator (Ann. Stat. 3(5), 1975, doi:10.1214/aos/1176343247); the tail begins at
    whichever of a few quantiles gives the largest likelihood.
    """
    below = np.cumsum(sample.counts)
    cuts = dict.fromkeys(np.searchsorted(below, np.array(CUTS) * sample.size).tolist())
    found = [
        _tailed_at(sample, cut, float(below[cut]))
        for cut in cuts
        if 2 <= cut < len(sample.values) - 1 and sample.size - below[cut] >= 10
    ]
    return max(found, key=lambda entry: entry[0])[1] if found else None


def _tailed_at(sample: Sample, cut: int, inside: float) -> tuple[float, Tailed]:
    """Return log-likelihood but for constants, and distribution, with the tail above value number `cut`."""
    start = float(sample.logs[cut])
    far = float(sample.counts[cut + 1 :] @ (sample.logs[cut + 1 :] - start))
    if sample.censored:
        assert sample.limit_s is not None
        far += sample.censored * (log(sample.limit_s) - start)
    ended = float(sample.counts[cut + 1 :].sum())
    exponent = ended / far
    share = 1 - inside / sample.size
    mu, sigma, body = _truncated(sample.logs[: cut + 1], sample.counts[: cut + 1], start)
    tail = ended * log(exponent) - exponent * far + (sample.size - inside) * log(share)
    likelihood = body + inside * log(1 - share) + tail
    return likelihood, Tailed(Lognormal.of(mu, sigma), exp(start), exponent, share)


def _truncated(logs: Doubles, counts: Doubles, top: float) -> tuple[float, float, float]:
    """Return mean, standard deviation and log-likelihood of a normal that shows only below `top`."""
    size = float(counts.sum())
    mean = float(counts @ logs) / size
    variance = max(float(counts @ (logs - mean) ** 2) / size, mixtures.NARROWEST_SIGMA**2)

    def cost(at: Doubles) -> float:
        mu, sigma = float(at[0]), exp(float(at[1]))
        if (
            not mixtures.NARROWEST_SIGMA <= sigma <= WIDEST_BODY_SIGMA
            or abs(mu - mean) > 3 * WIDEST_BODY_SIGMA
        ):
            return 1e9
        below = float(log_ndtr((top - mu) / sigma))
        if below < log(LEAST_BODY):
            return 1e9
        return log(sigma) + (variance + (mean - mu) ** 2) / (2 * sigma**2) + below

    begin = np.array([mean, log(min(sqrt(variance), WIDEST_BODY_SIGMA))])
    best = minimize(cost, begin, method="Nelder-Mead", options={"xatol": 1e-5, "fatol": 1e-9})
    half = 0.5 * log(2 * np.pi)
    return float(best.x[0]), exp(float(best.x[1])), -size * (float(best.fun) + half)


ESTIMATORS: dict[str, tuple[int, Callable[[Sample], Distribution | None]]] = {
    "exponential": (1, exponential),
    "lognormal": (2, lognormal),
    "weibull": (2, weibull),
    "gamma": (2, gamma),
    "loguniform": (2, loguniform),
    "lognormal with Pareto tail": (5, lognormal_with_tail),
    "two lognormals": (5, lambda sample: mixtures.lognormals(sample, 2)),
    "hyper-gamma": (5, lambda sample: mixtures.gammas(sample, 2)),
    "three lognormals": (8, lambda sample: mixtures.lognormals(sample, 3)),
}
"""Families by name: how many parameters are chosen by the sample, and how."""
