"""``capacity size``: the smallest or cheapest site, or machine for a log, that meets what is required."""

from collections.abc import Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import click

from capacity.cli.options.executing import runs_progress
from capacity.cli.options.log import log_options_but_cluster, say_lost
from capacity.cli.options.option import Fraction, count, valued
from capacity.cli.options.policy import on_the_command_line, policy_options
from capacity.cli.options.require import in_futures_option
from capacity.cli.options.running import (
    directory_options,
    local_run_options,
    say_at_the_end,
    worlds_option,
)
from capacity.cli.options.specification import names_of, overrides_option, site_option, warn
from capacity.cli.printing.output import Output, language_option, output_options
from capacity.errors import RequirementNotMet, UsageError
from capacity.report.terminal.table import Col

if TYPE_CHECKING:
    from capacity.face.size import Sized
    from capacity.report.language import Language
    from capacity.study.size.trial import Trial
    from capacity.study.task import Progress
    from workloads.jobtable import JobTable

EPILOG = """\b
Examples:
  capacity size gwangju-plan --vary site.pools.gpu.nodes=100..1000 --require 'p95_wait_s[pool=gpu] <= 4 h'
  capacity size --vary site.pools.hpc.nodes=50..200 --require 'p95_wait_s[pool=hpc,month=*] <= 2 d' -o hpc
  capacity size --vary site=gwangju-a100,gwangju-budget --minimize cost --require 'p95_wait_s <= 2 d'
  capacity size --worlds 64 --vary site.pools.gpu.nodes=100..1000:20 \
    --require 'p95_wait_s[pool=gpu,slots=8,length=>=1h,month=2022-12] <= 12 h'
  capacity size --log KTH-SP2.swf.gz --require 'p95_wait_s <= 4 h' --vary slots=64..300

\b
A requirement is METRIC[LABEL=VALUE,…] <= LIMIT or >= LIMIT, with the metrics of `simulate` (of `replay` for
a log). The month is the whole horizon if none is given; * stands for each month, pool or tier there is.
"""
SCENARIO = "gwangju-plan"
OF_LOGS = ("slots_per_node", "lenient", "format_of_log", "columns", "slots_are", "policy", "backfill_order",
           "backfill_depth", "reservations", "conservative", "ties", "cycle", "recompute", "estimates",
           "overrun", "weights", "placement", "placement_seed")  # fmt: skip
PASSED_ON = ("minimize", "in_futures", "confidence", "site", "until", "slots_per_node", "multifactor",
             "lenient", "format_of_log", "columns", "slots_are", "seed", "replications", "jobs", "cluster",
             "fresh", "force")  # fmt: skip
OF_WORLDS = ("too_little", "rent_price", "refused_price", "upkeep")
PASSED_TO_WORLDS = ("worlds", "site", "until", "seed", "jobs", "cluster", "fresh", "force")
OF_ONE_FUTURE = ("minimize", "in_futures", "confidence", "replications", "log")
OF_SITES = ("worlds", "scenario", "site", "overrides", "until", "minimize", "jobs", "fresh")


@click.command(epilog=EPILOG)
@click.argument("scenario", required=False, shell_complete=names_of("scenario"))
@valued("--vary axes", "PATH=LOW..HIGH[:STEP]",
        "What may change, as in --set, and its range; or a list, PATH=A,B,C. May be repeated. "
        "For a log slots=… or nodes=….  [default for a log: from its widest job to its machine]",
        multiple=True)  # fmt: skip
@valued("--require requirements", "EXPR", "What must be met; see below.", multiple=True, required=True)
@valued("--minimize", "NAME", "What is to be small: price, cost, nodes, power_w, site_energy_j.  "
        "[default: what varies, if that is one thing]")  # fmt: skip
@in_futures_option
@valued("--confidence", "PERCENT", "With which that share must be shown.",
        type=Fraction(), default=0.95, show_default=True)  # fmt: skip
