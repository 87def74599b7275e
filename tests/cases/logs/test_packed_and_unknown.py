"""A packed log is read like any other; what no format takes for its own is named, after a short look."""

# ruff: noqa: E501 - a case is a line

import bz2
import gzip
import io
import lzma
import time
import zipfile

import pyarrow as pa
import pytest

from workloads.errors import LogError
from workloads.jobtable import table_from
from workloads.logs import head_of, read_log, recognised, write_log
from workloads.readers.swf.reader import read_swf

SACCT = b"""JobID|User|Partition|State|Submit|Start|End|Elapsed|NCPUS|Timelimit
6001|u01|cpu|COMPLETED|2024-05-06T08:00:00|2024-05-06T08:01:00|2024-05-06T09:01:00|01:00:00|16|02:00:00
6004|u03|cpu|TIMEOUT|2024-05-06T08:07:00|2024-05-06T09:31:00|2024-05-07T09:31:20|1-00:00:20|8|1-00:00:00
"""
SWF = b"; MaxProcs: 9\n" + b"".join(
    b"%d 0 -1 5 1 -1 -1 1 9 -1 1 1 1 -1 1 1 -1 -1\n" % n for n in range(1, 3000)
)


def zipped(raw, *names):
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names or ("log",):
            archive.writestr(name, raw)
    return whole.getvalue()


PACKERS = {"gz": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress, "zip": zipped}
PACKERS["zst"] = lambda raw: pa.Codec("zstd").compress(raw, asbytes=True)


@pytest.mark.parametrize("ending", PACKERS)
@pytest.mark.parametrize("name", ["log.sacct", "log", "log.txt"])
def test_a_packed_log_is_recognised_and_read(ending, name, tmp_path):
    path = tmp_path / f"{name}.{ending}"
    path.write_bytes(PACKERS[ending](SACCT))
    assert recognised(path) == "sacct"
    assert read_log(path).numbers("job_id").tolist() == [6001, 6004]
    assert recognised(io.BytesIO(PACKERS[ending](SACCT))) == "sacct"


@pytest.mark.parametrize("ending", PACKERS)
@pytest.mark.parametrize("lenient", [False, True])
def test_a_packed_log_that_is_cut_is_refused(ending, lenient):
    raw = PACKERS[ending](SWF)
    assert len(read_swf(io.BytesIO(raw))) == 2999
    for part in (0.3, 0.7, 0.99):
        with pytest.raises(LogError, match=r"cut short|damaged"):
            read_swf(io.BytesIO(raw[: int(len(raw) * part)]), lenient=lenient)
    with pytest.raises(LogError, match=r"damaged|cut short|not"):
        read_swf(io.BytesIO(raw[:40] + b"\xff" * 30 + raw[70:]), lenient=lenient)


def test_several_streams_behind_each_other_are_one_log():
    for pack in (PACKERS["gz"], PACKERS["bz2"], PACKERS["xz"], PACKERS["zst"]):
        half = len(SWF) // 2
        assert len(read_swf(io.BytesIO(pack(SWF[:half]) + pack(SWF[half:])))) == 2999


def test_an_archive_of_several_files_or_none():
    assert len(read_swf(io.BytesIO(zipped(SWF, "a/log.swf", "__MACOSX/log")))) == 2999
    for raw, count in ((zipped(SWF, "a", "b"), 2), (zipped(b"", "a/"), 0)):
        with pytest.raises(LogError, match=f"holds {count} files"):
            read_swf(io.BytesIO(raw))


@pytest.mark.parametrize("ending", ["swf", "swf.gz", "swf.bz2", "swf.xz", "swf.zst", "csv.xz", "json.zst"])
def test_a_log_is_written_packed_as_its_name_says(ending, tmp_path):
    jobs = table_from({"job_id": [1, 2], "submit_s": [0, 5], "run_s": [3, 4], "slots": [1, 2]}, max_slots=9)
    path = tmp_path / f"log.{ending}"
    write_log(jobs, path)
    assert read_log(path).frame.equals(jobs.frame)
    assert path.read_bytes().startswith(b"; Version") == (ending == "swf")
    with pytest.raises(LogError, match="read, not written"):
        write_log(jobs, tmp_path / "log.swf.zip")


class Counted(io.BytesIO):
    """Bytes that know how many of them were read."""

    taken = 0

    def read(self, size=-1):
        """Return bytes and count them."""
        data = super().read(size)
        self.taken += len(data)
        return data


@pytest.mark.parametrize("pack", [bytes, gzip.compress, bz2.compress, lzma.compress, PACKERS["zst"]])
def test_a_look_at_a_large_file_is_short(pack):
    noise = bz2.compress(bytes(range(256)) * 4)
    raw = pack(b"0,1,2,3\n" * (1 << 21) + noise)
    stream = Counted(raw)
    before = time.process_time()
    head, trouble = head_of(stream)
    assert time.process_time() - before < 1
    assert trouble is None
    assert 1 << 15 < len(head) < 1 << 18
    assert stream.taken <= 1 << 20


def test_zeros_in_a_small_packed_file_take_no_time(tmp_path):
    path = tmp_path / "zeros.csv.gz"
    path.write_bytes(gzip.compress(bytes(16 << 20)))
    before = time.process_time()
    recognised(path)
    assert time.process_time() - before < 2


@pytest.mark.parametrize(
    ("name", "text", "what"),
    [
        ("a.json", '{"apiVersion": "v1", "items": []}', "JSON of no kind that we know: an object with apiVersion, items"),
        ("a.json", '[{"when": 1, "who": 2}]', "a list of objects with when, who"),
        ("a", '{"meta": {"a": 1}, "rows": [' + '{"b": 2},' * 20000, "an object with meta, a, rows, b"),
        ("a.txt", "user;when;cores\n1;2;3\n", "a table, cut at semicolons, with the columns user, when, cores"),
        ("a.log", "when\tcores\n1\t2\n", "a table, cut at tabs, with the columns when, cores"),
        ("a.txt", "hello\n", "neither name nor content"),
    ],
)  # fmt: skip
def test_what_no_format_takes_is_named(name, text, what, tmp_path):
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(LogError, match=what) as caught:
        recognised(path)
    assert "--format-of-log" in str(caught.value)


@pytest.mark.parametrize(
    ("raw", "what"),
    [("a b".encode("utf-16"), "UTF-16"), (b"BZh9....", "bzip2 file is damaged"), (b"7z\xbc\xaf..", "7z archive")],
)  # fmt: skip
def test_the_reader_that_knows_what_is_wrong_gets_to_speak(raw, what, tmp_path):
    path = tmp_path / "log.txt"
    path.write_bytes(raw)
    with pytest.raises(LogError, match=what):
        recognised(path)
