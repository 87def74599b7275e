"""Every line of the Units section of issue 2: what must raise, what must work, and what the error says."""

import math
import subprocess
import sys

import pytest

from capacity.errors import UnitError
from capacity.quantities.currencies import CURRENCIES
from capacity.quantities.precision import PRECISIONS
from capacity.quantities.units import DIMENSIONS, MONEY, money, quantity, to_si


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("1 B + 1", "bare number"),
        ("1 PB + 50 %", "bare number"),
        ("0 B + 0", "bare number"),
        ("1 B + 1 FLOP", "not sizes of storage"),
        ("1 PFLOPS_fp64 + 1 PFLOPS_bf16", "precision"),
        ("88.5 PFLOPS + 1 PFLOPS_fp64", "precision"),
        ("1 kW + 1 kWh", "kW is power and kWh energy"),
        ("1 KRW + 1 USD", "exchange rate"),
        ("1 PB_raw + 1 PB_usable", "raw and usable"),
        ("107 PB raw - 1 PB", "raw and usable"),
        ("1 GPU + 1 node", "accelerators"),
        ("1 PFLOPS + 1 PFLOP", "rate"),
        ("1 GPU-hour + 1 node-hour", "cannot be added"),
    ],
)
def test_unlike_things_do_not_add(text, says):
    with pytest.raises(UnitError, match=says):
        quantity(text)


@pytest.mark.parametrize(
    ("text", "dimension", "says"),
    [
        ("88.5 PF", "bytes", "sizes are written PB"),
        ("88.5 PFLOPS", "bytes", "sizes are written PB"),
        ("107 PB", "flops", "sizes are written PB"),
        ("3 flops", "flop", "FLOP a count"),
        ("3 FLOP", "flops", "FLOP a count"),
        ("1 EFLOP_bf16 / 88.5 PFLOPS_fp64", "seconds", "precision"),
        ("5", "bytes", "has no unit"),
        (5, "bytes", "107 PB"),
        (0, "watt", "700 W"),
        (90, "seconds", "1-12:00:00"),
        ("85 %", "watt", "has no unit"),
        ("100 Gb", "bytes", "b is bit"),
        ("6 kW", "joule", "power times time"),
        ("1 GB", "bytes_per_s", "differ by a time"),
        ("90 m", "seconds", "minutes are written min"),
        ("8 node", "accelerators", "8 GPU"),
        ("24 h", "watt", "700 W"),
        ("107 PB_raw", "bytes", "raw and usable"),
        ("88.5 PFLOPS_fp64", "flops", "precision"),
    ],
)
def test_a_quantity_of_something_else_is_refused_with_the_reason(text, dimension, says):
    with pytest.raises(UnitError, match=says):
        to_si(text, dimension)


@pytest.mark.parametrize(
    ("text", "dimension", "value"),
    [
        ("88.5 PFLOPS", "flops", 88.5e15),
        ("88.5 PF", "flops", 88.5e15),
        ("624 TOPS / 2", "flops", None),
        ("107 PB", "bytes", 107e15),
        ("95.0350909079134 PiB", "bytes", 107e15),
        ("107PB", "bytes", 107e15),
        ("200 Gb/s", "bytes_per_s", 25e9),
        ("10 TB/day", "bytes_per_s", 10e12 / 86400),
        ("25 GB/s", "bits_per_s", 200e9),
        ("1-12:00:00", "seconds", 129_600),
        ("24:00:00", "seconds", 86_400),
        ("90:00", "seconds", 5_400),
        ("2-00", "seconds", 172_800),
        ("3 h 20 min", "seconds", 12_000),
        ("1 year", "seconds", 365 * 86_400),
        ("107 PB / 88 GB/s", "seconds", 107e15 / 88e9),
        ("1 PF-day", "flop", 8.64e19),
        ("88.5 PFLOPS * 30 day", "flop", 2655 * 8.64e19),
        ("3 MWh / 1.5 kW", "seconds", 7.2e6),
        ("1억1200만 GB", "bytes", 1.12e17),
        ("8경8500조 FLOPS", "flops", 88.5e15),
        ("0.9 W/TB", "watt_per_byte", 0.9e-12),
        ("6.5 GB/s/PB", "bytes_per_s_per_byte", 6.5e-6),
        ("1.4 job/user/day", "jobs_per_user_day", 1.4),
        ("4.1 GB", "bytes", 4_100_000_000.0),
        ("100 PiB", "bytes", 100 * 2.0**50),
        ("3,144 m2", "metre2", 3144),
        ("3144 m^2", "metre2", 3144),
        ("０.５ ＰＢ", "bytes", 0.5e15),
        (0.85, "fraction", 0.85),
        ("0.85", "fraction", 0.85),
        ("85 %", "fraction", 0.85),
        ("85%", "fraction", 0.85),
        (8, "accelerators", 8),
        ("8 GPU", "accelerators", 8),
        ("440 nodes", "nodes", 440),
        ("-5 PB", "bytes", -5e15),
    ],
)
def test_what_people_write_is_read(text, dimension, value):
    if value is None:
        with pytest.raises(UnitError):  # integer operations are no floating-point ones
            to_si(text, dimension)
    else:
        assert to_si(text, dimension) == pytest.approx(value, rel=1e-15)


