"""Any table: which column is which, in what unit, from every kind of file."""

import io
import json
from datetime import datetime

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from workloads.errors import LogError
from workloads.readers.any_table.reader import read_table

COLUMNS = {"submit": "t", "run": "r", "slots": "n"}


def read(raw, columns=COLUMNS, **options):
    return read_table(io.BytesIO(raw.encode() if isinstance(raw, str) else raw), columns=columns, **options)


def rows(jobs):
    return jobs.frame[["submit_s", "run_s", "slots"]].to_numpy().tolist()


@pytest.mark.parametrize("mark", [",", "\t", ";", "|"])
@pytest.mark.parametrize(
    ("unit", "seconds"), [("", 1), (":s", 1), (":ms", 1e-3), (":us", 1e-6), (":min", 60), (":h", 3600)]
)
def test_units_and_delimiters(mark, unit, seconds):
    text = (
        f"t{mark}r{mark}n\n{0:.0f}{mark}{60 / seconds}{mark}4\n{120 / seconds}{mark}{3600 / seconds}{mark}8\n"
    )
    jobs = read(text, {"submit": f"t{unit}", "run": f"r{unit}", "slots": "n"})
    assert rows(jobs) == [[0, 60, 4], [120, 3600, 8]]
    assert jobs.origin is None


def test_dates_are_read_in_the_zone_of_the_user():
    text = "t,r,n,s\n2024-05-06 09:00:00,1-00:00:01,2.5,PASS\n2024-05-06 10:00:00,00:01:00,1,what\n"
    jobs = read(text, {**COLUMNS, "run": "r:hms", "state": "s"}, zone="Asia/Seoul")
    assert rows(jobs) == [[0, 86401, 3], [3600, 60, 1]]
    assert jobs.origin.timestamp() == 1714953600
    assert (jobs.zone, jobs.zone_from) == ("Asia/Seoul", "option")
    assert jobs.frame["state"].tolist() == ["completed", "unknown"]
    assert jobs.links("share_slots").tolist() == [2.5, -1]


def test_json_lists_lines_and_parquet_say_the_same():
    entries = [
        {"id": "a", "time": {"s": 1714982400000, "b": 1714982460000, "e": 1714986060000}, "n": 4},
        {"id": "b", "time": {"s": 1714982401000, "b": 1714982401000, "e": 1714982402000}, "n": 1},
    ]
    columns = {"id": "id", "submit": "time.s:ms", "start": "time.b:ms", "end": "time.e:ms", "slots": "n"}
    packed = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(entries), packed)
    texts = (json.dumps(entries), "\n".join(map(json.dumps, entries)), packed.getvalue())
    for raw in texts:
        jobs = read(raw, columns)
        assert rows(jobs) == [[0, 3600, 4], [1, 1, 1]]
        assert jobs.numbers("wait_s").tolist() == [60, 0]
        assert jobs.frame["word_id"].tolist() == ["a", "b"]
    dated = io.BytesIO()
    pq.write_table(pa.table({"t": [datetime(2024, 5, 6, 8)] * 2, "r": [1.5, 2.0], "n": [1, 2]}), dated)
    assert rows(read(dated.getvalue(), {**COLUMNS, "run": "r:h"})) == [[0, 5400, 1], [0, 7200, 2]]


@pytest.mark.parametrize(
    ("columns", "what"),
    [
        ({**COLUMNS, "sumbit": "x"}, "did you mean 'submit'"),
        ({**COLUMNS, "submit": "tt"}, r"no column 'tt'\n +did you mean 't'"),
        ({**COLUMNS, "submit": "t:sec"}, "there is no unit 'sec'"),
        ({"submit": "t"}, "no column is named for slots, run, or start and end"),
        ({**COLUMNS, "user": "n"}, "column n cannot be two things at once"),
    ],
)
def test_a_mapping_that_cannot_be_is_named(columns, what):
    with pytest.raises(LogError, match=what):
        read("t,r,n\n0,1,1\n", columns)


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_malformed_row_is_named_or_counted(form):
    bad = "t,r,n\n0,1,1\n5,x,1\n" if form == "text" else '{"t":0,"r":1,"n":1}\n{"t":5,"r":"x","n":1}\n'
    with pytest.raises(LogError, match="column r is 'x', not a number"):
        read(bad)
    jobs = read(bad, lenient=True)
    assert len(jobs) == 1
    assert sum(tally.count for tally in jobs.dropped) == 1
