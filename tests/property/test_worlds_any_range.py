"""Any range: what is drawn is what the quantity can be, and a world is a scenario or says why not."""

import functools
import tempfile
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from capacity.errors import InputError
from capacity.inputs.reading.loader import load_scenario
from capacity.inputs.uncertainty.applied import in_world
from tests.support.plain_demand import write_plain

PARTS = st.floats(0, 1)
POSITIVE = st.floats(0.01, 100)


@functools.cache
def asked():
    """Return the path of a small scenario; the same for all examples."""
    return write_plain(Path(tempfile.mkdtemp()))


def load(*overrides):
    """Load it with ranges, or None where one of them is refused in words."""
    try:
        return load_scenario(asked(), overrides=overrides)
    except InputError as error:
        assert all(one.what and one.where for one in error.problems)
        return None


def world(loaded, parts):
    drawn = {one.name: one.what.quantile(part) for one, part in zip(loaded.assumptions, parts, strict=False)}
    try:
        return drawn, in_world(loaded, loaded.assumptions, drawn, world="world 3").scenario
    except InputError as error:
        assert all("world 3" in one.what and one.where for one in error.problems)
        assert any(name in str(error) for name in drawn)
        return drawn, None


@given(st.lists(st.floats(-2, 8), min_size=3, max_size=3), st.sampled_from(["80 %", "95 %", "100 %"]), PARTS)
def test_a_number_stays_within_its_bounds(ends, confidence, part):
    low, likely, high = ends
    written = f"{{value: {likely}, range: [{low}, {high}], confidence: {confidence}}}"
    if (loaded := load(f"site.pue={written}")) is None:
        return
    assert 1 <= low < high
    drawn, scenario = world(loaded, [part])
    if scenario is None:
        assert part in (0.0, 1.0) or drawn["site.pue"] in (1.0, 5.0)
    else:
        assert 1 <= scenario.site.pue <= 5
        assert abs(scenario.site.pue - drawn["site.pue"]) < 1e-9


@given(st.lists(st.tuples(POSITIVE, POSITIVE), min_size=2, max_size=2), PARTS, PARTS)
def test_factors_make_a_scenario_or_name_the_world(ends, one, two):
    (low, high), (shortest, longest) = (sorted(pair) for pair in ends)
    entries = (
        f"workload.uncertain.share={{of: [classes.work.slots.8], factor: [{low}, {high}]}}",
        f"workload.uncertain.time={{of: [classes.work.run], factor: [{shortest}, {longest}]}}",
    )
    if (loaded := load(*entries)) is None:
        return
    _, scenario = world(loaded, [min(max(one, 0.001), 0.999), min(max(two, 0.001), 0.999)])
    if scenario is not None:
        work = scenario.workload.classes["work"]
        assert abs(sum(work.slots.values()) - 1) < 1e-9
        assert abs(work.run.mean / work.run.median - 6) < 1e-6


@given(st.lists(st.integers(1, 99), min_size=2, max_size=6), PARTS)
def test_choices_are_drawn_by_their_shares(weights, part):
    whole = sum(weights)
    values = [f"{{value: {place + 5}, share: {weight / whole}}}" for place, weight in enumerate(weights)]
    loaded = load(f"workload.tenants.lab.members={{value: 20, choices: [{', '.join(values)}]}}")
    assert loaded is not None
    drawn, scenario = world(loaded, [part])
    place = int(drawn["workload.tenants.lab.members"])
    assert scenario is not None
    assert [*scenario.workload.tenants["lab"].members.points.values()] == [place + 5]
    assert sum(weights[:place]) / whole <= part + 1e-9
    assert part <= sum(weights[: place + 1]) / whole + 1e-9
