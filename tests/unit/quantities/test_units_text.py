"""Numbers written for people, and the answers of ``capacity units``."""

import pytest

from capacity.errors import UnitError
from capacity.quantities.conversion import convert
from capacity.quantities.reading import slurm_duration_s
from capacity.quantities.units import money, to_si
from capacity.quantities.writing import (
    format_bytes,
    format_duration,
    format_korean,
    format_money,
    format_number,
    format_si,
    format_slurm_duration,
)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (0.25, "0.25 s"),
        (42, "42 s"),
        (59.7, "1 min"),
        (90, "1 min 30 s"),
        (7199.9, "2 h"),
        (86_399, "1 d"),
        (12_000, "3 h 20 min"),
        (100_800, "1 d 4 h"),
        (-100_800, "-1 d 4 h"),
        (1e8, "1,157 d 10 h"),
        (float("nan"), "–"),
        (float("inf"), "∞"),
    ],
)
def test_durations_in_two_units(seconds, text):
    assert format_duration(seconds) == text


@pytest.mark.parametrize("seconds", [60, 3_600, 12_000, 86_400, 100_800, 129_600, 604_800])
def test_a_written_duration_reads_back(seconds):
    assert to_si(format_duration(seconds), "seconds") == seconds
    assert slurm_duration_s(format_slurm_duration(seconds)) == seconds


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (999.5, "1,000"),
        (0.1234, "0.123"),
        (1_234_567, "1,234,567"),
        (1e15, "1.00e+15"),
        (-3.0, "-3"),
    ],
)
def test_numbers(value, text):
    assert format_number(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (107e15, "107 PB (95 PiB)"),
        (999.6e12, "1 PB (909 TiB)"),
        (512, "512 B (512 B)"),
        (0, "0 B (0 B)"),
        (-5e9, "-5 GB (-4.66 GiB)"),
    ],
)
def test_bytes_both_ways(value, text):
    assert format_bytes(value, both=True) == text
    assert format_bytes(value) == text.partition(" (")[0]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (92.3e9, "923억"),
        (88.5e15, "8경8500조"),
        (112e6, "1억1200만"),
        (2.29392e23, "22939200경"),
        (12_345, "1만2345"),
        (0, "0"),
        (-10_000, "-1만"),
    ],
)
def test_korean_scale_words(value, text):
    assert format_korean(value) == text


@pytest.mark.parametrize(
    ("value", "dimension", "text"),
    [
        (88.5e15, "flops", "88.5 PFLOPS"),
        (0.853, "fraction", "85.3 %"),
        (2.1e6, "watt", "2.1 MW"),
        (3.6e9, "joule", "1 MWh"),
        (25e9, "bytes_per_s", "25 GB/s"),
        (12_000, "seconds", "3 h 20 min"),
        (1180, "metre", "1,180"),
    ],
)
def test_si_numbers_by_dimension(value, dimension, text):
    assert format_si(value, dimension) == text


@pytest.mark.parametrize("value", [1.0, 31e6, 92.3e9, 1.13e12])
def test_written_money_reads_back(value):
    amount, currency = money(format_money(value, "CHF"))
    assert (amount, currency) == (pytest.approx(value), "CHF")


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [(92.3e9, "KRW", "92.3 bn KRW"), (31e6, "KRW", "31 million KRW"), (199_000, "USD", "199,000 USD")],
)
def test_money_is_written_with_its_currency(amount, currency, text):
    assert format_money(amount, currency) == text


def _in(expression, unit):
    return next(line.value for line in convert(expression).equivalents if line.unit == unit)


def test_the_two_examples_of_the_manual():
    (line,) = convert("88.5 PFLOPS * 30 day", "PF-day").equivalents
    assert (line.value, line.unit) == (2655.0, "PF-day")
    assert _in("107PB", "PB") == 107
    assert _in("107PB", "PiB") == pytest.approx(95.0350909)
    assert convert("107PB").equivalents[0].note == "10경7000조"


@pytest.mark.parametrize(
    ("expression", "unit", "value"),
    [
        ("200 Gb/s", "GB/s", 25),
        ("989 TFLOPS_bf16", "PFLOPS_bf16", 0.989),
        ("100 PB_usable", "PB_usable", 100),
        ("2.1 MW", "MWh/year", 18_396),
        ("100 GPU * 1 day", "GPU-h", 2400),
        ("1 PB / 1 TB", "", 1000),
        ("3 KRW/GPU-h * 5 h", "KRW / accelerator", 15),
        ("0 B", "B", 0),
    ],
)
def test_equivalents(expression, unit, value):
    assert _in(expression, unit) == pytest.approx(value)


def test_a_time_is_also_said_in_words():
    assert convert("36 h").equivalents[0].note == "1 d 12 h; in Slurm 1-12:00:00"


def test_what_was_left_open_is_remarked():
    assert "precision not said" in convert("88.5 PFLOPS").remark
    assert "PB_raw or PB_usable" in convert("107 PB").remark
    assert convert("107 PB_raw").remark == ""
    assert convert("88.5 PFLOPS_fp64").remark == ""


@pytest.mark.parametrize(
    ("expression", "to", "says"),
    [
        ("88.5 PFLOPS", "PFLOPS_fp64", "precisions are"),
        ("107 PB", "PFLOPS", "sizes are written PB"),
        ("107 PB_raw", "PB_usable", "chain of a storage product"),
        ("107 PB", "5 PB", "is not a unit"),
        ("107 PB", "PB + TB", "is not a unit"),
        ("107 PB", "", "empty"),
        ("1e300 PB", None, "too large"),
        ("1 PB^9 * 1 PB^9 * 1 PB^9", None, "too large"),
    ],
)
def test_conversions_that_mean_nothing(expression, to, says):
    with pytest.raises(UnitError, match=says):
        convert(expression, to)
