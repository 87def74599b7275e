"""Jobs drawn in series: what holds for any class, and that what was stated comes out."""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import kstest, spearmanr

from tests.support.series_classes import (
    DAY_S,
    EYE,
    GAPS,
    correlated,
    drawn,
    lognormal,
    model_of,
    series_class,
)
from workloads.jobtable import LABELS, STATES
from workloads.synthetic.distributions import Constant, Empirical
from workloads.synthetic.model import FateNumbers
from workloads.synthetic.series import TOGETHER
from workloads.synthetic.series_draw import SeriesJobs, draw_series
from workloads.synthetic.times import TIMEOUT

FINE = dict.fromkeys(range(1, 65), 1.0)
LONG_REQUESTS = tuple((float(seconds), 1 / 40) for seconds in range(100_000, 300_000, 5_000))


def draw(n_series: int = 20_000, seed: int = 2, **changes: Any) -> tuple[SeriesJobs, np.ndarray]:
    """Return about so many series of a class, and where each begins."""
    kind = series_class(**changes)
    rate = np.array([n_series * kind.series.mean_jobs])
    jobs = draw_series(np.random.default_rng(seed), np.array([0.0, 3600.0]), rate, kind)
    sizes = jobs.arrivals.sizes
    return jobs, np.cumsum(sizes) - sizes


def test_one_series_has_one_size_and_one_request_and_no_job_runs_longer():
    jobs, first = draw()
    sizes = jobs.arrivals.sizes
    assert sizes.min() >= 1
    for column in (jobs.slots, jobs.requested_s):
        assert (column == np.repeat(column[first], sizes)).all()
    assert (jobs.run_s <= jobs.requested_s).all()
    assert ((jobs.state == TIMEOUT) <= (jobs.run_s == jobs.requested_s)).all()
    assert (
        np.diff(jobs.arrivals.submit_s)[np.setdiff1d(np.arange(1, len(jobs.slots)), first) - 1] >= 1
    ).all()


quantiles = st.lists(st.floats(1, 50), min_size=2, max_size=5).map(
    lambda counts: tuple(zip(np.linspace(0, 1, len(counts)).tolist(), sorted(counts), strict=True))
)
factors = st.floats(0.01, 100)
maybe = st.builds(FateNumbers, st.floats(0, 1), factors)
medians = st.floats(0.5, 1e6)
lengths = st.builds(lognormal, medians, st.floats(0.01, 4)) | st.builds(Constant, medians)


@settings(max_examples=60, deadline=None)
@given(
    jobs=quantiles,
    spread=st.floats(0, 4),
    run_s=lengths,
    longest_s=st.integers(60, 10**6),
    requested=st.just(()) | st.just(((60.0, 0.5), (1e5, 0.5))) | st.just(((0.3, 1.0),)),
    slots=st.dictionaries(st.integers(1, 2**31 - 1), st.floats(0.01, 1), min_size=1, max_size=5),
    fates=st.fixed_dictionaries(
        {"completed": st.builds(FateNumbers, st.floats(0.1, 1), factors), "failed": maybe}
    ),
    seed=st.integers(0, 2**32),
)  # fmt: skip
def test_any_class(jobs, spread, run_s, longest_s, requested, slots, fates, seed):
    changes = {"jobs": jobs, "spread": spread, "run_s": run_s, "longest_s": longest_s}
    changes |= {"requested": requested, "slots": slots, "fates": fates}
    found, first = draw(200, seed, **changes)
    sizes = found.arrivals.sizes
    assert sizes.sum() == len(found.slots) == len(found.arrivals.submit_s)
    assert set(np.unique(found.slots)) <= set(slots)
    if len(first):
        assert jobs[0][1] - 0.5 <= sizes.min() <= sizes.max() <= jobs[-1][1] + 0.5
        assert found.run_s.min() >= min(1, found.requested_s.min())
        assert (found.run_s <= found.requested_s).all()
        assert found.requested_s.max() <= longest_s
        assert {STATES[state] for state in np.unique(found.state)} <= {*fates, "timeout"}


def test_generated_jobs_are_in_order_and_come_from_the_class():
    table = drawn(model_of(series_class(), series_class("other", slots={3: 1.0})))
    table.validate()
    assert (np.diff(table.numbers("submit_s")) >= 0).all()
    assert set(table.numbers("slots")[(table.frame["job_class"] == "other").to_numpy()]) == {3}
    assert table.numbers("submit_s").max() < 60 * DAY_S
    assert len(table) == pytest.approx(500 * 60, rel=0.1)


