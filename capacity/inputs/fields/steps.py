"""Numbers with a unit that go from one to another: ``20 PB`` to ``40 PB`` by ``5 PB``, as texts to be set.

Decimal all through, so that a step of 0.1 ends where it says; what the unit means is for the field to know
that the texts are set in.
"""

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal, DecimalException
from typing import Final

from capacity.errors import InputError

MOST_VALUES: Final = 100_000
STEPS: Final = 64
"""Steps of a range of quantities for which no step is given."""
_NUMBER: Final = re.compile(r"\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*((?:[^\s\d.:-].*?)?)\s*")
_MOST_DIGITS: Final = 30
"""Before or after the point; nothing of a site has more."""
_DIGITS: Final = 12
"""Of a number between two others."""


@dataclass(frozen=True, slots=True)
class Amount:
    """A number and its unit, as written; the text is both."""

    number: Decimal
    unit: str
    text: str

    def write(self, number: Decimal) -> str:
        """Return another number of this unit."""
        return f"{number.normalize():f}{f' {self.unit}' if self.unit else ''}"


def amount_or_none(text: str) -> Amount | None:
    """Return the amount that a text is, or None if it is none."""
    found = _NUMBER.fullmatch(text)
    if found is None:
        return None
    try:
        return Amount(Decimal(found[1]), found[2], text.strip())
    except DecimalException:
        return None


def amount_of(text: str, fix: str = "") -> Amount:
    """Return the amount that a text is.

    Raises
    ------
    InputError
        It is none, or one that nobody can write out.
    """
    found = amount_or_none(text)
    if found is None:
        raise InputError(f"'{text.strip()}' is no number", fix=fix)
    if found.number and abs(found.number.adjusted()) > _MOST_DIGITS:
        raise InputError(f"{found.text} is nothing a site has", fix="a number one can write out")
    return found


def check_range(low: Amount, high: Amount, *more: Amount) -> None:
    """Refuse a range that falls, or numbers of several units.

    Raises
    ------
    InputError
        See above.
    """
    units = {one.unit for one in (low, high, *more)}
    if len(units) > 1:
        named = " and ".join(sorted(unit or "no unit" for unit in units))
        raise InputError(f"mixes units: {named}", fix="write every number of a range in the same unit")
    if high.number < low.number:
        raise InputError("the range falls", fix=f"write {high.text}..{low.text}")


def stepped(
    low: Amount, high: Amount, step: Amount | None = None, *, count: int | None = None, whole: bool = False
) -> tuple[str, ...]:
    """Return the values of a range, its ends included whatever the step.

    Parameters
    ----------
    low, high : Amount
        The ends.
    step : Amount, optional
        From one to the next. Without it and `count`, whole numbers go by 1, quantities by a 64th of the way.
    count : int, optional
        How many values at equal distances, instead of a step.
    whole : bool
        Whether these must be whole numbers.

    Raises
    ------
    InputError
        The range falls, mixes units or has too many values, or the step is not more than 0.

    Examples
    --------
    >>> stepped(amount_of("20 PB"), amount_of("21 PB"), amount_of("0.5 PB"))
    ('20 PB', '20.5 PB', '21 PB')
    >>> stepped(amount_of("1"), amount_of("2"), count=3)
    ('1', '1.5', '2')
    """
    check_range(low, high, *([] if step is None else [step]))
    width = high.number - low.number
    if count is not None:
        _check_count(count)
        numbers = [low.number + width * n / max(count - 1, 1) for n in range(count)]
        kept = (number.to_integral_value() if whole else _short(number) for number in numbers)
        return tuple(dict.fromkeys(low.write(number) for number in kept))
    by = _default_step(low, high) if step is None else step.number
    if by <= 0:
        raise InputError("the step is not more than 0")
    count = int(width / by) + 1
    _check_count(count)
    numbers = [low.number + by * n for n in range(count)]
    if numbers[-1] < high.number:
        numbers.append(high.number)  # the end of the range is part of it, whatever the step
    return tuple(low.write(number) for number in numbers)


def _short(number: Decimal) -> Decimal:
    """Return a number with no more digits than anything of a site has."""
    return Decimal(f"{number:.{_DIGITS}g}")


def _check_count(count: int) -> None:
    if count > MOST_VALUES:
        raise InputError(
            f"the range has {count:,} values", fix=f"at most {MOST_VALUES:,}: give a larger step"
        )


def _default_step(low: Amount, high: Amount) -> Decimal:
    by_one = (_whole([low, high]) and not low.unit) or low.number == high.number
    return Decimal(1) if by_one else (high.number - low.number) / STEPS


def _whole(amounts: Iterable[Amount]) -> bool:
    return all(one.number == one.number.to_integral_value() for one in amounts)


def between(low: Amount, high: Amount, part: float, *, whole: bool = False) -> str:
    """Return the value at a part of the way from one end to the other, from 0 to 1 [1].

    With `whole` each whole number from the one to the other, both included, has an equal part of the way.

    Examples
    --------
    >>> between(amount_of("2 PB"), amount_of("4 PB"), 0.25)
    '2.5 PB'
    >>> between(amount_of("1"), amount_of("3"), 0.7, whole=True)
    '3'
    """
    if whole:
        first, last = math.ceil(low.number), math.floor(high.number)
        return low.write(Decimal(min(last, first + math.floor(part * (last - first + 1)))))
    return low.write(_short(low.number + Decimal(part) * (high.number - low.number)))
