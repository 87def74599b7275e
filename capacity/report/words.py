"""Numbers as a reader wants them in a table or a sentence."""

import math
from collections.abc import Callable, Iterable, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Final

from capacity.quantities.writing import format_bytes

LANGUAGES: Final = ("en", "ko")
"""In which people read."""


def percent(fraction: float) -> str:
    """Return a fraction in percent; one decimal below ten.

    Examples
    --------
    >>> percent(0.856), percent(0.0149), percent(float("nan"))
    ('86 %', '1.5 %', '–')
    """
    if math.isnan(fraction):
        return "–"
    return f"{100 * fraction:.1f} %" if 0 < abs(fraction) < 0.0995 else f"{100 * fraction:.0f} %"


def short_duration(seconds: float) -> str:
    """Return a time in its largest unit, for columns.

    Examples
    --------
    >>> short_duration(0), short_duration(59), short_duration(4500), short_duration(280_000)
    ('0 s', '59 s', '1.2 h', '3.2 d')
    """
    if math.isnan(seconds):
        return "–"
    for unit_s, unit in ((86_400, "d"), (3600, "h"), (60, "min")):
        if seconds >= unit_s:
            value = seconds / unit_s
            return f"{value:.1f} {unit}" if value < 9.95 else f"{value:.0f} {unit}"
    return f"{seconds:.0f} s"


def size(size_bytes: float) -> str:
    """Return a number of bytes, a dash for NaN."""
    return "–" if math.isnan(size_bytes) else format_bytes(size_bytes)


def count(number: float) -> str:
    """Return a count with thousands apart.

    Examples
    --------
    >>> count(1287858.0), count(3.25), count(float("nan"))
    ('1,287,858', '3.2', '–')
    """
    if math.isnan(number):
        return "–"
    return f"{number:,.1f}" if 0 < abs(number) < 10 and number != int(number) else f"{number:,.0f}"


def whole_parts(parts: Sequence[float]) -> list[int]:
    """Return parts as whole numbers that add up to the sum, rounded: each is off by less than 1.

    Examples
    --------
    >>> whole_parts([1.4, 1.4, 0.2]), whole_parts([])
    ([2, 1, 0], [])
    """
    whole = [math.floor(part) for part in parts]
    missing = round(math.fsum(parts)) - sum(whole)
    largest = sorted(range(len(parts)), key=lambda place: whole[place] - parts[place])
    for place in largest[:missing]:
        whole[place] += 1
    return whole


def between(low: float, high: float, write: Callable[[float], str]) -> str:
    """Return an interval as text, nothing where no end is known.

    Examples
    --------
    >>> between(1.0, 2.0, str), between(1.0, math.nan, str), between(math.nan, math.nan, str)
    ('1.0 … 2.0', '≥ 1.0', '')
    """
    if math.isnan(low):
        return ""
    return f"≥ {write(low)}" if math.isnan(high) else f"{write(low)} … {write(high)}"


def spells(months: Iterable[tuple[str, bool]]) -> list[tuple[str, str]]:
    """Return the first and the last of each run of consecutive months for which something holds.

    Examples
    --------
    >>> spells([("2022-01", True), ("2022-02", True), ("2022-03", False), ("2022-04", True)])
    [('2022-01', '2022-02'), ('2022-04', '2022-04')]
    """
    runs = groupby(months, key=itemgetter(1))
    held = [[month for month, _ in run] for holds, run in runs if holds]
    return [(spell[0], spell[-1]) for spell in held]
