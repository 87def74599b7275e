"""``capacity workload describe``: a log, or a demand, in numbers; beside another, or published ones."""

from typing import TYPE_CHECKING, Any

import click

from capacity.cli.options.log import log_options, say_lost
from capacity.cli.options.option import count, day, file, flag, seed, valued
from capacity.cli.options.specification import names_of, overrides_option, warn
from capacity.cli.printing.output import Output, language_option, output_options
from capacity.errors import RequirementNotMet, UsageError
from capacity.report.terminal.table import Col
from capacity.study.files.whole_file import figure_path, whole_file

if TYPE_CHECKING:
    from capacity.face.describe import Described
    from capacity.report.language import Language

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

OF_A_MODEL = {"start": "--start", "until": "--until", "seed": "--seed", "set": "--set"}
OF_A_LOG = {
    "format_of_log": "--format-of-log", "columns": "--column", "slots_are": "--slots-are",
    "cluster": "--cluster", "partition": "--partition", "lenient": "--lenient", "timezone": "--timezone",
    "times_in": "--times-in", "period": "--period",
}  # fmt: skip


@click.command(epilog=EPILOG)
@click.argument("subject", metavar="LOG|WORKLOAD|SCENARIO", shell_complete=names_of("workload", "scenario"))
@click.option("--kind", type=click.Choice(["log", "workload", "scenario"]),
              help="What is meant, instead of the rule above.")  # fmt: skip
@count("--slots", "Size of the machine.  [default: that of the site, or what the log says]")
@valued("--site", "SITE", "Machine of this site instead.  [default: the scenario's; that of gwangju-plan for "
        "a workload]", shell_complete=names_of("site"))  # fmt: skip
@valued("--compare other", "OTHER", "Put another log, workload or scenario beside it.")
@valued("--against", "[REFERENCE]",
        "Hold it against published figures instead; without REFERENCE against facts.",
        is_flag=False, flag_value="facts", shell_complete=names_of("reference"))  # fmt: skip
@file("--plot", "Draw it, too: .svg, .png or .pdf. The file appears whole or not at all.")
@flag("--force", "Overwrite a figure that exists.")
@flag("--clean", "Only jobs that could be replayed, cut at their requested time.")
@log_options
@day("--start", "First day drawn.  [default: the scenario's]")
@day("--until", "Last day drawn.  [default: the scenario's]")
@seed("Another seed.  [default: the scenario's]")
@overrides_option
@language_option
@output_options
def command(
    *, subject: str, other: str | None, against: str | None, plot: str | None, force: bool, output: Output,
    say: "Language", **options: Any,  # noqa: ANN401 - those of the face's `describe`
) -> None:  # fmt: skip
    """Describe jobs: load, sizes, run times, requests, ends, arrivals, users, classes and tenants.

    The jobs are those of a LOG in any format, or are drawn from a WORKLOAD, a demand model, or from the
    demand of a SCENARIO. A path that ends in .yaml or .yml is a workload or scenario, any other path (it has
    a dot or a slash) and - are a log; a word without dot or slash is a name of the catalogue (`capacity
    list`). With --compare, options hold for both where they apply.
    """
    if other is not None and against is not None:
        raise UsageError("--compare and --against are two questions: ask one of them")
    figure = None if plot is None else figure_path(plot, force=force)
    options["set"] = options.pop("overrides")
    names = [subject] if other is None else [subject, other]
    _check_options(names, options)
    from capacity.face.describe import describe

    found = [describe(name, **options) for name in names]
    for one in found:
        for note in one.subject.notes:
            click.echo(say.translated(note), err=True)
        say_lost(one.table, one.subject.name, say)
    if figure is not None:
        from capacity.report.figures.description import draw_figure

        with whole_file(figure, force=force) as part:
            draw_figure([(one.subject.name, one.table) for one in found], part)
    if against is not None:
        _against(found[0], against, output, say)
    else:
        _describe(found, output, say)


def _check_options(names: list[str], options: dict[str, Any]) -> None:
    """Refuse options that would do nothing."""
    from capacity.face.describe import kind_of_subject

    def given(flags: dict[str, str]) -> str:
        stands = [name for name in flags if options[name] not in (None, ()) and options[name] is not False]
        return ", ".join(flags[name] for name in stands)

    if names.count("-") > 1:
        raise UsageError("standard input can be read only once")
    kinds = {kind_of_subject(name, options["kind"]) for name in names}
    if kinds == {"log"} and given(OF_A_MODEL):
        raise UsageError(f"{given(OF_A_MODEL)}: a log is described as it is")
    if "log" not in kinds and given(OF_A_LOG):
        raise UsageError(f"{given(OF_A_LOG)}: '{names[0]}' is not a log")


def _describe(described: "list[Described]", output: Output, say: "Language") -> None:
    """Print one description, or two side by side with their distances."""
    from capacity.report.terminal import demand as report

    names = [one.subject.name for one in described]
    found = [one.description for one in described]
    this, other = found[0], found[1] if len(found) > 1 else None
    apart = described[0].distances(described[1]) if other is not None else []
    if output.format == "table":
        if other is not None:
            click.echo(say.text("demand.sides", this=names[0], other=names[1]))
        output.show(report.description_blocks(this, other, say))
        if other is not None:
            output.show(report.distance_blocks(apart, say))
        return
    rows = report.long_rows(this)
    if other is not None:
        rows = report.together(rows, report.long_rows(other))
    if output.format == "json":
        payload = described[0].to_json()
        if other is not None:
            payload |= {"measures": rows, "other_source": names[1], "other_absent": other.absent}
            payload["distances"] = report.distance_rows(apart)
        output.emit([], [], json_payload=payload)
    else:
        keys = [key for key in report.LONG_KEYS if other is not None or key != "other"]
        long = [*rows, *report.absent_rows(this), *report.distance_rows(apart)]
        output.emit([Col(key, key) for key in keys], report.flat(long))


def _against(described: "Described", name: str, output: Output, say: "Language") -> None:
    """Print the published figures beside those of the subject; say with exit code 4 if one lies outside."""
    from capacity.report.terminal.demand import HELD_KEYS, held_blocks, held_rows

    found, source = described.against(name), described.subject.name
    if output.format == "table":
        output.show(held_blocks(found.held, say))
    else:
        rows = held_rows(found.held)
        payload = {"source": source, "reference": found.reference, "facts": rows}
        output.emit([Col(key, key) for key in HELD_KEYS], rows, json_payload=payload)
    warn([say.text("demand.needless", source=source, metric=key) for key in found.needless])
    if found.outside:
        numbers = ", ".join(f"{one.name} ({one.fact.metric})" for one in found.outside)
        raise RequirementNotMet(
            f"{len(found.outside)} of {len(found.held)} published figures do not hold for {source}: "
            f"{numbers}\n"
            "    change the demand, or say in its YAML why it departs: departs: {METRIC: reason}"
        )
