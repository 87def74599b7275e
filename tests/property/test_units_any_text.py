"""Whatever is typed as a quantity gives a number or a `UnitError`, never another exception."""

import math

from hypothesis import given, settings
from hypothesis import strategies as st

from capacity.errors import UnitError
from capacity.quantities.units import quantity, to_si
from capacity.quantities.writing import format_bytes, format_duration, format_korean, format_number

_PIECES = [
    "1",
    "2.5",
    "1e9",
    " ",
    "-",
    ":",
    "*",
    "/",
    "(",
    ")",
    "^2",
    ",",
    "%",
    "억",
    "PB",
    "GB/s",
    "day",
    "PFLOPS_fp64",
]
anything = st.one_of(st.text(max_size=40), st.lists(st.sampled_from(_PIECES), max_size=12).map("".join))


@settings(deadline=None)  # the first example imports pint
@given(anything)
def test_only_unit_errors_come_out(text):
    try:
        assert math.isfinite(quantity(text).magnitude)
    except UnitError as error:
        assert str(error)


@settings(deadline=None)
@given(st.integers(1, 10**9), st.sampled_from(["B", "kB", "MB", "GB", "TB", "PB", "KiB", "GiB", "PiB"]))
def test_a_whole_number_of_any_size_unit_is_a_whole_number_of_bytes(number, unit):
    factor = round(to_si(f"1 {unit}", "bytes"))
    assert to_si(f"{number} {unit}", "bytes") == float(number * factor)


@given(st.floats(allow_nan=True, allow_infinity=True))
def test_every_number_can_be_written(value):
    assert format_number(value)
    assert format_bytes(value, both=True)
    assert format_duration(value)
    if math.isfinite(value):
        assert format_korean(value)
