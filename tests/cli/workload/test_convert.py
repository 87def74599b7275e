"""``capacity workload convert``: any readable log to any writable format, with all that was lost said."""

import gzip
import io
import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

from capacity.cli.main import entry
from workloads.formats import FORMATS
from workloads.jobtable import NO_LIMIT_S
from workloads.logs import read_log

SWF = """\
; MaxProcs: 4
; UnixStartTime: 1600000000
; Queue: 1 express
1 0 5 100 4 -1 -1 4 200 -1 1 1 1 -1 1 -1 -1 -1
2 10 90 50 2 -1 -1 2 60 -1 1 2 1 -1 1 -1 -1 -1
3 20 80 30 1 -1 -1 1 30 -1 5 2 1 -1 1 -1 -1 -1
"""
SACCT = """\
JobID|JobIDRaw|User|Account|Partition|State|Submit|Start|End|Elapsed|Timelimit|ReqCPUS|AllocTRES
1|1|lee|lab|gpu|COMPLETED|2021-05-01T12:00:00|2021-05-01T12:10:00|2021-05-01T13:10:00|01:00:00|02:00:00|16|cpu=16,gres/gpu=4
2_1|3|lee|lab|gpu|TIMEOUT|2021-05-01T12:00:01|2021-05-01T12:10:00|2021-05-01T13:10:00|01:00:00|01:00:00|16|cpu=16,gres/gpu=2
4|4|김철수|lab|cpu|FAILED|2021-05-01T12:00:02|2021-05-01T12:10:00|2021-05-01T12:10:30|00:00:30|UNLIMITED|8|cpu=8
5|5|lee|lab|gpu|PENDING|2021-05-01T12:00:03|Unknown|Unknown|00:00:00|01:00:00|8|
"""


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("log.swf").write_text(SWF)
    Path("slurm.txt").write_text(SACCT)


def run(capsys, *args, code=0):
    assert entry(["workload", "convert", *args]) == code
    captured = capsys.readouterr()
    assert "Traceback" not in captured.err
    assert "this is a bug" not in captured.err
    return captured.out, captured.err


@pytest.mark.parametrize("ending", [".swf", ".swf.gz", ".parquet", ".csv", ".csv.gz", ".json", ".json.gz"])
def test_there_and_back_is_the_same_log(capsys, ending):
    out, err = run(capsys, "log.swf", f"other{ending}")
    assert out == ""
    assert err.startswith("log.swf: 3 jobs read as swf\n")
    assert err.endswith(f"other{ending}: 3 jobs written as {FORMATS_BY_ENDING[ending]}\n")
    run(capsys, f"other{ending}", "back.swf")
    again, once = read_log("back.swf"), read_log("log.swf")
    pd.testing.assert_frame_equal(again.frame, once.frame)
    assert (again.origin, again.max_slots) == (once.origin, once.max_slots)


FORMATS_BY_ENDING = {
    ending: form.name for form in FORMATS.values() for ending in form.suffixes if form.writer
}


def test_slurm_to_swf_says_what_was_left_out_and_what_swf_cannot_hold(capsys):
    _, err = run(capsys, "slurm.txt", "out.swf")
    assert err.splitlines() == [
        "slurm.txt: 2 jobs read as sacct",
        "note: slurm.txt: left out: 1 × not ended when the log was written (line 5)",
        "note: slurm.txt: left out: 1 × no GPU (line 4)",
        "note: slurm.txt: changed: 4 × times without a zone: taken as UTC",
        "note: out.swf: not in swf: 1 × array_id: SWF has no field for it",
        "note: out.swf: not in swf: 2 × other_slots: SWF has no field for it",
        "note: out.swf: not in swf: 1 × state timeout: written as failed",
        "note: out.swf: not in swf: 1 × names of tenant: written as numbers, the names in header lines",
        "note: out.swf: not in swf: 1 × names of user: written as numbers, the names in header lines",
        "note: out.swf: not in swf: 1 × names of pool: written as numbers, the names in header lines",
        "out.swf: 2 jobs written as swf",
    ]
    assert read_log("out.swf").numbers("slots").tolist() == [4, 2]


def test_slots_are_what_the_user_says(capsys):
    _, err = run(capsys, "slurm.txt", "out.csv", "--slots-are", "cpus")
    table = read_log("out.csv")
    assert table.numbers("requested_s").tolist() == [7200, 3600, NO_LIMIT_S]
    assert table.numbers("slots").tolist() == [16, 16, 8]
    assert table.frame["user"].tolist() == ["lee", "lee", "김철수"]
    _, err = run(capsys, "log.swf", "x.csv", "--slots-are", "gpus", code=2)
    said = err
    assert "--slots-are is for logs that count several things (sacct, " in said
    assert ", not swf" in said


