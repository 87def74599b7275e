"""Options about a log mean the same in every command that reads one."""

import click
import pytest

from capacity.cli.main import cli, entry

COMMANDS = (
    ["replay"],
    ["workload", "convert"],
    ["workload", "describe"],
    ["workload", "fit"],
    ["workload", "generate"],
)
ROWS = (
    "JobID|User|Submit|Start|End|State|AllocTRES",
    "1|kim|2022-01-01T00:00:00|2022-01-01T00:01:00|2022-01-01T01:01:00|COMPLETED|cpu=8,gres/gpu=2",
    "2|lee|2022-01-02T00:00:00|2022-01-02T00:01:00|2022-01-02T01:01:00|COMPLETED|cpu=16",
)


def parameters(words):
    """Return the options of a command by name: how it writes them and how it explains them."""
    command = cli
    for word in words:
        command = command.get_command(None, word)
    return {one.name: (one.opts[-1], one.help) for one in command.params if isinstance(one, click.Option)}


@pytest.mark.parametrize("words", COMMANDS, ids=lambda words: words[-1])
@pytest.mark.parametrize("name", ["format_of_log", "slots_are", "lenient"])
def test_every_command_explains_the_options_of_a_log_alike(words, name):
    assert parameters(words)[name] == parameters(["replay"])[name]


def test_describe_counts_what_the_user_calls_a_slot(capsys, tmp_path):
    log = tmp_path / "slurm.sacct"
    log.write_text("\n".join(ROWS) + "\n")
    for slots_are, jobs in (("gpus", 1), ("cpus", 2)):
        assert entry(["workload", "describe", str(log), "--slots-are", slots_are, "--format", "csv"]) == 0
        assert f"overview,jobs,,{jobs}.0,job," in capsys.readouterr().out.splitlines()


def test_what_is_no_choice_is_refused_alike(capsys, tmp_path):
    log = tmp_path / "log.swf"
    log.write_text("; MaxProcs: 4\n1 0 0 10 1 -1 -1 1 10 -1 1 1 1 1 1 1 -1 -1\n")
    for words in (["describe", str(log)], ["fit", str(log)]):
        assert entry(["workload", *words, "--slots-are", "cpus"]) == 2
        said = capsys.readouterr().err
        assert "--slots-are is for logs that count several things (sacct, " in said
        assert ", not swf" in said
