"""Why two quantities do not go together, said so that the writer sees which trap it was.

The traps are those met in tenders, articles and logs: petaflops as a size of storage, a rate for a count,
kW for kWh, one precision for another. The functions work on names only and know no unit library.
"""

from collections.abc import Iterable
from difflib import get_close_matches

from capacity.quantities.currencies import CURRENCIES, currency_of
from capacity.quantities.precision import PRECISIONS

PRECISION_RULE = (
    "operations mean nothing without their precision (an H100 does 33.5 TFLOPS at fp64 and 989 at bf16): "
    f"write it into the unit, as PFLOPS_fp64_tensor; precisions are {', '.join(PRECISIONS)}"
)

# Names that look right elsewhere, and what to write here.
_MISREADINGS = {
    "KB": "kB is 1000 byte, KiB 1024",
    "K": "a prefix needs its unit: kB, kW",
    "k": "a prefix needs its unit: kB, kW",
    "M": "a prefix needs its unit: MB, MW, MKRW",
    "G": "a prefix needs its unit: GB, Gb/s",
    "T": "a prefix needs its unit: TB, TFLOPS",
    "P": "a prefix needs its unit: PB, PFLOPS",
    "E": "a prefix needs its unit: EB, EFLOPS",
    "bps": "write b/s for bits or B/s for bytes",
    "Bps": "write B/s",
    "Gbps": "write Gb/s for bits or GB/s for bytes",
    "GBps": "write GB/s",
    "w": "W is watt, week is a week",
    "kwh": "write kWh",
    "Hz": "write 1/s",
}

_PREFIXES = ["", "k", "M", "G", "T", "P", "E", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"]
_PREFIXED = [
    "B", "b", "B_raw", "B_usable", "FLOP", "FLOPS", "OP", "OPS", "W", "Wh", "J", "KRW", "USD", "byte", "bit",
]  # fmt: skip
_WHOLE = [
    "s", "min", "h", "day", "week", "month", "year", "ms", "second", "minute", "hour",
    "GPU", "accelerator", "node", "core", "slot", "job", "user", "rack", "m", "m2", "percent",
]  # fmt: skip


def unknown_unit(name: str) -> str:
    """Say what was probably meant by a unit that does not exist.

    Examples
    --------
    >>> unknown_unit("pb")
    'upper and lower case differ: PB, Pb'
    """
    if name in _MISREADINGS:
        return _MISREADINGS[name]
    tagged = [f"FLOPS_{precision}" for precision in PRECISIONS]
    known = [prefix + unit for unit in _PREFIXED + tagged for prefix in _PREFIXES] + _WHOLE
    known += [code for code in CURRENCIES if code not in _PREFIXED]
    same_letters = [unit for unit in known if unit.lower() == name.lower()]
    if same_letters:
        return f"upper and lower case differ: {', '.join(same_letters)}"
    close = get_close_matches(name, known, n=1, cutoff=0.7)
    if close:
        return f"did you mean '{close[0]}'?"
    units, prefixes = ", ".join(_PREFIXED + _WHOLE), ", ".join(_PREFIXES[1:])
    return f"units are {units}, the currencies of ISO 4217, with prefixes {prefixes}"


def mismatch(have: Iterable[str], want: Iterable[str]) -> str:
    """Explain why base dimensions `have` are not `want`; empty where there is nothing to say.

    Examples
    --------
    >>> mismatch({"length"}, {"time"})
    'm is metre; minutes are written min'
    """
    first, second = set(have), set(want)
    either, both = first ^ second, first | second
    if not first or not second:
        return "a number without a unit does not go together with a quantity"
    if _has(both, "operation") and _has(both, "information"):
        return (
            "PF and PFLOPS are rates of operations, not sizes of storage; "
            "sizes are written PB (10^15 byte) or PiB (2^50 byte)"
        )
    if len([name for name in both if name.startswith("operation")]) > 1:
        return PRECISION_RULE
    if len([name for name in both if name.startswith("information")]) > 1:
        return (
            "raw and usable capacity differ by redundancy, spares and file system: "
            "only the chain of a storage product leads from one to the other"
        )
    codes = sorted(code for name in either if (code := currency_of(name)))
    if len(codes) == 2:
        return f"{codes[0]} and {codes[1]} need a dated exchange rate between them, such as 1180 KRW/USD"
    return _rate_for_amount(both, either)


def _has(names: set[str], stem: str) -> bool:
    return any(name.startswith(stem) for name in names)


def _rate_for_amount(both: set[str], either: set[str]) -> str:
    """Explain the mistakes in which only a time is too many or too few."""
    if both == {"length", "time"}:
        return "m is metre; minutes are written min"
    if either != {"time"}:
        return ""
    if _has(both, "operation"):
        return "FLOPS (PF, flops) is a rate and FLOP a count; a rate times a time is a count, as in PF-day"
    if "energy" in both:
        return "kW is power and kWh energy; power times time is energy"
    if _has(both, "information"):
        return "GB is an amount and GB/s a rate; they differ by a time"
    return ""
