"""What a number may be instead: a range, quantiles or choices, written beside its value.

``{value: 1.35, range: [1.2, 1.55]}`` says between what and what it lies in eight of ten futures. In go the
keys as they stand in YAML and the way in which the number is read; out comes a distribution in SI units.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from math import fsum
from typing import Any, Final, get_args

from capacity.errors import UnitError
from capacity.facility.uncertainty import (
    CONFIDENCE,
    Shape,
    Uncertain,
    Weighted,
    from_quantiles,
    from_range,
    likely_between,
)
from capacity.inputs.fields.complaints import Complaint, describe, refusal, unknown_key_remedy

SPREAD_KEYS: Final = (
    "range",
    "low",
    "likely",
    "high",
    "confidence",
    "shape",
    "stretch",
    "quantiles",
    "choices",
)
FOLLOW_KEYS: Final = ("follows", "strength")
RANGE_KEYS: Final = (*SPREAD_KEYS, *FOLLOW_KEYS, "fixed")
SHARES_SUM_TOLERANCE: Final = 0.001
MOST_STRETCH: Final = 4.0
AS_STATED: Final = "as stated"
"""The choice of leaving what stands there."""


@dataclass(frozen=True, slots=True)
class Spread:
    """What a number may be.

    Attributes
    ----------
    what : Uncertain
        The distribution in SI units; of choices, of their places.
    choices : tuple
        What is chosen from, as it stands in YAML; empty for a range.
    called : tuple of str
        What to call each choice: its title, or what it is.
    confidence : float
        The part of the futures that a range says to hold. [1]
    """

    what: Uncertain
    choices: tuple[object, ...] = ()
    called: tuple[str, ...] = ()
    confidence: float = CONFIDENCE


@dataclass(frozen=True, slots=True)
class Possible:
    """What a quantity can be at all, in SI units."""

    low: float
    high: float


def has_range(raw: object) -> bool:
    """Say whether a number in its long form says what else it may be."""
    return isinstance(raw, Mapping) and any(key in raw for key in SPREAD_KEYS if key != "likely")


def share_of(raw: object, at: str) -> float:
    """Read a share of the whole, ``80 %`` or 0.8.

    Raises
    ------
    PydanticCustomError
        It is none.
    """
    from capacity.quantities.units import to_si  # noqa: PLC0415  # brings pint

    try:
        share = to_si(raw, "fraction") if isinstance(raw, str | int | float) else None
    except UnitError:
        share = None
    if share is None or isinstance(raw, bool):
        raise refusal(Complaint(f"{describe(raw)} is no share", "write it as 80 %", (at,)))
    return share


def follows_complaints(raw: Mapping[str, Any]) -> Iterator[Complaint]:
    """Check which cause an assumption follows, and how closely."""
    cause, strength = raw.get("follows"), raw.get("strength")
    if cause is not None and not (isinstance(cause, str) and cause.strip()):
        yield Complaint(f"{describe(cause)} is no cause", "name one: demand-level", ("follows",))
    if strength is not None and cause is None:
        yield Complaint("'strength' without 'follows'", "name what it follows", ("strength",))
    elif strength is not None and (
        isinstance(strength, bool) or not isinstance(strength, int | float) or not -1 <= strength <= 1
    ):
        fix = "from -1, against it, through 0 to 1, entirely"
        yield Complaint(f"{describe(strength)} is no strength", fix, ("strength",))


def spread_of(
    raw: Mapping[str, Any], read: Callable[[object], float], limits: Possible, *, likely: float | None = None
) -> Spread:
    """Return what a number may be by the keys beside it.

    Parameters
    ----------
    raw : mapping
        Some of `RANGE_KEYS`.
    read : callable
        Reads one number as the field does, into SI units.
    limits : Possible
        Of the quantity.
    likely : float, optional
        The value, if it is one: what is exceeded as often as not.

    Raises
    ------
    PydanticCustomError
        The keys do not go together, or the range is empty, reversed or crosses a limit.
    """
    found = [*_key_complaints(raw), *follows_complaints(raw)]
    if found:
        raise refusal(*found)
    if "choices" in raw:
        return _choices(raw["choices"])
    if "quantiles" in raw:
        return _quantiles(raw["quantiles"], read, limits)
    at = "range" if "range" in raw else "low"
    low, high = (_read_at(read, end, at) for end in _ends(raw))
    confidence = share_of(raw["confidence"], "confidence") if "confidence" in raw else CONFIDENCE
    if raw.get("likely") is not None:
        likely = _read_at(read, raw["likely"], "likely")
    try:
        what = from_range(
            low, likely, high, confidence=confidence, lower=limits.low, upper=limits.high,
            shape=raw.get("shape"),
        )  # fmt: skip
        what = what.stretched(float(raw["stretch"])) if "stretch" in raw else what
    except ValueError as error:
        fix = _remedy(low, high, confidence, limits, error)
        raise refusal(Complaint(str(error).partition(": ")[0] if fix else str(error), fix, (at,))) from None
    return Spread(what, confidence=confidence)


def _remedy(low: float, high: float, confidence: float, limits: Possible, error: ValueError) -> str:
    """Say between what and what the likely value would have to lie, where that is what is wrong."""
    if "too near one end" not in str(error):
        return ""
    least, most = likely_between(low, high, confidence=confidence, lower=limits.low, upper=limits.high)
    return (
        f"between {least:.3g} and {most:.3g} (SI units), exceeded as often as not; or give 'quantiles', or "
        "the outermost ends with 'confidence: 100 %'"
    )


def _key_complaints(raw: Mapping[str, Any]) -> Iterator[Complaint]:
    ways = [
        way
        for way in ("range", "low", "quantiles", "choices")
        if way in raw or (way == "low" and "high" in raw)
    ]
    if len(ways) != 1:
        what = f"'{ways[0]}' and '{ways[1]}' are two ways to say one thing" if ways else "no range"
        fix = "give one of them" if ways else "write 'range: [low, high]', 'low' and 'high', or 'choices'"
        yield Complaint(what, fix, (ways[1],) if ways else ())
        return
    ends = ways[0] in ("range", "low")
    allowed = {"range": (), "low": ("high",), "quantiles": (), "choices": ()}[ways[0]]
    allowed = (*allowed, *(("likely", "confidence", "shape", "stretch") if ends else ()))
    for key in SPREAD_KEYS:
        if key in raw and key != ways[0] and key not in allowed and key != "likely":
            yield Complaint(f"'{key}' has nothing to say beside '{ways[0]}'", "leave it out", (key,))
    if raw.get("fixed"):
        yield Complaint("'fixed' beside a range", "what is fixed has no range", ("fixed",))
    if "shape" in raw and raw["shape"] not in get_args(Shape):
        fix = unknown_key_remedy(str(raw["shape"]), get_args(Shape))
        yield Complaint(f"unknown shape {describe(raw['shape'])}", fix, ("shape",))
    stretch = raw.get("stretch", 1.0)
    if isinstance(stretch, bool) or not isinstance(stretch, int | float) or not 1 <= stretch <= MOST_STRETCH:
        fix = f"from 1 to {MOST_STRETCH:g}; 1.25 makes people's 80 % ranges hold"
        yield Complaint(f"{describe(stretch)} is no factor on a range", fix, ("stretch",))


def _ends(raw: Mapping[str, Any]) -> Sequence[object]:
    if "range" in raw:
        ends = raw["range"]
        if not isinstance(ends, list | tuple) or len(ends) != 2:
            raise refusal(Complaint(f"{describe(ends)} is no range", "write [low, high]", ("range",)))
        return ends
    for key, other in (("low", "high"), ("high", "low")):
        if raw.get(key) is None:
            raise refusal(Complaint(f"'{other}' without '{key}'", f"add '{key}: …'", (other,)))
    return raw["low"], raw["high"]


def _read_at(read: Callable[[object], float], raw: object, at: str) -> float:
    """Read one number of a range; what is wrong with it is said of its key."""
    from pydantic_core import PydanticCustomError  # noqa: PLC0415  # here as everywhere the error of a field

    try:
        return read(raw)
    except PydanticCustomError as error:
        complaints = (error.context or {}).get("complaints", ())
        raise refusal(*(one._replace(at=(at, *one.at)) for one in complaints)) from None


def _choices(raw: object) -> Spread:
    """Read ``{2022-04-01: 60 %, 2022-10-01: 40 %}``, or a list of ``{value: …, share: 60 %, title: …}``."""
    pairs: list[tuple[object, object]]
    titles: list[object] = []
    if isinstance(raw, Mapping):
        pairs = [*raw.items()]
    elif isinstance(raw, list) and all(
        isinstance(one, Mapping) and {"value", "share"} <= {*one} <= {"value", "share", "title"}
        for one in raw
    ):
        pairs = [(one["value"], one["share"]) for one in raw]
        titles = [one.get("title") for one in raw]
    else:
        fix = "write {value: share, …}, or a list of {value: …, share: …}"
        raise refusal(Complaint(f"{describe(raw)} is no choice", fix, ("choices",)))
    weights = tuple(share_of(share, "choices") for _, share in pairs)
    if len(pairs) < 2 or min(weights) < 0 or abs(fsum(weights) - 1) > SHARES_SUM_TOLERANCE:
        what = f"the shares of {len(pairs)} choices add up to {100 * fsum(weights):.4g} %"
        raise refusal(Complaint(what, "two or more that add up to 100 %", ("choices",)))
    called = (str(title or value) for (value, _), title in zip_longest(pairs, titles))
    return Spread(Weighted(weights), tuple(value for value, _ in pairs), tuple(called))


def _quantiles(raw: object, read: Callable[[object], float], limits: Possible) -> Spread:
    if not isinstance(raw, Mapping):
        fix = "write {5 %: …, 50 %: …, 95 %: …}"
        raise refusal(Complaint(f"{describe(raw)} are no quantiles", fix, ("quantiles",)))
    points = {share_of(part, "quantiles"): _read_at(read, value, "quantiles") for part, value in raw.items()}
    try:
        return Spread(from_quantiles(points, lower=limits.low, upper=limits.high))
    except ValueError as error:
        raise refusal(Complaint(str(error), at=("quantiles",))) from None
