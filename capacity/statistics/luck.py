"""How far an answer hangs on luck, and how far on which world comes: one run a world, a second one in some.

Each world is one choice of every uncertain assumption, run with luck of its own; a second luck in a few
worlds is enough to tell the two apart. Variances live on a scale on which both ends are alike: logarithms of
waits, log odds of shares.
"""

import math
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from capacity.statistics.intervals import Floats

Ends = tuple[float, float]
UNKNOWN: Final = (math.nan, math.nan)
Scale = Literal["identity", "log plus a minute", "log odds"]
"""A number as it is; ln(wait + 60 s); ln(share / (1 - share))."""

CONFIDENCE: Final = 0.8
"""Of the three ranges, if nothing else is said."""
MINUTE_S: Final = 60.0
LEAST_SHARE: Final = 1e-4
"""Shares nearer to 0 or to 1 count as this one: log odds have no ends."""
FEWEST_PAIRS: Final = 2
HALF: Final = 0.5
"""With so many worlds at zero no variance is split: they have no spread to speak of."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """What an answer comes to: in the middle, and between what and what for three reasons.

    Attributes
    ----------
    value : float
        In the likely world if it was run, else the median of the worlds.
    luck : tuple of float
        Between what and what in one world, by luck alone; NaN if not told apart.
    world : tuple of float
        Of what the worlds mean, without luck; NaN if not told apart.
    future : tuple of float
        Of what may come, both together.
    luck_share, luck_share_between : float, tuple of float
        Part of luck in the variance on the scale, and its 80 % interval; NaN if not told apart. [1]
    worlds, pairs : int
        Worlds with a known answer, those with two.
    """

    value: float
    luck: Ends
    world: Ends
    future: Ends
    luck_share: float
    luck_share_between: Ends
    worlds: int
    pairs: int


def to_scale(values: Floats, scale: Scale) -> Floats:
    """Return values on a scale; `from_scale` takes them back."""
    if scale == "log plus a minute":
        return np.log(values + MINUTE_S)
    if scale == "log odds":
        inner = np.clip(values, LEAST_SHARE, 1 - LEAST_SHARE)
        return np.log(inner / (1 - inner))
    return values


def from_scale(scaled: float, scale: Scale) -> float:
    """Return what a number on a scale is; a wait below 0 is 0."""
    if scale == "log plus a minute":
        found = math.exp(scaled) - MINUTE_S
        return 0.0 if found < 0 else found
    return 0.5 + 0.5 * math.tanh(scaled / 2) if scale == "log odds" else scaled


def variances(first: Floats, second: Floats) -> tuple[float, float]:
    """Return the variance by luck and by world, of answers on a scale.

    Parameters
    ----------
    first : ndarray of float, shape (worlds,)
        One answer of each world, each with luck of its own.
    second : ndarray of float, shape (worlds,)
        Another one with other luck, NaN where there is none. Without two pairs both are NaN.

    Notes
    -----
    Luck is half the mean square of the differences; what is left of the variance of all is the worlds', at
    least 0. Sun, Apley and Staum 2011, doi:10.1287/opre.1110.0913.
    """
    apart = (first - second)[np.isfinite(first - second)]
    known = first[np.isfinite(first)]
    if len(apart) < FEWEST_PAIRS or len(known) < 2:
        return math.nan, math.nan
    luck = float((apart**2).mean() / 2)
    return luck, max(0.0, float(known.var(ddof=1)) - luck)


def outlook(
    first: Floats, second: Floats, *,
    scale: Scale, likely: float | None = None, confidence: float = CONFIDENCE,
) -> Outlook:  # fmt: skip
    """Return what an answer comes to over worlds, and how much of that is luck.

    Parameters
    ----------
    first, second : ndarray of float, shape (worlds,)
        Answers as of `variances`, not on a scale yet: seconds of a wait, parts of a share. NaN is unknown;
        infinite where it does not end, which has no variance.
    scale : str
        See `Scale`.
    likely : float, optional
        The answer in the likely world.
    confidence : float
        Of the three ranges. [1]

    Notes
    -----
    Worlds are drawn towards their mean by the root of their part of the variance, so that their spread is
    that of their means. Luck lies about the middle by normal quantiles. Where half the worlds or more are at
    0, or one does not end, nothing is told apart.
    """
    known = first[~np.isnan(first)]
    zeros = int(np.count_nonzero(known == 0))
    pairs = int(np.count_nonzero(np.isfinite(first) & np.isfinite(second)))
    if not len(known):
        return Outlook(math.nan, UNKNOWN, UNKNOWN, UNKNOWN, math.nan, UNKNOWN, 0, pairs)
    tails = [(1 - confidence) / 2, 0.5, (1 + confidence) / 2]
    low, median, high = _quantiles(known, tails)
    value = median if likely is None else likely
    by_luck, by_world, share, between = UNKNOWN, UNKNOWN, math.nan, UNKNOWN
    if np.isfinite(known).all() and zeros < HALF * len(known):
        luck, world = variances(to_scale(first, scale), to_scale(second, scale))
        if luck + world > 0:
            by_luck = _around(value, luck, scale, tails[-1])
            by_world = _shrunk(to_scale(known, scale), luck, world, scale, tails)
            share, between = _luck_share(luck, luck + world, pairs, len(known))
    return Outlook(value, by_luck, by_world, (low, high), share, between, len(known), pairs)


def _quantiles(values: Floats, parts: list[float]) -> list[float]:
    """Return quantiles between neighbours; one of the values where one of them is infinite."""
    if not np.isfinite(values).all():
        return [float(one) for one in np.quantile(values, parts, method="higher")]
    return [_between(np.sort(values).tolist(), part) for part in parts]


def _between(ordered: list[float], part: float) -> float:
    """Return one quantile as `numpy.quantile` does, to the bit, in a fiftieth of its time."""
    at = (len(ordered) - 1) * part
    low = ordered[int(at)]
    step, upper = at - int(at), ordered[min(int(at) + 1, len(ordered) - 1)]
    return low + (upper - low) * step if step < HALF else upper - (upper - low) * (1 - step)


def _around(value: float, luck: float, scale: Scale, part: float) -> Ends:
    from scipy.special import ndtri  # noqa: PLC0415 - costs start-up

    centre, half = float(to_scale(np.asarray(value), scale)), float(ndtri(part)) * math.sqrt(luck)
    return from_scale(centre - half, scale), from_scale(centre + half, scale)


def _shrunk(scaled: Floats, luck: float, world: float, scale: Scale, tails: list[float]) -> Ends:
    middle = float(scaled.mean())
    low, _, high = _quantiles(middle + math.sqrt(world / (world + luck)) * (scaled - middle), tails)
    return from_scale(low, scale), from_scale(high, scale)


def _luck_share(luck: float, whole: float, pairs: int, worlds: int) -> tuple[float, Ends]:
    """Return the part of luck and its 80 % interval, as of normal differences beside another variance."""
    from scipy.special import fdtri  # noqa: PLC0415 - costs start-up

    ratio = luck / whole
    low, high = (min(1.0, ratio / float(fdtri(pairs, worlds - 1, part))) for part in (0.9, 0.1))
    return ratio, (low, high)
