"""Requests after Tsafrir, Etsion and Feitelson: their histogram, and that nobody asks for too little."""

import numpy as np
import pytest
from scipy import stats

from workloads.published import lublin, tsafrir
from workloads.published.request import Request
from workloads.synthetic.streams import stream

HOUR = 3600
KTH_S = 4 * HOUR


def rng(seed=1):
    return stream(seed, 0, "tsafrir")


def asked(n=50_000, longest_s=36 * HOUR, seed=1):
    return tsafrir.histogram(rng(seed), n, longest_s)


def test_twenty_requests_hold_89_percent_and_the_longest_is_the_favourite():
    for seed in range(20):
        times_s, counts = asked(seed=seed)
        assert counts.sum() == 50_000
        assert (np.sort(counts)[::-1][:20].sum() / 50_000) == pytest.approx(0.89, abs=1e-3)
        assert times_s[np.argmax(counts)] == times_s.max() == 36 * HOUR
        assert set(tsafrir.head_times(36 * HOUR)) == set(times_s[np.argsort(-counts)[:20]])


def test_sizes_of_the_popular_ones_are_the_published_curve():
    sizes = tsafrir.head_sizes(20)
    assert sizes.sum() == pytest.approx(89)
    assert sizes[1:3] == pytest.approx([14.0491 * np.exp(-0.177531 * x) + 0.462513 for x in (2, 3)])
    assert (np.diff(sizes) < 0).all()


def test_there_are_as_many_different_requests_as_jobs_make():
    assert len(asked(n=10_000)[0]) == pytest.approx(90, abs=1)
    assert len(asked(n=70_000)[0]) == pytest.approx(340, abs=3)
    assert len(asked(n=1_000_000)[0]) == pytest.approx(565, abs=6)


def test_popular_times_are_round_and_within_the_limit():
    assert tsafrir.head_times(36 * HOUR)[0] == 36 * HOUR
    kth = tsafrir.head_times(KTH_S)
    assert kth[0] == KTH_S
    assert set(tsafrir.JOINT_S[:8]) < set(kth)
    assert len(set(kth)) == len(kth) == 20
    assert kth.max() == KTH_S
    assert not (kth % 300).any()
    assert tsafrir.head_times(160 * HOUR)[-4:].tolist() == [time * HOUR for time in (50, 100, 140, 150)]


@pytest.mark.parametrize("longest_s", [HOUR, HOUR + 1, KTH_S, 18 * HOUR, 10**7])
@pytest.mark.parametrize("n", [0, 1, 2, 19, 21, 500])
def test_any_number_of_jobs_gets_requests(n, longest_s):
    run_s = np.minimum(rng(2).integers(1, 600, n), longest_s)
    found = tsafrir.draw_requests(rng(), run_s, longest_s)
    assert len(found) == n
    assert (found >= run_s).all()
    assert (found <= longest_s).all()


def test_the_histogram_stays_whatever_the_run_times_are():
    table = lublin.typeless(Request(days=365, seed=4))
    run_s = table.numbers("run_s")
    found = tsafrir.draw_requests(rng(), run_s, 48 * HOUR)
    assert (found >= run_s).all()
    times_s, counts = tsafrir.histogram(rng().spawn(2)[0], len(run_s), 48 * HOUR)
    seen, often = np.unique(found, return_counts=True)
    np.testing.assert_array_equal(seen, times_s[counts > 0])
    np.testing.assert_array_equal(often, counts[counts > 0])


def test_requests_are_given_evenly_among_those_that_fit():
    requests_s = np.repeat([100, 200, 400], [10, 10, 10])
    run_s = np.concatenate([np.full(5, 150), np.full(25, 50)])
    long_job = [tsafrir.assign(rng(seed), run_s, requests_s)[0] for seed in range(2000)]
    assert stats.chisquare(np.bincount(np.array(long_job) // 200, minlength=3)[1:]).pvalue > 0.001
    short_job = np.array([tsafrir.assign(rng(seed), run_s, requests_s)[-1] for seed in range(2000)])
    expected = np.array([10, 7.5, 7.5]) / 25 * 2000
    observed = [(short_job == time).sum() for time in (100, 200, 400)]
    assert stats.chisquare(observed, expected).pvalue > 0.001


def test_the_same_stream_gives_the_same_requests():
    run_s = np.arange(1, 3000)
    np.testing.assert_array_equal(*(tsafrir.draw_requests(rng(), run_s, KTH_S) for _ in range(2)))
    assert (tsafrir.draw_requests(rng(2), run_s, KTH_S) != tsafrir.draw_requests(rng(), run_s, KTH_S)).any()


@pytest.mark.parametrize(
    ("run_s", "longest_s", "what"),
    [
        ([10], 3599, "the longest request, 3599 s, is less than an hour"),
        ([7201], 7200, "a job runs 7201 s, longer than the longest request, 7200 s"),
        ([KTH_S - 10] * 1000, KTH_S, "1000 jobs run 14390 s or longer|jobs run 14390 s or longer, but of"),
    ],
)
def test_what_cannot_be_is_refused(run_s, longest_s, what):
    with pytest.raises(ValueError, match=what):
        tsafrir.draw_requests(rng(), np.array(run_s), longest_s)
