"""From values to pixels: which numbers stand on an axis, and where a value lies between them.

Ticks are 1, 2 or 5 times a power of ten; for seconds they are steps people know from clocks and calendars.
"""

import itertools
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from capacity.statistics.bounds import AtLeast

Format = Callable[[float], str]
AxisKind = Literal["number", "seconds"]

_LARGEST = 1e100  # beyond this a difference may overflow; no quantity of a data centre is that large
_FLAT = 1e-9  # spans below this fraction of the values are rounding, not variation
_CLOCK_S = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200)
_CALENDAR_S = tuple(86400 * days for days in (1, 2, 5, 7, 14, 28))
_LOG_S = (1, 10, 60, 600, 3600, 21600, 86400, 864000, 8640000)


def finite(value: float | None) -> float | None:
    """Return the value as a float that can be drawn; None for a gap, NaN, infinity and absurd sizes.

    A lower bound stays one: whoever draws it marks it.
    """
    if value is None:
        return None
    number = value if isinstance(value, AtLeast) else float(value)
    if not math.isfinite(number) or abs(number) > _LARGEST:
        return None
    return 0.0 if abs(number) < 1 / _LARGEST else number


def finites(values: Iterable[float | None]) -> list[float]:
    """Return the values that can be drawn."""
    return [number for number in map(finite, values) if number is not None]


def all_of(*parts: Sequence[float | None] | None) -> list[float | None]:
    """Return the values of all parts that are there."""
    return [value for part in parts if part is not None for value in part]


def ordered(low: float | None, high: float | None) -> tuple[float | None, float | None]:
    """Return the ends of an interval, lower first, as far as they can be drawn."""
    low, high = finite(low), finite(high)
    return (high, low) if low is not None and high is not None and low > high else (low, high)


@dataclass(frozen=True, slots=True)
class Scale:
    """A stretch of values laid onto a stretch of pixels; values outside it lie at its ends."""

    low: float
    high: float
    start: float
    end: float
    log: bool = False

    def at(self, value: float) -> float:
        """Return the place of a value [px]."""
        if self.log:
            share = math.log(max(value, self.low) / self.low) / math.log(self.high / self.low)
        else:
            share = (value - self.low) / (self.high - self.low)
        return self.start + min(1.0, max(0.0, share)) * (self.end - self.start)


@dataclass(frozen=True, slots=True)
class ChartAxis:
    """A scale with the values written on it."""

    scale: Scale
    ticks: tuple[float, ...]
    labels: tuple[str, ...]


def _nice(rough: float) -> tuple[int, int]:
    """Return mantissa (1, 2, 5) and power of ten of the smallest nice step that is at least `rough`."""
    power = math.floor(math.log10(rough))
    mantissa = rough / 10.0**power
    for nice in (1, 2, 5):
        if mantissa <= nice * (1 + _FLAT):
            return nice, power
    return 1, power + 1


def _multiples(low: float, high: float, mantissa: int, power: int) -> list[float]:
    """Return the multiples of a step from at or below `low` to at or above `high`, without rounding noise."""
    step = mantissa * 10.0**power
    first, last = math.floor(low / step + 1e-6), math.ceil(high / step - 1e-6)
    numbers = range(first, max(last, first + 1) + 1)
    if power < 0:
        return [number * mantissa / 10.0**-power for number in numbers]
    return [number * mantissa * 10.0**power for number in numbers]


def nice_ticks(low: float, high: float, count: int, kind: AxisKind = "number") -> list[float]:
    """Return about `count` ticks that enclose low..high.

    >>> nice_ticks(0, 0.97, 5)
    [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]
    >>> nice_ticks(0, 7000, 4, "seconds")
    [0.0, 1800.0, 3600.0, 5400.0, 7200.0]
    """
    rough = (high - low) / max(count, 1)
    if kind == "seconds" and rough > 0.5:
        for step in _CLOCK_S + _CALENDAR_S:
            if rough <= step * (1 + _FLAT):
                first, last = math.floor(low / step + 1e-6), math.ceil(high / step - 1e-6)
                return [float(step * number) for number in range(first, max(last, first + 1) + 1)]
        return [86400.0 * days for days in nice_ticks(low / 86400, high / 86400, count)]
    return _multiples(low, high, *_nice(rough))


