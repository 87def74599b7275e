"""What may vary: ``PATH=100..1000`` or ``PATH=a,b,c``, as the texts that take the place of a value.

A range is ordered: more is taken to be at least as good, and the search uses that. So are lists of numbers in
one unit. A list of anything else, as names of sites or policies, is tried value by value.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product

from capacity.errors import InputError, UsageError
from capacity.inputs.fields.steps import amount_of, amount_or_none, stepped


@dataclass(frozen=True, slots=True)
class Axis:
    """What varies at a path of the scenario, and the values that it may have.

    The values are ascending if the axis is ordered, which says that more of it is at least as good.
    """

    path: str
    values: tuple[str, ...]
    ordered: bool


def read_axis(text: str) -> Axis:
    """Read ``PATH=LOW..HIGH``, ``PATH=LOW..HIGH:STEP`` or ``PATH=A,B,C``.

    Whole numbers without a step go by 1, quantities by a 64th of the range.

    Raises
    ------
    UsageError
        There is no ``=``.
    InputError
        The range is empty, falls, mixes units or has too many values.

    Examples
    --------
    >>> read_axis("site.pools.gpu.nodes=100..300:100").values
    ('100', '200', '300')
    >>> read_axis("site.storage.disk.capacity.usable=20 PB..21 PB:0.5 PB").values
    ('20 PB', '20.5 PB', '21 PB')
    >>> read_axis("policy.order=fcfs,sjf").ordered
    False
    """
    path, equals, inside = text.partition("=")
    path = path.strip()
    if not equals or not path or not inside.strip():
        form = "PATH=LOW..HIGH or PATH=A,B,C, as site.pools.gpu.nodes=100..1000"
        raise UsageError(f"--vary {text}: write {form}")
    where = f"--vary {text}"
    if ".." in inside and "../" not in inside:  # not the path of a file
        return Axis(path, _range(inside, where), ordered=True)
    values = tuple(part.strip() for part in inside.split(","))
    if not all(values):
        raise InputError("a value of the list is empty", where=where, fix="write PATH=A,B,C")
    if len(set(values)) < len(values):
        raise InputError("a value is given twice", where=where)
    amounts = [amount_or_none(value) for value in values]
    known = [amount for amount in amounts if amount is not None]
    if len(known) == len(values) and len({amount.unit for amount in known}) == 1:
        return Axis(path, tuple(a.text for a in sorted(known, key=lambda a: a.number)), ordered=True)
    return Axis(path, values, ordered=False)


def _range(inside: str, where: str) -> tuple[str, ...]:
    low_text, _, rest = inside.partition("..")
    high_text, colon, step_text = rest.partition(":")
    fix = "write LOW..HIGH or LOW..HIGH:STEP"
    try:
        step = amount_of(step_text, fix) if colon else None
        return stepped(amount_of(low_text, fix), amount_of(high_text, fix), step)
    except InputError as error:
        raise InputError(replace(problem, where=where) for problem in error.problems) from None


def ordered_axes(axes: Sequence[Axis]) -> list[int]:
    """Return which axes are ordered, the longest first."""
    ordered = [place for place, axis in enumerate(axes) if axis.ordered]
    return sorted(ordered, key=lambda place: -len(axes[place].values))


def boxes(axes: Sequence[Axis]) -> Iterator[tuple[tuple[int, ...], tuple[int, ...]]]:
    """Yield the smallest and the largest candidate for each choice of unordered values."""
    choices = (range(1) if axis.ordered else range(len(axis.values)) for axis in axes)
    for low in product(*choices):
        high = (len(axis.values) - 1 if axis.ordered else at for at, axis in zip(low, axes, strict=True))
        yield low, tuple(high)


def describe(axes: Sequence[Axis], point: Sequence[int]) -> dict[str, str]:
    """Return the value of each axis at a point, by path."""
    return {axis.path: axis.values[place] for axis, place in zip(axes, point, strict=True)}


def number_at(axis: Axis, place: int) -> float:
    """Return the number of an ordered axis at a place, in the unit it is written in.

    Examples
    --------
    >>> number_at(read_axis("p=20 PB..40 PB:10 PB"), 1)
    30.0
    """
    amount = amount_or_none(axis.values[place])
    return math.nan if amount is None else float(amount.number)
