"""Lublin and Feitelson's model against their own program: moments of 400,000 draws, and its literal loop.

The reference figures were made with the authors' C program, 400,000 draws of each kind on 128 nodes.
"""

import numpy as np
import pytest

from workloads.errors import LogError
from workloads.published import lublin
from workloads.published.lublin import KINDS, MACHINE
from workloads.published.request import Request
from workloads.synthetic.distributions import LogGamma

N = 400_000
HOURLY = [
    *(0.48, 0.39, 0.31, 0.24, 0.19, 0.20, 0.38, 0.62, 0.89, 1.17, 1.42, 1.62),
    *(1.76, 1.83, 1.82, 1.76, 1.66, 1.52, 1.36, 1.19, 1.02, 0.87, 0.72, 0.59),
]
"""Jobs in each hour of the day over their mean, typeless."""


@pytest.fixture(scope="module")
def drawn():
    def draw(name):
        request = Request(days=1, seed=11)
        slots = lublin.draw_slots(request.stream(name, "slots"), KINDS[name], MACHINE, N)
        runs = lublin.draw_runs(request.stream(name, "runs"), KINDS[name], slots)
        return slots, runs, lublin.draw_gaps(request.stream(name, "gaps"), KINDS[name], N)

    return {name: draw(name) for name in KINDS}


def near(values, expected):
    """Both are means of 400,000 draws: their difference lies within five of its standard errors."""
    return abs(values.mean() - expected) < 5 * np.sqrt(2 / N) * values.std()


def test_typeless_jobs_have_the_moments_of_the_program(drawn):
    slots, runs, gaps = drawn["typeless"]
    assert near(slots, 12.1)
    assert (np.median(slots), np.quantile(slots, 0.9)) == (4, 32)
    assert near(runs, 4360)
    assert np.median(runs) == pytest.approx(108, abs=3)
    assert np.quantile(runs, 0.99) == pytest.approx(34_000, rel=0.02)
    assert near(gaps, 906)
    load = (slots * runs).mean() / gaps.mean() / MACHINE
    assert load == pytest.approx(0.73, abs=0.03)


@pytest.mark.parametrize(
    ("name", "mean", "median", "gap"), [("batch", 9469, 805, 3549), ("interactive", 246, 14, 608)]
)
def test_batch_and_interactive_jobs_have_the_moments_of_the_program(drawn, name, mean, median, gap):
    _, runs, gaps = drawn[name]
    assert near(runs, mean)
    assert np.median(runs) == pytest.approx(median, rel=0.03, abs=1)
    assert near(gaps, gap)


@pytest.mark.parametrize("name", KINDS)
def test_shares_are_the_stated_ones(drawn, name):
    kind, (slots, runs, gaps) = KINDS[name], drawn[name]
    power = np.bincount(slots, minlength=129)[[2, 4, 8, 16, 32, 64, 128]].sum() / N
    assert (slots == 1).mean() == pytest.approx(kind.serial_frac, abs=0.004)
    assert kind.power_frac < power < kind.power_frac + 0.12
    assert slots.max() <= np.ceil(2**kind.u_high)
    assert runs.min() >= 1
    assert np.log(runs.max()) <= 12
    assert np.log(gaps.max()) <= 13
    whole = LogGamma(kind.gap_shape * kind.all_day, kind.gap_scale)
    assert near(gaps, whole.mean_below(np.exp(13)) / float(whole.cdf(np.exp(13))))


def test_the_day_has_the_weights_of_the_program():
    weights = lublin.day_weights(KINDS["typeless"])
    assert weights.mean() == pytest.approx(1)
    np.testing.assert_allclose(weights.reshape(24, 2).mean(axis=1), HOURLY, atol=0.006)


def literal(gaps_s, weights):
    """The program's loop: spend each gap half hour by half hour and keep what is left for the next job."""
    points, reminder, bucket, now_s = 0.0, 0.0, 0, 0.0
    arrivals = []
    for gap_s in gaps_s:
        points += gap_s / 1800
        passed_s = 0.0
        while points > weights[bucket]:
            points -= weights[bucket]
            bucket = (bucket + 1) % 48
            passed_s += 1800
        rest = points / weights[bucket]
        now_s += passed_s + 1800 * (rest - reminder)
        reminder = rest
        arrivals.append(now_s)
    return np.array(arrivals)


@pytest.mark.parametrize("name", KINDS)
def test_spending_gaps_is_inverting_the_added_up_rate(drawn, name):
    gaps_s = drawn[name][2][:20_000]
    weights = lublin.day_weights(KINDS[name])
    ours = lublin.spend(np.cumsum(gaps_s), weights)
    np.testing.assert_allclose(ours, literal(gaps_s, weights), atol=1e-3)


@pytest.mark.parametrize("name", ["typeless", "batch", "interactive", "mixed"])
def test_a_longer_log_continues_a_shorter_one(name):
    short, long = (getattr(lublin, name)(Request(days=days, seed=3)) for days in (20, 90))
    n = len(short)
    assert short.numbers("submit_s").max() < 20 * 86_400 <= long.numbers("submit_s")[n]
    for column in ("submit_s", "run_s", "slots"):
        np.testing.assert_array_equal(short.numbers(column), long.numbers(column)[:n])


def test_mixed_jobs_are_both_kinds_side_by_side():
    both = lublin.mixed(Request(days=100, seed=5))
    alone = {name: getattr(lublin, name)(Request(days=100, seed=5)) for name in ("batch", "interactive")}
    codes, words = both.labels("job_class")
    for name, table in alone.items():
        mine = codes == words.index(name)
        np.testing.assert_array_equal(both.numbers("run_s")[mine], table.numbers("run_s"))
    assert len(both) == sum(len(table) for table in alone.values())


def test_sizes_grow_with_the_machine():
    for size in (2, 3, 48, 100, 4096):
        for name in KINDS:
            table = getattr(lublin, name)(Request(days=200, seed=1, slots=size))
            assert table.max_slots == size
            assert 1 <= table.numbers("slots").min() <= table.numbers("slots").max() <= size
    assert KINDS["batch"].on(128) == KINDS["batch"]
    assert KINDS["batch"].on(1024).u_high == pytest.approx(10)
    assert 1.5 <= KINDS["typeless"].on(1024).u_high - KINDS["typeless"].on(1024).u_med <= 3.5
    with pytest.raises(LogError, match="no parallel machine"):
        lublin.batch(Request(days=1, seed=1, slots=1))
