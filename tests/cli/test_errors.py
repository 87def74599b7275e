"""Whatever goes wrong has its exit code and a message without a traceback."""

import errno
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import click
import pytest

from capacity.cli.main import COMMANDS, entry
from capacity.errors import InputError, Problem, RequirementNotMet, UnitError, UsageError
from workloads.errors import LogError


@pytest.fixture
def failing(monkeypatch):
    """Add a command ``fail`` that raises what it is given."""

    def add(error):
        @click.command
        def command():
            raise error

        monkeypatch.setitem(sys.modules, "capacity.cli.fail", SimpleNamespace(command=command))
        monkeypatch.setitem(COMMANDS, "fail", "Fail.")

    return add


@pytest.mark.parametrize(
    ("error", "code", "says"),
    [
        (UsageError("no such thing"), 2, "error: no such thing"),
        (
            InputError("wrong", where="a.yaml:3:1", fix="write it so"),
            3,
            "error: a.yaml:3:1: wrong\n    write it so",
        ),
        (
            InputError([Problem("one"), Problem("two", "a.yaml:1:1")]),
            3,
            "error: 2 problems\none\na.yaml:1:1: two",
        ),
        (UnitError("no unit"), 3, "no unit"),
        (RequirementNotMet("p95 is 2 h"), 4, "p95 is 2 h"),
        (LogError.whole_file("a.swf", "is empty"), 3, "a.swf: is empty"),
        (PermissionError(errno.EACCES, "Permission denied", "/out"), 3, "/out: Permission denied"),
        (FileExistsError(errno.EEXIST, "File exists", "/out"), 3, "/out: File exists"),
        (OSError(errno.ENOSPC, "No space left on device"), 3, "No space left"),
        (OSError(errno.EIO, "Input/output error"), 1, "this is a bug"),
        (EOFError("ended early"), 1, "EOFError: ended early"),
        (ZeroDivisionError("division by zero"), 1, "capacity --debug fail"),
        (MemoryError(), 1, "out of memory"),
        (KeyboardInterrupt(), 130, "interrupted"),
        (click.UsageError("no"), 2, "Error: no"),
        (click.Abort(), 130, "interrupted"),
    ],
)
def test_errors_have_a_code_and_a_message(failing, capsys, error, code, says):
    failing(error)
    assert entry(["fail"]) == code
    captured = capsys.readouterr()
    assert captured.out == ""
    assert says in captured.err
    assert "Traceback" not in captured.err


@pytest.mark.parametrize("error", [ZeroDivisionError("division by zero"), InputError("wrong")])
def test_debug_shows_the_traceback_and_keeps_the_code(failing, capsys, error):
    failing(error)
    code = entry(["fail"])
    assert entry(["--debug", "fail"]) == code
    assert "Traceback" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["simulat"], "No such command 'simulat'"),
        (["unit"], "did you mean 'units'?"),
        (["units"], "Missing argument"),
        (["--nonsense"], "No such option"),
        (["units", "1 h", "--format", "xml"], "'xml' is not one of"),
        (["list", "site"], "unknown kind 'site': did you mean 'sites'?"),
        ([], "Usage:"),
    ],
)
def test_a_wrong_command_line_is_two(capsys, args, says):
    assert entry(args) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert says in captured.err


def test_an_exit_inside_a_command_is_kept(monkeypatch):
    @click.command
    @click.pass_context
    def command(context):
        context.exit(4)

    monkeypatch.setitem(sys.modules, "capacity.cli.leave", SimpleNamespace(command=command))
    monkeypatch.setitem(COMMANDS, "leave", "Leave.")
    assert entry(["leave"]) == 4


CALL = "import sys; from capacity.cli.main import entry; sys.exit(entry(sys.argv[1:]))"


@pytest.mark.parametrize("args", [["--help"], ["units", "107PB"], ["list", "orders"]])
def test_a_closed_pipe_ends_quietly(args):
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "wb") as closed:
        run = subprocess.run(
            [sys.executable, "-c", CALL, *args], stdout=closed, stderr=subprocess.PIPE, check=False
        )
    assert run.returncode == 0
    assert b"roken" not in run.stderr
    assert b"Exception" not in run.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_is_said():
    args = ["list", "orders"]
    with Path("/dev/full").open("wb") as full:
        run = subprocess.run(
            [sys.executable, "-c", CALL, *args], stdout=full, stderr=subprocess.PIPE, check=False
        )
    assert run.returncode == 3
    assert run.stderr.decode().strip() == "error: No space left on device"
