"""``capacity verify``: is this tool right? Published schedules, closed forms, invariants: a pass table."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from capacity.cli.options.option import file, flag, valued
from capacity.cli.printing.output import Output, output_options
from capacity.errors import CapacityError
from capacity.report.terminal.table import Col

if TYPE_CHECKING:
    from capacity.cli.main import Session
    from capacity.face.verify import Verified
    from capacity.study.conformance.check import Done

EPILOG = """\b
Examples:
  capacity verify
  capacity verify --quick --json
  capacity verify --data ../shared/data
  capacity verify --data ../shared/data --only KTH --only closed-form
  capacity verify --only invariant --format csv
"""


def _word(standing: str) -> str:
    from capacity.report.language import Language

    return Language("en").text(f"check.{standing}")


COLUMNS = (
    Col("check", "check"),
    Col("source", "source"),
    Col("rules", "rules"),
    Col("asked", "expected"),
    Col("got", "got"),
    Col("jobs", "jobs", align="right", format="{:,}".format),
    Col("jobs_differing", "differ", align="right", format="{:,}".format),
    Col("standing", "", format=_word),
    Col("elapsed_s", "time", "s", "right", "{:.1f}".format),
)


@click.command(epilog=EPILOG)
@file("--data folder", "Folder with published schedules: oracle/, reference/ and swf/. Every schedule that "
      "the index and the names of its files tell of is compared job by job.", metavar="DIR")  # fmt: skip
@valued("--only names", "NAME", "Checks to run: a name, part of one, or a pattern with *. Several times for "
        "several.", multiple=True)  # fmt: skip
@flag("--quick", "Shorter runs: wider intervals and fewer random workloads.")
@output_options
@click.pass_obj
def command(
    session: "Session", *, folder: str | None, names: tuple[str, ...], quick: bool, output: Output
) -> None:
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
        outcome = f"{_word(done.result.verdict.standing)}, {done.elapsed_s:.1f} s"
        click.echo(f"[{len(finished)}/{of}] {done.check.name}: {outcome}", err=True)

    try:
        found = verify(folder, only=names, quick=quick, trusting=not session.debug, told=told)
    except KeyboardInterrupt:
        how_far = f"after {len(finished)} of {count} checks" if finished else "before the first check ended"
        click.echo(f"broken off {how_far}", err=True)
        found = Verified(tuple(finished))
        output.emit(COLUMNS, found.rows, json_payload=found.to_json())
        raise
    output.emit(COLUMNS, found.rows, json_payload=found.to_json())
    _judge(found, folder)


def _judge(found: "Verified", folder: str | None) -> None:
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
    not_found = f", {len(missing)} not found: {', '.join(missing)}" if missing else ""
    passed = count - len(missing)
    click.echo(f"{passed} {'check' if passed == 1 else 'checks'} passed{not_found}", err=True)
