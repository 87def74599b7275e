"""What the clock showed, how the weeks of a log differ, and how much is queued: cases worked out by hand."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from workloads.fitting.demanded import demanded
from workloads.fitting.rhythm import profile_of, wall_clock
from workloads.fitting.weeks import KNOTS, weeks_of
from workloads.jobtable import table_from

DAY_S, HOUR_S = 86_400, 3_600
WEEK_S = 7 * DAY_S


def log(origin=None):
    return table_from({"job_id": [1], "submit_s": [0], "run_s": [1], "slots": [1]}, origin=origin)


def weeks(since_s, work, slots):
    span_s = int(since_s[-1] - since_s[0])
    return weeks_of(since_s - since_s[0], work, span_s, work.sum() / span_s / slots)


def test_without_an_origin_second_0_is_monday_at_midnight():
    clock = wall_clock(2 * HOUR_S + np.array([0, HOUR_S, 6 * DAY_S, 7 * DAY_S]), log())
    assert clock.hour.tolist() == [2, 3, 2, 2]
    assert clock.weekday.tolist() == [0, 0, 6, 0]


@pytest.mark.parametrize(
    ("zone", "hour", "weekday"),
    [("UTC", 20, 4), ("Asia/Seoul", 5, 5), ("America/New_York", 15, 4)],
)
def test_the_clock_is_that_of_the_zone(zone, hour, weekday):
    """Friday 5 January 2024, 20:00 in UTC."""
    origin = datetime(2024, 1, 5, 19, tzinfo=UTC).astimezone(ZoneInfo(zone))
    clock = wall_clock(np.array([HOUR_S]), log(origin))
    assert (clock.hour.tolist(), clock.weekday.tolist()) == ([hour], [weekday])


@pytest.mark.parametrize(("month", "hour"), [(1, 9), (7, 10)])
def test_an_hour_of_summer_is_one_later_by_the_clock(month, hour):
    """08:00 UTC is 09:00 in Berlin in winter, 10:00 in summer, wherever the log begins."""
    for began in (datetime(2024, 1, 1, tzinfo=UTC), datetime(2023, 7, 1, tzinfo=UTC)):
        table = log(began.astimezone(ZoneInfo("Europe/Berlin")))
        at = datetime(2024, month, 10, 8, tzinfo=UTC) - began
        assert wall_clock(np.array([int(at.total_seconds())]), table).hour.tolist() == [hour]


def test_a_profile_counts_weekends_apart():
    hours = np.concatenate((np.full(24 * 1000, 9), np.full(8 * 1000, 15))) * HOUR_S
    days = np.concatenate((np.arange(24 * 1000) % 5, 5 + np.arange(8 * 1000) % 2)) * DAY_S
    profile = profile_of(wall_clock(hours + days, log()), np.ones(32_000, np.bool_))
    assert np.argmax(profile.hours) == 9
    assert np.argmax(profile.weekend_hours) == 15
    assert profile.hours[9] == pytest.approx(24, rel=0.01)
    assert profile.weekdays == pytest.approx((4.8 * 7 / 32,) * 5 + (4 * 7 / 32,) * 2, rel=0.01)


def test_few_series_are_drawn_to_the_rhythm_of_all_and_none_have_it():
    clock = wall_clock(np.arange(24 * 7 * 100) * HOUR_S, log())
    overall = profile_of(clock, np.ones(24 * 7 * 100, np.bool_))
    nobody = profile_of(clock, np.zeros(24 * 7 * 100, np.bool_), overall)
    assert nobody.hours == pytest.approx(overall.hours, abs=0.002)
    assert all(weight == pytest.approx(1, abs=0.01) for weight in overall.hours + overall.weekdays)
    one = np.zeros(24 * 7 * 100, np.bool_)
    one[:10] = True
    few = profile_of(clock, one, overall)
    assert 1 < few.hours[0] < 2
    assert few.hours[23] > 0.7


def test_a_log_of_less_than_four_weeks_says_nothing_about_weeks():
    submit_s = np.array([0, WEEK_S, 4 * WEEK_S - 1])
    found = weeks(submit_s, np.array([1.0, 100.0, 1.0]), 10)
    assert found.levels == ((0.0, 1.0), (1.0, 1.0))
    assert found.persistence == 0.0
    assert found.load_frac == pytest.approx(102 / (4 * WEEK_S - 1) / 10)


def test_levels_have_the_mean_1_and_lie_in_order():
    work = np.array([1.0, 2.0, 3.0, 4.0, 5.0, 5.0])
    found = weeks(np.arange(6) * WEEK_S + 5, work, 10)  # the sixth begins a week that is not whole
    fractions, levels = np.array(found.levels).T
    assert fractions.tolist() == KNOTS.tolist()
    assert np.trapezoid(levels, fractions) == pytest.approx(1, abs=0.002)
    assert (np.diff(levels) >= 0).all()
    assert levels[0] / levels[-1] == pytest.approx(1 / 5, rel=0.01)
    assert found.persistence == pytest.approx(0.95)  # 1, but for the limit


def test_weeks_that_go_up_and_down_have_no_memory():
    assert weeks(np.arange(9) * WEEK_S, np.array([1.0, 9.0] * 4 + [1.0]), 1).persistence == 0.0


def test_equal_weeks_have_equal_levels():
    found = weeks(np.arange(9) * WEEK_S, np.ones(9), 1)
    assert {level for _, level in found.levels} == {1.0}
    assert found.persistence == 0.0


def test_what_is_asked_for_beyond_the_machine_is_averaged_over_the_submissions():
    """3 slots from 0 to 20 s and 3 from 10 to 30 s on 4 slots: 2 too many for 10 of the 30 s of the log."""
    found = demanded(np.array([0, 10, 30]), np.array([20, 20, 500]), np.array([3, 3, 4]), 4)
    assert found.above_frac == pytest.approx(1 / 3)
    assert found.excess_frac == pytest.approx(2 / 4 / 3)


def test_a_log_that_always_fits_tells_starts_if_it_is_busy():
    found = demanded(np.array([0, 20, 40]), np.array([20, 20, 20]), np.array([4, 4, 4]), 4)
    assert (found.above_frac, found.excess_frac) == (0.0, 0.0)
    assert found.tells_starts(0.5)
    assert not found.tells_starts(0.1)
