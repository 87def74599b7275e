"""``capacity replay`` as a user types it: what it prints, and what it says about a bad log."""

import csv
import gzip
import hashlib
import io
import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from capacity.cli.main import entry
from capacity.cli.options.policy import words_of
from capacity.errors import UsageError
from capacity.face.policy import rules_of
from capacity.registry import ORDERS, PLACEMENTS, TIES
from workloads.formats import FORMATS
from workloads.logs import read_log, write_log

HEADER = "; MaxProcs: 4\n"
JOBS = """\
1 0 5 100 4 -1 -1 4 200 -1 1 1 1 -1 1 -1 -1 -1
2 10 90 50 2 -1 -1 2 60 -1 1 1 1 -1 1 -1 -1 -1
3 20 80 30 1 -1 -1 1 30 -1 1 2 1 -1 1 -1 -1 -1
"""
CALL = "import sys; from capacity.cli.main import entry; sys.exit(entry(sys.argv[1:]))"


def line(job, submit, run, slots, requested):
    return f"{job} {submit} -1 {run} {slots} -1 -1 {slots} {requested} -1 1 1 1 -1 1 -1 -1 -1\n"


@pytest.fixture
def write(tmp_path, monkeypatch):
    """Return a function that writes a log into the directory the test runs in."""
    monkeypatch.chdir(tmp_path)

    def to(name, content=HEADER + JOBS):
        data = content if isinstance(content, bytes) else content.encode()
        Path(name).write_bytes(data)
        return name

    return to


def present():
    """Names in the directory the test runs in."""
    return sorted(path.name for path in Path().iterdir())


def run(capsys, *args):
    code = entry(["replay", *args])
    captured = capsys.readouterr()
    assert "Traceback" not in captured.err
    assert "this is a bug" not in captured.err
    return code, captured.out, captured.err


def numbers(capsys, *args):
    code, out, _ = run(capsys, *args, "--json")
    assert code == 0
    return json.loads(out)


def test_the_table_shows_the_past_beside_the_simulation(capsys, write):
    code, out, err = run(capsys, write("log.swf"))
    lines = out.splitlines()
    assert code == 0
    assert lines[0] == "log.swf on 4 slots, fcfs+easy, ties instant"
    assert lines[2].split() == ["metric", "simulated", "recorded"]
    assert "mean wait                       57 s        58 s" in lines
    assert "utilization                   88.3 %      88.3 %" in lines
    assert "in the batch system" in err


def test_json_begins_with_the_interface(capsys, write):
    document = numbers(capsys, write("log.swf"))
    assert [*document][:10] == [
        *("schema_version", "jobs", "mean_wait_s", "p50_wait_s", "p95_wait_s", "mean_bounded_slowdown"),
        *("max_bounded_slowdown", "utilization", "makespan_s", "engine_s"),
    ]
    assert document["machine"] == {"slots": 4, "nodes": 4, "slots_per_node": 1, "counted": True}
    assert document["recorded_jobs"] == 3


def test_csv_is_one_row_that_can_be_stacked(capsys, write):
    name = write("log.swf")
    out = (
        run(capsys, name, "--format", "csv")[1]
        + run(capsys, name, "--policy", "sjf", "--format", "csv", "-n")[1]
    )
    rows = list(csv.DictReader(io.StringIO(out)))
    assert [row["policy"] for row in rows] == ["fcfs+easy, ties instant", "sjf, ties instant"]
    assert {row["slots"] for row in rows} == {"4"}


def test_a_log_without_waits_has_no_past(capsys, write):
    _, out, err = run(capsys, write("log.swf", HEADER + line(1, 0, 10, 1, 20)))
    assert "recorded" not in out
    assert "does not say how long its jobs waited" in err
    assert numbers(capsys, "log.swf")["recorded_mean_wait_s"] is None


def test_the_machine_can_be_another_one(capsys, write):
    name = write("log.swf")
    assert numbers(capsys, name, "--slots", "8")["mean_wait_s"] == 0
    nodes = numbers(capsys, name, "--nodes", "2", "--slots-per-node", "2")["machine"]
    assert nodes == {"slots": 4, "nodes": 2, "slots_per_node": 2, "counted": False}
    one = numbers(capsys, name, "--nodes", "4", "--slots-per-node", "1")["machine"]
    assert one["counted"], "single slots are a counted machine"
    assert (
        "2 nodes of 2 slots, worst-fit"
        in run(capsys, name, "--nodes", "2", "--slots-per-node", "2", "--placement", "worst-fit")[1]
    )


