"""``capacity size``: the smallest or cheapest site, or machine for a log, that meets what is required."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from capacity.cli.options.executing import executor_of, runs_progress
from capacity.cli.options.language import language_option
from capacity.cli.options.log_input import find_log, format_of_log_option, lenient_option, slots_are_option
from capacity.cli.options.policy import policy_options
from capacity.cli.options.precision import Fraction
from capacity.cli.options.running import directory_options, processes_or_all, run_options
from capacity.cli.options.specification import names_of, overrides_option, warn
from capacity.cli.printing.output import Output, output_options
from capacity.errors import InputError, RequirementNotMet, UsageError
from capacity.report.terminal.table import Col

if TYPE_CHECKING:
    from capacity.report.language import Language
    from capacity.study.size.answer import Sizing
    from capacity.study.size.trial import Trial

EPILOG = """\b
Examples:
  capacity size gwangju-plan --vary site.pools.gpu.nodes=100..1000 --require 'p95_wait_s[pool=gpu] <= 4 h'
  capacity size --vary site.pools.hpc.nodes=50..200 --require 'p95_wait_s[pool=hpc,month=*] <= 2 d' -o hpc
  capacity size --vary site=gwangju-a100,gwangju-budget --minimize cost --require 'p95_wait_s <= 2 d'
  capacity size --log KTH-SP2.swf.gz --require 'p95_wait_s <= 4 h' --vary slots=64..300

