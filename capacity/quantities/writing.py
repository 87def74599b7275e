"""Turns SI numbers into text a person reads: tables, findings and messages all write numbers through here.

Pure Python, so that a table costs no unit library.
"""

import math
from decimal import Decimal
from itertools import pairwise

_DECIMAL = ((1e18, "E"), (1e15, "P"), (1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))
_BINARY = (
    (2.0**60, "Ei"),
    (2.0**50, "Pi"),
    (2.0**40, "Ti"),
    (2.0**30, "Gi"),
    (2.0**20, "Mi"),
    (2.0**10, "Ki"),
)
_MONEY = ((1e12, "trn "), (1e9, "bn "), (1e6, "million "))
_KOREAN = ((10**16, "경"), (10**12, "조"), (10**8, "억"), (10**4, "만"))

# Dimensions of `capacity.quantities.units.DIMENSIONS` whose unit takes a prefix, and the unit.
_PREFIXED = {
    "bytes": "B",
    "bytes_per_s": "B/s",
    "bits_per_s": "b/s",
    "flop": "FLOP",
    "flops": "FLOPS",
    "watt": "W",
    "joule": "J",
}


def format_number(value: float, *, digits: int = 3) -> str:
    """Write a number with so many significant digits, without an exponent while it stays readable.

    Examples
    --------
    >>> format_number(88.5), format_number(1234567.0), format_number(0.00012)
    ('88.5', '1,234,567', '0.00012')
    """
    if not math.isfinite(value):
        return "–" if math.isnan(value) else ("∞" if value > 0 else "-∞")
    magnitude = abs(value)
    if magnitude >= 1e15 or 0 < magnitude < 1e-4:
        return f"{value:.{digits - 1}e}"
    if magnitude >= 10 ** (digits - 1):
        return f"{value:,.0f}"
    return f"{value:.{digits}g}"


def _scaled(value: float, unit: str, steps: tuple[tuple[float, str], ...], digits: int) -> str:
    """Write `value` with the largest prefix that leaves at least 1 in front of it, after rounding."""
    for step, prefix in steps:
        if round(abs(value) / step, digits - 1) >= 1:
            return f"{format_number(value / step, digits=digits)} {prefix}{unit}"
    return f"{format_number(value, digits=digits)} {unit}"


def format_bytes(value: float, *, both: bool = False, digits: int = 3) -> str:
    """Write an amount of data [B] in decimal units.

    With `both`, the binary form stands beside it, for places where the 12.6 % between PB and PiB matter.

    Examples
    --------
    >>> format_bytes(107e15, both=True)
    '107 PB (95 PiB)'
    """
    decimal = _scaled(value, "B", _DECIMAL, digits)
    return f"{decimal} ({_scaled(value, 'B', _BINARY, digits)})" if both else decimal


def format_duration(value: float) -> str:
    """Write a time [s] in its two largest units.

    Examples
    --------
    >>> format_duration(12_000), format_duration(100_800), format_duration(42)
    ('3 h 20 min', '1 d 4 h', '42 s')
    """
    if not math.isfinite(value):
        return format_number(value)
    if 0 < abs(value) < 1:
        return f"{value:.2g} s"
    sign, seconds = ("-" if value < 0 else ""), abs(value)
    for (size, name), (smaller, smaller_name) in pairwise(
        ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))
    ):
        # Rounded to the smaller unit before it is split, or 119 min 59.9 s would read "1 h 60 min".
        whole, rest = divmod(round(seconds / smaller), size // smaller)
        if whole:
            return f"{sign}{whole:,} {name} {rest} {smaller_name}" if rest else f"{sign}{whole:,} {name}"
    return f"{sign}{round(seconds)} s"


def format_slurm_duration(value: float) -> str:
    """Write a time [s], not negative, as Slurm does, ``days-hours:minutes:seconds``.

    Examples
    --------
    >>> format_slurm_duration(129_600), format_slurm_duration(5_400)
    ('1-12:00:00', '01:30:00')
    """
    minutes, seconds = divmod(round(value), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    clock = f"{hours:02}:{minutes:02}:{seconds:02}"
    return f"{days}-{clock}" if days else clock


def format_korean(value: float) -> str:
    """Write a number, rounded to a whole one of twelve significant digits, with the Korean scale words.

    Examples
    --------
    >>> format_korean(92.3e9), format_korean(88.5e15)
    ('923억', '8경8500조')
    """
    # Through decimal digits: the integer nearest to the float 2.3e23 is 22999999999999999191216.
    rest = int(Decimal(f"{abs(value):.12g}").to_integral_value())
    text = ""
    for step, word in _KOREAN:
        count, rest = divmod(rest, step)
        text += f"{count}{word}" if count else ""
    return ("-" if value < 0 else "") + (text + (str(rest) if rest else "") or "0")


def format_money(amount: float, currency: str, *, digits: int = 3) -> str:
    """Write an amount of money with the code of its currency.

    Examples
    --------
    >>> format_money(92.3e9, "KRW"), format_money(199_000.0, "USD")
    ('92.3 bn KRW', '199,000 USD')
    """
    return f"{format_amount(amount, digits=digits)} {currency}"


def format_amount(amount: float, *, digits: int = 3) -> str:
    """Write an amount of money whose currency stands beside it.

    Examples
    --------
    >>> format_amount(92.3e9)
    '92.3 bn'
    """
    return _scaled(amount, "", _MONEY, digits).rstrip()


def format_si(value: float, dimension: str, *, digits: int = 3) -> str:
    """Write for a person a number in the canonical unit of a dimension of `quantities.units.DIMENSIONS`.

    Examples
    --------
    >>> format_si(88.5e15, "flops"), format_si(0.853, "fraction")
    ('88.5 PFLOPS', '85.3 %')
    """
    if dimension == "seconds":
        return format_duration(value)
    if dimension == "fraction":
        return f"{format_number(100 * value, digits=digits)} %"
    if dimension == "joule":
        return _scaled(value / 3600.0, "Wh", _DECIMAL, digits)
    if dimension in _PREFIXED:
        return _scaled(value, _PREFIXED[dimension], _DECIMAL, digits)
    return format_number(value, digits=digits)
