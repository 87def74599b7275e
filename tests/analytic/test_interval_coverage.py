"""How often the intervals hold the truth, counted on queues whose truth is known.

M/M/1 with a mean service time of 1 and a load of 0.8: one waits 4 on average. It begins in its steady state,
so that the expectation of every mean is exactly that.
"""

import math

import numpy as np
import pytest
from scipy.special import ndtri, stdtrit

from capacity.statistics.intervals import quantile_interval, t_interval
from capacity.statistics.pairs import holm, paired_difference
from capacity.statistics.sequential import looks
from capacity.statistics.steady_state import batch_means, mser5

LOAD = 0.8
TRUTH = LOAD / (1 - LOAD)


def waits(rng, queues, customers, *, first=None):
    """Yield the wait of each customer in many queues side by side (Lindley), shape (queues,)."""
    wait = (
        np.where(rng.random(queues) < LOAD, rng.exponential(1 / (1 - LOAD), queues), 0.0)
        if first is None
        else first
    )
    for _ in range(customers):
        yield wait
        wait = np.maximum(0.0, wait + rng.exponential(1.0, queues) - rng.exponential(1 / LOAD, queues))


def means(rng, queues, customers):
    total = np.zeros(queues)
    for wait in waits(rng, queues, customers):
        total += wait
    return total / customers


def test_the_95_percent_interval_of_replications_holds_the_truth_95_times_in_100():
    """1,500 experiments of ten replications: between 93 % and 97 %."""
    found = means(np.random.default_rng(20221231), 15_000, 4_000).reshape(1_500, 10)
    intervals = [t_interval(row) for row in found]
    held = np.mean([one.low <= TRUTH <= one.high for one in intervals])
    assert 0.93 <= held <= 0.97, held


def test_replications_too_short_to_be_normal_hold_it_less_often():
    """The count can fail: means of 20 customers are far from normal, and three replications are few."""
    found = means(np.random.default_rng(2), 6_000, 20).reshape(2_000, 3)
    held = np.mean([one.low <= TRUTH <= one.high for one in map(t_interval, found)])
    assert held < 0.92, held


def test_batch_means_of_one_long_run_hold_it_nearly_as_often():
    """Batches of 2,000 customers still hang together a little: 90 % to 97 % is what one gets."""
    rng = np.random.default_rng(3)
    runs = np.array(list(waits(rng, 1_000, 20_000)), np.float32).T
    held = [batch_means(run, batches=10) for run in runs]
    share = np.mean([one.low <= TRUTH <= one.high for one in held])
    assert 0.90 <= share <= 0.97, share


@pytest.mark.parametrize(("part", "count"), [(0.5, 10), (0.5, 40), (0.9, 60)])
def test_quantile_intervals_hold_it_at_least_as_often_as_they_say(part, count):
    rng = np.random.default_rng(4)
    truth = -math.log(1 - part)
    samples = rng.exponential(size=(2_000, count))
    held = np.mean(
        [one.low <= truth <= one.high for one in (quantile_interval(row, part) for row in samples)]
    )
    assert 0.945 <= held <= 0.99, held


def test_paired_intervals_hold_the_true_difference():
    """The same luck in both narrows the interval."""
    rng = np.random.default_rng(5)
    luck = rng.gamma(2.0, 5.0, (2_000, 8))
    before = luck + rng.normal(0, 0.5, luck.shape)
    after = luck + 1.0 + rng.normal(0, 0.5, luck.shape)
    found = [paired_difference(a, b) for a, b in zip(before, after, strict=True)]
    held = np.mean([one.low <= 1.0 <= one.high for one in found])
    assert 0.935 <= held <= 0.965, held
    alone = np.mean([t_interval(row).high - t_interval(row).low for row in before[:200]])
    assert np.mean([one.high - one.low for one in found]) < alone / 5


def test_holm_cries_wolf_once_in_twenty_families():
    """Of twenty comparisons of the same, uncorrected, one is falsely shown two times in three."""
    rng = np.random.default_rng(6)
    apart = rng.normal(size=(2_000, 20, 6))
    p_values = np.array(
        [[paired_difference(np.zeros(6), row).p_value for row in family] for family in apart[:600]]
    )
    corrected = np.mean([(holm(family) <= 0.05).any() for family in p_values])
    assert corrected <= 0.05 + 3 * math.sqrt(0.05 * 0.95 / 600), corrected
    assert np.mean((p_values <= 0.05).any(axis=1)) > 0.55


def test_the_warm_up_that_mser_5_cuts_off_is_the_one_that_misleads():
    """A hundred wait at the start. As they stand the means are far too long, and cut off they are not."""
    rng = np.random.default_rng(7)
    runs = np.array(list(waits(rng, 40, 20_000, first=np.full(40, 100.0))), np.float64).T
    whole = t_interval(runs.mean(axis=1))
    cut = t_interval([run[mser5(run) :].mean() for run in runs])
    assert whole.low > TRUTH
    assert cut.low <= TRUTH <= cut.high


def test_looking_several_times_at_a_site_on_the_limit_seldom_deceives():
    """Four futures in five are within the limit, just as many as must be: "met" in 5 of 100 cases.

    Of means that lie exactly on the limit, one-sided t bounds with the same care call far more met.
    """
    rng = np.random.default_rng(8)
    cases, plan = 4_000, looks(30, 0.8, 0.95)
    values = rng.lognormal(0, 1.5, (cases, 30))
    within = np.cumsum(values <= np.exp(1.5 * ndtri(0.8)), axis=1)
    open_, met = np.ones(cases, bool), np.zeros(cases, bool)
    for look in plan:
        now = within[:, look.count - 1]
        met |= open_ & (now >= look.met_from)
        open_ &= (now < look.met_from) & (now > look.missed_to)
    assert 0.03 < met.mean() <= 0.05 + 3 * math.sqrt(0.05 * 0.95 / cases), met.mean()
    spread = values.std(axis=1, ddof=1) / math.sqrt(30)
    by_mean = np.mean(values.mean(axis=1) + stdtrit(29, 0.95) * spread <= math.exp(1.125))
    assert by_mean > 3 * met.mean(), "and that with a single look"
