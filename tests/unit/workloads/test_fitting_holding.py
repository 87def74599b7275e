"""People who wait before they submit are told from those who do not, and from a machine with room for all."""

import numpy as np
import pytest

from workloads.fitting.holding import FEWEST_MISSES, HoldShare, holding

DAY_S = 86_400
SLOTS = 100


def people(share, seed=1, count=6_000):
    """Large jobs at random times; with this chance each comes only when it fits, and starts at once.

    The others are submitted whatever runs, and wait in order. Returned in order of submission.
    """
    rng = np.random.default_rng(seed)
    wish_s = np.sort(rng.integers(0, 200 * DAY_S, count))
    run_s, slots = rng.integers(3_600, 36_000, count), rng.integers(5, 40, count)
    ends: list[tuple[int, int]] = []
    submit, start = np.zeros(count, np.int64), np.zeros(count, np.int64)
    last = 0
    for row in range(count):
        at = max(int(wish_s[row]), last)
        ends = [(end, width) for end, width in ends if end > at]
        for end, _ in sorted(ends):
            if SLOTS - sum(width for _, width in ends) >= slots[row]:
                break
            at = end
            ends = [(end, width) for end, width in ends if end > at]
        last = start[row] = at
        submit[row] = at if rng.random() < share else wish_s[row]
        ends.append((at + int(run_s[row]), int(slots[row])))
    order = np.argsort(submit, kind="stable")
    return tuple(column[order] for column in (submit, start, run_s, slots))


@pytest.mark.parametrize("share", [0.0, 0.3, 0.6, 1.0])
def test_the_share_of_people_who_hold_back_is_found(share):
    found = holding(*people(share), SLOTS)
    assert found.hold_frac == pytest.approx(share, abs=0.12)
    assert found.hides_waits == (share > 0.5)


def test_where_everything_fits_nothing_is_said():
    each = np.arange(500, dtype=np.int64) * DAY_S
    found = holding(each, each, np.full(500, 3_600), np.full(500, 50), SLOTS)
    assert (found.fit_frac, found.chance_frac, found.hold_frac) == (1.0, 1.0, 0.0)


def test_few_jobs_say_nothing():
    assert HoldShare(FEWEST_MISSES - 1, 1.0, 0.0).hold_frac == 0
    assert HoldShare(FEWEST_MISSES, 1.0, 0.0).hold_frac == 1
    none = np.zeros(0, np.int64)
    assert holding(none, none, none, none, SLOTS).hold_frac == 0


def test_small_jobs_do_not_count():
    each = np.arange(100, dtype=np.int64) * DAY_S
    assert holding(each, each, np.full(100, 3_600), np.full(100, 4), SLOTS).jobs == 0
