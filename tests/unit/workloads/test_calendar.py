"""Growth and rhythm: ramps through their points, hours by the clock on the wall, months by the calendar."""

from dataclasses import replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from workloads.synthetic.calendar import EPOCH, Profile, Ramp, SeasonNumbers, clock_of, month_edges
from workloads.synthetic.public_holidays import HolidayError, public_holidays

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


def quiet_days(profile, start, days):
    """Days on which nobody submits, when nobody does on Sundays and holidays."""
    clock = clock_of(profile, start, days * 86400)
    return {date.fromordinal(EPOCH.toordinal() + int(day)) for day in clock.days[clock.rhythm == 0]}


def test_public_holidays_come_from_the_country_beside_those_that_are_listed():
    own = frozenset({date(2021, 8, 18)})
    profile = Profile(weekdays=(1, 1, 1, 1, 1, 1, 0), country="KR", holidays=own)
    start = datetime(2021, 8, 9, tzinfo=SEOUL)
    found = quiet_days(profile, start, 14)
    assert found == {date(2021, 8, day) for day in (15, 16, 18, 22)}  # 16: in place of Liberation Day


def test_a_part_of_a_country_has_holidays_of_its_own():
    profile = Profile(weekdays=(1, 1, 1, 1, 1, 1, 0), country="DE")
    start = datetime(2021, 1, 4, tzinfo=ZoneInfo("Europe/Berlin"))
    assert quiet_days(profile, start, 6) == set()
    assert quiet_days(replace(profile, subdivision="BY"), start, 6) == {date(2021, 1, 6)}


def test_the_years_of_a_long_horizon_all_have_their_holidays():
    profile = Profile(weekdays=(1, 1, 1, 1, 1, 1, 0), country="KR")
    found = quiet_days(profile, datetime(2021, 1, 1, tzinfo=SEOUL), 3 * 365)
    assert {date(year, 3, 1) for year in (2021, 2022, 2023)} <= found


def test_years_that_the_calendar_of_a_country_does_not_reach_are_refused():
    with pytest.raises(HolidayError, match="holidays of IN"):
        public_holidays("IN", "", [2060])


def test_weekend_hours_hold_on_weekends_and_holidays_and_keep_the_weight_of_the_day():
    noon, night = (0.0,) * 12 + (1.0,) + (0.0,) * 11, (1.0,) + (0.0,) * 23
    profile = Profile(hours=noon, weekend_hours=night, holidays=frozenset({date(2021, 3, 1)}))
    clock = clock_of(profile, datetime(2021, 2, 26, tzinfo=SEOUL), 5 * 86400)  # Friday to Tuesday
    assert (np.flatnonzero(clock.rhythm) % 24).tolist() == [12, 0, 0, 0, 12]
    assert clock.rhythm.sum() == pytest.approx(5 * 24)


def test_seasons_multiply_the_rate_and_may_cross_new_year():
    seasons = (
        SeasonNumbers((3, 2), (6, 20), 1.5),
        SeasonNumbers((12, 24), (1, 2), 0.25),
        SeasonNumbers((6, 20), (6, 20), 2.0),
    )
    clock = clock_of(Profile(seasons=seasons), datetime(2021, 1, 1, tzinfo=SEOUL), 366 * 86400)
    by_day = {
        date.fromordinal(EPOCH.toordinal() + int(day)): part
        for day, part in zip(clock.days, clock.season, strict=True)
    }
    days = [(1, 2), (1, 3), (3, 1), (3, 2), (6, 19), (6, 20), (6, 21), (12, 23), (12, 24)]
    assert [by_day[date(2021, *day)] for day in days] == [0.25, 1, 1, 1.5, 1.5, 3, 1, 1, 0.25]
    assert clock.rhythm.mean() == pytest.approx(1)
