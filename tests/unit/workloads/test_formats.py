"""Log formats by name, and what CSV and Parquet files of strangers may hold."""

import io

import numpy as np
import pandas as pd
import pytest

from workloads.errors import LogError
from workloads.formats import FORMATS, reader, writer
from workloads.jobtable import table_from
from workloads.logs import format_of, read_log, write_log
from workloads.readers.csv_table import read_csv, write_csv
from workloads.readers.parquet import read_parquet

HAND = "job_id,submit_s,run_s,slots\n1,0,60,4\n2,10,60,8\n"


def read(text, **options):
    return read_csv(io.BytesIO(text if isinstance(text, bytes) else text.encode()), **options)


WRITABLE = [form.name for form in FORMATS.values() if form.writer]


@pytest.mark.parametrize("name", WRITABLE)
def test_every_format_reads_what_it_wrote(name, tmp_path):
    jobs = table_from({"job_id": [1, 2], "submit_s": [0, 5], "run_s": [3, 4], "slots": [1, 2]}, max_slots=9)
    path = tmp_path / f"log{FORMATS[name].suffixes[-1]}"
    write_log(jobs, path)
    again = read_log(path)
    pd.testing.assert_frame_equal(again.frame, jobs.frame)
    assert again.max_slots == 9
    assert callable(reader(name))
    assert callable(writer(name))


def test_the_name_tells_the_format():
    assert format_of("a/B.SWF.GZ") == "swf"
    with pytest.raises(LogError, match=r"known: \.swf"):
        format_of("log.xlsx")
    with pytest.raises(LogError, match="did you mean 'swf'"):
        reader("swff")


def test_a_csv_by_hand_needs_only_the_required_columns():
    jobs = read(HAND)
    assert jobs.numbers("slots").tolist() == [4, 8]
    assert jobs.numbers("requested_s").tolist() == [-1, -1]
    assert read(HAND.replace("\n", "\r\n").encode("utf-8-sig")).numbers("run_s").tolist() == [60, 60]


def test_labels_that_look_like_numbers_stay_as_they_are():
    jobs = read("job_id,submit_s,run_s,slots,user,tenant\n1,0,60,4,007,1.50\n2,0,60,4,1e3,0\n")
    assert jobs.frame["user"].tolist() == ["007", "1e3"]
    assert jobs.frame["tenant"].tolist() == ["1.50", "0"]


def test_a_csv_may_leave_optional_cells_blank_and_have_more_columns():
    jobs = read(
        "job_id,submit_s,run_s,slots,requested_s,state,note\n1,0,60,4,,done,hi\n2,0,60,4,99.6,failed,\n"
    )
    assert jobs.numbers("requested_s").tolist() == [-1, 100]
    assert jobs.frame["state"].tolist() == ["unknown", "failed"]
    assert [tally.reason for tally in jobs.remarks] == [
        "requested_s rounded to whole numbers",
        "column note is left out",
        "state is no word we know: taken as unknown",
    ]


@pytest.mark.parametrize("bad", ["x", "", "nan", "inf", "-1e30", "99999999999999999999"])
def test_a_bad_number_is_an_error_with_its_line_or_counted(bad):
    text = HAND + f"3,{bad},60,4\n"
    with pytest.raises(LogError, match="<stream>:4: submit_s is not a whole number in range"):
        read(text)
    jobs = read(text, lenient=True)
    assert len(jobs) == 2
    assert str(jobs.dropped[0]) == "1 × malformed row (line 4)"


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "empty"),
        ("# origin: null\n", "empty"),
        ("job_id,submit_s\n1,2\n", "column run_s, slots is missing"),
        ("job_id,submit_s,run_s,slots\n", "no job"),
        (HAND + "1,2,3,4,5,6\n", "not a CSV table"),
        (HAND + "1,2,3,4\n", "repeat the id"),
        ("\x00" + HAND, "not text"),
        ("# origin: soon\n" + HAND, "not followed by a JSON value"),
        ('# origin: "soon"\n' + HAND, "makes no sense"),
        ('# max_slots: "many"\n' + HAND, "makes no sense"),
        ('# dropped: [{"x": 1}]\n' + HAND, "makes no sense"),
    ],
)
def test_a_csv_that_is_none_is_refused(text, what):
    with pytest.raises(LogError, match=what):
        read(text)


def test_korean_names_in_cp949():
    text = "job_id,submit_s,run_s,slots,tenant\n1,0,60,4,광주\n"
    assert read(text.encode("cp949")).frame["tenant"].tolist() == ["광주"]


def test_parquet_of_strangers(tmp_path):
    path = tmp_path / "log.parquet"
    frame = pd.DataFrame({"job_id": [1, 2], "submit_s": [0.0, np.nan], "run_s": [1, 2], "slots": [1, 2]})
    frame.to_parquet(path)
    with pytest.raises(LogError, match="submit_s is not a whole number"):
        read_parquet(path)
    assert len(read_parquet(path, lenient=True)) == 1
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(LogError, match="not a readable Parquet file"):
        read_parquet(path)
    with pytest.raises(LogError, match="no such file"):
        read_parquet(tmp_path / "none.parquet")
    with pytest.raises(LogError, match="this is a directory"):
        read_parquet(tmp_path)


def test_a_csv_stream_stays_open():
    stream = io.BytesIO()
    write_csv(read(HAND), stream)
    assert not stream.closed
    assert stream.getvalue().startswith(b"job_id,submit_s")
