"""Families of distributions with closed forms: two numbers each, drawn a million at a time.

Every family knows four things besides drawing: how many values lie below a limit, which value a share of
them stays below, its mean, and the mean of what lies below a limit. Fits compare the first with a log, and
whoever aims at an offered load needs the last, because a batch system cuts jobs at their limit.
"""

from dataclasses import dataclass
from functools import cache
from importlib import import_module
from math import exp, expm1, gamma, inf, log, sqrt
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]
SMALLEST = np.finfo(np.float64).tiny


class Distribution(Protocol):
    """Positive values, in seconds wherever times are meant."""

    def __hash__(self) -> int:
        """Distributions are values: what is worked out from one can be kept."""

    def draw(self, rng: np.random.Generator, n: int) -> Floats:
        """Return `n` values [s]; fewer values of the same generator are the first of them."""

    def cdf(self, x_s: ArrayLike) -> Doubles:
        """Return the share of values up to each of `x_s`."""

    def quantile(self, p_frac: ArrayLike) -> Doubles:
        """Return the value that each share of the values stays at or below [s]."""

    @property
    def mean_s(self) -> float:
        """The mean [s]; infinite where the tail is too heavy to have one."""

    def mean_below(self, limit_s: float) -> float:
        """Return the mean [s] of the values up to a limit, all others counting as nothing."""


def mean_cut(distribution: Distribution, limit_s: float) -> float:
    """Return the mean [s] of values that are cut at a limit, as a batch system cuts run times.

    Examples
    --------
    >>> round(mean_cut(Pareto(60, 1), 600), 6) == round(60 * (1 + log(10)), 6)
    True
    """
    return distribution.mean_below(limit_s) + limit_s * (1 - float(distribution.cdf(limit_s)))


@cache
def special() -> Any:  # noqa: ANN401 - a module
    """Return scipy.special, imported on first use: reading a demand model needs none of it."""
    return import_module("scipy.special")


def _logs(x_s: ArrayLike) -> Doubles:
    """Return logarithms; of nothing, and of less, minus infinity."""
    with np.errstate(divide="ignore"):
        return np.log(np.maximum(np.asarray(x_s, dtype=np.float64), 0.0))


def _exp(logs: ArrayLike) -> Doubles:
    """Return exponentials, infinite where they are too large to be held."""
    with np.errstate(over="ignore"):
        return np.exp(np.asarray(logs, dtype=np.float64))


@dataclass(frozen=True, slots=True)
class Constant:
    """Always the same."""

    value_s: float

    def draw(self, rng: np.random.Generator, n: int) -> Floats:  # noqa: ARG002 - takes part in the protocol
        """Return `n` values [s]."""
        return np.full(n, self.value_s, dtype=np.float32)

    def cdf(self, x_s: ArrayLike) -> Doubles:
        """Return the share of values up to each of `x_s`."""
        return (np.asarray(x_s, dtype=np.float64) >= self.value_s).astype(np.float64)

    def quantile(self, p_frac: ArrayLike) -> Doubles:
        """Return the value that each share of the values stays at or below [s]."""
        return np.full(np.shape(p_frac), self.value_s, dtype=np.float64)

    @property
    def mean_s(self) -> float:
        """The mean [s]."""
        return self.value_s

    def mean_below(self, limit_s: float) -> float:
        """Return the mean [s] of the values up to a limit, all others counting as nothing."""
        return self.value_s if limit_s >= self.value_s else 0.0


@dataclass(frozen=True, slots=True)
class Lognormal:
    """Lognormal, given by the two numbers logs are summarised by; the mean must exceed the median."""

    median_s: float
    mean_s: float

    @classmethod
    def of(cls, mu: float, sigma: float) -> "Lognormal":
        """Return the one whose logarithm has this mean and standard deviation."""
        return cls(exp(mu), float(_exp(mu + sigma**2 / 2)))

    @property
    def mu(self) -> float:
        """Mean of the logarithm."""
        return log(self.median_s)

    @property
    def sigma(self) -> float:
        """Standard deviation of the logarithm."""
        return sqrt(2 * log(self.mean_s / self.median_s))

    def draw(self, rng: np.random.Generator, n: int) -> Floats:
        """Return `n` values [s]."""
        values = rng.standard_normal(n, dtype=np.float32)
        values *= np.float32(self.sigma)
        values += np.float32(self.mu)
        return np.exp(values, out=values)

    def cdf(self, x_s: ArrayLike) -> Doubles:
        """Return the share of values up to each of `x_s`."""
        return np.asarray(special().ndtr((_logs(x_s) - self.mu) / self.sigma))

    def quantile(self, p_frac: ArrayLike) -> Doubles:
        """Return the value that each share of the values stays at or below [s]."""
        return _exp(self.mu + self.sigma * special().ndtri(np.asarray(p_frac, dtype=np.float64)))

    def mean_below(self, limit_s: float) -> float:
        """Return the mean [s] of the values up to a limit, all others counting as nothing."""
        return self.mean_s * float(special().ndtr((_logs(limit_s) - self.mu) / self.sigma - self.sigma))


