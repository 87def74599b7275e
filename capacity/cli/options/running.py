"""What commands that simulate share: seed, replications, processes, horizon, output, progress."""

import os
from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar, cast

import click

from capacity.cli.options.executing import runs_progress
from capacity.cli.options.option import Command, count, day, flag, seed, together, valued
from capacity.cli.options.require import precision_option, say_precision
from capacity.cli.options.specification import names_of, overrides_option, site_option, warn

if TYPE_CHECKING:
    from capacity.face.simulate import Run
    from capacity.inputs.reading.loader import LoadedScenario
    from capacity.report.language import Language

R = TypeVar("R", bound="Run")


def _not_empty(_ctx: click.Context, _param: click.Parameter, value: str | None) -> str | None:
    """Refuse the empty name that an unset variable of a script leaves, instead of keeping nothing."""
    if value == "":
        message = "the name of the directory is empty"
        raise click.BadParameter(message)
    return value


def _or_all(_ctx: click.Context, _param: click.Parameter, processes: int | None) -> int:
    """Return the number asked for, or that of the cores this process may use."""
    if processes is not None:
        return processes
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


worlds_option = count(
    "--worlds", "Draw so many choices of what is uncertain, each with luck of its own; 64 is plenty.",
    least=4, most=4096,
)  # fmt: skip
_WORLD = count("--world", "Only this one of the worlds, from 0.", least=0, most=4095, metavar="NUMBER")
fresh_option = flag("--fresh", "Run everything anew, also what is in the store of finished runs.")
jobs_option = count(
    "-j --jobs", "Processes to share the runs.  [default: all cores]", most=1024, callback=_or_all
)
cluster_option = valued(
    "--cluster", "ADDRESS", "Share the runs among the workers of a Dask cluster instead, tcp://HOST:8786."
)
local_run_options = together(
    fresh_option,
    seed("Another seed.  [default: the scenario's]"),
    count("-r --replications", "Runs with other luck; two or more give intervals.  [default: the scenario's]",
          most=100_000),
    jobs_option,
    day("--until", "Another last day, included."),
)  # fmt: skip
run_options = together(local_run_options, cluster_option)
directory_options = together(
    valued("-o --output directory", "DIR",
           "Keep the run there: manifest, jobs, series, events, findings; whole or not at all.",
           type=click.Path(file_okay=True, path_type=None), callback=_not_empty),
    flag("--force", "Overwrite a run directory that exists."),
)  # fmt: skip


_SCENARIO_OPTIONS = together(
    click.argument("scenario", default="gwangju-plan", shell_complete=names_of("scenario")),
    site_option,
    overrides_option,
    precision_option,
    worlds_option,
    _WORLD,
    run_options,
    directory_options,
)


def scenario_options(command: Command) -> Command:
    """Give a command the options of a simulation: it gets the loaded scenario, and what to ask of its run."""

    @wraps(command)
    def with_scenario(*, scenario: str, overrides: tuple[str, ...], **given: Any) -> Any:  # noqa: ANN401
        from capacity.face.load import load

        loaded = load(scenario, set=overrides, site=given.pop("site"), until=given.pop("until"))
        warn(loaded.warnings, given.get("say"))
        of_the_run = (
            "seed", "replications", "precision", "worlds", "world", "fresh", "force", "jobs", "cluster",
        )  # fmt: skip
        asked = {name: given.pop(name) for name in of_the_run} | {"output": given.pop("directory")}
        return command(loaded=loaded, asked=asked, **given)

    return cast(Command, _SCENARIO_OPTIONS(with_scenario))


def with_progress(
    verb: Callable[..., R], loaded: "LoadedScenario", asked: dict[str, Any], say: "Language"
) -> R:
    """Run a scenario with progress on stderr, and say there how precise it is and where it was left."""
    from capacity.face.simulate import MOST_REPLICATIONS, runs_in

    own = loaded.scenario.replications if asked["precision"] is None else MOST_REPLICATIONS
    worlds = asked["worlds"] if asked["world"] is None else None
    with runs_progress(runs_in(worlds) if worlds else asked["replications"] or own, say) as show:
        run = verb(loaded, progress=show, **asked)
    say_precision(run, len(run.result.runs), say)
    if run.folder is not None:
        names = ("replications", "jobs", "series", "events")
        files = ", ".join(("manifest.json", "findings.json", *(f"{name}.parquet" for name in names)))
        say_at_the_end(say.text("run.results", folder=asked["output"], files=files))
    return run


def say_at_the_end(text: str) -> None:
    """Print a line to stderr when the command ends: above a long table it would be out of sight."""
    click.get_current_context().call_on_close(lambda: click.echo(text, err=True))
