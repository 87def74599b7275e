"""`--timezone` reaches the reader as the zone of times that name none, unless `--times-in` names another."""

from datetime import datetime
from typing import Any

import pytest

from capacity.face.log import find_log
from workloads import formats
from workloads.errors import LogError
from workloads.jobtable import table_from
from workloads.zone_names import zone_called
from workloads.zones import moment

TEXT = "; MaxProcs: 4\n1 0 0 10 1 -1 -1 1 10 -1 1 1 1 1 1 1 -1 -1\n"


def wall_clock_reader(_source: Any, *, lenient: bool = False, zone: str | None = None) -> Any:
    """Return a job submitted at ten by the clock of a zone."""
    assert not lenient
    origin = datetime(2024, 7, 1, 10, tzinfo=zone_called(zone or "UTC"))
    columns = {"job_id": [1], "submit_s": [0], "run_s": [1], "slots": [1]}
    return table_from(columns, origin=origin, zone=zone or "UTC", zone_from="option" if zone else "assumed")


@pytest.mark.parametrize(
    ("options", "first", "said_by"),
    [
        ({}, "2024-07-01T10:00:00+00:00", "assumed"),
        ({"timezone": "Asia/Seoul"}, "2024-07-01T10:00:00+09:00", "option"),
        ({"timezone": "Asia/Seoul", "times_in": "UTC"}, "2024-07-01T19:00:00+09:00", "option"),
        ({"timezone": "Europe/Berlin"}, "2024-07-01T10:00:00+02:00", "option"),
    ],
)
def test_wall_clock_times_are_read_in_the_zone(tmp_path, monkeypatch, options, first, said_by):
    monkeypatch.setattr(formats, "reader", lambda _name: wall_clock_reader)
    (tmp_path / "log.swf").write_text(TEXT)
    table = find_log(str(tmp_path / "log.swf"), "swf", **options).read(lenient=False)
    found = moment(0, table)
    assert found is not None
    assert found.isoformat() == first
    assert table.zone_from == said_by


def test_a_zone_that_is_none_and_a_period_without_a_date_are_refused(tmp_path):
    (tmp_path / "log.swf").write_text(TEXT)
    with pytest.raises(LogError, match="no time zone is called"):
        find_log(str(tmp_path / "log.swf"), "swf", timezone="Asia/Seul").read(lenient=False)
    with pytest.raises(LogError, match="does not say when its clock was 0"):
        find_log(str(tmp_path / "log.swf"), "swf", period="2024-01-01..2024-01-02").read(lenient=False)
