"""What our parts and classes gain on newer hardware lies where published measurements lie.

Every range is the span of the figures that docs/hardware.md lists with their sources.
"""

import numpy as np
import pytest

from capacity.facility.hardware.slot_rates import SlotRates, runtime_factor
from capacity.inputs.hardware.parts import Node
from capacity.inputs.reading.loader import load_part, load_scenario
from capacity.simulation.hardware import Hardware, slot_rates

NODES = {"V100": "dgx-2", "A100": "dgx-a100", "H100": "hgx-h100", "EPYC": "epyc-7742-2s"}
SITES = {"V100": "v100", "A100": "a100", "H100": "h100", "EPYC": "cpu"}
ONE_NODE = 8
"""Slots that fit a node of each GPU, so that no network counts: the figures are per accelerator."""

TRAINING = {"compute": 0.7, "memory": 0.2, "host": 0.1}
"""Of a training on one node, about; the ranges are wide enough for any such split."""


@pytest.fixture(scope="module")
def slot():
    """Return the rates of a slot of each node, None where there is nothing to compare."""

    def rates(name: str) -> SlotRates:
        node = load_part("node", name).record
        assert isinstance(node, Node)
        return slot_rates(node)

    return {part: rates(name) for part, name in NODES.items()}


@pytest.fixture(scope="module")
def gwangju():
    return {part: Hardware(load_scenario(f"gwangju-{site}").scenario) for part, site in SITES.items()}


def speedup(slot, old, new, precision, shares):
    """Return the run time on the old part over that on the new, shares as they are on an A100."""
    times = [runtime_factor(slot["A100"], slot[part], precision, shares, [1.0])[0] for part in (old, new)]
    return times[0] / times[1]


@pytest.mark.parametrize(
    ("old", "new", "precision", "shares", "low", "high"),
    [
        ("V100", "A100", "bf16", TRAINING, 1.95, 2.5),  # Lambda: language models at FP16; Sandia: 2
        ("V100", "A100", "tf32", TRAINING, 2.0, 5.0),  # NVIDIA: TF32 beside FP32 on the V100
        ("A100", "H100", "bf16", TRAINING, 1.4, 2.6),  # MLPerf v3.0 of Dell, v2.1 of NVIDIA
        ("V100", "A100", "fp64_tensor", {"compute": 1.0}, 2.4, 2.6),  # HPL: Summit, Selene
        ("A100", "H100", "fp64_tensor", {"compute": 1.0}, 3.1, 3.3),  # HPL: Selene, one node of 8 H100
        ("V100", "A100", "fp64", {"memory": 1.0}, 1.5, 2.0),  # FluidX3D: 1.79; Sandia: 1.5 to 2
        ("A100", "H100", "fp64", {"memory": 1.0}, 1.85, 2.16),  # FluidX3D; ECHELON follows the data sheet
        ("EPYC", "A100", "fp64", {"memory": 1.0}, 3.0, 8.0),  # Sandia: 3 to 8; Puget: 5
        ("EPYC", "A100", "fp64_tensor", {"compute": 0.2, "memory": 0.8}, 3.0, 8.0),
    ],
)
def test_parts_gain_what_was_measured(slot, old, new, precision, shares, low, high):
    assert low <= speedup(slot, old, new, precision, shares) <= high


def test_fp8_gains_what_was_measured(slot):
    """1.4 to 1.5 over BF16 on an H100 (Databricks), 3 over BF16 on an A100 (MosaicML, 7 B, right away)."""
    h100 = slot["H100"]
    assert 1.4 <= h100.compute("fp8") / h100.compute("bf16") <= 1.5
    assert speedup(slot, "A100", "H100", "fp8", TRAINING) == pytest.approx(3, rel=0.15)


def test_large_models_reach_the_published_part_of_peak(slot):
    """No part is granted more than was published of it: 48 % (Megatron 1.0), 52 % (2021), 38 to 50 %."""
    reached = {part: slot[part].achievable for part in NODES}
    assert reached["V100"]["fp16"] <= 0.48
    assert reached["A100"]["bf16"] <= 0.52
    assert 0.38 <= reached["H100"]["bf16"] <= 0.50


def gains(gwangju, old, new, name):
    """Return how much faster a job of a class on one node's slots is on the new part."""
    pool = "gpu" if "gpu" in (gwangju["A100"].scenario.workload.classes[name].pool or "") else "hpc"
    times = [gwangju[part].factor(name, pool, [float(ONE_NODE)])[0] for part in (old, new)]
    return times[0] / times[1]


def classes_at(gwangju, *precisions):
    classes = gwangju["A100"].scenario.workload.classes
    return [name for name, work in classes.items() if work.precision in precisions]


@pytest.mark.parametrize(
    ("old", "new", "low", "high"),
    [("V100", "A100", 1.95, 2.5), ("A100", "H100", 1.4, 2.6)],
)
def test_training_of_gwangju_gains_what_was_measured(gwangju, old, new, low, high):
    names = classes_at(gwangju, "bf16")
    assert len(names) >= 4
    found = {name: gains(gwangju, old, new, name) for name in names}
    assert {name: gain for name, gain in found.items() if not low <= gain <= high} == {}


@pytest.mark.parametrize(
    ("old", "new", "low", "high"),
    # From the codes that gain least (nanoFluidX 1.25; FluidX3D 1.85) to HPL.
    [("V100", "A100", 1.25, 2.6), ("A100", "H100", 1.85, 3.3)],
)
def test_simulation_of_gwangju_gains_what_was_measured(gwangju, old, new, low, high):
    names = classes_at(gwangju, "fp64_tensor", "fp64")
    assert names
    found = {name: gains(gwangju, old, new, name) for name in names}
    assert {name: gain for name, gain in found.items() if not low <= gain <= high} == {}


def test_run_times_hold_on_the_reference(gwangju):
    """On the plan's own A100 nothing changes: the level of demand is stated there."""
    here = gwangju["A100"]
    for name, work in here.scenario.workload.classes.items():
        for pool in here.scenario.pools_of(work):
            factor = here.factor(name, pool, np.array([*work.slots], float))
            assert factor == pytest.approx(1.0, abs=1e-3), name