@pytest.mark.parametrize("ending", [".swf", ".swf.gz", ".parquet", ".csv", ".csv.gz"])
def test_every_format_is_read(capsys, write, ending):
    table = read_log(write("log.swf"))
    write_log(table, f"again{ending}")
    assert numbers(capsys, f"again{ending}")["mean_wait_s"] == pytest.approx(170 / 3)
    Path(f"again{ending}").rename("unnamed")
    form = next(name for name in FORMATS if ending in FORMATS[name].suffixes)
    assert numbers(capsys, "unnamed", "--format-of-log", form)["jobs"] == 3


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_standard_input_is_a_log(capsys, write, monkeypatch, pack):
    data = pack((HEADER + JOBS).encode())
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(data)))
    assert numbers(capsys, "-", "-o", "run")["log"] == "<stdin>"
    manifest = json.loads(Path("run/manifest.json").read_text())
    write("log.swf", data)
    assert manifest["log"]["sha256"] == hashlib.sha256(data).hexdigest()


def test_a_pipe_is_read_once(capsys, tmp_path, monkeypatch):
    read, pipe = os.pipe()
    os.write(pipe, (HEADER + JOBS).encode())
    os.close(pipe)
    try:
        assert numbers(capsys, f"/dev/fd/{read}", "-o", str(tmp_path / "run"))["jobs"] == 3
    finally:
        os.close(read)


def test_parquet_comes_through_a_pipe_too(capsys, write, monkeypatch):
    write_log(read_log(write("log.swf")), "log.parquet")
    data = Path("log.parquet").read_bytes()
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(data)))
    assert numbers(capsys, "-", "--format-of-log", "jobtable-parquet")["jobs"] == 3


BAD = {
    "empty": ("", "no job in this log"),
    "only a header": (HEADER, "no job in this log"),
    "text": ("hello\n", "log.swf:1:1:"),
    "binary": (bytes(range(256)) * 20, "log.swf:"),
    "zero bytes": (HEADER.encode() + bytes(500), "zero byte"),
    "cut gzip": (gzip.compress((HEADER + JOBS * 1000).encode())[:100], "cut short"),
    "gzip of nothing": (gzip.compress(b""), "no job in this log"),
    "cut in a line": ((HEADER + JOBS)[:-40], "log.swf:4:"),
    "nan": (HEADER + line(1, 0, "nan", 1, 20), "log.swf:2:8: field 4 (run time) is 'nan', not a number"),
    "infinity": (HEADER + line(1, 0, "inf", 1, 20), "not a number"),
    "twice": (HEADER + JOBS + JOBS, "repeat the id of another job"),
    "no size": (JOBS, "--slots N"),
    "all too large": (HEADER + line(1, 0, 10, 9, 20), "1 × larger than the machine (4 slots) (job 1)"),
    "zero run times": (HEADER + line(1, 0, 0, 1, 20), "1 × no run time (job 1)"),
    "negative run times": (HEADER + line(1, 0, -5, 1, 20), "1 × no run time (job 1)"),
    "milliseconds": (HEADER + line(1, 1_700_000_000_000, 10, 1, 20), "divide milliseconds by 1000"),
    "endless": (HEADER + line(1, 0, 10**11, 1, 10**11), "68 years"),
    "Parquet": (b"PAR1" + bytes(100), "this is a Parquet file"),
}


@pytest.mark.parametrize("kind", BAD)
def test_a_log_that_cannot_be_replayed_is_exit_three(capsys, write, kind):
    content, says = BAD[kind]
    code, out, err = run(capsys, write("log.swf", content), "-o", "run", "--json")
    assert (code, out) == (3, "")
    assert says in err
    assert present() == ["log.swf"]


ODD = {
    "larger than the machine": (
        line(4, 30, 10, 9, 20),
        "left out: 1 × larger than the machine (4 slots) (job 4)",
    ),
    "zero run time": (line(4, 30, 0, 1, 20), "left out: 1 × no run time (job 4)"),
    "negative run time": (line(4, 30, -7, 1, 20), "left out: 1 × no run time (job 4)"),
    "request below the run time": (line(4, 30, 100, 1, 20), "killed there (job 4)"),
    "unsorted": (line(4, 5, 10, 1, 20), "1 × line out of submission order: sorted"),
    "fraction": (line(4, 30, 10.6, 1, 20), "1 × fractions rounded"),
}


