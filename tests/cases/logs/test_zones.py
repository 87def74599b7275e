"""A log's clock has a zone: hours, weekdays and people follow it, from the table to the scenario."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from capacity.face.describe import describe as describe_file
from capacity.face.fit import FittedModel
from capacity.inputs.demand.workload import Workload
from capacity.simulation.demand import demand_of, draw
from workloads.describe.describe import describe
from workloads.fitting.fit import fit
from workloads.jobtable import table_from
from workloads.readers.swf.writer import write_swf
from workloads.synthetic.calendar import Profile, clock_of
from workloads.zones import in_zone, zone_of

SEOUL, BERLIN = ZoneInfo("Asia/Seoul"), ZoneInfo("Europe/Berlin")
OFFICE = (9, 11, 12, 14, 16, 17)


def office_log(of, hours=OFFICE, days=200, **about):
    """Return jobs of 2024, Monday to Friday at these hours of a zone, by the clock of UTC."""
    first = date(2024, 1, 1)
    working = [first + timedelta(days=n) for n in range(days) if (first + timedelta(days=n)).weekday() < 5]
    moments = [
        datetime(day.year, day.month, day.day, hour, 20, tzinfo=of) for day in working for hour in hours
    ]
    origin = datetime(2024, 1, 1, tzinfo=UTC)
    submit_s = np.array([int((moment - origin).total_seconds()) for moment in moments])
    submit_s -= min(0, submit_s.min())
    n = len(submit_s)
    run_s = np.resize([1200, 2400, 3600, 600, 5000], n)
    columns = {"job_id": np.arange(1, n + 1), "submit_s": submit_s, "run_s": run_s, "wait_s": np.zeros(n),
               "slots": np.full(n, 8), "requested_s": np.full(n, 7200)}  # fmt: skip
    return table_from(columns, origin=origin, max_slots=64, **about)


def busy(weights):
    return {hour for hour, weight in enumerate(weights) if weight > 1}


def described(table):
    return {measure.key: measure.value for measure in describe(table).measures}


def test_office_hours_exported_in_utc_are_office_hours_again():
    exported = office_log(SEOUL, zone="UTC", zone_from="assumed")
    assert busy(fit(exported, slots=64).model.profile.hours) == {0, 2, 3, 5, 7, 8}
    told = in_zone(exported, "Asia/Seoul")
    assert busy(fit(told, slots=64).model.profile.hours) == {*OFFICE}
    found = described(told)
    assert {hour for hour in range(24) if found[f"hour_jobs_factor.{hour:02d}"] > 0} == {*OFFICE}
    assert found["weekday_jobs_factor.sat"] == found["weekday_jobs_factor.sun"] == 0
    assert found["zone"] == "Asia/Seoul"
    assert found["first_submission"] == "2024-01-01T09:20:00+09:00"


@pytest.mark.parametrize("zone", ["UTC", "Asia/Seoul", "+09:00"])
def test_people_of_a_model_live_by_its_clock_on_any_site(zone, tmp_path):
    """Whether the model has the hours of UTC or of Seoul, the same moments of the day are busy."""
    table = in_zone(office_log(SEOUL), zone)
    model = FittedModel(fit(table, slots=64), table, 64)
    assert f'timezone: "{zone}"' in model.yaml
    name = str(model.save(tmp_path / "model.yaml"))
    for site in ("Asia/Seoul", "Europe/Berlin"):
        demand = demand_of("workload", name, start=date(2024, 5, 6), until=date(2024, 6, 30), timezone=site)
        at_seoul = described(in_zone(draw(demand), "Asia/Seoul"))
        share = sum(at_seoul[f"hour_jobs_factor.{hour:02d}"] for hour in OFFICE) / 24
        assert share > 0.85
        target = tmp_path / f"{site.replace('/', '-')}.swf"
        write_swf(draw(demand), target)
        from_file = {
            m.key: m.value for m in describe_file(target, timezone="Asia/Seoul").description.measures
        }
        assert from_file["hour_jobs_factor.09"] == pytest.approx(at_seoul["hour_jobs_factor.09"])


def test_without_a_zone_people_live_by_the_clock_of_the_site():
    profile = Profile(hours=(0.0,) * 9 + (1.0,) + (0.0,) * 14)
    clock = clock_of(profile, datetime(2024, 3, 25, tzinfo=BERLIN), 14 * 86_400)
    assert {*(clock.wall_s[clock.rhythm > 0] // 3600 % 24)} == {9}


@pytest.mark.parametrize(("site", "month"), [("UTC", 1), ("UTC", 7), ("Asia/Seoul", 1), ("Asia/Seoul", 7)])
def test_summer_time_of_the_people_holds_on_a_site_without_any(site, month):
    profile = Profile(hours=(0.0,) * 9 + (1.0,) + (0.0,) * 14, zone=BERLIN)
    start = datetime(2024, month, 8, tzinfo=ZoneInfo(site))
    clock = clock_of(profile, start, 5 * 86_400)
    busy_at = [start + timedelta(seconds=float(s)) for s in clock.edges_s[:-1][clock.rhythm > 0]]
    assert {moment.astimezone(BERLIN).hour for moment in busy_at} == {9}
    assert {moment.astimezone(UTC).hour for moment in busy_at} == {8 if month == 1 else 7}


def test_summer_time_of_a_site_does_not_move_people_without_any():
    profile = Profile(hours=(0.0,) * 9 + (1.0,) + (0.0,) * 14, zone=SEOUL)
    for month in (1, 7):
        start = datetime(2024, month, 8, tzinfo=BERLIN)
        clock = clock_of(profile, start, 5 * 86_400)
        seconds = clock.edges_s[:-1][clock.rhythm > 0]
        assert {(start.astimezone(UTC) + timedelta(seconds=float(s))).hour for s in seconds} == {0}


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York"])
def test_both_changes_of_the_clock_keep_office_hours_in_a_description(zone):
    found = described(in_zone(office_log(ZoneInfo(zone), hours=(9, 14), days=366), zone))
    assert {hour for hour in range(24) if found[f"hour_jobs_factor.{hour:02d}"] > 0} == {9, 14}


def test_the_zone_of_a_workload_is_read_and_a_wrong_one_refused():
    assert Workload.model_fields["timezone"].default is None
    with pytest.raises(Exception, match="no time zone is called 'Asia/Seul'"):
        demand_of("workload", "gwangju-research", overrides=["timezone=Asia/Seul"])


def test_a_site_in_another_zone_than_its_people_is_said():
    def sentences(zone):
        demand = demand_of("scenario", "gwangju-plan", overrides=[f"workload.timezone={zone}"])
        return [text for text in demand.scenario.warnings() if "people live by the clock" in text]

    assert sentences("Asia/Seoul") == sentences("+09:00") == []
    assert "Europe/Berlin, the site by that of Asia/Seoul" in sentences("Europe/Berlin")[0]


def test_an_origin_without_a_word_about_the_zone_tells_it():
    assert zone_of(office_log(SEOUL)) == "UTC"
    assert zone_of(table_from({"job_id": [1], "submit_s": [0], "run_s": [1], "slots": [1]})) == ""