def test_the_same_seed_gives_the_same_bytes():
    model = model_of(series_class())
    pd.testing.assert_frame_equal(drawn(model).frame, drawn(model).frame)
    assert not drawn(model).frame.equals(drawn(model, seed=2).frame)
    assert not drawn(model).frame.equals(drawn(model, replication=1).frame)


def rows(table, job_class=None):
    frame = table.frame.drop(columns="job_id").astype(dict.fromkeys(LABELS, object))
    return frame if job_class is None else frame[frame["job_class"] == job_class].reset_index(drop=True)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_longer_horizon_only_adds_jobs(seed):
    model = model_of(series_class(), series_class("other", spread=0.0, requested=()))
    short, long = drawn(model, 20, seed), drawn(model, 45, seed)
    begun = rows(long)[long.numbers("submit_s") < 20 * DAY_S]
    # Within a second the order of the jobs is that of the streams, which is the same for both.
    pd.testing.assert_frame_equal(rows(short), begun.reset_index(drop=True))


@pytest.mark.parametrize("change", [{"spread": 2.0}, {"slots": {7: 1.0}}, {"jobs": ((0.0, 1.0), (1.0, 2.0))}])
def test_changing_one_class_leaves_the_others(change):
    before = drawn(model_of(series_class(), series_class("other")))
    after = drawn(model_of(series_class(**change), series_class("other")))
    pd.testing.assert_frame_equal(rows(before, "other"), rows(after, "other"))
    assert not rows(before, "work").equals(rows(after, "work"))


def test_changing_the_spread_changes_run_times_only():
    before = drawn(model_of(series_class()))
    after = drawn(model_of(series_class(spread=2.0)))
    columns = ["submit_s", "slots", "requested_s", "user"]
    pd.testing.assert_frame_equal(rows(before)[columns], rows(after)[columns])


@pytest.mark.parametrize("rho", [-0.6, 0.3, 0.8])
@pytest.mark.parametrize("pair", ["jobs-slots", "jobs-run", "slots-run", "run-requested", "slots-requested"])
def test_ranks_hang_together_as_stated(pair, rho):
    """A correlation ρ of normal scores is a rank correlation of (6/π) asin(ρ/2), a little less with ties."""
    i, j = (TOGETHER.index(word) for word in pair.split("-"))
    jobs, first = draw(
        8_000,
        correlation=correlated(i, j, rho),
        jobs=((0.0, 1.0), (1.0, 60.0)),
        slots=FINE,
        requested=LONG_REQUESTS,
        run_s=lognormal(600.0, 0.5),
        spread=0.0,
    )
    values = (jobs.arrivals.sizes, jobs.slots[first], jobs.run_s[first], jobs.requested_s[first])
    stated = 6 / np.pi * np.arcsin(rho / 2)
    for a in range(4):
        for b in range(a):
            found = spearmanr(values[a], values[b]).statistic
            assert found == pytest.approx(stated if {a, b} == {i, j} else 0.0, abs=0.05)


def shares_agree(values: np.ndarray, weights: dict[Any, float]) -> None:
    total = sum(weights.values())
    for value, weight in weights.items():
        p = weight / total
        assert np.mean(values == value) == pytest.approx(p, abs=4 * np.sqrt(p * (1 - p) / len(values)))


@pytest.mark.parametrize("correlation", [EYE, correlated(0, 2, 0.7), correlated(1, 3, -0.7)])
def test_each_by_itself_follows_what_was_stated(correlation):
    requested = dict(LONG_REQUESTS)
    jobs, first = draw(
        run_s=lognormal(600.0, 0.8), requested=LONG_REQUESTS, correlation=correlation, spread=0.0
    )
    sizes = jobs.arrivals.sizes
    n = len(first)
    assert kstest(jobs.run_s[first], lognormal(600.0, 0.8).cdf).statistic < 2 / np.sqrt(n)
    shares_agree(jobs.slots[first], {1: 0.5, 4: 0.3, 16: 0.2})
    shares_agree(jobs.requested_s[first], requested)
    for at_most, share in (
        (1, 0.5 + 0.4 * np.log(1.5) / np.log(4)),
        (4, 0.9 + 0.1 * np.log(4.5 / 4) / np.log(10)),
    ):
        assert np.mean(sizes <= at_most) == pytest.approx(share, abs=4 * np.sqrt(0.25 / n))
    assert sizes.mean() == pytest.approx(series_class().series.mean_jobs, abs=4 * sizes.std() / np.sqrt(n))
    gaps = np.diff(jobs.arrivals.submit_s)
    inside = np.setdiff1d(np.arange(1, len(jobs.slots)), first) - 1
    for at_most in (20, 60, 300, 900):  # submissions are whole seconds: gaps are up to a second off
        share = float(GAPS.cdf(at_most + 0.5))
        assert np.mean(gaps[inside] <= at_most) == pytest.approx(share, abs=4 * np.sqrt(0.25 / len(inside)))


