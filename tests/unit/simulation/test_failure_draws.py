"""Failures drawn: as often and as long as stated, and the same whatever is simulated around it."""

from itertools import islice

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from capacity.inputs.failures.nodes import Failures
from capacity.inputs.reading.loader import load_scenario
from capacity.simulation.build import pool_specs
from capacity.simulation.failures.draws import NodeDraws, hazards_of
from tests.support.small_site import write_small

DAY_S = 86_400
FAILING = "site.pools.gpu.failures={per_1000_node_days: 200, repair: 12 h}"


def draws(nodes=1000, seed=7, replication=0, **stated):
    failures = Failures.model_validate({"per_1000_node_days": 20, "repair": "12 h", **stated})
    return NodeDraws(failures, "gpu", nodes, seed=seed, replication=replication)


def hazards(folder, *overrides, replication=0):
    scenario = load_scenario(write_small(folder), overrides=(FAILING, *overrides)).scenario
    return hazards_of(scenario, pool_specs(scenario), seed=7, replication=replication)


def first(of, node=0, count=20):
    return list(islice(of(node), count))


@pytest.mark.parametrize(
    "override",
    [
        "site.pools.gpu.nodes=40",
        "until=2021-06-20",
        "policy.order=sjf",
        "site.pools.hpc.failures={per_1000_node_days: 9, repair: 1 h}",
        "site.outages={hall: {per_year: 5, repair: 3 h}}",
        "site.pools.gpu.failures.infant={factor: 3, lasts: 60 day}",
    ],
)
def test_nothing_around_a_node_changes_its_luck(tmp_path, override):
    alone, beside = hazards(tmp_path), hazards(tmp_path, override)
    assert first(alone.failures[0].draw) == first(beside.failures[0].draw)


def test_spares_change_how_long_a_node_is_away_and_nothing_else(tmp_path):
    spare = hazards(tmp_path, "site.pools.gpu.failures.spares=2", "site.pools.gpu.failures.swap=2 h")
    assert first(hazards(tmp_path).failures[0].draw) == first(spare.failures[0].draw)
    assert (spare.failures[0].spares, spare.failures[0].swap_s) == (2, 7200)


def test_other_nodes_replications_and_seeds_have_other_luck(tmp_path):
    of = draws(nodes=3)
    seen = [first(of, node) for node in range(3)]
    seen += [first(draws(replication=1)), first(draws(seed=8))]
    assert all(a != b for n, a in enumerate(seen) for b in seen[:n])


def test_later_failures_do_not_depend_on_how_many_were_drawn_at_once():
    of = draws(nodes=5)
    assert first(of, 3, 50)[:10] == first(draws(nodes=4), 3, 10)
    stated = Failures.model_validate({"per_1000_node_days": 20, "repair": "12 h"})
    assert first(NodeDraws(stated, "gpu", 4, seed=7, replication=0, at_once=17), 3, 50) == first(of, 3, 50)


@pytest.mark.parametrize("kind", [{}, {"shape": 0.7}, {"shape": 2}, {"spread": 3}])
def test_nodes_fail_at_the_stated_rate_from_the_first_day_on(kind):
    """Stationary renewal: t / mean failures by any time t, whatever the distribution."""
    of = draws(nodes=3000, **kind)
    for days in (10, 200):
        count = 0
        for node in range(3000):
            now = 0.0
            for failure in of(node):
                now += failure.calm_s
                if now > days * DAY_S:
                    break
                count += 1
        expected = 3000 * days * 20 / 1000
        assert count == pytest.approx(expected, abs=5 * max(3.0, expected) ** 0.5 * 1.5)


def test_lemons_are_so_many_and_fail_so_much_more_often():
    plain, lemons = draws(nodes=2000), draws(nodes=2000, lemons={"share": "10 %", "factor": 10})
    ratio = np.array([first(plain, n, 1)[0].calm_s / first(lemons, n, 1)[0].calm_s for n in range(2000)])
    assert set(ratio.round(6)) == {1.0, 10.0}
    assert np.mean(ratio > 5) == pytest.approx(0.1, abs=0.03)


def test_returns_take_their_own_time():
    of = draws(nodes=2000, returns={"share": "25 %", "after": {"always": "4 week"}}, repair={"always": "6 h"})
    drawn = [failure for node in range(2000) for failure in first(of, node, 2)]
    assert {(f.returned, f.repair_s) for f in drawn} == {(True, 28 * DAY_S), (False, 6 * 3600)}
    assert np.mean([f.returned for f in drawn]) == pytest.approx(0.25, abs=0.04)


def test_repairs_last_as_stated():
    of = draws(nodes=2000)
    plain = [f.repair_s for node in range(2000) for f in first(of, node, 4)]
    assert np.mean(plain) == pytest.approx(12 * 3600, rel=0.05)
    assert np.mean(np.array(plain) > 12 * 3600) == pytest.approx(np.exp(-1), abs=0.03)
    of = draws(nodes=2000, repair={"median": "12 h", "mean": "20 h"})
    heavy = [f.repair_s for node in range(2000) for f in first(of, node, 4)]
    assert np.median(heavy) == pytest.approx(12 * 3600, rel=0.05)
    assert np.mean(heavy) == pytest.approx(20 * 3600, rel=0.08)


def test_switched_off_nothing_fails(tmp_path):
    off = hazards(tmp_path, "simulate.failures=false", "site.outages={hall: {per_year: 5, repair: 3 h}}")
    assert (off.failures, off.groups) == ((), ())


def test_groups_cover_each_node_once(tmp_path):
    rack = "{pools: [gpu], nodes: 3, per_year: 2, repair: 6 h}"
    rack = f"site.outages={{rack: {rack}, hall: {{per_year: 1, repair: 1 h}}}}"
    groups = hazards(tmp_path, rack).groups
    assert [g.nodes for g in groups if g.name == "rack"] == [((0, 0, 3),), ((0, 3, 1),)]
    assert [g.nodes for g in groups if g.name == "hall"] == [((0, 0, 4), (1, 0, 4))]
    again = hazards(tmp_path, rack, "until=2021-09-01", "site.pools.gpu.nodes=7").groups
    assert list(islice(groups[0].draw(), 9)) == list(islice(again[0].draw(), 9))
    calm = np.array([calm for calm, _ in islice(groups[0].draw(), 4000)])
    assert calm.mean() == pytest.approx(365 * DAY_S / 2, rel=0.06)


@settings(deadline=None, max_examples=40)
@given(
    rate=st.floats(1e-6, 1e5),
    shape=st.none() | st.floats(0.3, 10),
    repair=st.sampled_from(
        [
            "1 s",
            {"minimum": "1 min", "exponent": 0.2},
            {"mean": "1 h", "cv": 100},
            {"scale": "1 h", "shape": 0.05},
        ]
    ),
    seed=st.integers(0, 2**40),
)
def test_every_failure_can_be_simulated(rate, shape, repair, seed):
    """No time is negative, not a number, or beyond the clock, however odd the numbers."""
    of = draws(nodes=2, seed=seed, per_1000_node_days=rate, shape=shape, repair=repair)
    for failure in first(of, 1, 30):
        assert 0 <= failure.calm_s < np.inf
        assert 1 <= failure.repair_s < 2**31