def log_ticks(low: float, high: float, count: int, kind: AxisKind = "number") -> list[float]:
    """Return at most about `count` ticks within low..high for a logarithmic axis.

    >>> log_ticks(1, 1000, 5), log_ticks(1, 20, 6)
    ([1.0, 10.0, 100.0, 1000.0], [1.0, 2.0, 5.0, 10.0, 20.0])
    """
    if kind == "seconds":
        clock = [float(tick) for tick in _LOG_S if low * (1 - _FLAT) <= tick <= high * (1 + _FLAT)]
        if len(clock) > 1:
            return clock[:: math.ceil(len(clock) / max(count, 1))]
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    every = max(1, math.ceil((last - first) / max(count, 1)))
    for mantissas in ((1,),) if every > 1 else ((1, 2, 5), (1, 3), (1,)):
        ticks = [m * 10.0**power for power in range(first, last + 1, every) for m in mantissas]
        ticks = [tick for tick in ticks if low * (1 - _FLAT) <= tick <= high * (1 + _FLAT)]
        if len(ticks) <= count + 1 or mantissas == (1,):
            break
    if len(ticks) > 1:
        return ticks
    return [tick for tick in nice_ticks(low, high, count, kind) if low <= tick <= high] or [low, high]


def domain(
    values: Iterable[float | None], *, log: bool = False, from_zero: bool = False
) -> tuple[float, float]:
    """Return the stretch an axis must show; a single value gets room around it.

    Raises
    ------
    ValueError
        Where nothing can be drawn: the caller shows its empty picture instead.
    """
    drawn = [value for value in finites(values) if value > 0 or not log]
    if not drawn:
        raise ValueError("no value to draw")
    low, high = min(drawn), max(drawn)
    if from_zero and not log:
        low, high = min(low, 0.0), max(high, 0.0)
    if high - low <= _FLAT * max(abs(low), abs(high)):
        if log:
            return low / 3, high * 3
        room = abs(high) * 0.1 or 1.0
        return (low - room if low else 0.0), high + room
    return low, high


def _labelled(ticks: Sequence[float], write: Format) -> tuple[list[float], list[str]]:
    """Return the ticks and labels without neighbours that read the same."""
    kept: list[float] = []
    labels: list[str] = []
    for tick in ticks:
        label = write(tick)
        if not labels or label != labels[-1]:
            kept.append(tick)
            labels.append(label)
    return kept, labels


def axis(
    values: Iterable[float | None],
    pixels: tuple[float, float],
    write: Format,
    *,
    count: int = 5,
    log: bool = False,
    kind: AxisKind = "number",
    from_zero: bool = False,
    enclose: bool = True,
) -> ChartAxis:
    """Return an axis for values: nice ticks, written so that no two read the same.

    Parameters
    ----------
    values : iterable of float or None
        What the axis must show; gaps are ignored.
    pixels : tuple of float
        Where the lowest and the highest value lie [px].
    write : callable
        Writes a tick.
    count : int
        About how many ticks fit.
    log, kind, from_zero
        Logarithmic; in plain numbers or seconds; whether zero belongs to the picture.
    enclose : bool
        Widen a linear axis to whole ticks.
    """
    low, high = domain(values, log=log, from_zero=from_zero)
    if log:
        low, high = low / 1.15, high * 1.15
        kept, labels = _labelled(log_ticks(low, high, count, kind), write)
        return ChartAxis(Scale(low, high, *pixels, log=True), tuple(kept), tuple(labels))
    for fewer in itertools.chain(range(count, 0, -1)):
        ticks = nice_ticks(low, high, fewer, kind)
        kept, labels = _labelled(ticks, write)
        if len(kept) == len(ticks):  # fewer ticks until a coarse format tells them apart
            break
    if enclose:
        low, high = ticks[0], ticks[-1]
    inside = [(t, text) for t, text in zip(kept, labels, strict=True) if low <= t <= high]
    return ChartAxis(
        Scale(low, high, *pixels), tuple(t for t, _ in inside), tuple(text for _, text in inside)
    )
