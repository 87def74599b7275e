"""``capacity workload fit``: a model in a file that is whole or not there, a clear word for hopeless logs."""

import csv
import io
import json
from pathlib import Path

import numpy as np
import pytest

from capacity.cli.main import entry
from capacity.inputs.reading.loader import load_part
from capacity.study.demand import likeness
from tests.support.logs_to_fit import random_log, swf
from workloads.fitting import fit as fitting
from workloads.logs import read_log

FIGURES = {"submission_utilization", "p50_wait_s", "p95_wait_s", "mean_bounded_slowdown"}


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path, monkeypatch):
    """Run in a folder of its own, without the search for a restraint, which takes seconds."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(fitting, "fit_restraint", lambda *_: 0.0)


def log(name="log.swf", **columns):
    table = random_log(400, 5)
    given = {column: table.numbers(column) for column in ("submit_s", "run_s", "slots", "requested_s")}
    given |= {"user": table.labels("user")[0], "group": table.labels("tenant")[0]}
    given |= {"queue": table.labels("job_class")[0] + 1, "status": 1, **columns}
    Path(name).write_text(swf(**given), encoding="utf-8")
    return name


def run(capsys, *args):
    code = entry(["workload", "fit", *args])
    captured = capsys.readouterr()
    assert "Traceback" not in captured.err
    assert "this is a bug" not in captured.err
    return code, captured.out, captured.err


def files():
    return sorted(path.name for path in Path().iterdir())


def valid(path="model.yaml"):
    record = load_part("workload", path).record
    assert record.title
    text = Path(path).read_text(encoding="utf-8")
    assert not {"nan", "inf", "NaN"} & {*text.replace(",", " ").replace("}", " ").split()}
    return record


def test_to_standard_output_and_to_a_file_alike(capsys):
    code, out, err = run(capsys, log())
    assert code == 0
    assert "400 jobs in" in err
    assert out.startswith("# Jobs like those of log.swf: 400 jobs")
    code, nothing, _ = run(capsys, "log.swf", "-o", "model.yaml")
    assert (code, nothing) == (0, "")
    assert Path("model.yaml").read_text(encoding="utf-8") == out
    assert run(capsys, "log.swf", "-o", "-")[1] == out
    valid()
    assert files() == ["log.swf", "model.yaml"]


def test_a_file_that_exists_is_kept_without_force(capsys):
    Path("model.yaml").write_text("mine", encoding="utf-8")
    code, _, err = run(capsys, log(), "-o", "model.yaml")
    assert code == 3
    assert "--force" in err
    assert Path("model.yaml").read_text(encoding="utf-8") == "mine"
    assert run(capsys, "log.swf", "-o", "model.yaml", "--force")[0] == 0
    valid()


def test_what_breaks_off_leaves_nothing(capsys, monkeypatch):
    def broken(*_args, **_options):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Path, "write_text", broken)
        log_name = "log.swf"
        with Path(log_name).open("w", encoding="utf-8") as stream:
            table = random_log(400, 5)
            numbers = {name: table.numbers(name) for name in ("submit_s", "run_s", "slots", "requested_s")}
            stream.write(swf(**numbers))
        code = run(capsys, log_name, "-o", "model.yaml")[0]
    assert code not in (0, 3)
    assert files() == ["log.swf"]


def test_the_model_draws_jobs(capsys):
    assert run(capsys, log(), "-o", "model.yaml")[0] == 0
    days = ("--start", "2024-01-01", "--until", "2024-01-28", "-o", "jobs.swf")
    assert entry(["workload", "generate", "model.yaml", *days]) == 0
    capsys.readouterr()
    jobs = read_log("jobs.swf")
    work = jobs.numbers("slots").astype(float) * jobs.numbers("run_s")
    target = valid().target
    wanted = target.offered_load * target.slots * 28 * 86_400
    assert 0 <= wanted - work.sum() < work.max()


@pytest.mark.parametrize(("by", "classes"), [("job_class", {"1", "2", "3"}), ("pool", {"none"})])
def test_classes_by_a_column(capsys, by, classes):
    assert run(capsys, log(), "--by", by, "-o", "model.yaml")[0] == 0
    assert {*valid().classes} == classes


def test_check_prints_both_queues(capsys):
    code, out, _ = run(capsys, log(), "-o", "model.yaml", "--check", "--months", "2", "--json")
    rows = json.loads(out)["rows"] if isinstance(json.loads(out), dict) else json.loads(out)
    assert {row["metric"] for row in rows} == FIGURES
    assert code == (4 if any(row["standing"] == "shown not" for row in rows) else 0)
    for row in rows:
        assert row["standing"] in ("shown", "not shown", "shown not")
        assert row["unit"] == likeness.UNITS[row["metric"]]
        assert row["low"] <= row["high"]
    again = ("log.swf", "-o", "model.yaml", "--force", "--check", "--months", "2")
    code_csv, out, _ = run(capsys, *again, "--format", "csv")
    table = [*csv.DictReader(io.StringIO(out))]
    assert code_csv == code
    assert [row["metric"] for row in table] == [row["metric"] for row in rows]
    assert [float(row["found"]) for row in table] == pytest.approx([row["found"] for row in rows])
    code_words, out, _ = run(capsys, *again)
    assert code_words == code
    assert all(metric in out for metric in FIGURES)
    assert "the log synthetic 95 % low 95 % high verdict" in " ".join(out.split())


@pytest.mark.parametrize(("verdict", "code"), [("within", 0), ("covered", 0), ("misses", 4)])
def test_the_exit_code_tells_a_miss(capsys, monkeypatch, verdict, code):
    real = 100.0
    synthetic, low = {"within": (101.0, 0.0), "covered": (200.0, 0.0), "misses": (200.0, 150.0)}[verdict]
    one = likeness.alike("p50_wait_s", real, synthetic, low, 300.0)
    monkeypatch.setattr(likeness, "compare", lambda *_: [one])
    found, out, err = run(capsys, log(), "-o", "model.yaml", "--check", "--months", "2")
    assert found == code
    assert verdict in out
    assert ("1 of 1 figures miss" in err) == (code == 4)
    valid()


def test_check_without_a_file_is_a_wrong_command_line(capsys):
    code, _, err = run(capsys, log(), "--check")
    assert code == 2
    assert "-o" in err


def test_without_a_size_of_the_machine(capsys):
    table = random_log(60)
    numbers = {name: table.numbers(name) for name in ("submit_s", "run_s", "slots", "requested_s")}
    Path("log.swf").write_text(swf(**numbers, header=""), encoding="utf-8")
    code, _, err = run(capsys, "log.swf")
    assert code == 3
    assert "--slots" in err
    assert run(capsys, "log.swf", "--slots", "64")[0] == 0


def test_jobs_that_cannot_be_replayed_are_counted(capsys):
    slots = np.where(np.arange(400) < 7, 65, 1)
    code, _, err = run(capsys, log(slots=slots))
    assert code == 3
    assert "of the work is left out: 7 × larger than the machine (64 slots)" in err
    code, _, err = run(capsys, log(slots=slots), "--lenient")
    assert code == 0
    assert "left out: 7 × larger than the machine (64 slots)" in err
    assert "% of the work" in err


N = 300
AT = np.arange(N) * 9000
HOPELESS = {
    "empty": "",
    "header only": "; MaxProcs: 64\n",
    "one job": swf(submit_s=[0], run_s=[5], slots=[1]),
    "one second": swf(submit_s=[7] * N, run_s=[5] * N, slots=[1] * N),
    "49 jobs": swf(submit_s=AT[:49], run_s=[500] * 49, slots=[1] * 49),
    "negative": swf(submit_s=-AT[::-1] - 1, run_s=[-5] * N, slots=[-1] * N),
    "no sizes": swf(submit_s=AT, run_s=[500] * N, slots=[-1] * N),
    "all too large": swf(submit_s=AT, run_s=[500] * N, slots=[65] * N),
    "an hour": swf(submit_s=np.arange(N) * 12, run_s=[500] * N, slots=[1] * N),
    "a load of 100": swf(submit_s=AT, run_s=[9000 * 100] * N, slots=[64] * N),
    "ages": swf(submit_s=AT * 10**7, run_s=[5] * N, slots=[1] * N),
}


@pytest.mark.parametrize("name", HOPELESS)
def test_hopeless_logs(capsys, name):
    Path("log.swf").write_text(HOPELESS[name], encoding="utf-8")
    code, out, err = run(capsys, "log.swf", "-o", "model.yaml")
    assert (code, out) == (3, "")
    assert "log.swf" in err
    assert files() == ["log.swf"]


MODEST = {
    "50 jobs": swf(submit_s=AT[:50], run_s=[500] * 50, slots=[1] * 50),
    "equal": swf(submit_s=AT, run_s=[500] * N, slots=[8] * N, requested_s=600, user=1),
    "a week": swf(submit_s=np.arange(N) * 2000, run_s=np.arange(1, N + 1), slots=[1] * N, user=AT % 7),
    "no users": swf(submit_s=AT, run_s=np.arange(1, N + 1), slots=[4] * N, requested_s=600),
    "users of their own": swf(submit_s=AT, run_s=np.arange(1, N + 1), slots=[4] * N, user=np.arange(N)),
    "1 s": swf(submit_s=AT, run_s=[1] * N, slots=[32] * N, user=1),
    "300 days": swf(submit_s=AT * 10, run_s=[300 * 86_400] * N, slots=[1] * N, user=1, requested_s=2**31 - 1),
    "huge": swf(
        submit_s=AT, run_s=[900] * N, slots=[2**31 - 1] * N, user=1, header="; MaxProcs: 2147483647\n"
    ),
    "epoch": swf(submit_s=1_600_000_000 + AT, run_s=np.arange(1, N + 1), slots=[1] * N),
    "requests of 0": swf(submit_s=AT, run_s=[900] * N, slots=[4] * N, requested_s=0),
    "some negative": swf(submit_s=AT, run_s=np.where(np.arange(N) % 3, 900, -1), slots=[4] * N),
}


@pytest.mark.parametrize("name", MODEST)
def test_modest_logs(capsys, name):
    Path("log.swf").write_text(MODEST[name], encoding="utf-8")
    code, _, err = run(capsys, "log.swf", "-o", "model.yaml")
    assert code == 0, err
    valid()
    days = ("--start", "2024-01-01", "--until", "2024-02-25", "-o", "jobs.swf")
    assert entry(["workload", "generate", "model.yaml", *days]) == 0
    capsys.readouterr()
    read_log("jobs.swf").validate()


def test_a_log_that_is_not_there(capsys):
    code, _, err = run(capsys, "nothing.swf")
    assert code == 3
    assert "nothing.swf" in err
