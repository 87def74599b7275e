"""The command line answers at once: help, version and TAB import nothing heavy, whatever the command."""

import os
import subprocess
import sys

import click
import pytest

from capacity.cli.main import COMMANDS, cli, entry

HEAVY = ["numpy", "pandas", "pint", "simpy", "numba", "scipy", "matplotlib", "pydantic", "rich", "pyarrow"]
HEAVY += ["holidays"]

# Prints what the command line prints, then on stderr which of the heavy packages it has imported.
PROBE = f"""
import sys
from capacity.cli.main import entry
code = entry(sys.argv[1:])
print(*(name for name in {HEAVY!r} if name in sys.modules), file=sys.stderr)
sys.exit(code)
"""


def probe(*args, **environment):
    return subprocess.run(
        [sys.executable, "-c", PROBE, *args],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("args", [["--help"], ["--version"], *([name, "--help"] for name in COMMANDS)])
def test_help_and_version_import_nothing_heavy(args):
    run = probe(*args)
    assert run.returncode == 0
    assert run.stdout
    assert run.stderr.strip() == ""


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("capacity ", "validate"),
        ("capacity un", "units"),
        ("capacity --de", "--debug"),
        ("capacity units --form", "--format"),
        ("capacity list si", "sites"),
        ("capacity schema sc", "scenario"),
        ("capacity show ./my", "./my"),
    ],
)
def test_tab_imports_nothing_heavy(words, offered):
    run = probe(
        _CAPACITY_COMPLETE="bash_complete", COMP_WORDS=words, COMP_CWORD=str(len(words.split(" ")) - 1)
    )
    assert offered in run.stdout
    assert run.stderr.strip() == ""


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(name):
    context = click.Context(cli)
    command = cli.get_command(context, name)
    assert command is not None
    assert command.help
    assert "capacity " in (command.epilog or ""), "an example"
    for parameter in command.params:
        assert not isinstance(parameter, click.Option) or parameter.help, parameter.name


def test_the_main_help_lists_commands_and_exit_codes(capsys):
    assert entry(["--help"]) == 0
    text = capsys.readouterr().out
    assert all(name in text for name in COMMANDS)
    assert "130" in text
    assert max(map(len, text.splitlines())) <= 110