@pytest.mark.parametrize("kind", ODD)
def test_an_odd_row_is_said_and_refused_when_strict(capsys, write, kind):
    row, says = ODD[kind]
    code, out, err = run(capsys, write("log.swf", HEADER + JOBS + row), "--json", "--lenient")
    assert code == 0
    assert f"log.swf: {'' if says.startswith('left') else 'changed: '}" in err
    assert says in err
    document = json.loads(out)
    assert len(document["dropped"]) + len(document["remarks"]) >= 1
    code, out, err = run(capsys, "log.swf", "--strict", "-o", "run")
    assert (code, out) == (3, "")
    assert says in err
    assert not Path("run").exists()


@pytest.mark.parametrize("row", [line(3, 30, 10, 1, 20), line(4, 30, "nan", 1, 20), "4 30 1\n"])
def test_lenient_goes_on_and_says_what_it_did(capsys, write, row):
    name = write("log.swf", HEADER + JOBS + row)
    assert run(capsys, name)[0] == 3
    code, _, err = run(capsys, name, "--lenient")
    assert code == 0
    assert "1 × repeats the id of another job: kept" in err or "left out: 1 × malformed line (line 5" in err
    assert run(capsys, name, "--lenient", "--strict")[0] == 3


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("missing.swf", "no such file"),
        ("missing", "no such file"),
        (".", "this is a directory"),
        ("log.txt", "--format-of-log swf|jobtable-parquet|jobtable-csv|sacct"),
    ],
)
def test_a_log_that_is_not_there_is_exit_three(capsys, write, name, says):
    write("log.txt", "hello\n")
    code, out, err = run(capsys, name)
    assert (code, out) == (3, "")
    assert f"error: {name}: " in err
    assert says in err


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["--policy", "eazy"], "unknown policy 'eazy': did you mean 'easy'?"),
        (["--policy", "EASY"], "did you mean 'easy'?"),
        (["--policy", "sfj+easy"], "unknown queue order 'sfj': did you mean 'sjf'?"),
        (["--policy", "sjf+esy"], "unknown backfilling rule 'esy': did you mean 'easy'?"),
        (["--policy", "f1+eas"], "unknown backfilling rule 'eas'"),
        (["--ties", "pys"], "did you mean 'pyss'?"),
        (["--placement", "bestfit"], "did you mean 'best-fit'?"),
        (["--format-of-log", "sfw"], "did you mean 'swf'?"),
        (["--slots", "0"], "'--slots'"),
        (["--slots", "4", "--nodes", "2"], "give one of them"),
        (["--nodes", "2"], "go together"),
        (["--slots-per-node", "2"], "go together"),
        (["--nodes", "10000000", "--slots-per-node", "8"], "slots on nodes"),
    ],
)
def test_a_wrong_option_is_exit_two(capsys, write, args, says):
    code, out, err = run(capsys, write("log.swf"), *args)
    assert (code, out) == (2, "")
    assert says in err


def test_help_names_every_tie_rule_placement_and_format(capsys):
    text = "".join(run(capsys, "--help")[1].split())
    for name in (*TIES, *PLACEMENTS, *FORMATS):
        assert name in text


def test_every_order_goes_with_and_without_backfilling():
    for order in ORDERS:
        for text, backfill in ((order, "none"), (f"{order}+easy", "easy")):
            rules = rules_of(text, ties="event", placement="random", seed=3)
            assert (rules.order, rules.backfill, rules.ties) == (order, backfill, "event")
            assert words_of(rules) == f"{text}, ties event"
    assert rules_of("none", ties="instant", placement="best-fit", seed=1).order == "fcfs"
    with pytest.raises(UsageError, match="allowed"):
        rules_of("", ties="instant", placement="best-fit", seed=1)


def test_a_run_directory_is_written_once_and_overwritten_by_force(capsys, write):
    name = write("log.swf")
    assert run(capsys, name, "-o", "run")[0] == 0
    code, out, err = run(capsys, name, "-o", "run")
    assert (code, out) == (3, "")
    assert "run: exists already" in err
    assert run(capsys, name, "-o", "run", "--force")[0] == 0
    manifest = json.loads(Path("run/manifest.json").read_text())
    assert manifest["log"]["sha256"] == hashlib.sha256((HEADER + JOBS).encode()).hexdigest()
    assert present() == ["log.swf", "run"]


