"""Peaks against the placement table of the domain facts, and what stands in for a missing precision."""

import pytest

from capacity.errors import InputError
from capacity.facility.hardware.compute import (
    FALLBACKS,
    peak_flops,
    rate_with_fallback,
    total_peak_flops,
)
from capacity.quantities.precision import PRECISIONS

V100 = {"fp64": 7.8e12, "fp32": 15.7e12, "fp16": 125e12, "int8": 62.8e12}
A100 = {
    "fp64": 9.7e12,
    "fp64_tensor": 19.5e12,
    "fp32": 19.5e12,
    "tf32": 156e12,
    "fp16": 312e12,
    "bf16": 312e12,
}
H100 = {"fp64": 33.5e12, "fp64_tensor": 66.9e12, "fp32": 66.9e12, "bf16": 989.4e12, "fp16": 989.4e12}
MI250X = {"fp64": 47.9e12, "fp64_tensor": 95.7e12, "fp32": 47.9e12, "fp16": 383e12, "bf16": 383e12}
ROME = {"fp64": 4.6e12, "fp32": 9.2e12}


@pytest.mark.parametrize(
    ("peaks", "precision", "accelerators"),
    [
        (V100, "fp64", 11_347),
        (V100, "fp32", 5_637),
        (V100, "fp16", 708),
        (A100, "fp64", 9_124),
        (A100, "fp64_tensor", 4_539),
        (A100, "bf16", 284),
        (H100, "fp64", 2_642),
        (H100, "fp64_tensor", 1_323),
        (MI250X, "fp64", 1_848),
        (MI250X, "fp64_tensor", 925),
    ],
)
def test_accelerators_needed_for_88_5_petaflops(peaks, precision, accelerators):
    assert total_peak_flops([(peaks, accelerators)], precision) >= 88.5e15
    assert total_peak_flops([(peaks, accelerators - 1)], precision) < 88.5e15


def test_the_gwangju_parts_give_the_declared_peak_within_a_percent():
    total = total_peak_flops([(A100, 129 * 8), (A100, 440 * 8)], "fp64_tensor")
    assert total == pytest.approx(88.5e15, rel=0.01)


def test_a_sum_that_would_leave_a_part_out_is_none():
    assert total_peak_flops([(A100, 10), (ROME, 1)], "fp64_tensor") is None
    assert total_peak_flops([(A100, 10), (ROME, 1)], "fp64") == pytest.approx(101.6e12)
    assert total_peak_flops([], "fp64") == 0.0


@pytest.mark.parametrize(
    ("peaks", "asked", "rate", "used"),
    [
        (A100, "bf16", 312e12, "bf16"),
        (V100, "bf16", 125e12, "fp16"),
        (V100, "tf32", 15.7e12, "fp32"),
        (V100, "fp64_tensor", 7.8e12, "fp64"),
        (V100, "fp8", 125e12, "fp16"),
        (ROME, "bf16", 9.2e12, "fp32"),
        (ROME, "int8", 9.2e12, "fp32"),
        ({"fp64": 1e12}, "fp32", 1e12, "fp64"),
    ],
)
def test_what_stands_in_for_a_missing_precision(peaks, asked, rate, used):
    assert rate_with_fallback(peaks, asked) == (rate, used)


def test_work_that_no_precision_serves_is_refused():
    with pytest.raises(InputError, match="fp64 cannot run on hardware with only fp16, int8"):
        rate_with_fallback({"int8": 1e12, "fp16": 1e12}, "fp64")
    with pytest.raises(InputError, match="did you mean 'bf16'"):
        peak_flops(A100, "bf61")


def test_every_precision_has_a_rule_and_none_loses_accuracy():
    assert set(FALLBACKS) == set(PRECISIONS)
    width = {
        "fp64": 64,
        "fp64_tensor": 64,
        "fp32": 32,
        "tf32": 19,
        "fp16": 16,
        "bf16": 16,
        "fp8": 8,
        "int8": 8,
    }
    for asked, others in FALLBACKS.items():
        assert all(width[other] >= width[asked] for other in others)
