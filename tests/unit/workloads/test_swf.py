"""SWF logs as they come: bent ones are read and remarked on, broken ones are errors with their line."""

import gzip
import io
import random
from datetime import UTC

import pytest

from workloads.errors import LogError
from workloads.readers.swf.reader import read_swf

HEADER = "; Version: 2.2\n; MaxProcs: 128 (of 512)\n; UnixStartTime: 0\n; TimeZoneString: Asia/Seoul\n"


def line(
    job=1, submit=0, wait=5, run=60, allocated=4, requested=4, limit=3600, status=1, rest="1 1 -1 1 1 -1 -1"
):
    return f"{job} {submit} {wait} {run} {allocated} -1 -1 {requested} {limit} -1 {status} {rest}\n"


def read(text, **options):
    return read_swf(io.BytesIO(text if isinstance(text, bytes) else text.encode()), **options)


def problem(text, **options):
    with pytest.raises(LogError) as caught:
        read(text, **options)
    return str(caught.value)


def test_every_column_comes_from_its_field():
    jobs = read("7 100 5 60 8 1.5 -1 16 3600 -1 0 12 34 56 3 2 -1 -1\n")
    row = jobs.frame.iloc[0].to_dict()
    assert row == {
        "job_id": 7, "submit_s": 100, "run_s": 60, "requested_s": 3600, "slots": 16, "allocated_slots": 8,
        "wait_s": 5, "pool": "2", "tenant": "34", "user": "12", "job_class": "3", "state": "failed",
        "cpu_s": 1.5, "application": 56,
    }  # fmt: skip


def test_header_gives_size_clock_and_names():
    jobs = read(HEADER + "; Queue: 1 express\n; Queue:  2 \n;  more of it\n" + line())
    assert jobs.max_slots == 128
    assert jobs.origin.isoformat() == "1970-01-01T09:00:00+09:00"
    assert jobs.frame["job_class"].tolist() == ["express"]
    assert jobs.header["Queue"] == "1 express\n2\nmore of it"


@pytest.mark.parametrize("zone", ["Mars/Phobos", "../etc", ""])
def test_a_zone_nobody_knows_falls_back_to_the_offset(zone):
    jobs = read(f"; UnixStartTime: 0\n; TimeZone: 3600\n; TimeZoneString: {zone}\n" + line())
    assert jobs.origin.isoformat() == "1970-01-01T01:00:00+01:00"
    assert read("; UnixStartTime: 0\n" + line()).origin.tzinfo is UTC


@pytest.mark.parametrize("start", ["soon", "-5", "99999999999999999999"])
def test_a_start_that_is_no_date_is_no_origin(start):
    assert read(f"; UnixStartTime: {start}\n" + line()).origin is None


def test_allocated_processors_stand_in_for_requested():
    assert read(line(allocated=8, requested=-1)).numbers("slots").tolist() == [8]
    assert read(line(allocated=-1, requested=16)).numbers("slots").tolist() == [16]


@pytest.mark.parametrize(
    "text",
    [
        line().replace("\n", "\r\n"),
        "\ufeff" + HEADER + line(),
        "\ufeff" + line(),
        line().replace(" ", "\t"),
        "  " + line().replace(" ", " \t  "),
        line().strip(),
        "\n\n" + line() + "\n   \n",
        line() + "; comment in between\n",
        line().replace(" 60 ", " 6e1 "),
        line().replace(" 60 ", " 60.0 "),
        line().replace("\n", "  \n"),
    ],
)
def test_bent_lines_mean_the_same(text):
    jobs = read(text)
    assert jobs.numbers("run_s").tolist() == [60]
    assert jobs.numbers("slots").tolist() == [4]
    assert not jobs.dropped
    assert not jobs.remarks


def test_more_columns_and_fractions_are_remarked_on():
    jobs = read(line().replace("\n", " {1,2} q_2w 1:ppn=12\n") + line(2, run=60.5))
    assert jobs.numbers("run_s").tolist() == [60, 61]
    assert [(tally.reason, tally.count) for tally in jobs.remarks] == [
        ("more than 18 columns: the further ones are left out", 1),
        ("fractions rounded to whole numbers", 1),
    ]
    assert read(line().replace("\n", " 1 2 3 4 5 6 7\n")).remarks[0].count == 1


