"""Tables, CSV and JSON: the same columns in every form, and nothing but text in a pipe."""

import csv
import io
import json
import os
import pty
import subprocess
import sys
from datetime import date

import numpy as np
import pytest

from capacity.cli.main import entry
from capacity.cli.printing.output import Output, json_values, plain_table
from capacity.report.terminal.table import Col

COLUMNS = (
    Col("site", "site"),
    Col("nodes", "nodes", align="right", format="{:,}".format),
    Col("wait_s", "wait", "h", align="right", format=lambda s: f"{s / 3600:.1f}"),
)
ROWS = ({"site": "광주", "nodes": 1440, "wait_s": 5400.0}, {"site": "b", "nodes": 8, "wait_s": None})


def test_a_table_in_a_pipe_is_aligned_text(capsys):
    Output("table").emit(COLUMNS, ROWS)
    assert capsys.readouterr().out == (
        "site  nodes  wait [h]\n"
        "광주  1,440       1.5\n"
        "b         8         –\n"
    )  # fmt: skip


def test_headings_can_be_left_out(capsys):
    Output("table", noheader=True).emit(COLUMNS, ROWS[1:])
    assert capsys.readouterr().out == "b  8  –\n"
    Output("csv", noheader=True).emit(COLUMNS, ROWS[1:])
    assert capsys.readouterr().out == "b,8,\n"
    assert plain_table(COLUMNS, [], noheader=True) == ""


def test_csv_holds_the_si_numbers_under_their_keys(capsys):
    Output("csv").emit(COLUMNS, ROWS)
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert rows[0] == {"site": "광주", "nodes": "1440", "wait_s": "5400.0"}
    assert rows[1]["wait_s"] == ""


def test_json_is_versioned_and_strict(capsys):
    Output("json").emit(
        COLUMNS, [{"a": float("nan"), "b": np.float64(2.5), "c": date(2022, 12, 31), "d": (1,)}]
    )
    document = json.loads(capsys.readouterr().out)
    assert document == {"schema_version": 1, "rows": [{"a": None, "b": 2.5, "c": "2022-12-31", "d": [1]}]}
    Output("json").emit(COLUMNS, ROWS, json_payload={"jobs": np.int64(3)})
    assert json.loads(capsys.readouterr().out) == {"schema_version": 1, "jobs": 3}


def test_json_values_keep_what_json_has():
    assert json_values({1: [True, None, "x", 3]}) == {"1": [True, None, "x", 3]}


def test_the_environment_sets_the_default_format_and_the_flag_wins(capsys, monkeypatch):
    monkeypatch.setenv("CAPACITY_FORMAT", "csv")
    assert entry(["units", "1 h", "--to", "min"]) == 0
    assert capsys.readouterr().out == "value,unit\n60.0,min\n"
    assert entry(["units", "1 h", "--to", "min", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["equivalents"][0]["value"] == 60


def on_terminal(args, **environment):
    """Run a command on a pseudo-terminal and return what appears there."""
    read, write = pty.openpty()
    code = "import sys; from capacity.cli.main import entry; sys.exit(entry(sys.argv[1:]))"
    env = {
        key: value for key, value in os.environ.items() if key not in ("NO_COLOR", "FORCE_COLOR", "COLUMNS")
    }
    run = subprocess.Popen(
        [sys.executable, "-c", code, *args], stdout=write, env={**env, "TERM": "xterm", **environment}
    )
    os.close(write)
    shown = b""
    while True:
        try:
            chunk = os.read(read, 65536)
        except OSError:  # Linux says EIO when the last writer is gone
            break
        if not chunk:
            break
        shown += chunk
    os.close(read)
    assert run.wait() == 0
    return shown.decode()


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_on_a_terminal_the_table_is_drawn_and_obeys_no_color_and_columns():
    drawn = on_terminal(["list", "orders"], COLUMNS="100")
    assert "\x1b[" in drawn
    assert "─" in drawn
    plain = on_terminal(["list", "orders"], COLUMNS="60", NO_COLOR="1")
    assert "\x1b[3" not in plain
    assert max(map(len, plain.splitlines())) < 100
