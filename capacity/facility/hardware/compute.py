"""How fast hardware computes at a precision, and what stands in where it lacks one.

Peaks are dense, per precision, in operations per second. What a part lacks it does not borrow silently:
`peak_flops` says None, and `rate_with_fallback` says which precision the work would really run at.
"""

from collections.abc import Iterable, Mapping

from capacity.errors import InputError, Problem, nearest
from capacity.quantities.precision import PRECISIONS

# What work of a precision runs at where the hardware lacks it: the vector unit for the tensor unit, else the
# next wider format, so that results are never less accurate than asked for (bf16 and fp16 count as equals).
FALLBACKS: Mapping[str, tuple[str, ...]] = {
    "fp64": (),
    "fp64_tensor": ("fp64",),
    "fp32": ("fp64",),
    "tf32": ("fp32", "fp64"),
    "fp16": ("bf16", "tf32", "fp32", "fp64"),
    "bf16": ("fp16", "tf32", "fp32", "fp64"),
    "fp8": ("fp16", "bf16", "tf32", "fp32", "fp64"),
    "int8": ("fp16", "bf16", "tf32", "fp32", "fp64"),
}


def peak_flops(peaks: Mapping[str, float], precision: str) -> float | None:
    """Return the peak of one part at exactly this precision [FLOP/s], None if it has none.

    Raises
    ------
    InputError
        No such precision.
    """
    if precision not in PRECISIONS:
        raise InputError(Problem(f"unknown precision '{precision}'", fix=nearest(precision, PRECISIONS)))
    return peaks.get(precision)


def total_peak_flops(parts: Iterable[tuple[Mapping[str, float], float]], precision: str) -> float | None:
    """Return the summed peak of several parts [FLOP/s], None if one of them lacks the precision.

    Each part is its peaks per precision [FLOP/s] and how many there are. A sum that left one out would look
    complete; one that took another precision for it would mix units.

    Examples
    --------
    >>> a100 = {"fp64_tensor": 19.5e12, "bf16": 312e12}
    >>> total_peak_flops([(a100, 4552)], "fp64_tensor")
    8.8764e+16
    >>> total_peak_flops([(a100, 4552), ({"fp64": 4.6e12}, 100)], "bf16") is None
    True
    """
    total = 0.0
    for peaks, count in parts:
        peak = peak_flops(peaks, precision)
        if peak is None:
            return None
        total += peak * count
    return total


def rate_with_fallback(peaks: Mapping[str, float], precision: str) -> tuple[float, str]:
    """Return the rate at which a part does work of a precision [FLOP/s], and the precision it really uses.

    Parameters
    ----------
    peaks : mapping of str to float
        Dense peak per precision. [FLOP/s]
    precision : str
        The precision the work asks for; `FALLBACKS` says what stands in for it.

    Raises
    ------
    InputError
        The part can do this work at no precision.

    Examples
    --------
    >>> rate_with_fallback({"fp16": 125e12, "fp32": 15.7e12}, "bf16")
    (125000000000000.0, 'fp16')
    """
    for candidate in (precision, *FALLBACKS.get(precision, ())):
        rate = peak_flops(peaks, candidate)
        if rate is not None:
            return rate, candidate
    has = ", ".join(sorted(peaks)) or "no peak"
    needs = ", ".join((precision, *FALLBACKS[precision]))
    raise InputError(
        Problem(f"work at {precision} cannot run on hardware with only {has}", fix=f"it needs {needs}")
    )


def can_compute(peaks: Mapping[str, float], precision: str) -> bool:
    """Whether a part can do work of a precision at all, be it at what stands in for it.

    Examples
    --------
    >>> can_compute({"fp16": 65e12, "fp32": 8.1e12}, "fp64")
    False
    """
    return any(peaks.get(candidate) is not None for candidate in (precision, *FALLBACKS.get(precision, ())))