@valued("--log", "LOG", "Size the machine of a job log instead of a site.")
@count("--slots-per-node", "With --log and --vary nodes=….", metavar="U")
@valued("--too-little", "PRICE",
        "With --worlds, what too little costs: 'rent'; a price of an hour that a slot waits beyond what is "
        "required, '30 KRW/(slot*h)'; or of a month that misses it, '500e6 KRW/month'.  "
        "[default: rent]")  # fmt: skip
@valued("--rent-price", "PRICE", "What an hour of a slot costs to rent, '4838 KRW/GPU/h'.  "
        "[default: that of the nodes]")  # fmt: skip
@valued("--refused-price", "PRICE", "What data turned away cost, '70000 KRW/TB'.  [default: nothing]")
@valued("--upkeep", "PERCENT", "Of the price of all parts, each year.  [default: 10 %]", type=Fraction())
@site_option
@overrides_option
@local_run_options
@worlds_option
@valued("--cluster", "ADDRESS|NAME", "Share the runs among the workers of a Dask cluster, tcp://HOST:8786. "
        "With --log: only the jobs of this cluster, of an export with several.")  # fmt: skip
@policy_options
@log_options_but_cluster
@directory_options
@language_option
@output_options
def command(
    *, output: Output, say: "Language", directory: str | None, log: str | None, **given: Any  # noqa: ANN401
) -> None:  # fmt: skip
    """Find the smallest site for SCENARIO (or machine for --log) that meets every --require.

    With --worlds, find the size that is least regretted over so many choices of what is uncertain, whatever
    comes: what too much and too little cost is weighed, and what may be decided later.

    Candidates are simulated until it is clear whether they are enough: a few replications where they fail,
    14 where all are met, up to -r (30) in between. Exit code 4 if nothing in the range is enough.
    Interrupted or killed, the same command goes on from the runs that were finished.
    """
    from capacity.face.size import size
    from capacity.report.terminal.size import size_lines

    _check_options("sites" if log is None else "logs")
    _check_worlds()
    if given["worlds"] is not None:
        _over_worlds(given, directory, output, say)
        return
    asked = {name: given[name] for name in PASSED_ON}
    asked |= {"set": given["overrides"], "vary": given["axes"], "require": given["requirements"]}
    asked["policy"] = given["rules"]
    with _Bars(say) as told:
        scenario = SCENARIO if given["scenario"] is None else given["scenario"]
        found = size(scenario, log=log, output=directory, told=told, **asked)
    if directory:
        names = ["manifest.json", "sizing.json", "trials.csv"]
        names += ["findings.json", "replications.parquet"] if log is None else []
        say_at_the_end(say.text("run.results", folder=directory, files=", ".join(names)))
    lines = size_lines(found.sizing, say)
    _print(found, lines, output, say)
    if found.answer is None:
        raise RequirementNotMet(lines[0])


def _check_options(kind: str) -> None:
    """Refuse options that belong to the other kind of sizing.

    Raises
    ------
    UsageError
        A scenario together with a log, or what belongs to them.
    """
    given = on_the_command_line()
    wrong = [given[name] for name in (OF_LOGS if kind == "sites" else OF_SITES) if name in given]
    if wrong and kind == "sites":
        raise UsageError(f"{wrong[0]} belongs to --log LOG; a scenario says it itself (--set)")
    if wrong:
        what = "SCENARIO" if wrong[0] == "scenario" else wrong[0]
        raise UsageError(f"{what} does not go with --log: a log has its own jobs and machine")


def _check_worlds() -> None:
    """Refuse what goes with worlds only, or never with them.

    Raises
    ------
    UsageError
        There is something of that.
    """
    given = on_the_command_line()
    wrong = OF_ONE_FUTURE if "worlds" in given else OF_WORLDS
    for name in wrong:
        if name in given:
            with_or_without = "does not go with --worlds" if "worlds" in given else "goes with --worlds N"
            raise UsageError(f"{given[name]} {with_or_without}")


