"""Worlds: one choice of every uncertain assumption each, numbered from 0.

A world depends on its number, the seed and the names of the assumptions alone: neither more worlds nor a
range added elsewhere change it. In go the assumptions of a scenario; out come uniform numbers of independent
inputs (each assumption's own error, and each cause that some share) and the values drawn, in SI units.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from capacity.errors import InputError
from capacity.facility.uncertainty import following
from capacity.inputs.reading.loader import LoadedScenario
from capacity.inputs.uncertainty.applied import in_world
from capacity.inputs.uncertainty.assumptions import Assumption
from capacity.statistics.designs import MOST_POINTS, nested_uniforms

Floats = npt.NDArray[np.float64]
MOST_PAIRS: Final = 16
"""Worlds with a second run: their luck is then known to a third."""


@dataclass(frozen=True, slots=True)
class Draws:
    """So many worlds of a scenario.

    Attributes
    ----------
    assumptions : tuple of Assumption
        What is uncertain, in order of names.
    inputs : tuple of str
        What is drawn independently: assumptions by their names, and causes that several share by theirs.
    uniforms : ndarray of float, shape (n_worlds, n_inputs)
        Where each input lies among what it may be. [1]
    parts : mapping of str to ndarray, each shape (n_worlds,)
        Where each assumption lies among what it may be, what it follows taken in. [1]
    values : mapping of str to ndarray, each shape (n_worlds,)
        What each assumption is: its value in SI units, a factor, a delay [s], the place of a choice.
    """

    assumptions: tuple[Assumption, ...]
    inputs: tuple[str, ...]
    uniforms: Floats
    parts: Mapping[str, Floats]
    values: Mapping[str, Floats]

    @property
    def count(self) -> int:
        """Number of worlds."""
        return len(self.uniforms)

    def world(self, number: int) -> dict[str, float]:
        """Return what every assumption is in one world."""
        return {name: float(values[number]) for name, values in self.values.items()}


@dataclass(frozen=True, slots=True)
class Futures:
    """Worlds that were run.

    Attributes
    ----------
    draws : Draws
        What was drawn.
    places : tuple of (int, int)
        World and replication of each run, in the order of the runs: first all worlds once, then the pairs.
    """

    draws: Draws
    places: tuple[tuple[int, int], ...]

    @property
    def pairs(self) -> int:
        """Number of worlds that were run twice."""
        return len(self.places) - self.draws.count


def places_of(worlds: int) -> tuple[tuple[int, int], ...]:
    """Return world and replication of every run of so many worlds.

    Examples
    --------
    >>> places_of(4)
    ((0, 0), (1, 2), (2, 4), (3, 6), (0, 1))
    """
    pairs = min(MOST_PAIRS, worlds // 4)
    return (
        *((world, 2 * world) for world in range(worlds)),
        *((world, 2 * world + 1) for world in range(pairs)),
    )


def draw_worlds(assumptions: Sequence[Assumption], count: int, seed: int) -> Draws:
    """Draw so many worlds.

    Raises
    ------
    InputError
        Nothing is uncertain, or there are too many worlds.
    """
    if not assumptions:
        fix = "state a range beside a number, as 'range: [low, high]'; see docs/uncertainty.md"
        raise InputError("nothing in this scenario is uncertain, so all worlds are one", fix=fix)
    if count > MOST_POINTS:
        raise InputError(f"{count:,} worlds are more than can be drawn", fix=f"at most {MOST_POINTS:,}")
    inputs = inputs_of(assumptions)
    return drawn_at(assumptions, inputs, nested_uniforms(inputs, count, seed))


def drawn_at(assumptions: Sequence[Assumption], inputs: Sequence[str], uniforms: Floats) -> Draws:
    """Return the worlds at given points of the independent inputs, shape (n_worlds, n_inputs)."""
    own = {name: uniforms[:, place] for place, name in enumerate(inputs)}
    nothing = np.full(len(uniforms), 0.5)  # of its own has what wholly follows a cause
    by_name = {one.name: one for one in assumptions}
    parts: dict[str, Floats] = {}

    def part(name: str) -> Floats:
        """Return where an assumption or cause lies; what it follows first."""
        if name not in parts:
            one = by_name.get(name)
            mine = own.get(name, nothing)
            parts[name] = following(part(one.cause), mine, one.strength) if one and one.cause else mine
        return parts[name]

    values = {one.name: one.what.quantile(part(one.name)) for one in assumptions}
    mine = {one.name: parts[one.name] for one in assumptions}
    return Draws(tuple(assumptions), tuple(inputs), uniforms, mine, values)


def inputs_of(assumptions: Sequence[Assumption]) -> tuple[str, ...]:
    """Return what is drawn independently: assumptions that do not wholly follow one, and causes."""
    names = {one.name for one in assumptions}
    own = (one.name for one in assumptions if not one.cause or abs(one.strength) < 1)
    causes = (one.cause for one in assumptions if one.cause and one.cause not in names)
    return (*own, *dict.fromkeys(causes))


def world_of(loaded: LoadedScenario, draws: Draws, number: int) -> LoadedScenario:
    """Return the scenario in one world.

    Raises
    ------
    InputError
        The scenario would be wrong there; the error names the world and what was drawn.
    """
    return in_world(loaded, draws.assumptions, draws.world(number), world=f"world {number}")


def worlds_of(loaded: LoadedScenario, draws: Draws) -> list[LoadedScenario]:
    """Return the scenario in every world, all checked before anything runs.

    Raises
    ------
    InputError
        The scenario would be wrong in some; the error names the first of them, and how many there are.
    """
    found, wrong = [], []
    for number in range(draws.count):
        try:
            found.append(world_of(loaded, draws, number))
        except InputError as error:
            wrong.append(error)
    if wrong:
        problems = wrong[0].problems
        if len(wrong) > 1:
            problems = (*problems, *InputError(f"so it is in {len(wrong)} of {draws.count} worlds").problems)
        raise InputError(problems)
    return found
