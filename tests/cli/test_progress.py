"""How far a command is, on stderr: the same words whether replications are counted out or until precise."""

import re

import pytest

from capacity.cli.main import entry
from capacity.cli.options import executing
from capacity.report.language import Language
from tests.support.small_site import write_small

PATIENT = ["--until", "2021-01-25", "-r", "3", "-j", "1"]


@pytest.mark.parametrize(
    "args",
    [["simulate", *PATIENT], ["simulate", "--precision", "1 %", *PATIENT],
     ["storage", "--precision", "1 %", *PATIENT]],
    ids=["simulate", "until precise", "storage until precise"],
)  # fmt: skip
def test_what_replicates_says_how_far_it_is(args, capsys, monkeypatch, tmp_path):
    monkeypatch.setattr(executing, "EVERY_S", 0.0)
    assert entry([args[0], str(write_small(tmp_path)), *args[1:]]) == 0
    told = re.findall(r"(?m)^(\d+)% of 3 runs, [\d,]+ jobs, [\d,]+ jobs/s$", capsys.readouterr().err)
    parts = [int(part) for part in told]
    assert parts == sorted(parts)
    assert parts[0] == 0 and 90 < parts[-1] < 100


def test_one_run_is_not_counted(capsys, monkeypatch):
    monkeypatch.setattr(executing, "EVERY_S", 0.0)
    with executing.runs_progress(1, Language("en"), title="nodes=3: ") as show:
        show(0.25, 100.0, 2000)
        show(1.0, 400.0, 9000)
    assert re.fullmatch(r"nodes=3: 25% of the run, 2,000 jobs, [\d,]+ jobs/s\n", capsys.readouterr().err)


def test_a_terminal_has_a_bar(capsys, monkeypatch):
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "150")
    with executing.runs_progress(4, Language("en")) as show:
        show(2.5, 100.0, 2000)
    err = re.sub(r"\x1b\[[\d;?]*[A-Za-z]", "", capsys.readouterr().err)
    assert re.search(r"simulating .* 62 %  2 of 4 runs  2,000 jobs [\d,]+/s", err)
