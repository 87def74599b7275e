"""What a line of SWF says is kept: dependencies, parts of one job, resources, sizes, zones and Unix time."""

import io
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.data import need_data
from workloads.errors import LogError
from workloads.formats import fitted
from workloads.readers.swf.reader import read_swf
from workloads.readers.swf.writer import write_swf

CHAIN = """; MaxProcs: 48
; UnixStartTime: 1704067200
1 20 0 1200 1 -1 -1 1 1200 -1 1 1 1 1 1 1 -1 -1
2 20 1200 2100 5 -1 -1 5 2100 -1 1 1 1 1 1 1 1 0
3 20 3300 900 1 -1 -1 1 900 -1 1 1 1 1 1 1 2 0
"""
PARTS = """; MaxProcs: 128
1 0 10 160 4 -1 -1 4 400 -1 1 1 1 -1 1 -1 -1 -1
1 0 10 100 4 -1 -1 4 400 -1 2 1 1 -1 1 -1 -1 -1
1 -1 30 60 4 -1 -1 4 400 -1 3 1 1 -1 1 -1 -1 -1
2 5 20 50 2 -1 -1 2 100 -1 1 2 1 -1 1 -1 -1 -1
"""
RESOURCES = """1 20 0 1200 1 1100.25 204800 1 1200 409600 1 1 1 7 1 1 -1 -1
2 20 1200 2100 5 2000 204800 5 2100 409600 1 1 1 7 1 1 1 30
"""
JOB = "1 0 10 100 4 -1 -1 4 200 -1 1 1 1 -1 1 -1 -1 -1\n"
OF = " 0 3600 8 -1 -1 8 7200 -1 1 1 1 -1 1 -1 -1 -1\n"
MONDAY_S = 1714953600
"""2024-05-06 00:00 UTC, a Monday. [s]"""


def read(text, **options):
    return read_swf(io.BytesIO(text.encode()), **options)


def written(jobs):
    stream = io.BytesIO()
    write_swf(fitted("swf", jobs)[0], stream)
    return stream.getvalue().decode()


def rows_of(text):
    return [line for line in text.splitlines() if not line.startswith(";")]


def said(tallies):
    return [tally.reason for tally in tallies]


def test_the_preceding_job_is_one_that_must_have_ended():
    jobs = read(CHAIN)
    assert jobs.links("afterany_id").tolist() == [-1, 1, 2]
    assert jobs.links("think_s").tolist() == [-1, 0, 0]
    assert rows_of(written(jobs)) == rows_of(CHAIN)


def test_a_preceding_job_that_is_the_job_itself_is_none():
    jobs = read(CHAIN.replace(" 2 0\n", " 3 0\n"))
    assert "afterany_id" not in jobs.frame
    assert [tally.count for tally in jobs.remarks if "no preceding job" in tally.reason] == [3]


def test_a_field_that_is_the_same_in_all_jobs_of_a_real_log_is_no_dependency():
    jobs = read_swf(need_data("swf/MetaCentrum-wagap-2013.swf.gz"))
    assert "afterany_id" not in jobs.frame
    assert jobs.origin == datetime(1970, 1, 1, tzinfo=UTC)
    assert any("no preceding job" in reason for reason in said(jobs.remarks))


def test_parts_of_a_job_are_no_jobs():
    jobs = read(PARTS)
    assert jobs.numbers("job_id").tolist() == [1, 2]
    assert jobs.kept_slot_s / 3600 == pytest.approx(0.2056, abs=1e-4)
    assert [(tally.count, tally.slot_s) for tally in jobs.dropped] == [(2, 0.0)]
    assert not jobs.remarks


def test_parts_without_a_summary_are_put_together():
    jobs = read("".join(line for line in PARTS.splitlines(True) if " 160 " not in line))
    assert jobs.numbers("run_s").tolist() == [160, 50]
    assert jobs.numbers("wait_s").tolist() == [10, 20]
    assert jobs.frame["state"].tolist() == ["completed", "completed"]
    assert said(jobs.dropped) == ["further part of a job: its run time is counted with the first"]


def test_fields_stay_from_swf_to_swf():
    jobs = read(RESOURCES)
    assert rows_of(written(jobs)) == rows_of(RESOURCES)
    assert fitted("swf", jobs)[1] == []
    assert jobs.numbers("cpu_s").tolist() == [1100.25, 2000]
    assert jobs.numbers("memory_kb").tolist() == [204800, 204800]
    assert jobs.numbers("requested_memory_kb").tolist() == [409600, 409600]
    assert jobs.numbers("application").tolist() == [7, 7]


@pytest.mark.parametrize(
    ("size", "slots"),
    [("1,152", 1152), ("128 (of 512)", 128), ("338 (batch; 512 total)", 338), ("9216", 9216), ("-1", None),
     ("unknown", None), ("1,152,000 processors", 1152000)],
)  # fmt: skip
def test_a_size_is_read_as_people_write_it(size, slots):
    assert read(f"; MaxProcs: {size}\n{JOB}").max_slots == slots


