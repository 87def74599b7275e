"""Influence where assumptions follow causes in common: each gets its fair part of what all explain together.

Shapley effects, out of worlds that were run anyway: one regression on all assumptions, their curves and their
pairs, and what parts of it explain.
"""

import itertools
import math
from collections.abc import Iterator
from typing import Final

import numpy as np
import numpy.typing as npt

from capacity.statistics.designs import generator
from capacity.statistics.influence.given import (
    Influence,
    by_regression,
    degree_of,
    known_worlds,
    legendre,
)
from capacity.statistics.intervals import Floats

WORLDS_A_TERM: Final = 4
"""So many worlds are needed for each term of the regression."""
MOST_TERMS: Final = 150
RIDGE: Final = 1e-9
"""Keeps terms that are the same apart, by so much of their squares."""
EXACT_UP_TO: Final = 7
"""So many assumptions are taken in every order; more in a few orders drawn at random."""
ORDERS: Final = 64
SHUFFLES: Final = 40


def shapley_effects(points: Floats, answers: Floats) -> list[Influence]:
    """Return the Shapley effect of each column; together they are what the regression explains.

    Parameters
    ----------
    points : ndarray of float, shape (worlds, assumptions)
        Uniform numbers between 0 and 1 that the assumptions were drawn by, causes in common included.
    answers : ndarray of float, shape (worlds,)
        As of `given.by_regression`. With too few worlds for all assumptions the weakest by that index are
        left out of the regression: their effect is 0, without an interval or a zero.

    Notes
    -----
    Song, Nelson and Staum 2016, doi:10.1137/15M1048070, with adjusted R² of the regression on the terms of
    a group as its value. A constant answer has no effects.
    """
    points, answers = known_worlds(points, answers)
    strengths = [one.index for one in by_regression(points, answers)]
    columns = [place for place in np.argsort(strengths)[::-1].tolist() if not math.isnan(strengths[place])]
    found = [Influence(0.0, math.nan, math.nan, 0.0)] * points.shape[1]
    while columns and (degrees := _degrees(len(columns), len(answers))) is None:
        columns.pop()
    if not columns or not answers.std() > 0:
        return found
    assert degrees is not None
    groups = _Groups(points[:, columns], answers, *degrees)
    effects = np.mean([groups.gains(order) for order in _orders(len(columns))], axis=0)
    zeros = np.quantile(effects[:, 1:], 0.95, axis=1)
    for place, effect, zero in zip(columns, effects[:, 0], zeros, strict=True):
        found[place] = Influence(float(effect), math.nan, math.nan, float(zero))
    return found


def _degrees(columns: int, count: int) -> tuple[int, int] | None:
    """Return the degree of curves and of pairs that so many worlds carry; None if none."""
    most = min(MOST_TERMS, count // WORLDS_A_TERM)
    for degree in range(degree_of(count), 0, -1):
        for together in range(degree, 1, -1):
            pairs = together * (together - 1) // 2
            if columns * degree + columns * (columns - 1) // 2 * pairs <= most:
                return degree, together
    return (1, 0) if columns <= most and columns == 1 else None


def _orders(columns: int) -> Iterator[tuple[int, ...]]:
    if columns <= EXACT_UP_TO:
        yield from itertools.permutations(range(columns))
        return
    random = generator(columns, "orders")
    for _ in range(ORDERS // 2):
        order = tuple(np.argsort(random.random(columns)).tolist())
        yield order
        yield order[::-1]


class _Groups:
    """What groups of assumptions explain, of the answers and of shuffled ones beside them."""

    def __init__(self, points: Floats, answers: Floats, degree: int, together: int) -> None:
        self.count, columns = points.shape
        curves = legendre(points, degree)
        terms = [curves[:, column, power] for column in range(columns) for power in range(degree)]
        self.members = [{column} for column in range(columns) for _ in range(degree)]
        for one, two in itertools.combinations(range(columns), 2):
            for low, high in itertools.product(range(degree), repeat=2):
                if low + high + 2 <= together:
                    terms.append(curves[:, one, low] * curves[:, two, high])
                    self.members.append({one, two})
        basis = np.stack(terms, axis=1)
        basis -= basis.mean(axis=0)
        random = generator(self.count, "shuffled answers")
        orders = [np.argsort(random.random(self.count)) for _ in range(SHUFFLES)]
        spread = answers - answers.mean()
        targets = np.stack([spread, *(spread[order] for order in orders)], axis=1)
        self.products, self.sides = basis.T @ basis, basis.T @ targets
        self.square = float((spread**2).sum())
        self.known: dict[frozenset[int], Floats] = {frozenset(): np.zeros(SHUFFLES + 1)}

    def gains(self, order: tuple[int, ...]) -> Floats:
        """Return what each adds when they come in this order, shape (assumptions, 1 + shuffles)."""
        found = np.empty((len(order), SHUFFLES + 1))
        for place, column in enumerate(order):
            before, after = frozenset(order[:place]), frozenset(order[: place + 1])
            found[column] = self._explained(after) - self._explained(before)
        return found

    def _explained(self, group: frozenset[int]) -> Floats:
        if group not in self.known:
            places = np.flatnonzero([member <= group for member in self.members])
            self.known[group] = self._adjusted(places)
        return self.known[group]

    def _adjusted(self, places: npt.NDArray[np.intp]) -> Floats:
        sides = self.sides[places]
        products = self.products[np.ix_(places, places)]
        ridge = RIDGE * np.trace(products) / len(places) * np.eye(len(places))
        fitted = np.linalg.solve(products + ridge, sides)
        left = 1 - (sides * fitted).sum(axis=0) / self.square
        return np.asarray(1 - left * (self.count - 1) / (self.count - len(places) - 1))
