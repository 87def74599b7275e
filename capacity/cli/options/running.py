"""What commands that simulate share: seed, replications, processes, horizon, output, progress."""

import os
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

import click

from capacity.cli.options.executing import executor_of, runs_progress
from capacity.cli.options.precision import MOST_REPLICATIONS, precision_option, say_precision
from capacity.cli.options.specification import names_of, overrides_option, warn
from capacity.errors import InputError, Problem, UsageError

if TYPE_CHECKING:
    from capacity.inputs.reading.loader import LoadedScenario
    from capacity.study.executors.interface import Executor
    from capacity.study.run import Progress, Result

Command = TypeVar("Command", bound=Callable[..., Any])


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


def scenario_options(
    command: Command,
    *,
    what_if: bool = False,
    check: Callable[[dict[str, Any]], None] | None = None,
    instead: Callable[["LoadedScenario", dict[str, Any]], bool] | None = None,
) -> Command:
    """Give a command what every simulation of one scenario has; it gets the result beside its own options.

    With `what_if` the run also finds out what each storage rule saves. `check` sees all options before the
    run: what is wrong with them should not cost one. `instead` may answer without a run, and says so.
    """

    @wraps(command)
    def with_result(
        *,
        scenario: str,
        site: str | None,
        overrides: tuple[str, ...],
        until: date | None,
        **given: Any,  # noqa: ANN401
    ) -> Any:  # noqa: ANN401
        from capacity.inputs.reading.loader import load_scenario

        if check is not None:
            check(given)
        loaded = load_scenario(scenario, overrides=overrides, site=site, until=until)
        warn(loaded.warnings)
        if instead is not None and instead(loaded, given):
            return None
        names = ("seed", "replications", "precision", "processes", "fresh", "directory", "force")
        asked = {name: given.pop(name) for name in names}
        return command(result=run_and_keep(loaded, **asked, what_if=what_if), **given)

    found: Callable[..., Any] = with_result
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


def run_and_keep(
    loaded: "LoadedScenario",
    *,
    seed: int | None,
    replications: int | None,
    precision: float | None,
    processes: int | None,
    fresh: bool,
    directory: str | None,
    force: bool,
    what_if: bool = False,
) -> "Result":
    """Run a scenario with progress on stderr and, if a directory is named, leave the run there."""
    from capacity.study.run import run, run_directory

    if precision is not None and (replications is not None and replications < 2):
        raise UsageError("--precision needs intervals: -r is the most replications, 2 or more")
    most = replications or (loaded.scenario.replications if precision is None else MOST_REPLICATIONS)
    with run_directory(Path(directory) if directory else None, force=force) as stage:
        with (
            runs_progress(most) as show,
            executor_of(processes_or_all(processes), fresh=fresh) as executor,
        ):
            result = (
                _until_precise(loaded, executor, stage.path, seed, most, precision, show, what_if=what_if)
                if precision is not None
                else run(
                    loaded,
                    seed=seed,
                    replications=most,
                    executor=executor,
                    stage=stage.path,
                    progress=show,
                    what_if=what_if,
                )
            )
        stage.finish(result)
    say_precision([result], precision)
    if directory:
        files = (
            "manifest.json, findings.json, replications.parquet, jobs.parquet, series.parquet, events.parquet"
        )
        # Said last: above a long table it would be out of sight.
        said = f"results in {directory}: {files}"
        click.get_current_context().call_on_close(lambda: click.echo(said, err=True))
    return result


def _until_precise(
    loaded: "LoadedScenario",
    executor: "Executor",
    stage: Path | None,
    seed: int | None,
    most: int,
    precision: float,
    show: "Progress",
    *,
    what_if: bool,
) -> "Result":
    """Replicate until every headline figure is known that well, or as often as is allowed."""
    from capacity.study.compare.scenarios import run_scenarios
    from capacity.study.run import leave_tables

    begun = time.perf_counter()
    (result,) = run_scenarios(
        [loaded],
        executor,
        seed=loaded.scenario.seed if seed is None else seed,
        replications=most,
        precision=precision,
        progress=show,
        what_if=what_if,
        keep=stage is not None,
    )
    return leave_tables(replace(result, total_s=time.perf_counter() - begun), stage)