\b
A requirement is METRIC[LABEL=VALUE,…] <= LIMIT or >= LIMIT, with the metrics of `simulate` (of `replay` for
a log). The month is the whole horizon if none is given; * stands for each month, pool or tier there is.
"""
SCENARIO = "gwangju-plan"
MOST_REPLICATIONS = 20
LEAST_CONFIDENCE = 0.5
"""At this the mean itself is the bound, and below it the mean may be beyond the limit."""
OF_LOGS = ("log", "slots_per_node", "lenient", "format_of_log", "slots_are", "policy", "backfill_order",
           "backfill_depth", "reservations", "conservative", "ties", "cycle", "recompute", "estimates",
           "overrun", "weights", "placement", "placement_seed")  # fmt: skip
OF_SITES = ("scenario", "site", "overrides", "until", "minimize", "processes", "fresh")


@click.command(epilog=EPILOG)
@click.argument("scenario", required=False, shell_complete=names_of("scenario"))
@click.option(
    "--vary",
    "axes",
    metavar="PATH=LOW..HIGH[:STEP]",
    multiple=True,
    help="What may change, as in --set, and its range; or a list, PATH=A,B,C. May be repeated. "
    "For a log slots=… or nodes=….  [default for a log: from its widest job to its machine]",
)
@click.option(
    "--require",
    "requirements",
    metavar="EXPR",
    multiple=True,
    required=True,
    help="What must be met; see below.",
)
@click.option(
    "--minimize",
    metavar="NAME",
    help="What is to be small: price, cost, nodes, power_w, site_energy_j.  "
    "[default: what varies, if that is one thing]",
)
@click.option(
    "--confidence",
    type=Fraction(),
    default=0.95,
    show_default=True,
    metavar="PERCENT",
    help="With which each requirement must be shown to be met.",
)
@click.option("--log", metavar="LOG", help="Size the machine of a job log instead of a site.")
@click.option(
    "--slots-per-node", type=click.IntRange(1, 2**24), metavar="U", help="With --log and --vary nodes=…."
)
@click.option(
    "--site", metavar="SITE", help="Another site for the same demand.", shell_complete=names_of("site")
)
@overrides_option
@run_options
@policy_options
@lenient_option
@format_of_log_option()
@slots_are_option
@directory_options
@language_option
@output_options
def command(
    *,
    output: Output,
    say: "Language",
    directory: str | None,
    force: bool,
    log: str | None,
    **given: Any,  # noqa: ANN401
) -> None:
    """Find the smallest site for SCENARIO (or machine for --log) that meets every --require.

    Candidates are simulated until it is clear whether they are enough: a few replications far from the limit,
    up to -r (20) close to it. Exit code 4 if nothing in the range is enough. Interrupted or killed, the same
    command goes on from the runs that were finished.
    """
    from capacity.report.terminal.size import size_lines
    from capacity.study.size.files import sizing_directory

    _check_options("sites" if log is None else "logs")
    if given["confidence"] < LEAST_CONFIDENCE:
        raise InputError("below 50 % nothing is shown at all", where="--confidence", fix="write 95 % or 0.95")
    target = Path(directory) if directory else None
    with sizing_directory(target, force=force) as leave:
        found, details = _of_sites(**given) if log is None else _of_log(log, **given)
        leave(found, details)
    if directory:
        names = ["manifest.json", "sizing.json", "trials.csv"]
        names += ["findings.json", "replications.parquet"] if log is None else []
        said = f"results in {directory}: {', '.join(names)}"
        click.get_current_context().call_on_close(lambda: click.echo(said, err=True))
    lines = size_lines(found, say)
    _print(found, lines, output, say)
    if found.best is None:
        raise RequirementNotMet(lines[0])


def _check_options(kind: str) -> None:
    """Refuse options that belong to the other kind of sizing.

    Raises
    ------
    UsageError
        A scenario together with a log, or what belongs to them.
    """
    context = click.get_current_context()
    from_user = click.core.ParameterSource.COMMANDLINE
    names = OF_LOGS if kind == "sites" else OF_SITES
    wrong = [name for name in names if name != "log" and context.get_parameter_source(name) == from_user]
    if wrong and kind == "sites":
        raise UsageError(
            f"--{wrong[0].replace('_', '-')} belongs to --log LOG; a scenario says it itself (--set)"
        )
    if wrong:
        what = "SCENARIO" if wrong[0] == "scenario" else {"overrides": "--set"}.get(wrong[0], f"--{wrong[0]}")
        raise UsageError(f"{what} does not go with --log: a log has its own jobs and machine")


def _of_sites(
    *,
    scenario: str | None,
    axes: tuple[str, ...],
    requirements: tuple[str, ...],
    minimize: str | None,
    confidence: float,
    site: str | None,
    overrides: tuple[str, ...],
    until: date | None,
    seed: int | None,
    replications: int | None,
    processes: int | None,
    fresh: bool,
    **_of_logs: Any,  # noqa: ANN401
) -> tuple["Sizing", Any]:
    from capacity.study.requirements import read_requirement
    from capacity.study.size.answer import answer
    from capacity.study.size.axes import read_axis
    from capacity.study.size.search import Search
    from capacity.study.size.sites import SMALLEST, Question, SiteJudge, check_objective

    if not axes:
        raise UsageError("what may change? --vary PATH=LOW..HIGH, as site.pools.gpu.nodes=100..1000")
    read = tuple(read_axis(text) for text in axes)
    if len({axis.path for axis in read}) < len(read):
        raise UsageError("the same path varies twice")
    if replications == 1:
        raise UsageError("one replication shows nothing: -r is the most that a candidate gets, 2 or more")
    objective = SMALLEST if minimize is None else minimize
    check_objective(objective, read)
    question = Question(
        SCENARIO if scenario is None else scenario,
        overrides,
        {"site": site, "until": until},
        read,
        tuple(read_requirement(text) for text in dict.fromkeys(requirements)),
        objective,
        confidence,
        replications or MOST_REPLICATIONS,
        seed,
    )
    with executor_of(processes_or_all(processes), fresh=fresh) as executor, _Told() as told:
        judge = SiteJudge(question, executor, progress=told.progress, starts=told.starts)
        warn(judge.warnings)
        found = Search(read, judge, told=told.finished).run()
    sizing = answer(read, found, objective=objective, confidence=confidence, unit=judge.unit)
    return sizing, judge


def _of_log(
    log: str,
    *,
    axes: tuple[str, ...],
    requirements: tuple[str, ...],
    confidence: float,
    slots_per_node: int | None,
    seed: int | None,
    replications: int | None,
    rules: Any,  # noqa: ANN401
    multifactor: Any,  # noqa: ANN401
    lenient: bool,
    format_of_log: str | None,
    slots_are: str | None,
    **_of_sites: Any,  # noqa: ANN401
) -> tuple["Sizing", Any]:

    from capacity.study.requirements import read_requirement
    from capacity.study.size.answer import answer
    from capacity.study.size.axes import read_axis
    from capacity.study.size.logs import BELOW, UNITS, LogJudge, LogQuestion, sizes_of
    from capacity.study.size.search import Search
    from capacity.study.size.sites import SMALLEST

    if len(axes) > 1:
        raise UsageError("one thing varies for a log: --vary slots=…, or nodes=… with --slots-per-node")
    found = find_log(log, format_of_log, slots_are=slots_are)
    read = tuple(read_requirement(text, metrics=UNITS) for text in dict.fromkeys(requirements))
    table = found.read(lenient=lenient)
    axis = read_axis(axes[0] if axes else sizes_of(table, slots_per_node))
    wanted = "slots" if slots_per_node is None else "nodes"
    if axis.path != wanted:
        fix = (
            "--vary nodes=… goes with --slots-per-node" if slots_per_node is None else "write --vary nodes=…"
        )
        raise UsageError(f"--vary {axis.path}=…: for a log {wanted} vary here; {fix}")
    question = LogQuestion(
        table, rules, multifactor, axis, slots_per_node, read, confidence, replications or 1,
        1 if seed is None else seed,
    )  # fmt: skip
    with _Told() as told:
        judge = LogJudge(question, starts=told.starts)
        sized = Search([axis], judge, below=BELOW, told=told.finished).run()
    return answer([axis], sized, objective=SMALLEST, confidence=confidence), judge


class _Told:
    """Says on stderr which candidate is tried and what came of it."""

    def __init__(self) -> None:
        self._title = ""
        self._bar: Any = None

    def __enter__(self) -> "_Told":
        return self

    def __exit__(self, *_: object) -> None:
        self._close()

    def starts(self, values: dict[str, str], runs: int) -> None:
        """Begin a candidate, or more replications of it."""
        self._close()
        self._title = ", ".join(f"{path}={value}" for path, value in values.items())
        self._bar = runs_progress(runs, title=f"{self._title}: ")
        self._show = self._bar.__enter__()

    def progress(self, done: float, now_s: float, ended: int) -> None:
        """Pass on how far the candidate is."""
        self._show(done, now_s, ended)

    def finished(self, trial: "Trial") -> None:
        """Say what came of a candidate."""
        from capacity.report.language import Language
        from capacity.report.terminal.size import why

        self._close()
        said = ", ".join(f"{path}={value}" for path, value in trial.values.items())
        say = Language("en")
        outcome = say.text(f"size.{trial.standing}")
        if trial.standing != "shown":
            outcome = f"{outcome}: {why(trial, say)}"
        n = f"{trial.replications} replication{'s' if trial.replications != 1 else ''}"
        click.echo(f"{said} ({n}): {outcome}", err=True)

    def _close(self) -> None:
        if self._bar is not None:
            self._bar.__exit__(None, None, None)
            self._bar = None


def _print(found: "Sizing", lines: list[str], output: Output, say: "Language") -> None:
    from capacity.report.terminal.size import SMALLEST, requirement_texts, trial_rows

    if output.format == "json":
        output.emit((), (), json_payload=found.to_json())
        return
    if output.format == "csv":
        from capacity.study.size.files import trial_values

        rows = trial_values(found)
        output.emit([Col(name, name) for name in rows[0]], rows)
        return
    columns = [Col(axis.path, axis.path, "", "right") for axis in found.axes]
    columns += [
        Col(f"requirement.{number}", text, "", "right")
        for number, text in enumerate(requirement_texts(found))
    ]
    if found.objective != SMALLEST:
        columns.append(Col("objective", found.objective, "", "right"))
    columns.append(Col("replications", say.text("facts.replications"), "", "right"))
    columns.append(Col("standing", say.text("column.standing")))
    output.emit(columns, trial_rows(found, say))
    click.echo()
    for line in lines:
        click.echo(line)
