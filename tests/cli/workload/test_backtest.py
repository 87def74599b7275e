"""``capacity workload fit --backtest``: what was forecast beside what came, in every form and language."""

import csv
import io
import json
from pathlib import Path

import pytest

from capacity.cli.main import entry
from capacity.study.backtest import origins
from capacity.study.backtest.forecast import FORECAST
from tests.support.logs_to_fit import random_log, swf
from workloads.fitting import fit as fitting

WEEKS = 30


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path, monkeypatch):
    """Run in a folder of its own, with few futures and without the search for a restraint."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(fitting, "fit_restraint", lambda *_: 0.0)
    monkeypatch.setattr(origins.backtest, "__kwdefaults__", origins.backtest.__kwdefaults__ | {"count": 12})
    table = random_log(80 * WEEKS, 5, days=7 * WEEKS)
    given = {column: table.numbers(column) for column in ("submit_s", "run_s", "slots", "requested_s")}
    Path("log.swf").write_text(swf(**given), encoding="utf-8")


def run(capsys, *args):
    code = entry(["workload", "fit", "log.swf", *args])
    captured = capsys.readouterr()
    assert "Traceback" not in captured.err
    assert "this is a bug" not in captured.err
    return code, captured.out, captured.err


def test_every_form_has_the_same_numbers(capsys):
    code, out, _ = run(capsys, "--backtest", "--horizon", "4w", "--json")
    whole = json.loads(out)
    assert whole["horizon_s"] == 4 * 7 * 86_400
    assert {row["week"] for row in whole["rows"]} == {13, 17, 21, 25}
    assert [row["metric"] for row in whole["rows"][: len(FORECAST)]] == [*FORECAST]
    for one in whole["coverage"]:
        inside = [row["inside"] for row in whole["rows"] if row["metric"] == one["metric"]]
        assert (one["count"], one["inside"]) == (len(inside), sum(inside))
        assert one["inside"] + one["above"] + one["below"] == one["count"]
    assert code == (4 if any(one["standing"] == "shown not" for one in whole["coverage"]) else 0)
    _, out, _ = run(capsys, "--backtest", "--horizon", "4 weeks", "--format", "csv")
    table = [*csv.DictReader(io.StringIO(out))]
    assert [float(row["found"]) for row in table] == pytest.approx([row["found"] for row in whole["rows"]])
    _, out, _ = run(capsys, "--backtest", "--horizon", "28 day")
    use = whole["coverage"][0]
    assert f"the 80 % interval holds {use['inside']} of {use['count']}" in out
    assert "Intervals are stretched" in out
    _, out, _ = run(capsys, "--backtest", "--horizon", "4w", "--lang", "ko")
    assert f"80% 구간에 {use['count']}번 중 {use['inside']}번" in out


def test_a_model_is_written_where_one_is_asked_for(capsys):
    _, alone, err = run(capsys, "--backtest")
    assert "level:" not in err
    assert not Path("model.yaml").exists()
    _, out, err = run(capsys, "--backtest", "-o", "model.yaml")
    assert out == alone
    assert "in 13 weeks it drifts" in err
    assert Path("model.yaml").read_text("utf-8").startswith("# Jobs like those of log.swf")


@pytest.mark.parametrize(("args", "code", "message"), [
    (("--horizon", "4w"), 2, "--horizon belongs to --backtest"),
    (("--seed", "1"), 2, "--seed belongs to"),
    (("--backtest", "--months", "3"), 2, "--months belongs to --check"),
    (("--backtest", "--check", "-o", "m.yaml"), 2, "one at a time"),
    (("--backtest", "--horizon", "40w"), 3, "too short to forecast"),
    (("--backtest", "--horizon", "1 day"), 3, "at least a week"),
    (("--backtest", "--horizon", "0w"), 3, "at least a week"),
    (("--backtest", "--horizon", "13"), 3, "--horizon"),
])  # fmt: skip
def test_what_makes_no_sense_is_refused(capsys, args, code, message):
    found, out, err = run(capsys, *args)
    assert found == code
    assert message in err
    assert out == ""
