"""How long jobs run: distributions a planner can state in a line, drawn a million at a time.

Draws of a distribution with one generator are a prefix of longer draws, so that a longer horizon only adds
jobs. That is why a mixture takes one child generator for each part. The families with closed forms are in
`families`; here is what is read off a log or put together from others.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from workloads.synthetic.families import (
    SMALLEST,
    Constant,
    Distribution,
    Doubles,
    Floats,
    Gamma,
    LogGamma,
    Lognormal,
    LogUniform,
    Pareto,
    Weibull,
    mean_cut,
)

__all__ = [
    "Choice",
    "Constant",
    "Distribution",
    "Empirical",
    "Floats",
    "Gamma",
    "LogGamma",
    "LogUniform",
    "Lognormal",
    "Mixture",
    "Pareto",
    "Tailed",
    "Weibull",
    "mean_cut",
]

HALVINGS = 80
"""Steps in which the quantile of a mixture is enclosed: more than a double has bits."""


@dataclass(frozen=True)
class Empirical:
    """Read off a log: run times at given quantiles, and logarithmic in between.

    Attributes
    ----------
    quantiles : tuple of (fraction, seconds)
        From fraction 0 to fraction 1, both included, in order.
    """

    quantiles: tuple[tuple[float, float], ...]

    @cached_property
    def _table(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        fractions, values_s = np.array(self.quantiles).T
        return fractions, np.log(values_s)

    def draw(self, rng: np.random.Generator, n: int) -> Floats:
        """Return `n` values [s]."""
        fractions, logs = self._table
        return np.exp(np.interp(rng.random(n, dtype=np.float32), fractions, logs)).astype(np.float32)

    def cdf(self, x_s: ArrayLike) -> Doubles:
        """Return the share of values up to each of `x_s`."""
        fractions, logs = self._table
        wanted = np.log(np.maximum(np.asarray(x_s, dtype=np.float64), SMALLEST))
        # Where several quantiles are one value, all of them lie at or below it: the last one counts.
        at = np.searchsorted(logs, wanted, side="right")
        low = np.clip(at - 1, 0, len(logs) - 2)
        rise = np.where(logs[low + 1] > logs[low], logs[low + 1] - logs[low], 1.0)
        inside = fractions[low] + (fractions[low + 1] - fractions[low]) * (wanted - logs[low]) / rise
        return np.where(at == 0, 0.0, np.where(at == len(logs), 1.0, inside))

    def quantile(self, p_frac: ArrayLike) -> Doubles:
        """Return the value that each share of the values stays at or below [s]."""
        return np.exp(np.interp(np.asarray(p_frac, dtype=np.float64), *self._table))

    @property
    def mean_s(self) -> float:
        """The mean [s]."""
        return self.mean_below(self.quantiles[-1][1])

    def mean_below(self, limit_s: float) -> float:
        """Return the mean [s] of the values up to a limit, all others counting as nothing."""
        total = 0.0
        for (lower, low_s), (upper, high_s) in zip(self.quantiles[:-1], self.quantiles[1:], strict=True):
            piece = Constant(low_s) if high_s <= low_s else LogUniform(low_s, high_s)
            total += (upper - lower) * piece.mean_below(limit_s)
        return total


@dataclass(frozen=True, slots=True)
class Mixture:
    """Several kinds of jobs in one class: quick failures beside long trainings.

    Attributes
    ----------
    parts : tuple of (weight, distribution)
        Weights in any scale.
    """

    parts: tuple[tuple[float, Distribution], ...]

    def _shares(self) -> list[tuple[float, Distribution]]:
        total = sum(weight for weight, _ in self.parts)
        return [(weight / total, part) for weight, part in self.parts if weight > 0]

    def draw(self, rng: np.random.Generator, n: int) -> Floats:
        """Return `n` values [s]."""
        chooser, *others = rng.spawn(1 + len(self.parts))
        choice = Choice.of([weight for weight, _ in self.parts]).draw(chooser, n)
        draws = [part.draw(other, n) for (_, part), other in zip(self.parts, others, strict=True)]
        return np.choose(choice, draws)

    def cdf(self, x_s: ArrayLike) -> Doubles:
        """Return the share of values up to each of `x_s`."""
        return np.asarray(sum(share * part.cdf(x_s) for share, part in self._shares()))

    def quantile(self, p_frac: ArrayLike) -> Doubles:
        """Return the value that each share of the values stays at or below [s].

        Notes
        -----
        It lies between the smallest and the largest quantile of the parts, and is found there by halving.
        """
        wanted = np.asarray(p_frac, dtype=np.float64)
        ends = [part.quantile(wanted) for _, part in self._shares()]
        first, last = np.min(ends, axis=0), np.max(ends, axis=0)
        sure = (first == last) | (wanted <= 0) | (wanted >= 1)
        low = np.log(np.maximum(np.where(sure, 1.0, first), SMALLEST))
        high = np.log(np.where(sure, 1.0, last))
        for _ in range(HALVINGS):
            middle = (low + high) / 2
            above = self.cdf(np.exp(middle)) >= wanted
            low, high = np.where(above, low, middle), np.where(above, middle, high)
        return np.where(sure, np.where(wanted >= 1, last, first), np.exp(high))

    @property
    def mean_s(self) -> float:
        """The mean [s]."""
        return sum(share * part.mean_s for share, part in self._shares())

    def mean_below(self, limit_s: float) -> float:
        """Return the mean [s] of the values up to a limit, all others counting as nothing."""
        return sum(share * part.mean_below(limit_s) for share, part in self._shares())


@dataclass(frozen=True, slots=True)
class Tailed:
    """A body up to a limit, and above it a Pareto tail that holds a share of the values.

    Attributes
    ----------
    body : Distribution
        Its part up to `above_s` is scaled to the rest of the values.
    above_s : float
        Where the tail begins. [s]
    exponent : float
        P(value > x) falls as x to this power.
    share_frac : float
        How many of the values are in the tail.
    """

    body: Distribution
    above_s: float
    exponent: float
    share_frac: float

    def draw(self, rng: np.random.Generator, n: int) -> Floats:
        """Return `n` values [s], infinite where they leave single precision."""
        with np.errstate(over="ignore"):
            return self.quantile(rng.random(n)).astype(np.float32)

    def cdf(self, x_s: ArrayLike) -> Doubles:
        """Return the share of values up to each of `x_s`."""
        inside = np.minimum(self.body.cdf(x_s) / float(self.body.cdf(self.above_s)), 1.0)
        return (1 - self.share_frac) * inside + self.share_frac * self._tail.cdf(x_s)

    def quantile(self, p_frac: ArrayLike) -> Doubles:
        """Return the value that each share of the values stays at or below [s]."""
        rest = 1 - self.share_frac
        wanted = np.asarray(p_frac, dtype=np.float64)
        inside = np.minimum(wanted / rest, 1.0) * float(self.body.cdf(self.above_s))
        beyond = np.clip((wanted - rest) / self.share_frac, 0.0, 1.0)
        body_s = np.minimum(self.body.quantile(inside), self.above_s)
        return np.where(wanted <= rest, body_s, self._tail.quantile(beyond))

    @property
    def _tail(self) -> Pareto:
        return Pareto(self.above_s, self.exponent)

    @property
    def mean_s(self) -> float:
        """The mean [s]; infinite for an exponent up to 1."""
        return self._body_mean(self.above_s) + self.share_frac * self._tail.mean_s

    def mean_below(self, limit_s: float) -> float:
        """Return the mean [s] of the values up to a limit, all others counting as nothing."""
        body = self._body_mean(min(limit_s, self.above_s))
        return body + self.share_frac * self._tail.mean_below(limit_s)

    def _body_mean(self, limit_s: float) -> float:
        return (1 - self.share_frac) * self.body.mean_below(limit_s) / float(self.body.cdf(self.above_s))


@dataclass(frozen=True, slots=True)
class Choice:
    """Positions 0, 1, … drawn with given probabilities.

    Attributes
    ----------
    upper : array of float32
        Cumulative probabilities without the last one, which is 1.
    """

    upper: Floats

    @classmethod
    def of(cls, weights: list[float]) -> "Choice":
        """Return the choice between positions with these weights, in any scale."""
        cumulative = np.cumsum(np.array(weights, dtype=np.float64))
        return cls((cumulative[:-1] / cumulative[-1]).astype(np.float32))

    def draw(self, rng: np.random.Generator, n: int) -> NDArray[np.uint8]:
        """Return `n` positions, at most 255."""
        uniform = rng.random(n, dtype=np.float32)
        chosen = np.zeros(n, dtype=np.uint8)
        for upper in self.upper:
            chosen += uniform >= upper
        return chosen
