"""How long jobs run: distributions a planner can state in a line, drawn a million at a time.

Draws of a distribution with one generator are a prefix of longer draws, so that a longer horizon only adds
jobs. That is why a mixture takes one child generator for each part.
"""

from dataclasses import dataclass
from functools import cached_property
from math import log, sqrt
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


class Distribution(Protocol):
    """Anything that can draw run times."""

    def draw(self, rng: np.random.Generator, n: int) -> Floats:
        """Return `n` run times in seconds."""


@dataclass(frozen=True, slots=True)
class Constant:
    """Always the same."""

    value_s: float

    def draw(self, rng: np.random.Generator, n: int) -> Floats:  # noqa: ARG002 - takes part in the protocol
        """Return `n` run times in seconds."""
        return np.full(n, self.value_s, dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Lognormal:
    """Lognormal, given by the two numbers logs are summarised by; the mean must exceed the median."""

    median_s: float
    mean_s: float

    @property
    def mu(self) -> float:
        """Mean of the logarithm."""
        return log(self.median_s)

    @property
    def sigma(self) -> float:
        """Standard deviation of the logarithm."""
        return sqrt(2 * log(self.mean_s / self.median_s))

    def draw(self, rng: np.random.Generator, n: int) -> Floats:
        """Return `n` run times in seconds."""
        values = rng.standard_normal(n, dtype=np.float32)
        values *= np.float32(self.sigma)
        values += np.float32(self.mu)
        return np.exp(values, out=values)


@dataclass(frozen=True, slots=True)
class Weibull:
    """Weibull with a scale and a shape; a shape below 1 has a heavier tail than the exponential."""

    scale_s: float
    shape: float

    def draw(self, rng: np.random.Generator, n: int) -> Floats:
        """Return `n` run times in seconds."""
        values = rng.standard_exponential(n, dtype=np.float32)
        return np.float32(self.scale_s) * values ** np.float32(1 / self.shape)


@dataclass(frozen=True, slots=True)
class Pareto:
    """Pareto tail above a minimum: P(run > x) = (minimum / x) ** shape."""

    minimum_s: float
    shape: float

    def draw(self, rng: np.random.Generator, n: int) -> Floats:
        """Return `n` run times in seconds."""
        values = rng.standard_exponential(n, dtype=np.float32)
        values *= np.float32(1 / self.shape)
        return np.float32(self.minimum_s) * np.exp(values, out=values)


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
        """Return `n` run times in seconds."""
        fractions, logs = self._table
        return np.exp(np.interp(rng.random(n, dtype=np.float32), fractions, logs)).astype(np.float32)


@dataclass(frozen=True, slots=True)
class Mixture:
    """Several kinds of jobs in one class: quick failures beside long trainings.

    Attributes
    ----------
    parts : tuple of (weight, distribution)
        Weights in any scale.
    """

    parts: tuple[tuple[float, Distribution], ...]

    def draw(self, rng: np.random.Generator, n: int) -> Floats:
        """Return `n` run times in seconds."""
        chooser, *others = rng.spawn(1 + len(self.parts))
        choice = Choice.of([weight for weight, _ in self.parts]).draw(chooser, n)
        draws = [part.draw(other, n) for (_, part), other in zip(self.parts, others, strict=True)]
        return np.choose(choice, draws)


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
