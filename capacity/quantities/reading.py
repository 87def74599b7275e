"""Reads what people write as quantities, before any unit is looked up.

``1-12:00:00``, ``3 h 20 min``, ``923억 KRW``, ``97.3 KRW/kWh`` and ``GPU-hour`` mean something definite to
the people who use them and something else (or nothing) to a unit library. This module turns such text into
plain numbers, unit names and arithmetic; `capacity.quantities.units` gives the unit names their meaning.
"""

import re
import unicodedata
from dataclasses import dataclass

from capacity.errors import UnitError

MAX_LENGTH = 200

# Atomic, or "8.9e16" would fall apart into 8.9 and a unit called e.
_NUMBER = r"(?>(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)"
# A hyphen between names is a product that binds before everything else: KRW/kW-month is KRW/(kW*month).
_NAME = r"[^\W\d]\w*(?:\^-?\d)?"
_UNIT = rf"{_NAME}(?:[-*/]{_NAME})*"
_PIECE = re.compile(
    rf"\s*(?:(?P<number>{_NUMBER})?\s*(?P<unit>{_UNIT})|(?P<bare>{_NUMBER})|(?P<sign>[-+*/()]))"
)

_SLURM = re.compile(r"(?:(?P<days>\d+)-)?(?P<clock>\d+(?::\d+){0,2})")
_ENGLISH_SCALES = {"million": 1e6, "billion": 1e9, "bn": 1e9, "trillion": 1e12, "trn": 1e12}
_SCALES = {"만": 1e4, "억": 1e8, "조": 1e12, "경": 1e16} | _ENGLISH_SCALES
_WORD = "|".join(_ENGLISH_SCALES)
_SCALED = re.compile(rf"(?:[\d.]+\s*[만억조경]\s*)+(?:\d[\d.]*)?|[\d.]+\s*(?:{_WORD})\b")
_SCALED_PART = re.compile(rf"([\d.]+)\s*([만억조경]|{_WORD})?")
_THOUSANDS = re.compile(r"(?<![\d.])\d{1,3}(?:,\d{3})+(?![\d,])")
_CAPACITY_KIND = re.compile(r"\b(\w*B)\s+(raw|usable)\b")


@dataclass(frozen=True, slots=True)
class Literal:
    """A number with its unit (``88.5`` and ``PFLOPS``), or a unit alone (number 1)."""

    number: float
    unit: str


@dataclass(frozen=True, slots=True)
class Expression:
    """Python arithmetic in which ``q0``, ``q1``, … stand for the literals, in order."""

    formula: str
    literals: tuple[Literal, ...]


def slurm_duration_s(text: str) -> int | None:
    """Return the seconds of a Slurm time limit, or None if `text` is not written as one.

    Slurm's forms are ``min:s``, ``h:min:s``, ``d-h``, ``d-h:min`` and ``d-h:min:s``. Its bare number of
    minutes is left out on purpose: a number without a unit is an error everywhere in this project.

    Raises
    ------
    UnitError
        A field that runs over, such as ``1-30:00`` (30 hours after a day) or ``10:75``.

    Examples
    --------
    >>> slurm_duration_s("1-12:00:00"), slurm_duration_s("90:00"), slurm_duration_s("2-00")
    (129600, 5400, 172800)
    """
    match = _SLURM.fullmatch(text.strip())
    if match is None or (match["days"] is None and ":" not in match["clock"]):
        return None
    fields = [int(part) for part in match["clock"].split(":")]
    if match["days"] is not None:
        hours, minutes, seconds = (*fields, 0, 0)[:3]
    else:
        hours, minutes, seconds = (0, *fields) if len(fields) == 2 else fields
    leads_with_hours = match["days"] is not None or len(fields) == 3
    if seconds > 59 or (leads_with_hours and minutes > 59) or (match["days"] is not None and hours > 23):
        raise UnitError(
            f"'{text}' runs over a field", fix="Slurm durations are days-hours:minutes:seconds, as 1-12:00:00"
        )
    return ((int(match["days"] or 0) * 24 + hours) * 60 + minutes) * 60 + seconds


def _plain_number(match: re.Match[str]) -> str:
    """Write a scaled amount as one plain number: ``1억1200만`` is 112000000."""
    parts = _SCALED_PART.findall(match[0])
    try:
        total = sum(float(number) * (_SCALES[scale] if scale else 1.0) for number, scale in parts)
    except ValueError as error:
        raise UnitError(f"'{match[0].strip()}' is not a number") from error
    return f"{total!r} "


def _tidy(text: str) -> str:
    """Bring characters, thousands separators, scale words and ``raw``/``usable`` into one form."""
    # NFKC makes full-width digits, no-break spaces and squared signs plain; these three it leaves alone.
    tidy = unicodedata.normalize("NFKC", text).translate({0x2212: "-", 0xD7: "*", 0xB7: "*"})
    tidy = _THOUSANDS.sub(lambda match: match[0].replace(",", ""), tidy)
    tidy = _SCALED.sub(_plain_number, tidy)
    tidy = _CAPACITY_KIND.sub(r"\1_\2", tidy)
    return re.sub(r"\s+per\s+", "/", tidy.replace("%", " percent"))


def _bind_hyphens(unit: str) -> str:
    """Put products written with a hyphen into brackets: ``KRW/kW-month`` is ``KRW/(kW*month)``."""
    hyphened = rf"{_NAME}(?:-{_NAME})+"
    return re.sub(hyphened, lambda match: "(" + re.sub(r"-(?!\d)", "*", match[0]) + ")", unit)


def read_expression(text: str) -> Expression:
    """Split `text` into numbers, units and arithmetic.

    A unit written without blanks belongs to its number as a whole, so ``107 PB / 88 GB/s`` is a time. Two
    quantities side by side add up, so ``3 h 20 min`` is a time too.

    Raises
    ------
    UnitError
        Empty or overlong text, or something that is no part of a quantity.

    Examples
    --------
    >>> read_expression("88.5 PFLOPS * 30 day").formula
    'q0*q1'
    >>> read_expression("8,320 KRW/kW-month").literals
    (Literal(number=8320.0, unit='KRW/(kW*month)'),)
    """
    if not text.strip():
        raise UnitError(
            "empty where a quantity is expected", fix="a quantity is a number with a unit: 107 PB"
        )
    if len(text) > MAX_LENGTH:
        raise UnitError(f"a quantity of {len(text)} characters is longer than the {MAX_LENGTH} allowed")
    tidy = _tidy(text).rstrip()
    formula: list[str] = []
    literals: list[Literal] = []
    position = 0
    while position < len(tidy):
        piece = _PIECE.match(tidy, position)
        side_by_side = (
            bool(formula) and formula[-1].startswith("q") and piece is not None and not piece["sign"]
        )
        if piece is None or (side_by_side and not (literals[-1].unit and piece["number"])):
            raise UnitError(
                f"cannot read '{tidy[position:].strip()}' in '{text}'",
                fix="numbers are written 1234.5 or 1,234.5; between units stands one of + - * /",
            )
        position = piece.end()
        if piece["sign"]:
            formula.append(piece["sign"])
            continue
        if side_by_side:
            formula.append("+")
        number = piece["number"] or piece["bare"]
        formula.append(f"q{len(literals)}")
        literals.append(Literal(float(number) if number else 1.0, _bind_hyphens(piece["unit"] or "")))
    return Expression("".join(formula), tuple(literals))
