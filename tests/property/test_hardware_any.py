"""For any hardware and any class: twice every rate is half the time, and no path mixes precisions."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from capacity.errors import InputError
from capacity.facility.hardware.compute import FALLBACKS, can_compute, rate_with_fallback
from capacity.facility.hardware.scaling import StrongScaling
from capacity.facility.hardware.slot_rates import PARTS, SlotRates, runtime_factor
from capacity.quantities.precision import PRECISIONS

rate = st.floats(1e6, 1e15)
part = st.floats(0.01, 1.0)
peaks = st.dictionaries(st.sampled_from(PRECISIONS), rate, min_size=1)
sides = st.builds(
    SlotRates,
    peaks,
    st.dictionaries(st.sampled_from(PRECISIONS), part),
    slots_per_node=st.integers(2, 16),
    memory=rate,
    link=rate,
    network=rate,
    local_storage=rate,
    storage=rate,
    host=st.floats(0.1, 10),
)
scalings = st.none() | st.builds(StrongScaling, st.floats(0, 0.5), st.floats(0, 0.49))
slots = st.lists(st.integers(1, 10_000), min_size=1, max_size=5)


@st.composite
def shares(draw):
    weights = [draw(st.floats(0, 1)) for _ in PARTS]
    assume(sum(weights) > 0.01)
    return {name: weight / sum(weights) for name, weight in zip(PARTS, weights, strict=True)}


def twice(side):
    words = ("memory", "link", "network", "local_storage", "storage", "host")
    rates = {word: 2 * getattr(side, word) for word in words}
    return replace(side, peaks={name: 2 * peak for name, peak in side.peaks.items()}, **rates)


@given(sides, sides, st.sampled_from(PRECISIONS), shares(), slots, scalings)
def test_twice_every_rate_is_half_the_time(reference, here, precision, parts, n, scaling):
    """Exactly: powers of two leave no rounding."""
    assume(can_compute(reference.peaks, precision) and can_compute(here.peaks, precision))
    once = runtime_factor(reference, here, precision, parts, n, scaling=scaling)
    halved = runtime_factor(reference, twice(here), precision, parts, n, scaling=scaling)
    assert (halved == once / 2).all()
    doubled = runtime_factor(twice(reference), here, precision, parts, n, scaling=scaling)
    assert (doubled == once * 2).all()


@given(sides, st.sampled_from(PRECISIONS), shares(), slots, scalings)
def test_on_the_reference_itself_nothing_changes(side, precision, parts, n, scaling):
    assume(can_compute(side.peaks, precision))
    found = runtime_factor(side, side, precision, parts, n, scaling=scaling)
    assert found == pytest.approx(np.ones(len(n)), rel=1e-12)


@given(sides, sides, sides, st.sampled_from(PRECISIONS), shares(), slots)
def test_by_way_of_a_third_part_a_single_share_comes_to_the_same(a, b, c, precision, _parts, n):
    for one in PARTS:
        assume(all(can_compute(side.peaks, precision) for side in (a, b, c)))
        direct = runtime_factor(a, c, precision, {one: 1.0}, n)
        by_b = runtime_factor(a, b, precision, {one: 1.0}, n) * runtime_factor(b, c, precision, {one: 1.0}, n)
        assert by_b == pytest.approx(direct, rel=1e-9)


@given(sides, sides, st.sampled_from(PRECISIONS), st.sampled_from(PRECISIONS))
def test_no_path_mixes_precisions(reference, here, precision, other):
    """Only the peak and the efficiency of the precision that each side really uses count."""
    assume(can_compute(reference.peaks, precision) and can_compute(here.peaks, precision))
    _, used = rate_with_fallback(here.peaks, precision)
    assert used == precision or (precision not in here.peaks and used in FALLBACKS[precision])
    base = runtime_factor(reference, here, precision, {"compute": 1.0}, [1])
    peak, reached = here.peaks[used], here.achievable.get(used, 1.0)
    assert base == pytest.approx(reference.compute(precision) / (peak * reached))
    if other != used:  # any other figure of this part may change: nothing comes of it
        changed = replace(here, achievable={**here.achievable, other: 0.5})
        if other in here.peaks:
            changed = replace(changed, peaks={**here.peaks, other: 3 * here.peaks[other]})
        assert runtime_factor(reference, changed, precision, {"compute": 1.0}, [1]) == base


@given(peaks, st.sampled_from(PRECISIONS))
def test_a_part_computes_at_a_precision_or_at_one_that_stands_in_for_it_or_not_at_all(found, precision):
    stand_ins = [name for name in (precision, *FALLBACKS[precision]) if name in found]
    assert can_compute(found, precision) == bool(stand_ins)
    if stand_ins:
        assert rate_with_fallback(found, precision) == (found[stand_ins[0]], stand_ins[0])
    else:
        with pytest.raises(InputError):
            rate_with_fallback(found, precision)
