"""Logarithms of densities: what a likelihood is the sum of."""

from math import log

import numpy as np

from workloads.synthetic.distributions import (
    Distribution,
    Gamma,
    LogGamma,
    Lognormal,
    LogUniform,
    Mixture,
    Pareto,
    Tailed,
    Weibull,
)
from workloads.synthetic.families import Doubles, special

LOG_ROOT_TWO_PI = 0.5 * log(2 * np.pi)


def log_density(kind: Distribution, x_s: Doubles) -> Doubles:
    """Return the logarithm of the density at each of `x_s`; minus infinity where there is none.

    Raises
    ------
    TypeError
        The distribution has no density: it is constant, or read off a log.
    """
    logs = np.log(x_s)
    match kind:
        case Lognormal():
            scaled = (logs - kind.mu) / kind.sigma
            return -0.5 * scaled**2 - logs - log(kind.sigma) - LOG_ROOT_TWO_PI
        case Weibull():
            powers = kind.shape * (logs - log(kind.scale_s))
            return log(kind.shape) + powers - logs - np.exp(np.minimum(powers, 700.0))
        case Pareto():
            inside = log(kind.shape) + kind.shape * log(kind.minimum_s) - (kind.shape + 1) * logs
            return np.where(x_s >= kind.minimum_s, inside, -np.inf)
        case Gamma():
            constant = special().gammaln(kind.shape) + kind.shape * log(kind.scale_s)
            return np.asarray((kind.shape - 1) * logs - x_s / kind.scale_s - constant)
        case LogUniform():
            inside = -logs - log(log(kind.longest_s / kind.shortest_s))
            return np.where((x_s >= kind.shortest_s) & (x_s <= kind.longest_s), inside, -np.inf)
        case LogGamma():
            return log_density(Gamma(kind.shape, kind.scale), logs) - logs
        case Mixture():
            total = sum(weight for weight, _ in kind.parts)
            parts = [log(w / total) + log_density(part, x_s) for w, part in kind.parts if w > 0]
            return np.asarray(np.logaddexp.reduce(parts))
        case Tailed():
            return _tailed(kind, x_s)
    message = f"{type(kind).__name__} has no density"
    raise TypeError(message)


def _tailed(kind: Tailed, x_s: Doubles) -> Doubles:
    scale = log(1 - kind.share_frac) - log(float(kind.body.cdf(kind.above_s)))
    tail = log(kind.share_frac) + log_density(Pareto(kind.above_s, kind.exponent), x_s)
    return np.where(x_s <= kind.above_s, scale + log_density(kind.body, x_s), tail)