def _over_worlds(given: dict[str, Any], directory: str | None, output: Output, say: "Language") -> None:
    from capacity.face.least_regret import least_regret
    from capacity.report.terminal.regret import option_rows, regret_lines

    prices = {name: given[name] for name in OF_WORLDS if given[name] is not None}
    passed = {name: given[name] for name in PASSED_TO_WORLDS}
    scenario = SCENARIO if given["scenario"] is None else given["scenario"]
    with _Worlds(say) as told:
        answer = least_regret(
            scenario, require=given["requirements"], vary=given["axes"], set=given["overrides"],
            output=directory, told=told, **prices, **passed,
        )  # fmt: skip
    if directory:
        say_at_the_end(say.text("run.results", folder=directory, files="least_regret.json"))
    if output.format == "json":
        output.emit((), (), json_payload=answer.to_json())
        return
    if output.format == "csv":
        output.emit([Col(name, name) for name in answer.rows[0]], answer.rows)
        return
    columns, rows = option_rows(answer.found, say)
    output.emit(columns, rows)
    click.echo()
    for line in regret_lines(answer.found, say):
        click.echo(line)


class _Worlds(ExitStack):
    """Says on stderr how many worlds are done."""

    def __init__(self, say: "Language") -> None:
        super().__init__()
        self.say = say

    def warns(self, warnings: Sequence[str]) -> None:
        """Pass on what should not pass unread."""
        warn(warnings)

    def begins(self, tasks: int) -> "Progress":
        """Show how far all worlds are."""
        return self.enter_context(runs_progress(tasks, self.say))


class _Bars(ExitStack):
    """Says on stderr which candidate is tried and what came of it."""

    def __init__(self, say: "Language") -> None:
        super().__init__()
        self.say = say

    def warns(self, warnings: Sequence[str]) -> None:
        """Pass on what should not pass unread."""
        warn(warnings, self.say)

    def reads(self, table: "JobTable") -> None:
        """Say what of a log is not replayed."""
        say_lost(table, table.source, self.say)

    def starts(self, values: dict[str, str], runs: int) -> None:
        """Begin a candidate, or more replications of it."""
        self.close()
        title = ", ".join(f"{path}={value}" for path, value in values.items())
        self._show = self.enter_context(runs_progress(runs, self.say, title=f"{title}: "))

    def progress(self, done: float, now_s: int, ended: int) -> None:
        """Pass on how far the candidate is."""
        self._show(done, now_s, ended)

    def finished(self, trial: "Trial") -> None:
        """Say what came of a candidate."""
        from capacity.report.terminal.size import why

        self.close()
        say = self.say
        values = ", ".join(f"{path}={value}" for path, value in trial.values.items())
        outcome = say.text(f"size.{trial.standing}")
        if trial.standing != "shown":
            outcome = f"{outcome}: {why(trial, say)}"
        said = say.text("run.tried", values=values, n=trial.replications, outcome=outcome)
        click.echo(said, err=True)


def _print(sized: "Sized", lines: list[str], output: Output, say: "Language") -> None:
    from capacity.report.terminal.size import SMALLEST, requirement_texts, trial_rows

    if output.format == "json":
        output.emit((), (), json_payload=sized.to_json())
        return
    if output.format == "csv":
        rows = sized.rows
        output.emit([Col(name, name) for name in rows[0]], rows)
        return
    found = sized.sizing
    columns = [Col(axis.path, axis.path, "", "right") for axis in found.axes]
    for number, text in enumerate(requirement_texts(found)):
        columns.append(Col(f"requirement.{number}", text, "", "right"))
    if found.objective != SMALLEST:
        columns.append(Col("objective", found.objective, "", "right"))
    columns.append(Col("replications", say.text("facts.replications"), "", "right"))
    columns.append(Col("standing", say.text("column.standing")))
    output.emit(columns, trial_rows(found, say))
    click.echo()
    for line in lines:
        click.echo(line)