def test_replay_takes_slurm_logs(capsys):
    assert entry(["replay", "slurm.txt", "--slots", "4", "--slots-are", "gpus", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["jobs"] == 2


def test_batsim_leaves_out_what_it_cannot_run_and_says_so(capsys):
    Path("log.swf").write_text(SWF + "4 30 -1 -1 1 -1 -1 1 30 -1 5 2 1 -1 1 -1 -1 -1\n")
    _, err = run(capsys, "log.swf", "out.json")
    assert "note: out.json: not in batsim: 1 × no run time" in err
    assert "out.json: 3 jobs written as batsim" in err
    assert len(json.loads(Path("out.json").read_text())["jobs"]) == 3


def test_standard_input_and_output(capsysbinary, monkeypatch):
    stdin = SimpleNamespace(buffer=io.BytesIO(gzip.compress(SACCT.encode())))
    monkeypatch.setattr(sys, "stdin", stdin)
    assert entry(["workload", "convert", "-", "-", "--to", "jobtable-csv"]) == 0
    out = capsysbinary.readouterr().out
    Path("out.csv").write_bytes(out)
    assert len(read_log("out.csv")) == 2


def test_a_pipe_that_is_recognised_as_nothing_is_read_as_swf(capsys, monkeypatch):
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(b"hello\n")))
    _, err = run(capsys, "-", "out.csv", code=3)
    assert "<stdin>:1" in err


def test_malformed_lines_are_errors_or_counted(capsys):
    Path("log.swf").write_text(SWF + "5 x\n")
    _, err = run(capsys, "log.swf", "out.csv", code=3)
    assert "log.swf:7:3: field 2 (submit time) is 'x', not a number" in err
    assert not Path("out.csv").exists()
    _, err = run(capsys, "log.swf", "out.csv", "--lenient")
    assert "left out: 1 × malformed line (line 7" in err


def test_a_file_is_not_overwritten_unless_forced(capsys):
    Path("out.csv").write_text("mine")
    assert "exists already" in run(capsys, "log.swf", "out.csv", code=3)[1]
    assert Path("out.csv").read_text() == "mine"
    run(capsys, "log.swf", "out.csv", "--force")
    run(capsys, "out.csv", "out.csv", "--force")
    assert len(read_log("out.csv")) == 3


@pytest.mark.parametrize(
    ("args", "code", "says"),
    [
        (["none.swf", "out.csv"], 3, "no such file"),
        ([".", "out.csv"], 3, "this is a directory"),
        (["log.swf", "out.xyz"], 3, "otherwise say --to"),
        (["log.swf", "none/out.csv"], 3, "no such directory"),
        (["log.swf", "out.csv", "--from", "swff"], 2, "did you mean 'swf'?"),
        (["log.swf", "out.csv", "--to", "cvs"], 2, "allowed:"),
        (["log.swf", "out.txt", "--to", "sacct"], 2, "sacct can be read but not written; writable: swf"),
        (["slurm.txt", "out.csv", "--from", "swf"], 3, "slurm.txt:1:1: field 1"),
        (["log.swf"], 2, "Missing argument 'B'"),
    ],
)
def test_what_cannot_be_done_says_why(capsys, args, code, says):
    assert says in run(capsys, *args, code=code)[1]
    assert sorted(path.name for path in Path().iterdir()) == ["log.swf", "slurm.txt"]


@pytest.mark.parametrize("content", ["", "\0\0\0", "JobID|Submit|Elapsed|NCPUS\n", "; only a header\n"])
def test_a_log_without_a_job_is_an_error(capsys, content):
    Path("log.txt").write_text(content)
    assert "error: log.txt" in run(capsys, "log.txt", "out.csv", code=3)[1]


def test_help_names_every_format_and_imports_nothing_heavy():
    heavy = ["numpy", "pandas", "pint", "simpy", "numba", "scipy", "pydantic", "pyarrow", "rich"]
    call = (
        "import sys; from capacity.cli.main import entry; code = entry(['workload', 'convert', '--help']); "
        f"sys.exit(code or any(name in sys.modules for name in {heavy}))"
    )
    done = subprocess.run([sys.executable, "-c", call], capture_output=True, check=False, text=True)
    assert done.returncode == 0
    unbroken = "".join(done.stdout.split())
    assert all(name in unbroken for name in FORMATS)


def test_list_readers_shows_all_and_which_are_read_only(capsys):
    assert entry(["list", "readers", "--format", "csv"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(",")[0] for line in lines[1:]] == [*FORMATS]
    assert "read only" in next(line for line in lines if line.startswith("sacct"))
