"""``capacity verify``: is this tool right? Published schedules, closed forms, invariants: a pass table."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from capacity.cli.options.option import file, flag, valued
from capacity.cli.printing.output import Output, language_option, output_options
from capacity.errors import CapacityError
from capacity.report.terminal.table import Col, Form, titled

if TYPE_CHECKING:
    from capacity.cli.main import Session
    from capacity.face.verify import Verified
    from capacity.report.language import Language
    from capacity.study.conformance.check import Done

EPILOG = """\b
Examples:
  capacity verify
  capacity verify --quick --json
  capacity verify --data ../shared/data
  capacity verify --data ../shared/data --only KTH --only closed-form
  capacity verify --only invariant --format csv
"""


@click.command(epilog=EPILOG)
@file("--data folder", "Folder with published schedules: oracle/, reference/ and swf/. Every schedule that "
      "the index and the names of its files tell of is compared job by job.", metavar="DIR")  # fmt: skip
@valued("--only names", "NAME", "Checks to run: a name, part of one, or a pattern with *. Several times for "
        "several.", multiple=True)  # fmt: skip
@flag("--quick", "Shorter runs: wider intervals and fewer random workloads.")
@language_option
@output_options
@click.pass_obj
def command(
    session: "Session", *, folder: str | None, names: tuple[str, ...], quick: bool, output: Output,
    say: "Language",
) -> None:  # fmt: skip
    """Check this installation against what is known, print a table, and exit with 1 if anything differs.

    Without --data: queues with a known answer (the truth must lie inside the 99 % interval of a long run),
    laws that every schedule obeys, and compiled against interpreted code. With --data also published
    schedules, every job to the second.
    """
    from capacity.face.verify import Verified, verify

    finished: list[Done] = []
    count = 0

    def told(done: "Done", of: int) -> None:
        nonlocal count
        finished.append(done)
        count = of
        how_far = {"done": len(finished), "checks": of, "name": done.check.name}
        outcome = say.text(f"check.{done.result.verdict.standing}")
        click.echo(say.text("verify.done", **how_far, outcome=outcome, elapsed_s=done.elapsed_s), err=True)

    try:
        found = verify(folder, only=names, quick=quick, trusting=not session.debug, told=told)
    except KeyboardInterrupt:
        when = "broken_off" if finished else "broken_off_early"
        click.echo(say.text(f"verify.{when}", done=len(finished), checks=count), err=True)
        found = Verified(tuple(finished))
        output.emit(_columns(say), found.rows, json_payload=found.to_json())
        raise
    output.emit(_columns(say), found.rows, json_payload=found.to_json())
    _judge(found, folder, say)


def _columns(say: "Language") -> list[Col]:
    number, tenth = "{:,}".format, "{:.1f}".format
    forms: dict[str, Form | None] = {
        "check": None, "source": say.translated, "rules": None, "asked": say.translated,
        "got": say.translated, "jobs": number, "jobs_differing": number, "elapsed_s": tenth,
    }  # fmt: skip
    *columns, elapsed = titled(say, "verify.columns", forms)
    standing = Col("standing", "", format=lambda standing: say.text(f"check.{standing}"))
    return [*columns, standing, replace(elapsed, unit="s")]


def _judge(found: "Verified", folder: str | None, say: "Language") -> None:
    """Say how it went, and fail if anything failed or nothing was there to compare.

    Raises
    ------
    CapacityError
        A check failed, or a folder was named and holds none of the schedules.
    """
    missing, count = found.missing, len(found.done)
    if found.failed:
        raise CapacityError(f"{len(found.failed)} of {count} checks failed: {', '.join(found.failed)}")
    if missing and not found.compared_schedules:
        from capacity.face.verify import FOLDERS

        message = f"{Path(str(folder))}: no schedule was found, so none was compared"
        raise CapacityError(f"{message}\n    expected in it: {', '.join(FOLDERS)}")
    not_found = say.text("verify.missing", n=len(missing), names=", ".join(missing)) if missing else ""
    click.echo(say.text("verify.passed", n=count - len(missing), missing=not_found), err=True)
