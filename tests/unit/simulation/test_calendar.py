"""Dates and seconds of a scenario, also where the clock changes, and in one place only."""

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

import capacity
from capacity.inputs.reading.loader import load_scenario
from capacity.simulation.calendar import calendar_of
from tests.support.small_site import write_small

DAY = 86_400


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return write_small(tmp_path_factory.mktemp("small"))


def test_days_end_at_local_midnight_also_when_the_clock_changes(path):
    overrides = ("site.timezone=Europe/Berlin", "start=2021-03-27", "until=2021-03-29")
    scenario = load_scenario(path, overrides=overrides).scenario
    assert calendar_of(scenario).day_edges_s() == [0, DAY, 2 * DAY - 3600, 3 * DAY - 3600]
    assert calendar_of(scenario).horizon_s == 3 * DAY - 3600


@pytest.mark.parametrize("zone", ["Asia/Seoul", "Europe/Berlin", "America/Sao_Paulo", "Pacific/Apia"])
def test_every_month_begins_and_ends_at_an_edge_of_a_day(path, zone):
    overrides = (f"site.timezone={zone}", "start=2011-09-17", "until=2012-04-09")
    scenario = load_scenario(path, overrides=overrides).scenario
    months = calendar_of(scenario).months()
    assert list(months) == [
        "2011-09",
        "2011-10",
        "2011-11",
        "2011-12",
        "2012-01",
        "2012-02",
        "2012-03",
        "2012-04",
    ]
    edges = calendar_of(scenario).day_edges_s()
    assert {edge for month in months.values() for edge in month} <= set(edges)
    assert (edges[0], edges[-1]) == (0, calendar_of(scenario).horizon_s)


def test_a_month_that_is_cut_ends_with_the_horizon(path):
    scenario = load_scenario(path).scenario
    months = calendar_of(scenario).months()
    assert months == {
        "2021-01": (0, 12 * DAY),
        "2021-02": (12 * DAY, 40 * DAY),
        "2021-03": (40 * DAY, 50 * DAY),
    }


def test_seconds_become_the_day_on_which_they_have_passed(path):
    calendar = calendar_of(load_scenario(path).scenario)
    assert (calendar.start_time.isoformat(), calendar.horizon_s) == ("2021-01-20T00:00:00+09:00", 50 * DAY)
    assert [calendar.date_at(s) for s in (0, DAY - 1, DAY)] == [date(2021, 1, n) for n in (20, 20, 21)]
    assert calendar.seconds_at(datetime(2021, 1, 19, 15, 0, 30, tzinfo=UTC)) == 30


def test_a_day_that_the_clock_left_out_is_not_in_the_horizon(path):
    overrides = ("site.timezone=Pacific/Apia", "start=2011-12-01", "until=2011-12-31")
    calendar = calendar_of(load_scenario(path, overrides=overrides).scenario)
    assert calendar.horizon_s == 30 * DAY  # the 30th was left out there
    assert calendar.date_at(29 * DAY) == date(2011, 12, 31)


@pytest.mark.parametrize("zone", ["Asia/Seoul", "Europe/Berlin", "America/Sao_Paulo", "Pacific/Apia"])
def test_every_second_of_a_day_has_its_date(path, zone):
    overrides = (f"site.timezone={zone}", "start=2011-09-17", "until=2012-04-09")
    calendar = calendar_of(load_scenario(path, overrides=overrides).scenario)
    days = [calendar.start + timedelta(days=n) for n in range(206)]
    begins = [calendar.midnight_s(day) for day in (*days, days[-1] + timedelta(days=1))]
    for day, first, end in zip(days, begins, begins[1:], strict=False):
        if end > first:
            assert (calendar.date_at(first), calendar.date_at(end - 1)) == (day, day)
    assert days[-1] == calendar.until


def test_nothing_else_turns_dates_into_seconds():
    root = Path(capacity.__file__).parent
    pattern = re.compile(r"\.timestamp\(\)|month_edges\(|tzinfo=.*timezone")
    found = {str(p.relative_to(root)) for p in root.rglob("*.py") if pattern.search(p.read_text("utf-8"))}
    # A log is no scenario: its months begin where it begins.
    assert found == {"simulation/calendar.py", "study/replay/groups.py"}
