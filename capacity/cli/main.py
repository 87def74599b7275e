"""The command ``capacity``: its table of commands, and the one place that turns errors into exit codes.

Nothing heavy is imported here or by what is imported here: ``--help``, ``--version`` and TAB answer at once.
"""

import errno
import os
import shlex
import sys
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.shell_completion import shell_complete

import capacity
from capacity.cli.lazy import LazyGroup
from capacity.cli.termination import TERMINATED, Terminated, terminable
from capacity.errors import CapacityError

if TYPE_CHECKING:
    from capacity.report.language import Language

COMMANDS = {
    "simulate": "Queue load, utilization and storage, month by month.",
    "storage": "How storage grows per tier, and when each tier fills.",
    "compare": "The same demand on several sites or scenarios.",
    "size": "The smallest or cheapest site that meets what is required.",
    "sensitivity": "Which assumption moves which answer, and what to find out first.",
    "sweep": "One scenario under many values, on one machine or many.",
    "report": "A run as one HTML file that can be signed.",
    "replay": "A real log on a given machine and policy, and its recorded past.",
    "workload": "Make job logs: generate them from a demand model.",
    "verify": "Is this tool right? Published schedules, closed forms, invariants.",
    "validate": "Check a specification and name everything that is wrong.",
    "show": "Print a scenario, site or part in full, with the origin of each value.",
    "list": "List the names one can use: sites, scenarios, hardware, policies, …",
    "schema": "Print the JSON Schema of a kind of specification.",
    "units": "Convert or check a quantity expression.",
}

COMPLETION = "_CAPACITY_COMPLETE"

INTERRUPTED = 130
INPUT_INVALID = 3

EPILOG = """\b
Exit codes:
  0    done
  1    the run failed
  2    the command line is wrong
  3    an input is invalid: a file, a value, a log, or a place to write to
  4    done, but a stated requirement is not met
  130  interrupted
  143  told to end (SIGTERM), as by a batch system or timeout

\b
TAB completion (bash; zsh and fish alike):
  eval "$(_CAPACITY_COMPLETE=bash_source capacity)"
"""

# What the operating system says about a path or disk that the user named: to be mended there, not here.
_USERS_PLACES = {
    errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.EEXIST,
    errno.ENOTEMPTY, errno.ENAMETOOLONG, errno.ELOOP, errno.ENOSPC, errno.EDQUOT, errno.EFBIG,
}  # fmt: skip


@dataclass(slots=True)
class Session:
    """One call of ``capacity``: what its own options set."""

    debug: bool = False
    say: "Language | None" = None
    """Of a command with ``--lang``, once it runs."""


@click.group(
    cls=LazyGroup,
    table=COMMANDS,
    package="capacity.cli",
    epilog=EPILOG,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
@click.version_option(capacity.__version__, message="capacity %(version)s", help="Print the version.")
@click.pass_obj
def cli(session: Session, *, debug: bool) -> None:
    """Plan the capacity of an AI or HPC data centre.

    A scenario written in YAML becomes a simulated data centre: its queue, its storage, its cost. Results go
    to stdout, everything else to stderr. Every command explains itself: capacity COMMAND --help.
    """
    session.debug = debug


def entry(args: Sequence[str] | None = None) -> int:
    """Run one command line and return its exit code; the target of the console script."""
    args = sys.argv[1:] if args is None else args
    if sys.stdout is None:  # closed by the caller, as `>&-` does: what would be printed leads nowhere
        sys.stdout = Path(os.devnull).open("w")  # noqa: SIM115 - open as long as the process
    instruction = os.environ.get(COMPLETION)
    if instruction:
        return shell_complete(cli, {}, "capacity", COMPLETION, instruction)
    session = Session()
    try:
        with terminable():
            _run(args, session)
    except click.exceptions.Exit as ended:
        return ended.exit_code
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except Terminated as stop:
        _say_stopped("terminated", stop, args, session)
        return TERMINATED
    except (click.Abort, KeyboardInterrupt) as stop:
        _say_stopped("interrupted", stop, args, session)
        return INTERRUPTED
    except BrokenPipeError:
        # The reader has had enough, as `head` does: no failure. The interpreter flushes stdout once more when
        # it ends and would complain about the same pipe, so stdout leads nowhere from here on.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except Exception as error:
        if session.debug:
            traceback.print_exc()
        code, message = _explain(error, args)
        click.echo(f"error: {message}", err=True)
        return code
    return 0


def _run(args: Sequence[str], session: Session) -> None:
    # Not `cli.main`, which takes an EOFError from anywhere, as of a truncated file, for an interruption.
    with cli.make_context("capacity", list(args), obj=session) as context:
        cli.invoke(context)
    sys.stdout.flush()


def _say_stopped(how: str, stop: BaseException, args: Sequence[str], session: Session) -> None:
    """Print what the face noted about a run that was broken off, the line that goes on from there, and how.

    Before a command has its language, nothing is imported to say one word: the import itself may be what was
    broken off.
    """
    for kept in getattr(stop, "__notes__", ()):
        from capacity.report.language import Language

        say = session.say or Language("en")
        said = say.text("stopped.go_on", kept=kept, command=shlex.join(["capacity", *args]))
        click.echo(f"\n{said}", err=True)
    click.echo("\n" + (session.say.text(f"stopped.{how}") if session.say else how), err=True)


def _explain(error: Exception, args: Sequence[str]) -> tuple[int, str]:
    """Return the exit code of an error and what to tell the user."""
    if isinstance(error, CapacityError):
        return error.exit_code, _all_of(error)
    logs = sys.modules.get("workloads.errors")  # need not be imported to know that no reader complained
    if logs is not None and isinstance(error, logs.LogError):
        return INPUT_INVALID, _all_of(error)
    if isinstance(error, OSError) and error.errno in _USERS_PLACES:
        place = f"{error.filename}: " if error.filename else ""
        return INPUT_INVALID, f"{place}{error.strerror}"
    if isinstance(error, MemoryError):
        return 1, "out of memory"
    again = shlex.join(["capacity", "--debug", *(arg for arg in args if arg != "--debug")])
    bug = f"this is a bug: please report it with what `{again}` prints"
    return 1, f"{type(error).__name__}: {error}\n    {bug}"


def _all_of(error: Exception) -> str:
    """Return the message; several problems begin a line each, where editors find ``file:line:col``."""
    count = len(getattr(error, "problems", ()))
    return f"{count} problems\n{error}" if count > 1 else str(error)
