"""``capacity workload describe``: a log, or a demand, in numbers; beside another, or published ones."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from capacity.cli.options.log_input import find_log, format_of_log_option, lenient_option, slots_are_option
from capacity.cli.options.running import IsoDate
from capacity.cli.options.specification import names_of, overrides_option
from capacity.cli.printing.file_output import figure_path, whole_file
from capacity.cli.printing.output import Output, output_options
from capacity.errors import RequirementNotMet, UsageError
from capacity.report.terminal.table import Col

if TYPE_CHECKING:
    from capacity.study.demand.described import Subject

EPILOG = """\b
Examples:
  capacity workload describe KTH-SP2.swf.gz
  capacity workload describe gpu-jobs.csv --slots 880 --json
  capacity workload describe gwangju-research --against facts
  capacity workload describe gwangju-plan --start 2022-10-01 --plot demand.svg
  capacity workload describe KTH-SP2.swf.gz --compare SDSC-SP2.swf.gz --format csv

Exits with 4 if a number lies outside the published range and the workload does not say why (`departs:`).
What each number means is on the page docs/describe.md.
"""

MOST = 2**31 - 1
SPECIFICATIONS = (".yaml", ".yml")


@dataclass(frozen=True, slots=True)
class Options:
    """What the options say about how to come to the jobs."""

    kind: str | None
    slots: int | None
    site: str | None
    format_of_log: str | None
    slots_are: str | None
    lenient: bool
    clean: bool
    start: date | None
    until: date | None
    seed: int | None
    overrides: tuple[str, ...]

    @property
    def of_a_model(self) -> list[str]:
        """The options given that only a demand model has."""
        given = {
            "--start": self.start,
            "--until": self.until,
            "--seed": self.seed,
            "--set": self.overrides or None,
        }
        return [name for name, value in given.items() if value is not None]

    @property
    def of_a_log(self) -> list[str]:
        """The options given that only a log has."""
        given = {
            "--format-of-log": self.format_of_log,
            "--slots-are": self.slots_are,
            "--lenient": self.lenient or None,
        }
        return [name for name, value in given.items() if value is not None]


@click.command(epilog=EPILOG)
@click.argument("subject", metavar="LOG|WORKLOAD|SCENARIO", shell_complete=names_of("workload", "scenario"))
@click.option(
    "--kind",
    type=click.Choice(["log", "workload", "scenario"]),
    help="What is meant, instead of the rule above.",
)
@click.option(
    "--slots",
    type=click.IntRange(1, MOST),
    metavar="N",
    help="Size of the machine.  [default: that of the site, or what the log says]",
)
@click.option(
    "--site",
    metavar="SITE",
    shell_complete=names_of("site"),
    help="Machine of this site instead.  [default: the scenario's; that of gwangju-plan for a workload]",
)
@click.option("--compare", "other", metavar="OTHER", help="Put another log, workload or scenario beside it.")
@click.option(
    "--against",
    is_flag=False,
    flag_value="facts",
    metavar="[REFERENCE]",
    shell_complete=names_of("reference"),
    help="Hold it against published figures instead; without REFERENCE against facts.",
)
@click.option(
    "--plot",
    type=click.Path(readable=False),
    metavar="FILE",
    help="Draw it, too: .svg, .png or .pdf. The file appears whole or not at all.",
)
@click.option("--force", is_flag=True, help="Overwrite a figure that exists.")
@click.option("--clean", is_flag=True, help="Only jobs that could be replayed, cut at their requested time.")
@lenient_option
@format_of_log_option()
@slots_are_option
@click.option("--start", type=IsoDate(), metavar="DATE", help="First day drawn.  [default: the scenario's]")
@click.option("--until", type=IsoDate(), metavar="DATE", help="Last day drawn.  [default: the scenario's]")
@click.option(
    "--seed", type=click.IntRange(0, 2**63 - 1), metavar="N", help="Another seed.  [default: the scenario's]"
)
@overrides_option
@output_options
def command(
    *,
    subject: str,
    other: str | None,
    against: str | None,
    plot: str | None,
    force: bool,
    output: Output,
    **options: Any,  # noqa: ANN401 - the fields of Options
) -> None:
    """Describe jobs: load, sizes, run times, requests, ends, arrivals, users, classes and tenants.

    The jobs are those of a LOG in any format, or are drawn from a WORKLOAD, a demand model, or from the
    demand of a SCENARIO. A path that ends in .yaml or .yml is a workload or scenario, any other path (it has
    a dot or a slash) and - are a log; a word without dot or slash is a name of the catalogue (`capacity
    list`). With --compare, options hold for both where they apply.
    """
    if other is not None and against is not None:
        raise UsageError("--compare and --against are two questions: ask one of them")
    figure = None if plot is None else figure_path(plot, force=force)
    wanted = Options(**options)
    names = [subject] if other is None else [subject, other]
    _check_options(names, wanted)
    subjects = [_open(name, wanted) for name in names]
    for one in subjects:
        for note in one.notes:
            click.echo(note, err=True)
    if figure is not None:
        _draw(subjects, figure, force=force)
    if against is not None:
        _against(subjects[0], against, output)
    else:
        _describe(subjects, output)


def _kind(name: str, options: Options) -> str:
    """Return what a name stands for: a log, a workload or a scenario."""
    from capacity.inputs.reading import catalogue

    if options.kind is not None:
        return options.kind
    if name == "-" or (catalogue.is_path(name) and not name.lower().endswith(SPECIFICATIONS)):
        return "log"
    from capacity.inputs.reading.loader import kind_of

    if not catalogue.is_path(name):
        kinds = [kind for kind in catalogue.kinds_of(name) if kind in ("workload", "scenario")]
        if kinds:
            return kinds[-1]
    return kind_of(name)


def _check_options(names: list[str], options: Options) -> None:
    """Refuse options that would do nothing."""
    if options.slots is not None and options.site is not None:
        raise UsageError("--slots and --site are two ways to say one thing: give one of them")
    if names.count("-") > 1:
        raise UsageError("standard input can be read only once")
    kinds = {_kind(name, options) for name in names}
    if kinds == {"log"} and options.of_a_model:
        raise UsageError(f"{', '.join(options.of_a_model)}: a log is described as it is")
    if "log" not in kinds and options.of_a_log:
        raise UsageError(f"{', '.join(options.of_a_log)}: '{names[0]}' is not a log")


def _open(name: str, options: Options) -> "Subject":
    """Read a log, or draw a demand."""
    from capacity.study.demand.described import of_demand, of_log

    kind = _kind(name, options)
    if kind == "log":
        found = find_log(name, options.format_of_log, slots_are=options.slots_are)
        table = found.read(lenient=options.lenient)
        return of_log(found.name, table, slots=options.slots, site=options.site, clean=options.clean)
    return of_demand(
        kind,
        name,
        slots=options.slots,
        site=options.site,
        clean=options.clean,
        overrides=options.overrides,
        start=options.start,
        until=options.until,
        seed=options.seed,
    )


def _describe(subjects: list["Subject"], output: Output) -> None:
    """Print one description, or two side by side with their distances."""
    from capacity.report.language import Language
    from capacity.report.terminal.demand import (
        LONG_KEYS,
        absent_rows,
        description_blocks,
        distance_blocks,
        distance_rows,
        flat,
        long_rows,
        together,
    )
    from workloads.describe.distances import distances

    found = [one.describe() for one in subjects]
    this, other = found[0], found[1] if len(found) > 1 else None
    apart = distances(subjects[0].table, subjects[1].table) if other is not None else []
    if output.format == "table":
        _say_which(subjects)
        say = Language("en")
        output.show(description_blocks(this, other, say))
        if other is not None:
            output.show(distance_blocks(apart, say))
        return
    rows = long_rows(this) if other is None else together(long_rows(this), long_rows(other))
    if output.format == "json":
        payload: dict[str, Any] = {"source": subjects[0].name, "absent": this.absent, "measures": rows}
        if other is not None:
            payload |= {"other_source": subjects[1].name, "other_absent": other.absent}
            payload["distances"] = distance_rows(apart)
        output.emit([], [], json_payload=payload)
    else:
        keys = [key for key in LONG_KEYS if other is not None or key != "other"]
        long = [*rows, *absent_rows(this), *distance_rows(apart)]
        output.emit([Col(key, key) for key in keys], flat(long))


def _say_which(subjects: list["Subject"]) -> None:
    if len(subjects) > 1:
        click.echo(f"this: {subjects[0].name}\nother: {subjects[1].name}\n")


def _against(subject: "Subject", name: str, output: Output) -> None:
    """Print the published figures beside those of the subject; say with exit code 4 if one lies outside."""
    from capacity.cli.options.specification import warn
    from capacity.inputs.demand.reference import Reference
    from capacity.inputs.reading.loader import load_part
    from capacity.report.language import Language
    from capacity.report.terminal.demand import HELD_KEYS, held_blocks, held_rows
    from capacity.study.demand.published_figures import hold_against, needless_departures

    record = load_part("reference", name).record
    assert isinstance(record, Reference)
    held = hold_against(subject, record.facts)
    if output.format == "table":
        output.show(held_blocks(held, Language("en")))
    else:
        rows = held_rows(held)
        payload = {"source": subject.name, "reference": record.name, "facts": rows}
        output.emit([Col(key, key) for key in HELD_KEYS], rows, json_payload=payload)
    warn([f"{subject.name} departs in {key}, but lies inside" for key in needless_departures(subject, held)])
    outside = [one for one in held if one.fails]
    if outside:
        numbers = ", ".join(f"{one.name} ({one.fact.metric})" for one in outside)
        raise RequirementNotMet(
            f"{len(outside)} of {len(held)} published figures do not hold for {subject.name}: {numbers}\n"
            "    change the demand, or say in its YAML why it departs: departs: {METRIC: reason}"
        )


def _draw(subjects: list["Subject"], path: Path, *, force: bool) -> None:
    from capacity.report.figures.description import draw_figure

    with whole_file(path, force=force) as part:
        draw_figure([(one.name, one.table) for one in subjects], part)
