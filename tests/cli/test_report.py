"""``capacity report``: a run directory in; one HTML file, Markdown and CSV out; nothing half."""

import json

import pytest

from capacity.cli.main import entry
from tests.support.small_site import write_small


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("reports")
    path = str(write_small(folder))
    assert entry(["simulate", path, "-r", "2", "-o", str(folder / "run"), "--json"]) == 0
    size = ["size", path, "--vary", "site.pools.gpu.nodes=3..8", "--require", "p95_wait_s[pool=gpu] <= 3 day"]
    assert entry([*size, "-r", "5", "--in-futures", "50%", "-o", str(folder / "size"), "--json"]) in {0, 4}
    assert (
        entry(
            [
                "compare",
                path,
                "--policy",
                "fcfs",
                "--policy",
                "easy",
                "-r",
                "2",
                "-o",
                str(folder / "compare"),
                "--json",
            ]
        )
        == 0
    )
    return folder


@pytest.fixture
def report(capsys):
    def call(*args):
        capsys.readouterr()
        code = entry(["report", *map(str, args)])
        captured = capsys.readouterr()
        assert "Traceback" not in captured.err
        assert "this is a bug" not in captured.err
        return code, captured.out, captured.err

    return call


@pytest.mark.parametrize("kind", ["run", "size", "compare"])
@pytest.mark.parametrize("lang", ["en", "ko"])
def test_every_kind_of_run_has_a_report(report, folder, tmp_path, kind, lang):
    target = tmp_path / "out.html"
    code, out, _ = report(folder / kind, "--lang", lang, "-o", target, "--no-verify")
    assert (code, out.strip()) == (0, str(target))
    text = target.read_text("utf-8")
    assert text.startswith("<!doctype html>")
    assert f'<html lang="{lang}">' in text
    assert "nan" not in text.split("<pre")[0].replace("finance", "").lower().split()
    assert (tmp_path / "out.md").read_text("utf-8").startswith("# ")
    assert list((tmp_path / "out-figures").glob("*.csv"))


def test_the_report_goes_into_the_run_and_beside_that_of_another_language(report, folder):
    assert report(folder / "run", "--no-verify")[0] == 0
    assert report(folder / "run", "--no-verify", "--lang", "ko")[0] == 0
    names = {path.name for path in (folder / "run").iterdir()}
    assert {"report.html", "report.ko.html", "findings.md", "findings.ko.md", "figures"} <= names
    assert not [name for name in names if name.startswith(".")]
    code, _, err = report(folder / "run", "--no-verify")
    assert code == 3
    assert "--force" in err
    assert report(folder / "run", "--no-verify", "--force")[0] == 0


def test_a_report_can_say_that_the_tool_was_checked(report, folder, tmp_path):
    code, _, _ = report(folder / "run", "-o", tmp_path / "checked.html")
    assert code == 0
    assert "in its quick form" in (tmp_path / "checked.html").read_text("utf-8")


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda run: (run / "manifest.json").unlink(), "no manifest.json"),
        (lambda run: (run / "manifest.json").write_text("{"), "not JSON"),
        (lambda run: (run / "manifest.json").write_text("[]"), "not a run directory"),
        (lambda run: (run / "replications.parquet").unlink(), "no replications.parquet"),
        (lambda run: (run / "replications.parquet").write_bytes(b"PAR1"), "broken"),
        (lambda run: change(run, resolved={}), "not one of this version"),
        (lambda run: change(run, replications=7), "7"),
        (lambda run: change(run, log={}), "replay"),
        (lambda run: change(run, hash=None, drop="hash"), "lacks"),
    ],
)
def test_a_broken_directory_is_said_to_be_one(report, folder, tmp_path, spoil, says):
    run = tmp_path / "run"
    run.mkdir()
    for name in ("manifest.json", "replications.parquet", "findings.json"):
        (run / name).write_bytes((folder / "run" / name).read_bytes())
    spoil(run)
    before = sorted(path.name for path in run.iterdir())
    code, out, err = report(run, "--no-verify")
    assert (code, out) == (3, "")
    assert says in err
    assert sorted(path.name for path in run.iterdir()) == before


def change(run, *, drop=None, **values):
    manifest = json.loads((run / "manifest.json").read_text("utf-8"))
    manifest |= values
    manifest.pop(drop, None)
    (run / "manifest.json").write_text(json.dumps(manifest), "utf-8")


def test_what_is_no_directory_is_refused(report, tmp_path):
    assert report(tmp_path / "nowhere")[0] == 3
    (tmp_path / "file").write_text("x")
    assert report(tmp_path / "file")[0] == 3


# --- Requirements gate a pipeline ----------------------------------------------------------------


def test_a_requirement_that_is_not_met_ends_with_4(folder, capsys):
    path = str(folder / "small.yaml")
    assert entry(["simulate", path, "--require", "utilization[pool=gpu] <= 1", "--json"]) == 0
    assert "met" in capsys.readouterr().err
    assert entry(["simulate", path, "--require", "utilization[pool=gpu] >= 100 %", "--json"]) == 4
    captured = capsys.readouterr()
    assert json.loads(captured.out)["findings"], "the results are printed all the same"
    assert "NOT met" in captured.err
    assert entry(["simulate", path, "--require", "utilization[pool=gup] <= 1"]) == 3
    assert "gpu" in capsys.readouterr().err


def test_a_simulation_can_go_on_until_it_is_precise(folder, capsys, tmp_path):
    path, target = str(folder / "small.yaml"), tmp_path / "run"
    assert entry(["simulate", path, "--precision", "90%", "-o", str(target), "--json"]) == 0
    captured = capsys.readouterr()
    assert json.loads(captured.out)["replications"] == 10
    assert "every headline figure is known to ±90 %" in captured.err
    assert (target / "jobs.parquet").exists()
    assert entry(["simulate", path, "--precision", "0.1%", "-r", "11", "--json"]) == 0
    captured = capsys.readouterr()
    assert json.loads(captured.out)["replications"] == 11
    assert "after 11 replications, not to ±0.1 %" in captured.err
    assert entry(["simulate", path, "--precision", "5%", "-r", "1"]) == 2
