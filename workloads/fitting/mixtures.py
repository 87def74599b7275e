"""Mixtures of lognormals and of gammas by expectation maximisation, on bins, from several starts.

A component cannot become narrower than a few per cent, because otherwise the likelihood of a log in which
everybody runs exactly an hour would have no maximum.
"""

from collections.abc import Callable, Sequence

import numpy as np

from workloads.fitting.sample import Bins, Sample
from workloads.synthetic.distributions import Gamma, Lognormal, Mixture
from workloads.synthetic.families import Doubles, special

NARROWEST_SIGMA = 0.02
LARGEST_GAMMA_SHAPE = 2500.0
TRIAL_STEPS, STEPS = 25, 400
ENOUGH = 1e-7
"""Gain of log-likelihood per value at which climbing stops."""
TAIL_POINTS = 64
STARTS: dict[int, tuple[tuple[float, ...], ...]] = {
    1: ((),),
    2: ((0.5,), (0.2,), (0.85,)),
    3: ((1 / 3, 2 / 3), (0.1, 0.5), (0.5, 0.9), (0.1, 0.9)),
}
"""Where the sample is cut to begin with, as shares of it."""

State = tuple[Doubles, Doubles, Doubles]
"""Shares of the components, and two parameters of each."""
Step = Callable[[State], tuple[State, float]]


def lognormals(sample: Sample, parts: int) -> Mixture | Lognormal:
    """Return the mixture of so many lognormals with the largest likelihood that was found."""
    bins = sample.bins
    square = bins.mean_log**2 + bins.log_variance

    def step(state: State) -> tuple[State, float]:
        shares, mu, sigma = (part[:, None] for part in state)
        far = (square - 2 * mu * bins.mean_log + mu**2) / sigma**2
        weights, gain = _weigh(np.log(shares) - np.log(sigma) - far / 2, bins.count)
        sums = [weights.sum(axis=1), weights @ bins.mean_log, weights @ square]
        if sample.censored:
            gain += _add_censored_logs(sample, state, sums)
        sums[0] = np.maximum(sums[0], 1e-12)
        mean = sums[1] / sums[0]
        variance = np.maximum(sums[2] / sums[0] - mean**2, NARROWEST_SIGMA**2)
        return (sums[0] / sums[0].sum(), mean, np.sqrt(variance)), gain

    starts = [_log_start(bins, cuts) for cuts in STARTS[parts]]
    shares, mu, sigma = _climb(step, starts, sample.size)
    kinds = [Lognormal.of(m, s) for m, s in zip(mu.tolist(), sigma.tolist(), strict=True)]
    return kinds[0] if parts == 1 else Mixture(tuple(zip(shares.tolist(), kinds, strict=True)))


def _add_censored_logs(sample: Sample, state: State, sums: list[Doubles]) -> float:
    """Add what is expected of the censored values under each component; return their log-likelihood."""
    assert sample.limit_s is not None
    shares, mu, sigma = state
    far = (np.log(sample.limit_s) - mu) / sigma
    beyond = special().log_ndtr(-far)
    weights, gain = _weigh((np.log(shares) + beyond)[:, None], np.array([sample.censored]))
    weights = weights[:, 0]
    hazard = np.exp(-0.5 * far**2 - 0.5 * np.log(2 * np.pi) - beyond)
    sums[0] = sums[0] + weights
    sums[1] = sums[1] + weights * (mu + sigma * hazard)
    sums[2] = sums[2] + weights * (mu**2 + 2 * mu * sigma * hazard + sigma**2 * (1 + far * hazard))
    return gain + float(0.5 * np.log(2 * np.pi)) * sample.censored


def gammas(sample: Sample, parts: int) -> Mixture | Gamma:
    """Return the mixture of so many gammas with the largest likelihood that was found."""
    bins = sample.bins

    def step(state: State) -> tuple[State, float]:
        shares, shape, scale = (part[:, None] for part in state)
        constant = special().gammaln(shape) + shape * np.log(scale)
        logs = (shape - 1) * bins.mean_log - bins.mean / scale - constant
        weights, gain = _weigh(np.log(shares) + logs, bins.count)
        sums = [weights.sum(axis=1), weights @ bins.mean, weights @ bins.mean_log]
        if sample.censored:
            gain += _add_censored_gammas(sample, state, sums)
        sums[0] = np.maximum(sums[0], 1e-12)
        shape_new, scale_new = _gamma_from(sums[1] / sums[0], sums[2] / sums[0])
        return (sums[0] / sums[0].sum(), shape_new, scale_new), gain

    starts = [_gamma_start(bins, cuts) for cuts in STARTS[parts]]
    shares, shape, scale = _climb(step, starts, sample.size)
    kinds = [Gamma(k, s) for k, s in zip(shape.tolist(), scale.tolist(), strict=True)]
    return kinds[0] if parts == 1 else Mixture(tuple(zip(shares.tolist(), kinds, strict=True)))


