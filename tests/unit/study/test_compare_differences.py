"""Verdicts on differences that are known, and which sites stay in the race."""

import json
import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from capacity.inputs.reading.loader import load_scenario
from capacity.measure.figures import compared, headline
from capacity.measure.findings import labels
from capacity.study.compare.differences import differences
from capacity.study.compare.pareto import standings
from capacity.study.compare.scenarios import imprecise, run_scenarios
from capacity.study.run import OneRun, result_of
from tests.support.small_site import write_small

USE = ("utilization", labels(pool="gpu", month="all"))
WAIT = ("p95_wait_s", labels(pool="gpu", month="all"))
WORK = ("work_reference_slot_hours", labels(pool="gpu", month="all"))
ENERGY = ("site_energy_j", labels(month="all"))


@pytest.fixture(scope="module")
def loaded(tmp_path_factory):
    return load_scenario(write_small(tmp_path_factory.mktemp("small")))


def result(loaded, name, seed=7, **columns):
    """A result of so many replications as the columns have; keys are names above in lower case."""
    keys = {"use": USE, "wait": WAIT, "work": WORK, "energy": ENERGY}
    n = len(next(iter(columns.values())))
    runs = [OneRun({keys[k]: float(v[i]) for k, v in columns.items()}, (), 1, {}, {}) for i in range(n)]
    named = replace(loaded, record=loaded.scenario.model_copy(update={"name": name}))
    return result_of(named, runs, seed=seed)


def verdicts(found):
    return {one.verdict.metric: one.direction or one.verdict.standing for one in found if one.verdict.n}


def test_what_is_better_and_worse_is_said(loaded):
    base = result(
        loaded, "base", use=[0.5, 0.6, 0.55, 0.52], wait=[3600, 7200, 5000, 4000], work=[100, 90, 95, 97]
    )
    other = result(loaded, "other", use=[0.7, 0.8, 0.75, 0.72], wait=[36, 72, 50, 40], work=[50, 41, 46, 47])
    found = differences([base, other])
    assert verdicts(found) == {
        "utilization": "more",
        "p95_wait_s": "better",
        "work_reference_slot_hours": "worse",
    }
    use = next(one for one in found if one.verdict.metric == "utilization")
    assert use.before == pytest.approx(0.5425)
    assert use.verdict.asked == "other differs from base in utilization"
    assert (use.verdict.standing, use.verdict.limit, use.values_unit) == ("shown", 0.0, "1")
    assert use.verdict.found == pytest.approx(0.2 / 0.5425)
    assert use.verdict.by == pytest.approx(0.7425 / 0.5425)
    assert use.verdict.low <= use.verdict.found <= use.verdict.high
    back = differences([other, base])
    assert verdicts(back) == {
        "utilization": "less",
        "p95_wait_s": "worse",
        "work_reference_slot_hours": "better",
    }


def test_waits_are_compared_as_ratios(loaded):
    """Ten times as long in every replication is ten times as long, however far apart."""
    wait = np.array([1e4, 1e5, 3e5, 2e6])
    found = differences([result(loaded, "a", wait=wait), result(loaded, "b", wait=10 * wait)])
    one = next(one for one in found if one.verdict.metric == "p95_wait_s" and one.verdict.n)
    assert one.direction == "worse"
    assert one.verdict.found == pytest.approx(9, rel=0.02)
    assert one.verdict.low > 8.5


def test_seconds_are_no_difference(loaded):
    found = differences([result(loaded, "a", wait=[0, 1, 0, 2]), result(loaded, "b", wait=[1, 0, 2, 1])])
    one = next(one for one in found if one.verdict.metric == "p95_wait_s" and one.verdict.n)
    assert (one.verdict.standing, one.direction) == ("not shown", None)
    assert abs(one.verdict.found) < 0.02


def test_the_same_does_not_differ(loaded):
    base = result(loaded, "a", use=[0.5, 0.6], wait=[10, 20])
    found = differences([base, replace(base, loaded=result(loaded, "b", use=[1]).loaded)])
    assert set(verdicts(found).values()) == {"not shown"}
    assert all(one.verdict.found == 0 for one in found if one.verdict.n)


def test_one_pair_says_nothing_and_what_was_not_measured_is_no_pair(loaded):
    found = differences([result(loaded, "a", use=[0.5]), result(loaded, "b", use=[0.6])])
    assert verdicts(found) == {"utilization": "not shown"}
    found = differences(
        [result(loaded, "a", use=[0.5, math.nan, 0.6]), result(loaded, "b", use=[0.6, 0.6, 0.7])]
    )
    assert next(one for one in found if one.verdict.metric == "utilization").verdict.n == 2
    for one in found:
        json.dumps(one.to_json(), allow_nan=False)


def test_other_luck_cannot_be_paired(loaded):
    with pytest.raises(ValueError, match="same seed"):
        differences([result(loaded, "a", use=[0.5]), result(loaded, "b", seed=8, use=[0.5])])


def test_replications_that_would_show_ten_percent(loaded):
    rng = np.random.default_rng(1)
    use = rng.normal(0.5, 0.1, 8)
    noisy = differences([result(loaded, "a", use=use), result(loaded, "b", use=use + rng.normal(0, 0.1, 8))])
    quiet = differences([result(loaded, "a", use=use), result(loaded, "b", use=use + rng.normal(0, 0.01, 8))])
    of_noisy, of_quiet = (
        next(one for one in f if one.verdict.metric == "utilization").would_show for f in (noisy, quiet)
    )
    assert of_noisy >= 9 > of_quiet >= 2


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**31), st.integers(2, 12))
def test_an_interval_without_0_and_a_verdict_go_together(loaded, seed, n):
    rng = np.random.default_rng(seed)
    shift = rng.choice([0.0, 0.3, 1.0], 3)
    base = rng.gamma(4, 1, (3, n))
    after = base * np.exp(shift[:, None] + rng.normal(0, 0.3, (3, n)))
    names = ("use", "wait", "work")
    found = differences([
        result(loaded, "a", **dict(zip(names, base * 1000, strict=True))),
        result(loaded, "b", **dict(zip(names, after * 1000, strict=True))),
    ])  # fmt: skip
    for one in found:
        said = one.verdict
        if said.n:
            assert (said.standing == "not shown") == (said.low <= 0 <= said.high), one
            assert (one.direction is None) == (said.standing == "not shown")
            assert said.low <= said.found <= said.high


