"""What commands that simulate share: seed, replications, processes, horizon, output, progress."""

import os
from collections.abc import Callable
from datetime import date
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar, cast

import click

from capacity.cli.options.executing import runs_progress
from capacity.cli.options.precision import precision_option, say_precision
from capacity.cli.options.specification import names_of, overrides_option, warn
from capacity.errors import InputError, Problem

if TYPE_CHECKING:
    from capacity.face.simulate import Run
    from capacity.inputs.reading.loader import LoadedScenario

Command = TypeVar("Command", bound=Callable[..., Any])
R = TypeVar("R", bound="Run")


class IsoDate(click.ParamType[date]):
    """A day such as 2022-12-31."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:  # noqa: ANN401, ARG002
        """Read a day; anything else is an invalid input."""
        if isinstance(value, date):
            return value
        try:
            return date.fromisoformat(value)
        except ValueError:
            place = param.opts[0] if param else ""
            problem = Problem(f"'{value}' is not a day", place, "write YYYY-MM-DD: 2022-12-31")
            raise InputError(problem) from None


def run_options(command: Command) -> Command:
    """Give a command ``--fresh --seed --replications --jobs --until``."""
    for option in (
        click.option("--until", type=IsoDate(), metavar="DATE", help="Another last day, included."),
        click.option(
            "-j",
            "--jobs",
            "processes",
            type=click.IntRange(1, 1024),
            metavar="N",
            help="Processes to share the replications.  [default: all cores]",
        ),
        click.option(
            "-r",
            "--replications",
            type=click.IntRange(1, 100_000),
            metavar="N",
            help="Runs with other luck; two or more give intervals.  [default: the scenario's]",
        ),
        click.option(
            "--seed",
            type=click.IntRange(0, 2**63 - 1),
            metavar="N",
            help="Another seed.  [default: the scenario's]",
        ),
        click.option(
            "--fresh",
            is_flag=True,
            help="Run everything anew, also what is in the store of finished runs.",
        ),
    ):
        command = option(command)
    return command


def _not_empty(_ctx: click.Context, _param: click.Parameter, value: str | None) -> str | None:
    """Refuse the empty name that an unset variable of a script leaves, instead of keeping nothing."""
    if value == "":
        message = "the name of the directory is empty"
        raise click.BadParameter(message)
    return value


def directory_options(command: Command) -> Command:
    """Give a command ``--output DIR --force``."""
    for option in (
        click.option("--force", is_flag=True, help="Overwrite a run directory that exists."),
        click.option(
            "-o",
            "--output",
            "directory",
            type=click.Path(file_okay=True, path_type=None),
            metavar="DIR",
            callback=_not_empty,
            help="Keep the run there: manifest, jobs, series, events, findings; whole or not at all.",
        ),
    ):
        command = option(command)
    return command


def processes_or_all(processes: int | None) -> int:
    """Return the number asked for, or that of the cores this process may use."""
    if processes is not None:
        return processes
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def scenario_options(command: Command) -> Command:
    """Give a command the options of a simulation: it gets the loaded scenario, and what to ask of its run."""

    @wraps(command)
    def with_scenario(
        *,
        scenario: str,
        site: str | None,
        overrides: tuple[str, ...],
        until: date | None,
        processes: int | None,
        directory: str | None,
        **given: Any,  # noqa: ANN401
    ) -> Any:  # noqa: ANN401
        from capacity.face.load import load

        loaded = load(scenario, set=overrides, site=site, until=until)
        warn(loaded.warnings)
        asked = {name: given.pop(name) for name in ("seed", "replications", "precision", "fresh", "force")}
        asked |= {"jobs": processes_or_all(processes), "output": directory}
        return command(loaded=loaded, asked=asked, **given)

    found: Callable[..., Any] = with_scenario
    for option in (
        directory_options,
        run_options,
        precision_option,
        overrides_option,
        click.option(
            "--site",
            metavar="SITE",
            help="Another site for the same demand.",
            shell_complete=names_of("site"),
        ),
        click.argument("scenario", default="gwangju-plan", shell_complete=names_of("scenario")),
    ):
        found = option(found)
    return cast(Command, found)


def with_progress(verb: Callable[..., R], loaded: "LoadedScenario", asked: dict[str, Any]) -> R:
    """Run a scenario with progress on stderr, and say there how precise it is and where it was left."""
    from capacity.face.simulate import MOST_REPLICATIONS

    own = loaded.scenario.replications if asked["precision"] is None else MOST_REPLICATIONS
    with runs_progress(asked["replications"] or own) as show:
        run = verb(loaded, progress=show, **asked)
    say_precision(run, len(run.result.runs))
    if run.folder is not None:
        files = "manifest.json, findings.json, replications.parquet, jobs.parquet, series.parquet"
        say_at_the_end(f"results in {asked['output']}: {files}, events.parquet")
    return run


def say_at_the_end(text: str) -> None:
    """Print a line to stderr when the command ends: above a long table it would be out of sight."""
    click.get_current_context().call_on_close(lambda: click.echo(text, err=True))
