"""``capacity verify``: is this tool right? Published schedules, closed forms, invariants: a pass table."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from capacity.cli.printing.output import Output, output_options
from capacity.errors import CapacityError, UsageError
from capacity.report.terminal.table import Col

if TYPE_CHECKING:
    from capacity.cli.main import Session
    from capacity.study.conformance.check import Check, Done

EPILOG = """\b
Examples:
  capacity verify
  capacity verify --quick --json
  capacity verify --data ../shared/data
  capacity verify --data ../shared/data --only KTH --only closed-form
  capacity verify --only invariant --format csv
"""

FOLDERS = ("oracle", "reference", "swf")


def _count(value: int) -> str:
    return f"{value:,}"


def _word(standing: str) -> str:
    from capacity.report.language import Language

    return Language("en").text(f"check.{standing}")


COLUMNS = (
    Col("check", "check"),
    Col("source", "source"),
    Col("rules", "rules"),
    Col("asked", "expected"),
    Col("got", "got"),
    Col("jobs", "jobs", align="right", format=_count),
    Col("jobs_differing", "differ", align="right", format=_count),
    Col("standing", "", format=_word),
    Col("elapsed_s", "time", "s", "right", lambda seconds: f"{seconds:.1f}"),
)


@click.command(epilog=EPILOG)
@click.option(
    "--data",
    "folder",
    type=click.Path(readable=False),
    metavar="DIR",
    help="Folder with published schedules: oracle/, reference/ and swf/. Every schedule that the index and "
    "the names of its files tell of is compared job by job.",
)
@click.option(
    "--only",
    "names",
    multiple=True,
    metavar="NAME",
    help="Checks to run: a name, part of one, or a pattern with *. Several times for several.",
)
@click.option("--quick", is_flag=True, help="Shorter runs: wider intervals and fewer random workloads.")
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
    data = _data(folder)
    from capacity.study.conformance.catalogue import all_checks, pick

    try:
        chosen = pick(all_checks(data, quick=quick), names)
    except UsageError as error:
        hint = "" if data is not None else "; published schedules need --data DIR"
        raise UsageError(f"{error}{hint}") from None
    finished: list[Done] = []
    try:
        _run(chosen, finished, trusting=not session.debug)
    except KeyboardInterrupt:
        click.echo(f"broken off after {len(finished)} of {len(chosen)} checks", err=True)
        _print(finished, output)
        raise
    _print(finished, output)
    _judge(finished, data)


def _data(folder: str | None) -> Path | None:
    """Return the folder with the schedules, which must be one."""
    if folder is None:
        return None
    if not folder or not Path(folder).is_dir():
        what = "it is not a directory" if folder and Path(folder).exists() else "there is no such directory"
        raise UsageError(f"--data '{folder}': {what}; a folder that holds {', '.join(FOLDERS)} is wanted")
    return Path(folder)


def _run(chosen: Sequence["Check"], finished: list["Done"], *, trusting: bool) -> None:
    """Run the checks, one line of progress for each."""
    from capacity.scheduling.compiled import load_core
    from capacity.study.conformance.check import run_checks

    load_core()
    for done in run_checks(chosen, trusting=trusting):
        finished.append(done)
        place = f"[{len(finished)}/{len(chosen)}]"
        standing = _word(done.result.verdict.standing)
        click.echo(f"{place} {done.check.name}: {standing}, {done.elapsed_s:.1f} s", err=True)


def _print(finished: Sequence["Done"], output: Output) -> None:
    from capacity.study.conformance.check import to_row

    rows = [to_row(done) for done in finished]
    counts = Counter(row["standing"] for row in rows)
    named = {"passed": counts["shown"], "failed": counts["shown not"], "not_found": counts["not shown"]}
    output.emit(COLUMNS, rows, json_payload={**named, "checks": rows})


def _judge(finished: Sequence["Done"], data: Path | None) -> None:
    """Say how it went, and fail if anything failed or nothing was there to compare.

    Raises
    ------
    CapacityError
        A check failed, or a folder was named and holds none of the schedules.
    """
    failed = [done.check.name for done in finished if done.result.verdict.standing == "shown not"]
    missing = [done.check.name for done in finished if done.result.verdict.standing == "not shown"]
    compared = [done for done in finished if done.result.jobs is not None and _from_files(done)]
    if failed:
        raise CapacityError(f"{len(failed)} of {len(finished)} checks failed: {', '.join(failed)}")
    if missing and not compared:
        message = (
            f"{data}: no schedule was found, so none was compared\n    expected in it: {', '.join(FOLDERS)}"
        )
        raise CapacityError(message)
    not_found = f", {len(missing)} not found: {', '.join(missing)}" if missing else ""
    passed = len(finished) - len(missing)
    click.echo(f"{passed} {'check' if passed == 1 else 'checks'} passed{not_found}", err=True)


def _from_files(done: "Done") -> bool:
    return done.check.name.startswith(tuple(f"{folder}/" for folder in FOLDERS))