def test_a_comparison_looks_at_little(loaded):
    assert len(compared(loaded.scenario)) == 9
    off = load_scenario_without(loaded, energy=False)
    assert ENERGY not in compared(off)


def load_scenario_without(loaded, **switches):
    changed = loaded.scenario.simulate.model_copy(update=switches)
    return loaded.scenario.model_copy(update={"simulate": changed})


# --- Who stays in the race ------------------------------------------------------------------------


def race(loaded, **sites):
    """Sites by ``(wait, work, energy)``; the price of the parts is the same for all."""
    results = []
    for name, (wait, work, energy) in sites.items():
        one = result(loaded, name, work=[work] * 3, energy=[energy] * 3)
        runs = [
            replace(run, values={**run.values, ("p95_wait_s", labels(month="all")): float(wait),
                                 ("electricity_cost", labels(month="all")): 0.0})
            for run in one.runs
        ]  # fmt: skip
        results.append(replace(one, runs=tuple(runs)))
    return {one.case: one for one in standings(results)}


def test_what_is_beaten_in_one_and_equal_in_the_rest_is_out(loaded):
    found = race(loaded, good=(3600, 100, 10), worse=(7200, 100, 10), greener=(7200, 100, 5))
    assert [found[name].on_front for name in ("good", "worse", "greener")] == [True, False, True]
    assert found["worse"].beaten_by == ("good", "greener")
    assert found["worse"].front_share == 0.0


def test_a_percent_and_a_minute_do_not_count(loaded):
    found = race(loaded, a=(0, 100, 10.0), b=(45, 99.5, 10.05))
    assert all(one.on_front for one in found.values())


def test_what_cannot_be_bought_in_time_beats_nobody(loaded, tmp_path):
    dates = ["site.deliveries.before.date=2018-01-01"]  # before there was an A100
    early = load_scenario(write_small(tmp_path), overrides=dates)
    best = result(early, "too early", work=[200.0] * 2, energy=[1.0] * 2)
    other = result(loaded, "later", work=[100.0] * 2, energy=[2.0] * 2)
    found = {one.case: one for one in standings([best, other])}
    assert found["too early"].late
    assert not found["too early"].on_front
    assert found["later"].on_front


def test_the_price_of_everything_counts(loaded):
    one = race(loaded, a=(1, 1, 1))["a"]
    assert one.values["cost"] == pytest.approx(loaded.scenario.site.price)


def test_costs_in_two_currencies_are_not_compared(loaded, tmp_path):
    """What is dearer in won is not what is dearer in euro: neither beats the other by cost."""
    euro = ["site.currency=EUR", "site.exchange_rates={USD: 0.8 EUR/USD, KRW: 1250 KRW/EUR}"]
    abroad = load_scenario(write_small(tmp_path), overrides=euro)
    cost = {("electricity_cost", labels(month="all")): 0.0, ("p95_wait_s", labels(month="all")): 1.0}
    both = []
    for name, one in (("won", loaded), ("euro", abroad)):
        found = result(one, name, work=[1.0] * 2, energy=[1.0] * 2)
        both.append(replace(found, runs=tuple(replace(r, values={**r.values, **cost}) for r in found.runs)))
    won, eur = standings(both)
    assert (won.currency, eur.currency, eur.to_json()["currency"]) == ("KRW", "EUR", "EUR")
    assert eur.values["cost"] == pytest.approx(won.values["cost"] * 0.8e-3)
    assert won.on_front
    assert eur.on_front


# --- As many replications as it takes -------------------------------------------------------------


class Counting:
    """Carries tasks out by a formula, and remembers which."""

    width = 4

    def __init__(self, spread):
        self.spread, self.asked = spread, []

    def completed(self, tasks, progress=None):
        for place, task in enumerate(tasks):
            self.asked.append((task.scenario.name, task.replication))
            value = 1 + self.spread * math.sin(12.9898 * (task.replication + 1))
            yield place, OneRun(dict.fromkeys(headline(task.scenario), value), (), 1, {}, {})


@pytest.mark.parametrize(
    ("spread", "precision", "most", "count"),
    [(0.0, 0.05, 50, 10), (0.5, 0.5, 50, 10), (0.9, 0.01, 30, 30), (0.0, 0.05, 4, 4)],
)
def test_it_stops_when_it_is_precise_or_at_the_most(loaded, spread, precision, most, count):
    executor = Counting(spread)
    results = run_scenarios([loaded, loaded], executor, seed=1, replications=most, precision=precision)
    assert [len(one.runs) for one in results] == [count, count]
    assert len(executor.asked) == 2 * count == len(set(executor.asked)) * 2, "none is asked for twice"
    assert bool(imprecise(loaded, results[0].runs, precision)) == (spread == 0.9 or most < 6), (
        "of fewer no median has two ends"
    )


def test_without_a_precision_it_is_as_many_as_asked(loaded):
    told = []
    results = run_scenarios(
        [loaded], Counting(0.9), seed=1, replications=3, progress=lambda *t: told.append(t)
    )
    assert len(results[0].runs) == 3
