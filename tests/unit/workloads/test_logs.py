"""Which format a log has: the ending decides where only one format has it, else the content."""

import gzip
import io

import pytest

from workloads import logs
from workloads.errors import LogError
from workloads.formats import FORMATS, LogFormat, fitted, reader_with, writer
from workloads.jobtable import table_from
from workloads.logs import recognised
from workloads.registry import Registry, load

SWF = "; Version: 2.2\n" + " ".join(["1"] * 18) + "\n"
TABLE = "# max_slots: 3\njob_id,submit_s,run_s,slots\n1,0,60,4\n"
SACCT = "JobID|Submit|Elapsed|NCPUS\n1|2021-05-01T12:00:00|00:01:00|4\n"
BATSIM = '{"nb_res": 4, "jobs": [], "profiles": {}}'
CONTENT = {"swf": SWF, "jobtable-csv": TABLE, "sacct": SACCT, "batsim": BATSIM}


@pytest.mark.parametrize("name", CONTENT)
@pytest.mark.parametrize("ending", [".txt", "", ".csv", ".json", ".log.gz"])
def test_content_tells_where_the_ending_does_not(name, ending, tmp_path):
    path = tmp_path / f"log{ending}"
    data = CONTENT[name].encode()
    path.write_bytes(gzip.compress(data) if ending.endswith("gz") else b"\xef\xbb\xbf" + data)
    assert recognised(path) == name


@pytest.mark.parametrize("name", CONTENT)
def test_a_stream_is_recognised_and_left_at_its_beginning(name):
    stream = io.BytesIO(CONTENT[name].encode())
    stream.read(5)
    assert recognised(stream) == name
    assert stream.tell() == 0


def test_parquet_without_its_ending(tmp_path):
    path = tmp_path / "log"
    jobs = table_from({"job_id": [1], "submit_s": [0], "run_s": [3], "slots": [1]})
    writer("jobtable-parquet")(jobs, path)
    assert recognised(path) == "jobtable-parquet"


def test_an_ending_of_its_own_is_believed(tmp_path):
    path = tmp_path / "log.swf"
    path.write_text(TABLE)
    assert recognised(path) == "swf"


def test_what_nothing_tells(tmp_path):
    path = tmp_path / "log.txt"
    path.write_text("hello\n")
    with pytest.raises(LogError, match="--format-of-log"):
        recognised(path)
    assert recognised(path, otherwise="swf") == "swf"
    csv = tmp_path / "log.csv"
    csv.write_text("hello\n")
    assert recognised(csv) == "jobtable-csv"
    with pytest.raises(LogError, match="--format-of-log"):
        recognised(tmp_path / "none.txt")


def test_what_two_formats_take_for_theirs(tmp_path, monkeypatch):
    again = LogFormat("other", "", "x:y", recognise=FORMATS["jobtable-csv"].recognise)
    monkeypatch.setattr(logs, "FORMATS", Registry("log format", [*FORMATS.values(), again]))
    path = tmp_path / "log.txt"
    path.write_text(TABLE)
    with pytest.raises(LogError, match="this could be jobtable-csv or other"):
        recognised(path)


def test_every_target_of_the_registry_exists():
    for form in FORMATS.values():
        for target in (form.target, form.writer, form.recognise, form.fit):
            assert not target or callable(load(target))


def test_a_format_without_writer_says_which_have_one():
    with pytest.raises(LogError, match="writable: swf"):
        writer("sacct")


def test_options_of_readers():
    read = reader_with("sacct", {"slots": "cpus"})
    assert read(io.BytesIO(SACCT.encode())).numbers("slots").tolist() == [4]
    with pytest.raises(LogError, match="only for: sacct"):
        reader_with("swf", {"slots": "cpus"})


def test_what_swf_cannot_hold_is_said():
    jobs = table_from({"job_id": [1], "submit_s": [0], "run_s": [3], "slots": [1], "array_id": [4]})
    assert [str(tally) for tally in fitted("swf", jobs)[1]] == ["1 × array_id: SWF has no field for it"]
    assert fitted("jobtable-csv", jobs)[1] == []
