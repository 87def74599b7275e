"""The options of commands that read a job log: its format, what its slots are, how strictly it is read."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

from workloads.formats import FORMATS

Command = TypeVar("Command", bound=Callable[..., Any])
SLOTS_ARE = ("gpus", "cpus", "nodes")


# What help says; errors name those of plug-ins, too, and `capacity list readers` does.
FORMAT_NAMES = ", ".join(FORMATS.own)
WRITABLE_NAMES = ", ".join(known.name for known in FORMATS.own.values() if known.writer)


def slots_are_option(command: Command) -> Command:
    """Give a command ``--slots-are``, passed to it as ``slots_are``."""
    return click.option(
        "--slots-are",
        type=click.Choice(SLOTS_ARE),
        help="What a slot is, for logs that count several things, as sacct does.  "
        "[default: gpus if any job has one, else cpus]",
    )(command)


def format_of_log_option(*names: str) -> Callable[[Command], Command]:
    """Give a command ``--format-of-log``, under further `names` too, passed to it as ``format_of_log``."""
    text = f"Format of the log: {FORMAT_NAMES}.  [default: by its ending, else by its content]"
    return click.option(*names, "--format-of-log", "format_of_log", metavar="NAME", help=text)


def lenient_option(command: Command) -> Command:
    """Give a command ``--lenient``."""
    text = "Leave out malformed lines, keep repeated ids, and count both."
    return click.option("--lenient", is_flag=True, help=text)(command)
