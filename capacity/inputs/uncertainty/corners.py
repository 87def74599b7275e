"""Whether a specification is right at the ends of its ranges: each alone, all low together, all high.

What is wrong in a rare world would otherwise be found in the middle of many runs.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from capacity.errors import InputError, Problem
from capacity.inputs.reading.loader import Loaded
from capacity.inputs.uncertainty.applied import record_in_world
from capacity.inputs.uncertainty.assumptions import Assumption

LOW, HIGH = 0.005, 0.995
"""Parts of the futures below an end that is looked at."""
MOST_CHOICES: Final = 64
"""Of so many choices each is looked at; of more, those at the ends."""


def check_corners(loaded: Loaded) -> None:
    """Refuse a specification that would be wrong at an end of its ranges.

    Of one assumption that is drawn the others are as stated.

    Raises
    ------
    InputError
        It would be; each problem names the assumption, its value there, and where its range is written.
    """
    problems: dict[Problem, None] = {}
    for world, drawn in _corners(loaded.assumptions):
        try:
            record_in_world(loaded, loaded.assumptions, drawn, world=world)
        except InputError as error:
            problems |= dict.fromkeys(error.problems)
    if problems:
        raise InputError(problems)


def _corners(assumptions: tuple[Assumption, ...]) -> Iterator[tuple[str, Mapping[str, float]]]:
    """Yield what to call each corner, and what is drawn there."""
    stated = {one.name: one.likely for one in assumptions}
    for one in assumptions:
        for called, value in _ends(one):
            yield called, {**stated, one.name: value}
    for called, part in (("where all ranges are low", LOW), ("where all ranges are high", HIGH)):
        if len(assumptions) > 1:
            yield called, {one.name: one.what.quantile(part) for one in assumptions}


def _ends(one: Assumption) -> Iterator[tuple[str, float]]:
    if one.how == "choice" and len(one.spread.choices) <= MOST_CHOICES:
        yield from (("of what it may be", float(place)) for place in range(len(one.spread.choices)))
        return
    yield f"at the low end ({100 * LOW:g} %)", one.what.quantile(LOW)
    yield f"at the high end ({100 * HIGH:g} %)", one.what.quantile(HIGH)
