"""A model of series is fitted to jobs drawn from a known one, and comes back within the sampling error.

Two classes that differ in size and length, one tenant, a rhythm of the day. Series that happen to touch are
found as one: that is why people are many.
"""

import numpy as np
import pytest

from tests.support.series_classes import drawn, lognormal, model_of, series_class
from workloads.fitting import fit as fitting
from workloads.fitting.fit import Fitted, fit
from workloads.synthetic.calendar import Profile
from workloads.synthetic.distributions import Empirical
from workloads.synthetic.model import FateNumbers
from workloads.synthetic.target import TargetNumbers

DAYS = 120
SLOTS = 512
HOURS = (0.4,) * 8 + (1.8,) * 10 + (0.6,) * 6
COUNTS = ((0.0, 1.0), (0.5, 1.0), (0.9, 5.0), (1.0, 20.0))
FATES = {"completed": FateNumbers(0.75), "failed": FateNumbers(0.25, 0.8)}
SMALL = series_class(
    "small",
    slots={1: 0.6, 2: 0.4},
    run_s=lognormal(120.0, 0.6),
    requested=((36_000.0, 0.7), (72_000.0, 0.3)),
    jobs=COUNTS,
    apart_s=Empirical(((0.0, 5.0), (1.0, 600.0))),
    spread=0.3,
    fates=FATES,
)
LARGE = series_class(
    "large",
    slots={32: 0.5, 64: 0.5},
    run_s=lognormal(7200.0, 0.6),
    requested=((500_000.0, 1.0),),
    jobs=((0.0, 1.0), (1.0, 1.0)),
    longest_s=500_000,
    spread=0.0,
    fates={"completed": FateNumbers(1.0)},
)
LOAD = 0.6


@pytest.fixture(scope="module")
def log():
    model = model_of(
        SMALL,
        LARGE,
        users=3000,
        profile=Profile(hours=HOURS, weekdays=(1.2,) * 5 + (0.5,) * 2),
        target=TargetNumbers(offered_load_frac=LOAD, slots=SLOTS),
    )
    return drawn(model, DAYS)


@pytest.fixture(scope="module")
def fitted(log) -> Fitted:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fitting, "fit_restraint", lambda *_: 0.0)
        return fit(log, slots=SLOTS)


def parts(fitted, small):
    """Return the classes of small, or of large, jobs that were found."""
    return [one for one in fitted.classes if (max(one.job_class.slots) <= 2) == small]


def mean_over(found, value):
    weights = [one.series for one in found]
    return np.average([value(one.job_class) for one in found], weights=weights)


def test_level(fitted, log):
    assert fitted.weeks.load_frac == pytest.approx(LOAD, rel=0.02)
    assert fitted.jobs == len(log)
    tenant = fitted.model.tenants[0]
    assert tenant.members.points[0][1] * tenant.jobs_per_member_day * DAYS == pytest.approx(
        len(log), rel=0.02
    )


def series_with(fitted, share):
    """Return how many series have something, by the share of each class that has."""
    return sum(one.series * share(one.job_class) for one in fitted.classes)


def test_sizes(fitted):
    """Bands may hold both: 2 to 32 slots. Series are counted over all of them."""
    number = {
        size: series_with(fitted, lambda kind, size=size: kind.slots.get(size, 0.0))
        for size in (1, 2, 32, 64)
    }
    assert sum(number.values()) == pytest.approx(fitted.series)
    for one, other, share in ((1, 2, 0.6), (32, 64, 0.5)):
        together = number[one] + number[other]
        error = 4 * np.sqrt(share * (1 - share) / together)
        assert number[one] / together == pytest.approx(share, abs=error)


def test_medians_of_run_times(fitted):
    """Bands cut by length; together they have the median, as far as a 4 s e of it goes."""
    for small, median_s in ((True, 120.0), (False, 7200.0)):
        found = parts(fitted, small)
        below = mean_over(found, lambda kind: float(kind.run_s.cdf(median_s)))  # noqa: B023
        assert below == pytest.approx(0.5, abs=0.04)


def test_hours(fitted):
    expected = np.array(HOURS) / np.mean(HOURS)
    found = np.array(fitted.model.profile.hours)
    starts = fitted.series * 5 * 1.2 / 7
    assert found == pytest.approx(expected, abs=5 * np.sqrt(2 / (starts / 24)) + 0.02)
    weekdays = np.array(fitted.model.profile.weekdays)
    assert weekdays[:5].mean() / weekdays[5:].mean() == pytest.approx(1.2 / 0.5, rel=0.05)


def test_jobs_in_a_series(fitted):
    """Some series touch others of the same person; with 3000 people those are few."""
    jobs_small = sum(one.jobs for one in parts(fitted, small=True))
    series_small = sum(one.series for one in parts(fitted, small=True))
    assert jobs_small / series_small == pytest.approx(SMALL.series.mean_jobs, rel=0.06)
    assert mean_over(parts(fitted, small=True), lambda kind: kind.series.mean_jobs) == pytest.approx(
        SMALL.series.mean_jobs, rel=0.12
    )
    assert all(kind.job_class.series.mean_jobs < 1.1 for kind in parts(fitted, small=False))


def test_gaps_and_spread(fitted):
    for one in parts(fitted, small=True):
        if one.jobs - one.series > 1000:
            wanted = SMALL.series.apart_s.quantile(0.5)
            assert float(one.job_class.series.apart_s.quantile(0.5)) == pytest.approx(float(wanted), rel=0.15)
            assert one.job_class.series.spread == pytest.approx(0.3, abs=0.05)


def test_requests(fitted):
    asked = {
        seconds: series_with(fitted, lambda kind, at=seconds: dict(kind.series.requested).get(at, 0.0))
        for seconds in (36_000.0, 72_000.0, 500_000.0)
    }
    assert sum(asked.values()) == pytest.approx(fitted.series)
    small = asked[36_000.0] + asked[72_000.0]
    assert asked[72_000.0] / small == pytest.approx(0.3, abs=4 * np.sqrt(0.21 / small))
    assert asked[500_000.0] == pytest.approx(series_with(fitted, large_share))


def large_share(kind):
    return sum(share for size, share in kind.slots.items() if size >= 32)


def test_ends(fitted, log):
    """Only small jobs fail, a quarter of them; jobs of a series share no fate but their run times."""
    kinds = [one.job_class for one in fitted.classes]
    failed = sum(
        one.jobs * kind.fates["failed"].share
        for one, kind in zip(fitted.classes, kinds, strict=True)
        if "failed" in kind.fates
    )
    small = int((log.numbers("slots") <= 2).sum())
    assert failed / small == pytest.approx(0.25, abs=0.02)
    assert not any("failed" in kind.fates for kind in kinds if large_share(kind) == 1)


def test_what_is_drawn_from_it_is_like_the_log(fitted, log):
    target = TargetNumbers(offered_load_frac=fitted.weeks.load_frac, slots=SLOTS)
    again = drawn(model_of_fit(fitted, target), DAYS, seed=7)
    assert len(again) == pytest.approx(len(log), rel=0.08)
    for column in ("run_s", "slots", "requested_s"):
        here, there = np.log(again.numbers(column)), np.log(log.numbers(column))
        assert here.mean() == pytest.approx(there.mean(), abs=0.1)
        assert here.std() == pytest.approx(there.std(), rel=0.05)


def model_of_fit(fitted, target):
    changes = {name: getattr(fitted.model, name) for name in ("name", "tenants", "profile")}
    return model_of(*fitted.model.classes, target=target, **changes)
