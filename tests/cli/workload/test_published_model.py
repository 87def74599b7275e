"""``capacity workload generate --model``: published models as logs, as a user types it."""

import json
from pathlib import Path

import numpy as np
import pytest

from capacity.cli.main import entry
from workloads.jobtable import slot_seconds
from workloads.logs import read_log


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def run(capsys, *args):
    code = entry(["workload", "generate", *args])
    captured = capsys.readouterr()
    assert "Traceback" not in captured.err
    assert "this is a bug" not in captured.err
    return code, captured.out, captured.err


@pytest.fixture
def log(capsys):
    """A log with users to draw from."""
    days = ("--start", "2022-03-01", "--until", "2022-03-28")
    assert run(capsys, "gwangju-research", *days, "-o", "log.swf")[0] == 0
    return "log.swf"


def test_a_model_becomes_a_log_that_says_what_it_is(capsys):
    args = ("--model", "lublin-batch", "--slots", "128", "--days", "300", "--seed", "1")
    code, out, err = run(capsys, *args, "-o", "x.swf")
    assert (code, out) == (0, "")
    table = read_log("x.swf")
    assert f"x.swf: {len(table):,} jobs of lublin-batch, " in err
    assert "slot-hours, seed 1; " in err
    assert table.max_slots == 128
    assert table.header["Note"] == (
        "synthetic demand, not a recorded log: model lublin-batch, 300 days, 128 slots, seed 1, replication 0"
    )
    np.testing.assert_array_equal(table.numbers("requested_s"), table.numbers("run_s"))
    assert entry(["replay", "x.swf", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["machine"]["slots"] == 128


def test_the_same_seed_gives_the_same_bytes_and_another_other_jobs(capsys):
    for name, options in {
        "a.swf": (),
        "b.swf": ("--seed", "1"),
        "seed.swf": ("--seed", "2"),
        "luck.swf": ("--replication", "1"),
        "load.swf": ("--offered-load", "0.8"),
        "asked.swf": ("--requests", "tsafrir"),
    }.items():
        assert run(capsys, "--model", "lublin", "--days", "30", *options, "-o", name)[0] == 0
    files = {path.name: path.read_bytes() for path in Path().iterdir()}
    assert files["a.swf"] == files["b.swf"]
    assert len(set(files.values())) == 5


@pytest.mark.parametrize("model", ["poisson", "poisson-independent", "resample"])
def test_a_log_is_drawn_from_over_its_own_length(capsys, log, model):
    code, _, err = run(capsys, "--model", model, "--log", log, "--slots", "512", "-o", "new.swf")
    assert code == 0
    old, new = read_log(log), read_log("new.swf")
    assert len(new) == pytest.approx(len(old), rel=0.35)
    assert new.numbers("submit_s").max() < 28 * 86_400
    assert "drawn from log.swf" in new.header["Note"]
    assert ("note:" in err) == bool(new.header and model == "resample")


def test_an_offered_load_and_requests_are_met(capsys, log):
    args = ("--model", "resample", "--log", log, "--slots", "512", "--days", "56", "--offered-load", "0.8")
    code, _, _ = run(capsys, *args, "--requests", "tsafrir", "--longest-request", "30 d", "-o", "new.swf")
    assert code == 0
    table = read_log("new.swf")
    submit_s = table.numbers("submit_s")
    assert slot_seconds(table).sum() / 512 / (submit_s[-1] - submit_s[0]) == pytest.approx(0.8, abs=1e-5)
    assert table.numbers("requested_s").max() == 30 * 86_400
    assert (table.numbers("requested_s") >= table.numbers("run_s")).all()


def test_a_model_goes_to_standard_output(capsysbinary):
    assert (
        entry(["workload", "generate", "--model", "lublin", "--days", "3", "--format", "jobtable-csv"]) == 0
    )
    out = capsysbinary.readouterr().out
    assert b"\njob_id,submit_s,run_s,requested_s,slots" in out
    Path("x.csv").write_bytes(out)
    rows = [line for line in out.splitlines() if line[:1].isdigit()]
    assert len(read_log("x.csv")) == len(rows) > 100


@pytest.mark.parametrize(
    ("args", "code", "says"),
    [
        (["--model", "lubin"], 3, "unknown model 'lubin'\n    did you mean 'lublin'?"),
        (["--model", "poisson"], 3, "the model poisson draws from a log\n    name one with --log"),
        (["--model", "poisson", "--log", "none.swf"], 3, "none.swf: no such file"),
        (["--model", "lublin", "--log", "none.swf"], 2, "the model lublin draws from no log"),
        (
            ["--model", "lublin", "--lenient"],
            2,
            "--column, --slots-are and --lenient belong to --log",
        ),
        (["--model", "lublin", "gwangju-plan"], 2, "--model lublin does not go with gwangju-plan"),
        (["--model", "lublin", "--start", "2020-01-01"], 2, "does not go with --start"),
        (
            ["gwangju-plan", "--days", "3", "--requests", "exact"],
            2,
            "--days and --requests belong to --model",
        ),
        (["--model", "lublin", "--days", "0"], 3, "--days: '0' is not possible here"),
        (["--model", "lublin", "--days", "nan"], 3, "--days: 'nan' is not possible here"),
        (["--model", "lublin", "--days", "much"], 3, "a number above 0, at most 18,250"),
        (["--model", "lublin", "--offered-load", "inf"], 3, "--offered-load: 'inf' is not possible here"),
        (["--model", "lublin", "--days", "1e-9"], 3, "no job is submitted"),
        (["--model", "lublin", "--slots", "1"], 3, "a machine of 1 slot is no parallel machine"),
        (["--model", "lublin", "--requests", "guess"], 2, "'--requests'"),
        (["--model", "lublin", "--longest-request", "1 h"], 2, "belongs to --requests tsafrir"),
        (
            ["--model", "lublin", "--days", "30", "--requests", "tsafrir", "--longest-request", "2 h"],
            3,
            "longer than the longest request, 7200 s",
        ),
    ],
)
def test_what_cannot_be_generated_is_said(capsys, args, code, says):
    found, out, err = run(capsys, *args)
    assert (found, out) == (code, "")
    assert says in err


def test_models_are_listed(capsys):
    assert entry(["list", "models"]) == 0
    out = capsys.readouterr().out
    assert "lublin-batch" in out
    assert "resample" in out
