"""Closed forms of run times on other hardware: shares over ratios, Amdahl's law, what is not stated."""

from dataclasses import replace

import numpy as np
import pytest

from capacity.errors import InputError
from capacity.facility.hardware.scaling import StrongScaling
from capacity.facility.hardware.slot_rates import SlotRates, runtime_factor

A100 = SlotRates(
    {"bf16": 312e12, "fp64": 9.7e12}, {"bf16": 0.5}, slots_per_node=8, memory=1.5e12, link=300e9,
    network=25e9, local_storage=3e9, storage=0.5e9, host=1.0,
)  # fmt: skip
FAST = SlotRates(
    {"bf16": 990e12, "fp64": 33.5e12}, {"bf16": 0.4}, slots_per_node=4, memory=3e12, link=450e9,
    network=50e9, local_storage=6e9, storage=0.25e9, host=1.6,
)  # fmt: skip
RATIOS = {
    "compute": 312 * 0.5 / (990 * 0.4),
    "memory": 0.5,
    "local_storage": 0.5,
    "storage": 2.0,
    "host": 1 / 1.6,
}


def factor(shares, slots=4, *, here=FAST, precision="bf16", scaling=None):
    return float(runtime_factor(A100, here, precision, shares, [slots], scaling=scaling)[0])


@pytest.mark.parametrize(("part", "ratio"), RATIOS.items())
def test_what_is_bound_by_one_rate_follows_it(part, ratio):
    assert factor({part: 1.0}) == pytest.approx(ratio)


def test_shares_add_their_times():
    shares = {"compute": 0.5, "memory": 0.2, "local_storage": 0.1, "storage": 0.1, "host": 0.1}
    assert factor(shares) == pytest.approx(sum(share * RATIOS[part] for part, share in shares.items()))


@pytest.mark.parametrize(
    ("slots", "ratio"), [(1, 300 / 450), (4, 300 / 450), (5, 300 / 50), (8, 300 / 50), (9, 25 / 50)]
)
def test_each_side_uses_its_network_beyond_its_own_node(slots, ratio):
    """A node of the reference has 8 slots, one of the other hardware 4."""
    assert factor({"network": 1.0}, slots) == pytest.approx(ratio)


@pytest.mark.parametrize("part", ["memory", "network", "local_storage", "storage"])
def test_a_rate_that_one_side_does_not_state_counts_as_equal(part):
    fields = {"link": None, "network": None} if part == "network" else {part: None}
    assert factor({part: 1.0}, here=replace(FAST, **fields)) == 1.0


def test_one_slot_that_is_a_whole_node_has_no_links():
    whole = replace(FAST, slots_per_node=1)
    assert factor({"network": 1.0}, 1, here=whole) == 1.0
    assert factor({"network": 1.0}, 2, here=whole) == pytest.approx(300 / 50)


def test_an_efficiency_belongs_to_the_precision_that_is_really_used():
    """Without BF16 the work runs at FP64: the peak and the efficiency of FP64 count, and no other."""
    old = replace(FAST, peaks={"fp64": 33.5e12}, achievable={"bf16": 0.4, "fp64": 0.8})
    assert factor({"compute": 1.0}, here=old) == pytest.approx(312 * 0.5 / (33.5 * 0.8))


def test_what_cannot_compute_at_all_is_refused():
    with pytest.raises(InputError, match="work at fp64 cannot run"):
        factor({"compute": 1.0}, precision="fp64", here=replace(FAST, peaks={"bf16": 1e12}))
    with pytest.raises(InputError, match="nothing is bound by 'memroy'"):
        factor({"memroy": 1.0})


# --- Strong scaling -------------------------------------------------------------------------------


def test_amdahl_is_the_limit():
    scaling = StrongScaling(serial_frac=0.05)
    assert scaling.over_one(1.0) == 1.0
    assert 1 / scaling.over_one(1e12) == pytest.approx(20)
    slots = np.array([2.0, 16.0, 1024.0])
    assert 1 / scaling.over_one(slots) == pytest.approx(1 / (0.05 + 0.95 / slots))


def test_communication_grows_as_the_volume_of_an_all_reduce():
    """Each slot sends 2 (n - 1) / n times the data: half of the whole on two slots."""
    alone, with_it = StrongScaling(), StrongScaling(communication_frac=0.1)
    slots = np.array([1.0, 2.0, 4.0, 1e9])
    assert with_it.over_one(slots) - alone.over_one(slots) == pytest.approx([0, 0.05, 0.075, 0.1])


def test_parts_of_a_scaled_run_follow_host_network_and_shares():
    scaling = StrongScaling(serial_frac=0.1, communication_frac=0.2)
    whole = 0.1 + 0.9 / 4 + 0.2 * 0.75
    expected = (0.1 / 1.6 + 0.2 * 0.75 * (300 / 450) + 0.9 / 4 * RATIOS["compute"]) / whole
    assert factor({"compute": 1.0}, 4, scaling=scaling) == pytest.approx(expected)


def test_infinitely_fast_slots_leave_the_serial_part():
    endless = replace(FAST, peaks={"bf16": 1e60}, host=1.0)
    assert factor({"compute": 1.0}, 9, here=endless, scaling=StrongScaling(0.2)) == pytest.approx(
        0.2 / (0.2 + 0.8 / 9)
    )


def test_the_part_of_peak_falls_as_slots_wait_for_each_other():
    scaling = StrongScaling(serial_frac=0.01, communication_frac=0.02)
    at_64 = scaling.mfu(0.4, 8.0, 64.0)
    assert at_64 < 0.4
    work = at_64 * 64 * scaling.over_one(64.0)
    assert work == pytest.approx(0.4 * 8 * scaling.over_one(8.0))  # the same operations on both