@dataclass(frozen=True, slots=True)
class Weibull:
    """Weibull with a scale and a shape; a shape below 1 has a heavier tail than the exponential."""

    scale_s: float
    shape: float

    def draw(self, rng: np.random.Generator, n: int) -> Floats:
        """Return `n` values [s]."""
        values = rng.standard_exponential(n, dtype=np.float32)
        return np.float32(self.scale_s) * values ** np.float32(1 / self.shape)

    def cdf(self, x_s: ArrayLike) -> Doubles:
        """Return the share of values up to each of `x_s`."""
        return -np.expm1(-_exp(self.shape * (_logs(x_s) - log(self.scale_s))))

    def quantile(self, p_frac: ArrayLike) -> Doubles:
        """Return the value that each share of the values stays at or below [s]."""
        with np.errstate(divide="ignore"):  # all of the values stay below infinity
            waits = -np.log1p(-np.asarray(p_frac, dtype=np.float64))
        with np.errstate(over="ignore"):
            return np.asarray(self.scale_s * waits ** (1 / self.shape))

    @property
    def mean_s(self) -> float:
        """The mean [s]."""
        return self.scale_s * _gamma(1 + 1 / self.shape)

    def mean_below(self, limit_s: float) -> float:
        """Return the mean [s] of the values up to a limit, all others counting as nothing."""
        upto = _exp(self.shape * (_logs(limit_s) - log(self.scale_s)))
        return self.mean_s * float(special().gammainc(1 + 1 / self.shape, upto))


def _gamma(x: float) -> float:
    try:
        return gamma(x)
    except OverflowError:
        return inf


@dataclass(frozen=True, slots=True)
class Pareto:
    """Pareto tail above a minimum: P(run > x) = (minimum / x) ** shape."""

    minimum_s: float
    shape: float

    def draw(self, rng: np.random.Generator, n: int) -> Floats:
        """Return `n` values [s]."""
        values = rng.standard_exponential(n, dtype=np.float32)
        values *= np.float32(1 / self.shape)
        return np.float32(self.minimum_s) * np.exp(values, out=values)

    def cdf(self, x_s: ArrayLike) -> Doubles:
        """Return the share of values up to each of `x_s`."""
        return np.asarray(-np.expm1(-self.shape * np.maximum(_logs(x_s) - log(self.minimum_s), 0.0)))

    def quantile(self, p_frac: ArrayLike) -> Doubles:
        """Return the value that each share of the values stays at or below [s]."""
        with np.errstate(divide="ignore"):  # all of the values stay below infinity
            waits = -np.log1p(-np.asarray(p_frac, dtype=np.float64))
        return self.minimum_s * _exp(waits / self.shape)

    @property
    def mean_s(self) -> float:
        """The mean [s]; infinite for a shape up to 1."""
        return self.minimum_s * self.shape / (self.shape - 1) if self.shape > 1 else inf

    def mean_below(self, limit_s: float) -> float:
        """Return the mean [s] of the values up to a limit, all others counting as nothing."""
        times = log(limit_s / self.minimum_s) if limit_s > self.minimum_s else 0.0
        return self.minimum_s * self.shape * _growth(1 - self.shape, times)


def _growth(rate: float, length: float) -> float:
    """Return the integral of exp(rate t) from 0 to a length."""
    if rate == 0:
        return length
    return inf if rate * length > 700 else expm1(rate * length) / rate