def test_run_times_within_a_series_spread_as_stated():
    jobs, first = draw(spread=0.7, requested=(), longest_s=10**9, run_s=lognormal(60_000.0, 1.0))
    several = np.flatnonzero(jobs.arrivals.sizes > 3)
    logs = np.log(jobs.run_s)
    inside = [logs[first[one] : first[one] + jobs.arrivals.sizes[one]].var(ddof=1) for one in several]
    weights = jobs.arrivals.sizes[several] - 1
    assert np.sqrt(np.average(inside, weights=weights)) == pytest.approx(0.7, rel=0.02)
    alone = logs[first[jobs.arrivals.sizes == 1]]
    assert alone.std() == pytest.approx(1.0, rel=0.03)


def test_ends_come_out_as_stated():
    """Shares, and run times beside one another, for lognormal run times that nothing cuts."""
    fates = {
        "completed": FateNumbers(0.6),
        "failed": FateNumbers(0.3, 0.7),
        "cancelled": FateNumbers(0.1, 1.4),
    }
    jobs, _ = draw(60_000, fates=fates, requested=(), jobs=((0.0, 1.0), (1.0, 1.0)), longest_s=10**9,
                   run_s=lognormal(6000.0, 1.2))  # fmt: skip
    logs = np.log(jobs.run_s)
    shares_logs = {}
    for name, fate in fates.items():
        mine = jobs.state == STATES.index(name)
        assert mine.mean() == pytest.approx(fate.share, abs=0.01)
        shares_logs[name] = logs[mine].mean()
    for name in ("failed", "cancelled"):
        ratio = np.exp(shares_logs[name] - shares_logs["completed"])
        # A little nearer to 1 than stated: the mix of all ends is taken for normal, which it nearly is.
        assert ratio == pytest.approx(fates[name].run_factor, rel=0.06)
    assert logs.mean() == pytest.approx(np.log(6000), abs=4 * 1.2 / np.sqrt(len(logs)))


def test_jobs_longer_than_their_request_are_killed_there():
    jobs, _ = draw(requested=((600.0, 1.0),), run_s=lognormal(600.0, 1.0), spread=0.0)
    killed = jobs.state == TIMEOUT
    assert (jobs.run_s[killed] == 600).all()
    first = np.cumsum(jobs.arrivals.sizes) - jobs.arrivals.sizes
    assert killed[first].mean() == pytest.approx(0.5, abs=0.02)


def test_no_requests_means_exact_ones():
    jobs, _ = draw(requested=())
    assert (jobs.run_s == jobs.requested_s).all()
    assert not (jobs.state == TIMEOUT).any()


def test_gaps_of_one_length_put_jobs_there():
    jobs, first = draw(500, apart_s=Constant(100.0), jobs=((0.0, 3.0), (1.0, 3.0)))
    assert (jobs.arrivals.sizes == 3).all()
    inside = np.setdiff1d(np.arange(1, len(jobs.slots)), first)
    assert set(np.diff(jobs.arrivals.submit_s)[inside - 1].tolist()) == {100}


def test_a_class_follows_hours_of_its_own():
    night = replace(model_of().profile, hours=(1.0,) * 6 + (0.0,) * 18)
    single = {"jobs": ((0.0, 1.0), (1.0, 1.0))}
    table = drawn(model_of(series_class(profile=night, **single), series_class("other", **single)))
    hour = table.numbers("submit_s") // 3600 % 24
    mine = (table.frame["job_class"] == "work").to_numpy()
    assert hour[mine].max() == 5
    assert np.bincount(hour[~mine]).min() > 0.7 * (~mine).sum() / 24
    assert mine.mean() == pytest.approx(0.5, abs=0.02)


def test_counts_are_logarithmic_between_their_quantiles():
    series = series_class(jobs=((0.0, 1.0), (1.0, 100.0))).series
    assert series.count_at(np.array([0.0, 0.5, 0.75, 1.0])).tolist() == [1, 10, 32, 100]
    assert series.mean_jobs == pytest.approx(99 / np.log(100), rel=0.01)  # of the logarithmic-uniform
    assert series_class(jobs=((0.0, 1.0), (1.0, 1.0))).series.mean_jobs == 1.0


def test_a_table_of_one_value_is_drawn():
    jobs, _ = draw(100, run_s=Empirical(((0.0, 60.0), (1.0, 60.0))), spread=0.0)
    assert set(jobs.run_s.tolist()) == {60}