def _add_censored_gammas(sample: Sample, state: State, sums: list[Doubles]) -> float:
    """Add what is expected of the censored values, by their quantiles beyond the limit."""
    assert sample.limit_s is not None
    shares, shape, scale = state
    beyond = np.maximum(special().gammaincc(shape, sample.limit_s / scale), 1e-300)
    weights, gain = _weigh(np.log(shares * beyond)[:, None], np.array([sample.censored]))
    ranks = (np.arange(TAIL_POINTS) + 0.5) / TAIL_POINTS
    points = scale[:, None] * special().gammainccinv(shape[:, None], beyond[:, None] * ranks)
    points = np.maximum(points, sample.limit_s)
    sums[0] = sums[0] + weights[:, 0]
    sums[1] = sums[1] + weights[:, 0] * points.mean(axis=1)
    sums[2] = sums[2] + weights[:, 0] * np.log(points).mean(axis=1)
    return gain


def _weigh(logs: Doubles, counts: Doubles) -> tuple[Doubles, float]:
    """Return how much of each bin belongs to each component, and the log-likelihood."""
    top = logs.max(axis=0)
    parts = np.exp(logs - top)
    total = parts.sum(axis=0)
    return parts * (counts / total), float(counts @ (top + np.log(total)))


def _gamma_from(mean: Doubles, mean_log: Doubles) -> tuple[Doubles, Doubles]:
    """Return shape and scale of gammas by the mean and the mean logarithm of their values.

    Notes
    -----
    ln k - digamma(k) = ln mean - mean ln, by T. Minka's steps ("Estimating a Gamma distribution", 2002).
    """
    gap = np.maximum(np.log(mean) - mean_log, 0.5 / LARGEST_GAMMA_SHAPE)
    shape = (3 - gap + np.sqrt((gap - 3) ** 2 + 24 * gap)) / (12 * gap)
    for _ in range(4):
        miss = np.log(shape) - special().digamma(shape) - gap
        shape = 1 / (1 / shape + miss / (shape - shape**2 * special().zeta(2, shape)))
    return shape, mean / shape


def _log_start(bins: Bins, cuts: Sequence[float]) -> State:
    shares, mu, second = _pieces(bins, cuts, bins.mean_log, bins.mean_log**2 + bins.log_variance)
    return shares, mu, np.sqrt(np.maximum(second - mu**2, 0.1**2))


def _gamma_start(bins: Bins, cuts: Sequence[float]) -> State:
    shares, mean, mean_log = _pieces(bins, cuts, bins.mean, bins.mean_log)
    return (shares, *_gamma_from(mean, np.minimum(mean_log, np.log(mean) - 0.01)))


def _pieces(bins: Bins, cuts: Sequence[float], *columns: Doubles) -> tuple[Doubles, ...]:
    """Return shares of the sample between the cuts, and means of columns in each piece."""
    middle = (np.cumsum(bins.count) - bins.count / 2) / bins.count.sum()
    piece = np.searchsorted(np.array(cuts), middle)
    total = np.bincount(piece, bins.count, len(cuts) + 1)
    empty = total == 0
    total = np.where(empty, 1.0, total)
    means = []
    for column in columns:
        mean = np.bincount(piece, bins.count * column, len(cuts) + 1) / total
        means.append(np.where(empty, bins.count @ column / bins.count.sum(), mean))
    return (total / total.sum(), *means)


def _climb(step: Step, starts: Sequence[State], size: float) -> State:
    """Return the end of the ascent that was highest after a few steps."""
    reached = [_ascend(step, start, TRIAL_STEPS, size) for start in starts]
    best, _ = max(reached, key=lambda state: state[1])
    return _ascend(step, best, STEPS, size)[0] if len(starts) > 1 or size else best


def _ascend(step: Step, state: State, steps: int, size: float) -> tuple[State, float]:
    before = -np.inf
    for _ in range(steps):
        state, gain = step(state)
        if gain - before < ENOUGH * size:
            break
        before = gain
    return state, gain