@pytest.mark.parametrize("text", ["GPU-hour", "GPU-h", "accelerator*hour", "3600 GPU*s", "60 gpu-min"])
def test_gpu_hours_have_many_spellings(text):
    assert quantity(text) == quantity("1 GPU-hour")


def test_a_generic_rate_takes_the_precision_of_its_place():
    assert to_si("88.5 PFLOPS", "flops", precision="fp64_tensor") == 88.5e15
    assert to_si("88.5 PFLOPS_fp64_tensor", "flops", precision="fp64_tensor") == 88.5e15
    assert to_si("1 EFLOP / 10 PFLOPS_fp64", "seconds", precision="fp64") == 100
    with pytest.raises(UnitError, match="precisions are"):
        to_si("88.5 PFLOPS_bf16", "flops", precision="fp64")
    with pytest.raises(UnitError, match="did you mean 'bf16'"):
        to_si("88.5 PFLOPS", "flops", precision="bf61")


def test_an_untagged_size_takes_the_kind_of_its_place():
    assert to_si("107 PB", "bytes", kind="raw") == to_si("107 PB_raw", "bytes", kind="raw") == 107e15
    assert to_si("107 PB usable", "bytes", kind="usable") == 107e15
    assert to_si("1 W/TB_usable", "watt_per_byte", kind="usable") == 1e-12
    with pytest.raises(UnitError, match="usable storage, not an amount of data \\(raw\\)"):
        to_si("107 PB_usable", "bytes", kind="raw")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "empty"),
        ("   ", "empty"),
        ("10 pb", "PB, Pb"),
        ("50 KB", "KiB 1024"),
        ("5 M", "needs its unit"),
        ("100 Gbps", "Gb/s for bits"),
        ("5 mB", "upper and lower case"),
        ("24 kg", "unknown unit 'kg'"),
        ("5 PFLOP_S", "did you mean"),
        ("10 hourz", "did you mean 'hour'"),
        ("1.2.3 GB", "cannot read"),
        ("1,5 PB", "cannot read"),
        ("5 KRW kWh", "cannot read"),
        ("5 PB; 3", "cannot read"),
        ("2 ** 3 PB", "no arithmetic"),
        ("5 // 3 PB", "no arithmetic"),
        ("((5 PB)", "no arithmetic"),
        ("5 PB +", "no arithmetic"),
        ("()", "no arithmetic"),
        ("1 PB / 0 s", "division by zero"),
        ("1e400 PB", "finite"),
        ("nan PB", "cannot read"),
        ("inf", "unknown unit"),
        ("__import__", "unknown unit"),
        ("1-30:00:00", "runs over"),
        ("10:75", "runs over"),
        ("1:60:00", "runs over"),
        ("9" * 300 + " PB", "longer than"),
        ("1..2억 KRW", "is not a number"),
        ("\x00 PB", "cannot read"),
    ],
)
def test_text_that_is_no_quantity_is_refused(text, says):
    with pytest.raises(UnitError, match=says):
        quantity(text)


@pytest.mark.parametrize("text", ["1e300 PB", "-1e300 PB", "1e308 PB"])
def test_numbers_too_large_for_a_computer_are_refused(text):
    with pytest.raises(UnitError, match="too large"):
        to_si(text, "bytes")


@pytest.mark.parametrize("number", [math.nan, math.inf, True, 10**400])
def test_odd_numbers_are_refused(number):
    with pytest.raises(UnitError):
        to_si(number, "fraction")


@pytest.mark.parametrize("dimension", DIMENSIONS)
def test_every_example_in_an_error_can_be_read(dimension):
    for example in DIMENSIONS[dimension].examples:
        precision = (
            "fp64_tensor"
            if "fp64_tensor" in example
            else "int8"
            if "OPS" in example.split()[-1][:4]
            else None
        )
        assert to_si(example, dimension, precision=precision) > 0


@pytest.mark.parametrize("precision", PRECISIONS)
def test_every_precision_is_a_dimension_of_its_own(precision):
    own = quantity(f"1 PFLOPS_{precision} * 1 s")
    assert own.is_compatible_with(f"FLOP_{precision}")
    assert not own.is_compatible_with("FLOP")
    for other in set(PRECISIONS) - {precision}:
        assert not own.is_compatible_with(f"FLOP_{other}")


