"""Growth and rhythm: ramps through their points, hours by the clock on the wall, months by the calendar."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from workloads.synthetic.calendar import EPOCH, Profile, Ramp, clock_of, month_edges

SEOUL = ZoneInfo("Asia/Seoul")
POINTS = ((date(2021, 1, 1), 10.0), (date(2021, 1, 11), 40.0), (date(2021, 1, 21), 160.0))


def at(ramp, *days):
    return ramp.at(np.array([(day - EPOCH).days for day in days], dtype=float)).tolist()


@pytest.mark.parametrize("kind", ["linear", "steps", "exponential", "logistic"])
def test_every_ramp_goes_through_its_points(kind):
    ramp = Ramp(kind, POINTS)
    days = (date(2020, 12, 31), *(day for day, _ in POINTS), date(2030, 1, 1))
    assert at(ramp, *days) == pytest.approx([0, 10, 40, 160, 160])


@pytest.mark.parametrize(
    ("kind", "middle"), [("linear", 25.0), ("steps", 10.0), ("exponential", 20.0), ("logistic", 25.0)]
)
def test_between_points(kind, middle):
    assert at(Ramp(kind, POINTS), date(2021, 1, 6)) == pytest.approx([middle])


def test_one_point_is_a_constant():
    assert at(Ramp("linear", POINTS[:1]), date(2020, 1, 1), date(2021, 1, 1), date(2022, 1, 1)) == [0, 10, 10]


def test_the_clock_follows_hours_weekdays_months_and_holidays():
    profile = Profile(
        hours=(0.0,) * 9 + (1.0,) + (0.0,) * 14,
        weekdays=(1, 1, 1, 1, 1, 0, 0),
        months=(0,) + (1,) * 11,
        holidays=frozenset({date(2021, 3, 1)}),
    )
    clock = clock_of(profile, datetime(2021, 1, 25, tzinfo=SEOUL), 42 * 86400)
    busy = np.flatnonzero(clock.rhythm)
    assert (busy % 24 == 9).all()
    days = {date.fromordinal(EPOCH.toordinal() + int(day)) for day in clock.days[busy]}
    assert days == {date(2021, 2, day) for day in range(1, 27) if date(2021, 2, day).weekday() < 5} | {
        date(2021, 3, day) for day in range(2, 6)
    }
    assert clock.edges_s[-1] == 42 * 86400


def test_the_rhythm_is_1_on_average():
    profile = Profile(hours=(1.0, 3.0) * 12, weekdays=(1, 1, 1, 1, 1, 0.5, 0.5))
    clock = clock_of(profile, datetime(2021, 3, 1, tzinfo=SEOUL), 28 * 86400)
    assert clock.rhythm.mean() == pytest.approx(1.0)


def test_summer_time_moves_the_hours():
    profile = Profile(hours=(0.0,) * 9 + (1.0,) + (0.0,) * 14)
    start = datetime(2021, 3, 27, tzinfo=ZoneInfo("Europe/Berlin"))
    busy = np.flatnonzero(clock_of(profile, start, 3 * 86400).rhythm)
    assert busy.tolist() == [9, 24 + 8, 48 + 8]


def test_a_horizon_that_ends_within_an_hour():
    clock = clock_of(Profile(), datetime(2021, 1, 1, tzinfo=UTC), 5400)
    assert clock.edges_s.tolist() == [0, 3600, 5400]


def test_months_of_a_horizon():
    months = month_edges(datetime(2020, 12, 15, 12, tzinfo=SEOUL), 60 * 86400)
    assert list(months) == ["2020-12", "2021-01", "2021-02"]
    assert months["2020-12"] == (0, 16 * 86400 + 43200)
    assert months["2021-01"][1] - months["2021-01"][0] == 31 * 86400
    assert months["2021-02"][1] == 60 * 86400


def test_months_with_summer_time_have_their_real_length():
    months = month_edges(datetime(2021, 3, 1, tzinfo=ZoneInfo("Europe/Berlin")), 40 * 86400)
    assert months["2021-03"] == (0, 31 * 86400 - 3600)