@pytest.mark.parametrize(
    ("target", "says"),
    [("log.swf", "not a directory"), ("full", "not a run directory"), ("/dev/null/run", "cannot write here")],
)
def test_a_place_that_cannot_be_written_is_refused_before_reading(capsys, write, target, says):
    write("log.swf")
    Path("full").mkdir()
    Path("full/thesis.tex").write_text("mine")
    code, out, err = run(capsys, "never-read.swf", "-o", target, "--force")
    assert (code, out) == (3, "")
    assert says in err
    assert Path("full/thesis.tex").read_text() == "mine"


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_an_unwritable_directory_is_refused(capsys, write):
    Path("closed").mkdir(mode=0o500)
    code, out, err = run(capsys, write("log.swf"), "-o", "closed/run")
    assert (code, out) == (3, "")
    assert "cannot write here" in err


LIMITED = """
import resource, sys
from capacity.cli.main import entry
from capacity.scheduling.compiled import load_core
load_core("queue")
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
sys.exit(entry(sys.argv[1:]))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs a limit on the size of files")
def test_a_full_disk_leaves_nothing_behind(write):
    name = write("log.swf", HEADER + "".join(line(n, n * n, n % 97 + 1, 1, 100) for n in range(1, 2000)))
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, "replay", name, "-o", "run", "--json"],
        capture_output=True,
        check=False,
    )
    assert done.returncode == 3
    assert done.stdout == b""
    assert done.stderr.decode().splitlines()[-1].startswith("error: run: File too large")
    assert present() == ["log.swf"]


def test_a_closed_pipe_ends_quietly(write):
    name = write("log.swf")
    read, pipe = os.pipe()
    os.close(read)
    with os.fdopen(pipe, "wb") as closed:
        done = subprocess.run(
            [sys.executable, "-c", CALL, "replay", name, "--json"],
            stdout=closed,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert done.returncode == 0
    assert done.stderr == b""


def test_the_past_is_compared_by_month_size_and_length(capsys, write):
    code, out, _ = run(capsys, write("log.swf"), "--compare-recorded")
    lines = out.splitlines()
    assert code == 0
    assert lines[0] == "log.swf on 4 slots, fcfs+easy, ties instant", "the replay itself comes first"
    heading = next(index for index, line in enumerate(lines) if line.startswith("by "))
    assert lines[heading].split()[:6] == ["by", "group", "jobs", "wait", "p50", "recorded"]
    assert [row.split()[0] for row in lines[heading + 1 : heading + 8]] == [
        *("month", "slots", "slots", "slots", "run", "run", "all")
    ]
    assert out.count("1 − Σ jobs · |simulated − recorded|") == 1


def test_the_comparison_is_in_json_csv_and_findings(capsys, write):
    found = numbers(capsys, write("log.swf"), "--compare-recorded", "-o", "run")
    assert found["jobs"] == 3, "what a replay prints is still there"
    assert list(found["compared"]) == ["groups", "scores", "score_definition"]
    whole = found["compared"]["groups"][-1]
    assert (whole["by"], whole["jobs"]) == ("all", 3)
    assert whole["recorded_mean_wait_s"] == pytest.approx(175 / 3)
    assert whole["simulated_mean_wait_s"] == found["mean_wait_s"]
    assert len(found["compared"]["scores"]) == 9
    written = json.loads(Path("run/findings.json").read_text())["findings"]
    assert {"slots", "run_time", "month"} <= {label for one in written for label in one["labels"]}
    code, out, _ = run(capsys, "log.swf", "--compare-recorded", "--format", "csv")
    table = list(csv.DictReader(io.StringIO(out)))
    assert code == 0
    assert {row["by"] for row in table} == {"month", "slots", "run time"}
    assert all(
        (row["p50_wait_score"] == "") == (row["group"] != "all") for row in table if row["by"] == "slots"
    )
    assert numbers(capsys, "log.swf").get("compared") is None


def test_a_log_without_waits_cannot_be_compared(capsys, write):
    code, out, err = run(
        capsys, write("log.swf", HEADER + line(1, 0, 10, 1, 20)), "--compare-recorded", "-o", "run"
    )
    assert (code, out) == (3, "")
    assert (
        "log.swf: the log does not say how long its jobs waited\n    replay it without --compare-recorded"
        in err
    )
    assert present() == ["log.swf"]


def test_a_past_that_is_none_is_said(capsys, write):
    rows = JOBS.replace("1 0 5", "1 0 0").replace("2 10 90", "2 10 0").replace("3 20 80", "3 20 -1")
    code, _, err = run(capsys, write("log.swf", HEADER + rows), "--compare-recorded")
    assert code == 0
    assert "note: log.swf: not compared: 1 × no recorded wait" in err
    assert "no job ever waited: these are hardly recorded waits" in err