def test_lines_of_any_width_keep_their_order():
    wide = line(2, submit=1).replace("\n", " a b\n")
    wider = line(3, submit=2).replace("\n", " 1 2 3\n")
    text = (
        wide
        + line(1, submit=0)
        + wider
        + "; 1 2 3\n"
        + line(4, submit=3, run=60.5)
        + line(5, submit=4, run="abc")
    )
    jobs = read(text, lenient=True, ties="file")
    assert jobs.numbers("job_id").tolist() == [1, 2, 3, 4]
    assert [(tally.reason, tally.count) for tally in jobs.remarks] == [
        ("more than 18 columns: the further ones are left out", 2),
        ("fractions rounded to whole numbers", 1),
        ("line out of submission order: sorted", 1),
    ]
    assert jobs.dropped[0].examples == ("line 6: field 4 (run time) is 'abc', not a number",)


@pytest.mark.parametrize("text", [" ", "   \n", "\n\n", "\t\n \n"])
def test_nothing_but_blanks_is_no_log(text):
    assert "no job in this log" in problem(text)


def test_unsorted_submissions_are_sorted_and_said():
    jobs = read(line(1, submit=50) + line(2, submit=10) + line(4, submit=10) + line(3, submit=10))
    assert jobs.numbers("job_id").tolist() == [2, 3, 4, 1]
    assert jobs.remarks[0].reason == "line out of submission order: sorted"
    in_file = read(line(1, submit=50) + line(4, submit=10) + line(3, submit=10), ties="file")
    assert in_file.numbers("job_id").tolist() == [4, 3, 1]


def test_negative_times_are_unknown_and_said():
    jobs = read(line(run=-7) + line(2, wait=-3, limit=-2, submit=-10))
    assert jobs.numbers("submit_s").tolist() == [-10, 0]
    assert {tally.reason for tally in jobs.remarks} >= {
        "run_s below -1: taken as unknown",
        "wait_s below -1: taken as unknown",
        "requested_s below -1: taken as unknown",
        "submitted before second 0 of the log: kept",
    }


@pytest.mark.parametrize(
    ("status", "state"),
    [(0, "failed"), (1, "completed"), (5, "cancelled"), (-1, "unknown"), (2, "unknown"), (9, "unknown")],
)
def test_status_becomes_a_state(status, state):
    assert read(line(status=status)).frame["state"].tolist() == [state]


@pytest.mark.parametrize(
    ("bad", "place", "what"),
    [
        (line().replace(" 60 ", " abc "), "2:7", "field 4 (run time) is 'abc', not a number"),
        (line().replace(" 60 ", " nan "), "2:7", "field 4 (run time) is 'nan', not a number"),
        (line().replace(" 60 ", " inf "), "2:7", "field 4 (run time) is 'inf', not a number"),
        (line().replace(" 60 ", " 1e999 "), "2:7", "field 4 (run time) is '1e999', too large"),
        (line().replace(" 60 ", " 9" + "0" * 19 + " "), "2:7", "too large"),
        (line().replace(" 60 ", " 1-2 "), "2:7", "field 4 (run time) is '1-2', not a number"),
        (line().replace(" 60 ", " 1_000 "), "2:7", "not a number"),
        (line().replace(" 60 ", " 0x10 "), "2:7", "not a number"),
        (line().replace(" 60 ", " ６０ "), "2:7", "not a number"),
        (line(allocated=3 * 10**9), "2", "more than 2147483647 processors"),
        (" ".join(line().split()[:17]) + "\n", "2:43", "17 fields, not 18; field 18 (think time) is missing"),
        (
            line().replace(" -1 -1 4 ", " 1-2 -1 4 "),
            "2:12",
            "field 6 (average CPU time) is '1-2', not a number",
        ),
        ("1\n", "2:2", "1 fields, not 18; field 2 (submit time) is missing"),
    ],
)
def test_a_broken_line_is_an_error_with_its_place_or_counted(bad, place, what):
    text = line(5) + bad + line(6)
    message = problem(text)
    assert message.startswith(f"<stream>:{place}: ")
    assert what in message
    jobs = read(text, lenient=True)
    assert jobs.numbers("job_id").tolist() == [5, 6]
    assert jobs.dropped[0].count == 1
    assert what in jobs.dropped[0].examples[0]