@pytest.mark.parametrize("name", ["flops", "Gflops", "Pflops", "FLOPS", "GFLOPS", "PF", "OPS", "TOPS"])
def test_flops_is_never_the_plural_of_flop(name):
    assert "[time]" in quantity(f"3 {name}").dimensionality


@pytest.mark.parametrize(
    "name", ["P", "T", "G", "K", "M", "E", "k", "mB", "pB", "uB", "PFarad", "barn", "Hz"]
)
def test_units_of_other_registries_do_not_exist(name):
    with pytest.raises(UnitError, match="unknown unit"):
        quantity(f"1 {name}")


def test_pint_is_not_imported_before_a_quantity_is_read():
    code = "import sys\nimport capacity.quantities.conversion\nsys.exit('pint' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(
    ("text", "dimension", "value"),
    [
        ("97.3 KRW/kWh", "money_per_kwh", (97.3, "KRW")),
        ("97.3 KRW per kWh", "money_per_kwh", (97.3, "KRW")),
        ("8,320 KRW/kW-month", "money_per_kw_month", (8320, "KRW")),
        ("97.3 KRW/kWh * 3 MWh", "money", (291_900, "KRW")),
        ("31 MKRW/GPU", "money_per_accelerator", (31e6, "KRW")),
        ("923억 KRW", "money", (92.3e9, "KRW")),
        ("923억원", "money", (92.3e9, "KRW")),
        ("4,061억 KRW", "money", (406.1e9, "KRW")),
        ("92.3 bn KRW", "money", (92.3e9, "KRW")),
        ("31 million KRW", "money", (31e6, "KRW")),
        ("78 MUSD", "money", (78e6, "USD")),
        ("1180 KRW/USD * 1 MUSD", "money", (1.18e9, "KRW")),
        ("0.12 euro/kWh", "money_per_kwh", (0.12, "EUR")),
        ("300 CHF", "money", (300, "CHF")),
        ("4 kGBP", "money", (4000, "GBP")),
        ("5 MMKD", "money", (5e6, "MKD")),
        ("100 yen/GB", "money_per_byte", (1e-7, "JPY")),
    ],
)
def test_money_is_read_with_its_currency(text, dimension, value):
    amount, (currency,) = money(text, dimension)
    assert (amount, currency) == (pytest.approx(value[0]), value[1])


@pytest.mark.parametrize(
    ("text", "dimension", "says"),
    [
        ("12", "money", "has no unit"),
        (12, "money", "has no unit"),
        ("12 kW", "money", "a power, not an amount of money"),
        ("12 KRW/kW", "money_per_kwh", "not a price of energy"),
        ("12 KRW/kWh", "money", "a price of energy in KRW, not an amount of money"),
        ("1 KRW/USD", "money", "an exchange rate in KRW, not an amount of money"),
        ("1 KRW + 1 EUR", "money", "EUR and KRW need a dated exchange rate"),
        ("12 krw", "money", "upper and lower case differ: KRW"),
        ("12 XYZ", "money", "unknown unit 'XYZ'"),
    ],
)
def test_what_is_no_money_is_refused(text, dimension, says):
    with pytest.raises(UnitError, match=says):
        money(text, dimension)


def test_exchange_rates_say_what_is_paid_for_what():
    assert money("1180 KRW/USD", "exchange_rate") == (1180.0, ["KRW", "USD"])
    assert money("910 KRW / (100 JPY)", "exchange_rate") == (9.1, ["KRW", "JPY"])
    for text in ("1180", "1180 KRW", "1180 KRW/KRW", "1180 KRW/USD/day", "3 KRW*USD"):
        with pytest.raises(UnitError):
            money(text, "exchange_rate")


@pytest.mark.parametrize("code", CURRENCIES)
def test_every_currency_is_a_dimension_of_its_own(code):
    assert money(f"2 M{code}") == (2e6, [code])
    other = "EUR" if code != "EUR" else "USD"
    with pytest.raises(UnitError, match="exchange rate"):
        quantity(f"1 {code} + 1 {other}")


def test_no_currency_takes_the_name_of_a_unit():
    """What the units file had before any currency was defined, it has after all are."""
    before = to_si("3 TOP", "flop", precision="int8"), to_si("3 MOPS", "flops", precision="int8")
    assert before == (3e12, 3e6)


@pytest.mark.parametrize("dimension", MONEY)
def test_every_example_of_money_can_be_read(dimension):
    assert all(money(example, dimension)[0] > 0 for example in MONEY[dimension].examples)