@dataclass(frozen=True, slots=True)
class Gamma:
    """Gamma with a shape and a scale; shape 1 is the exponential, smaller shapes are more uneven."""

    shape: float
    scale_s: float

    @classmethod
    def of(cls, mean_s: float, cv: float) -> "Gamma":
        """Return the one with this mean [s] and coefficient of variation."""
        return cls(cv**-2, mean_s * cv**2)

    def draw(self, rng: np.random.Generator, n: int) -> Floats:
        """Return `n` values [s]."""
        if self.shape == 1:
            return np.float32(self.scale_s) * rng.standard_exponential(n, dtype=np.float32)
        return np.float32(self.scale_s) * rng.standard_gamma(self.shape, n, dtype=np.float32)

    def cdf(self, x_s: ArrayLike) -> Doubles:
        """Return the share of values up to each of `x_s`."""
        upto = np.maximum(np.asarray(x_s, dtype=np.float64), 0.0) / self.scale_s
        return np.asarray(special().gammainc(self.shape, upto))

    def quantile(self, p_frac: ArrayLike) -> Doubles:
        """Return the value that each share of the values stays at or below [s]."""
        return np.asarray(self.scale_s * special().gammaincinv(self.shape, p_frac))

    @property
    def mean_s(self) -> float:
        """The mean [s]."""
        return self.shape * self.scale_s

    def mean_below(self, limit_s: float) -> float:
        """Return the mean [s] of the values up to a limit, all others counting as nothing."""
        return self.mean_s * float(special().gammainc(self.shape + 1, max(limit_s, 0.0) / self.scale_s))


@dataclass(frozen=True, slots=True)
class LogUniform:
    """As many values between 1 and 10 minutes as between 10 and 100: uniform in the logarithm."""

    shortest_s: float
    longest_s: float

    @property
    def _width(self) -> float:
        return log(self.longest_s / self.shortest_s)

    def draw(self, rng: np.random.Generator, n: int) -> Floats:
        """Return `n` values [s]."""
        values = rng.random(n, dtype=np.float32)
        values *= np.float32(self._width)
        return np.float32(self.shortest_s) * np.exp(values, out=values)

    def cdf(self, x_s: ArrayLike) -> Doubles:
        """Return the share of values up to each of `x_s`."""
        return np.clip((_logs(x_s) - log(self.shortest_s)) / self._width, 0.0, 1.0)

    def quantile(self, p_frac: ArrayLike) -> Doubles:
        """Return the value that each share of the values stays at or below [s]."""
        return self.shortest_s * _exp(np.asarray(p_frac, dtype=np.float64) * self._width)

    @property
    def mean_s(self) -> float:
        """The mean [s]."""
        return (self.longest_s - self.shortest_s) / self._width

    def mean_below(self, limit_s: float) -> float:
        """Return the mean [s] of the values up to a limit, all others counting as nothing."""
        upto = min(max(limit_s, self.shortest_s), self.longest_s)
        return (upto - self.shortest_s) / self._width


@dataclass(frozen=True, slots=True)
class LogGamma:
    """The exponential of a gamma: two of them make Lublin and Feitelson's run times. None is below 1 s.

    Attributes
    ----------
    shape, scale : float
        Of the gamma that the natural logarithm of the seconds has.

    Notes
    -----
    U. Lublin, D. G. Feitelson, J. Parallel Distrib. Comput. 63(11), 2003, doi:10.1016/S0743-7315(03)00108-4.
    From a scale of 1 on there is no mean.
    """

    shape: float
    scale: float

    def draw(self, rng: np.random.Generator, n: int) -> Floats:
        """Return `n` values [s], infinite where they leave single precision."""
        values = rng.standard_gamma(self.shape, n, dtype=np.float32)
        values *= np.float32(self.scale)
        with np.errstate(over="ignore"):
            return np.exp(values, out=values)

    def cdf(self, x_s: ArrayLike) -> Doubles:
        """Return the share of values up to each of `x_s`."""
        return np.asarray(special().gammainc(self.shape, np.maximum(_logs(x_s), 0.0) / self.scale))

    def quantile(self, p_frac: ArrayLike) -> Doubles:
        """Return the value that each share of the values stays at or below [s]."""
        return _exp(self.scale * special().gammaincinv(self.shape, p_frac))

    @property
    def mean_s(self) -> float:
        """The mean [s]; infinite from a scale of 1 on."""
        return float(_exp(-self.shape * log(1 - self.scale))) if self.scale < 1 else inf

    def mean_below(self, limit_s: float) -> float:
        """Return the mean [s] of the values up to a limit, all others counting as nothing."""
        upto = max(float(_logs(limit_s)), 0.0)
        if self.scale < 1:
            return self.mean_s * float(special().gammainc(self.shape, upto * (1 / self.scale - 1)))
        # The integral of y^(shape-1) exp((1 - 1/scale) y), which the incomplete gamma does not reach.
        rise = special().hyp1f1(self.shape, self.shape + 1, (1 - 1 / self.scale) * upto)
        return float((upto / self.scale) ** self.shape * rise / _gamma(self.shape + 1))