def test_line_numbers_hold_across_header_blanks_and_blocks(monkeypatch):
    monkeypatch.setattr("workloads.readers.swf.reader.BLOCK_BYTES", 500)
    lines = [line(job, submit=job) for job in range(100)]
    lines[70] = "what is this\n"
    lines[80] = "\n"
    lines[90] = line(90, run="x")
    message = problem(HEADER + "".join(lines))
    assert [part.split(": ")[0] for part in message.split("\n")] == ["<stream>:75:1", "<stream>:95:8"]
    jobs = read(HEADER + "".join(lines), lenient=True)
    assert len(jobs) == 97
    assert jobs.numbers("submit_s").tolist() == [job for job in range(100) if job not in {70, 80, 90}]


def test_a_million_problems_are_not_listed():
    message = problem("x y z\n" * 1000)
    assert message.count("\n") == 20
    assert message.endswith("… and 980 more")


def test_repeated_ids_are_an_error_or_counted():
    text = line(1) + line(1) + line(2) + line(1)
    assert "2 rows repeat the id of another job: job 1" in problem(text)
    jobs = read(text, lenient=True)
    assert len(jobs) == 4
    assert str(jobs.remarks[0]) == "2 × repeats the id of another job: kept (job 1, …)"


@pytest.mark.parametrize("text", ["", "\n\n", HEADER, "; only this"])
@pytest.mark.parametrize("lenient", [False, True])
def test_no_job_is_an_error_even_when_lenient(text, lenient):
    assert "no job in this log" in problem(text, lenient=lenient)


def test_only_broken_lines_is_an_error_even_when_lenient():
    assert "<stream>:1:1: field 1 (job number) is 'x', not a number" in problem("x\n", lenient=True)


def test_one_job_is_a_log():
    assert len(read(line())) == 1


@pytest.mark.parametrize("lenient", [False, True])
def test_binary_garbage_is_refused(lenient):
    noise = bytes(random.Random(1).randbytes(100_000))
    assert "<stream>:" in problem(noise, lenient=lenient)
    assert "zero byte: this is not text" in problem(line().encode() + b"\x00\x01" + b"\n", lenient=lenient)


@pytest.mark.parametrize(
    ("start", "kind"), [(b"PAR1", "Parquet"), (b"7z\xbc\xaf", "7z"), ("1 2".encode("utf-16"), "UTF-16")]
)
def test_other_kinds_of_files_are_named(start, kind):
    assert f"this is {kind}" in problem(start + b"....") or f"this is a {kind}" in problem(start + b"....")


def test_korean_names_in_utf8_and_cp949():
    for encoding in ("utf-8", "cp949"):
        jobs = read((HEADER + "; Group: 1 광주과기원\n").encode(encoding) + line().encode())
        assert jobs.frame["tenant"].tolist() == ["광주과기원"]
    assert read(b"; Installation: \xff\xfe\n" + line().encode()).header["Installation"] == "ÿþ"


def test_names_that_would_merge_labels_are_not_used():
    text = "; Group: 1 2\n" + line(1, rest="1 1 -1 1 1 -1 -1") + line(2, rest="1 2 -1 1 1 -1 -1")
    assert read(text).frame["tenant"].tolist() == ["1", "2"]


def test_gzip_is_known_by_its_content_and_may_be_cut_short(tmp_path):
    whole = gzip.compress((HEADER + "".join(line(job) for job in range(5000))).encode())
    path = tmp_path / "log.txt"
    path.write_bytes(whole)
    assert len(read_swf(path)) == 5000
    for lenient in (False, True):
        path.write_bytes(whole[: len(whole) // 2])
        with pytest.raises(LogError, match="cut short"):
            read_swf(path, lenient=lenient)
    path.write_bytes(whole[:100] + b"\xff" * 50 + whole[150:])
    with pytest.raises(LogError, match="damaged"):
        read_swf(path)
    path.write_bytes(b"\x1f\x8b")
    with pytest.raises(LogError, match="cut short"):
        read_swf(path)


def test_no_file_and_a_directory(tmp_path):
    with pytest.raises(LogError, match=r"nowhere\.swf: no such file"):
        read_swf(tmp_path / "nowhere.swf")
    with pytest.raises(LogError, match="this is a directory"):
        read_swf(tmp_path)


def test_a_borrowed_stream_stays_open():
    stream = io.BytesIO(line().encode())
    read_swf(stream)
    assert not stream.closed