@pytest.mark.parametrize("size", ["11,52", "1 152", "1.152", "1152x2", "2^10", "1,152,00"])
def test_a_size_that_is_no_number_is_an_error_not_its_first_digits(size):
    with pytest.raises(LogError, match="MaxProcs"):
        read(f"; MaxProcs: {size}\n{JOB}")
    jobs = read(f"; MaxProcs: {size}\n{JOB}", lenient=True)
    assert jobs.max_slots is None
    assert "the size of the machine is no whole number: left out" in said(jobs.remarks)


@pytest.mark.parametrize("mark", ["  ; ", "\t;", ";;; ", ";   ", ";\t"])
def test_a_header_may_be_set_in(mark):
    jobs = read(f"{mark}MaxProcs: 48\n{mark}unixstarttime : 1167609600 (Mon Jan 1 2007)\n{JOB}")
    assert jobs.max_slots == 48
    assert jobs.origin == datetime(2007, 1, 1, tzinfo=UTC)


def office_hours():
    """Yield lines of two weeks: submissions at 09 and 15 h UTC, Monday to Friday."""
    days = [day for day in range(14) if day % 7 < 5]
    submitted = [MONDAY_S + day * 86400 + hour * 3600 for day in days for hour in (9, 10, 15)]
    return [f"{number} {submit_s}{OF}" for number, submit_s in enumerate(submitted, 1)]


def test_unix_time_without_a_start_is_recognised():
    jobs = read("; MaxProcs: 64\n" + "".join(office_hours()))
    assert jobs.origin == datetime(1970, 1, 1, tzinfo=UTC)
    assert (jobs.zone, jobs.zone_from) == ("UTC", "assumed")
    assert said(jobs.remarks) == ["submissions are Unix time: second 0 is 1970-01-01"]
    assert read(written(jobs)).frame.equals(jobs.frame)
    days = [(jobs.origin + timedelta(seconds=int(at))).weekday() for at in jobs.numbers("submit_s")]
    assert {*days} == {0, 1, 2, 3, 4}


def test_unix_time_beside_a_start_is_not_counted_twice():
    jobs = read("; UnixStartTime: 1714953600\n" + "".join(office_hours()))
    assert jobs.origin == datetime(1970, 1, 1, tzinfo=UTC)
    assert said(jobs.remarks) == [
        "submissions are Unix time: second 0 is 1970-01-01, UnixStartTime is left out"
    ]


@pytest.mark.parametrize(
    ("header", "zone", "said_by"),
    [
        ("; TimeZoneString: Asia/Seoul\n", "Asia/Seoul", "log"),
        ("; TimeZone: 32400\n", "+09:00", "log"),
        ("; TimeZone: -18000\n; TimeZoneString: US/Eastern\n", "US/Eastern", "log"),
        ("; TimeZone: 9\n", "+09:00", "log"),
        ("; TimeZone: +05:30\n", "+05:30", "log"),
        ("; TimeZone: 0\n", "UTC", "log"),
        ("", "UTC", "assumed"),
    ],
)
def test_the_zone_of_a_log_is_that_of_its_header(header, zone, said_by):
    jobs = read(f"; UnixStartTime: 1714953600\n{header}{JOB}")
    assert (jobs.zone, jobs.zone_from) == (zone, said_by)
    again = read(written(jobs))
    assert (again.zone, again.zone_from, again.origin) == (jobs.zone, jobs.zone_from, jobs.origin)


def test_the_user_knows_the_zone_better():
    jobs = read(f"; UnixStartTime: 1714953600\n; TimeZoneString: US/Eastern\n{JOB}", zone="Asia/Seoul")
    assert (jobs.zone, jobs.zone_from) == ("Asia/Seoul", "option")
    assert jobs.origin.hour == 9
    assert jobs.origin.tzinfo == ZoneInfo("Asia/Seoul")
    with pytest.raises(LogError, match="no time zone is called"):
        read(JOB, zone="Mars/Phobos")


def test_ids_that_start_again_are_other_jobs():
    year_s = 365 * 86400
    text = "".join(
        f"{number} {year * year_s + number * 100} 0 60 4 -1 -1 4 90 -1 1 1 1 -1 1 -1 {number - 1 or -1} -1\n"
        for year in range(3)
        for number in (1, 2, 12)
    )
    jobs = read(text)
    assert jobs.numbers("job_id").tolist() == [1, 2, 12, 101, 102, 112, 201, 202, 212]
    assert jobs.links("afterany_id").tolist() == [-1, 1, 11, -1, 101, 11, -1, 201, 11]
    assert jobs.remarks[0].count == 6
    with pytest.raises(LogError, match="repeat the id"):
        read("".join(text.splitlines(True)[:3] * 2))
