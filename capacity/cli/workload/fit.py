"""``capacity workload fit``: a demand model calibrated to a log, as YAML a person can read."""

import re
from dataclasses import replace
from math import expm1
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from capacity.cli.options.log import log_options, missing_request_option, say_read
from capacity.cli.options.option import Duration, count, file, flag, seed, valued
from capacity.cli.options.specification import note
from capacity.cli.printing.output import Output, language_option, output_options
from capacity.errors import UsageError
from capacity.report.terminal.table import Form, titled

if TYPE_CHECKING:
    from capacity.face.backtest import Backtest
    from capacity.face.fit import FittedModel, Likeness
    from capacity.report.language import Language

EPILOG = """\b
Examples:
  capacity workload fit log.swf.gz -o model.yaml
  capacity workload fit log.swf.gz -o model.yaml --check
  capacity workload fit log.swf.gz --backtest --horizon 4w
  capacity workload fit sacct.txt --slots 512 --by job_class | less
  capacity workload generate model.yaml --start 2021-01-04 --until 2021-10-31 -o synthetic.swf.gz
"""

BY = ("size", "job_class", "pool")
FEWEST_MONTHS = 2


class Horizon(Duration):
    """A length of time, also in weeks as ``13w``."""

    def read(self, text: str, place: str) -> int:
        """Read a horizon in seconds."""
        return super().read(re.sub(r"(?<=\d)\s*w$", " week", text.strip()), place)


@click.command(epilog=EPILOG)
@click.argument("log", metavar="LOG", type=click.Path(allow_dash=True, readable=False))
@count("--slots", "Size of the machine that the load refers to.  [default: what the log says]")
@click.option("--by", type=click.Choice(BY), default="size", show_default=True,
              help="What makes a class: size and length of the jobs, or a column of the log.")  # fmt: skip
@missing_request_option
@log_options
@file("-o --output target", "Where to write the model. Appears whole or not at all.  [default: standard "
      "output]", dash=True)  # fmt: skip
@flag("--force", "Overwrite a file that exists.")
@flag("--check", "Replay synthetic months and the log under EASY, and compare the queues.")
@count("--months", "Synthetic months of 30 days for --check.  [default: 10]", least=FEWEST_MONTHS, most=1200)
@flag("--backtest", "Forecast each part of the log from what came before it, beside what came.")
@valued(
    "--horizon horizon_s",
    "DURATION",
    "How far the forecasts of --backtest reach.  [default: 13w]",
    type=Horizon(),
)
@seed("For --check and --backtest.  [default: 1]")
@language_option
@output_options
def command(
    *, target: str | None, check: bool, months: int | None, backtest: bool, horizon_s: int | None,
    seed: int | None, output: Output, say: "Language", **asked: Any,  # noqa: ANN401 - of the face's `fit`
) -> None:  # fmt: skip
    """Calibrate the demand model to a LOG and write it as a workload in YAML.

    Classes are found by size and length of the jobs; distributions of run times are chosen by maximum
    likelihood, with how well they fit beside each. `capacity workload generate` draws jobs from the model,
    and a scenario can use it as its workload.

    --check draws some months from it, replays them and the log under EASY on the same machine, and prints
    utilization, waits and slowdown of both. Exit code 4 if any of them misses.

    --backtest forecasts utilization, p50 and p95 wait from ever more of the log, for the 13 weeks that follow
    each time, and prints the 80 % intervals beside what came; without -o no model is made. Exit code 4 if
    they are shown to hold too few.
    """
    path = None if target in (None, "-") else target
    _refuse(check=check, months=months, backtest=backtest, horizon_s=horizon_s, seed=seed)
    if check and path is None:
        raise UsageError("--check prints a table: name a file for the model with -o")
    from capacity.face.backtest import backtest_of
    from capacity.face.fit import MONTHS, SEED, fit, log_to_fit

    seed = SEED if seed is None else seed
    if backtest and path is None:
        table, slots = log_to_fit(
            **{key: value for key, value in asked.items() if key not in ("by", "force")}
        )
        say_read(table, Path(table.source).name, say)
        _print_forecasts(backtest_of(table, slots, horizon_s=horizon_s, seed=seed), output, say)
        return
    found = fit(output=path, **asked)
    _summarise(found, say)
    if path is None:
        click.echo(found.yaml, nl=False)
    if check:
        _print(found.check(months=months or MONTHS, seed=seed), output, say)
    if backtest:
        _print_forecasts(found.backtest(horizon_s=horizon_s, seed=seed), output, say)


def _refuse(
    *, check: bool, months: int | None, backtest: bool, horizon_s: int | None, seed: int | None
) -> None:
    """Refuse options that belong to what was not asked for."""
    if not check and months is not None:
        raise UsageError("--months belongs to --check")
    if not backtest and horizon_s is not None:
        raise UsageError("--horizon belongs to --backtest")
    if seed is not None and not (check or backtest):
        raise UsageError("--seed belongs to --check or --backtest")
    if check and backtest:
        raise UsageError("--check and --backtest print a table each: ask for one at a time")


def _summarise(found: "FittedModel", say: "Language") -> None:
    """Say on stderr what is left out, and what was found."""
    fitted = found.fitted
    say_read(found.table, Path(found.table.source).name, say)
    if fitted.starts_only:
        note(say.text("fitted.starts_only"))
    families = [one.run_choice.best.family for one in fitted.classes]
    tables = families.count("empirical")
    said = say.text(
        "fitted.summary", source=fitted.source, jobs=fitted.jobs, series=fitted.series,
        classes=len(fitted.classes), tenants=len(fitted.model.tenants), load=fitted.weeks.load_frac,
        slots=fitted.slots, by_distribution=len(families) - tables, by_quantiles=tables,
    )  # fmt: skip
    click.echo(said, err=True)
    if fitted.level is not None:
        level = fitted.level
        spreads = {"noise": expm1(level.noise_sd), "drift": expm1(level.drift_sd(QUARTER_WEEKS))}
        click.echo(say.text("fitted.level", now=level.now_ratio, **spreads), err=True)
    if (holding := fitted.holding).hides_waits:
        note(say.text("fitted.hides_waits", fit=holding.fit_frac, chance=holding.chance_frac))


NUMBERS = ("limit", "found", "low", "high")
FORECAST = ("came", "found", "low", "high", "last")
QUARTER_WEEKS = 13


def _in_words(row: dict[str, Any], say: "Language") -> dict[str, Any]:
    """Return a row with its numbers as a person reads them."""
    from capacity.quantities.writing import format_number

    def word(value: float) -> str:
        if str(row["metric"]).endswith("utilization"):
            return f"{value:.1%}"
        return say.exact_duration(value, whole=False) if row["unit"] == "s" else format_number(value)

    names = [name for name in (*NUMBERS, *FORECAST) if row.get(name) is not None]
    return row | {name: word(float(row[name])) for name in names}


def _print(found: "Likeness", output: Output, say: "Language") -> None:
    """Print how the queue of synthetic months compares with that of the log; exit with 4 if any misses."""
    named = ("metric",) if output.format == "table" else ("metric", "unit")
    forms: dict[str, Form | None] = {**dict.fromkeys(named), **dict.fromkeys(NUMBERS, str), "standing": None}
    *columns, standing = titled(say, "fitted.columns", forms)
    columns.append(replace(standing, format=lambda standing: say.text(f"likeness.{standing}")))
    rows = found.rows
    output.emit(columns, [_in_words(row, say) for row in rows] if output.format == "table" else rows)
    if found.misses:
        click.echo(say.text("fitted.misses", n=found.misses, figures=len(rows)), err=True)
        click.get_current_context().exit(4)


def _print_forecasts(found: "Backtest", output: Output, say: "Language") -> None:
    """Print forecasts beside what came and what they were worth; exit with 4 if intervals do not hold."""
    from capacity.report.terminal.backtest import coverage_lines

    is_table = output.format == "table"
    named = ("week", "from", "metric") if is_table else ("week", "from", "metric", "unit")
    forms: dict[str, Form | None] = {**dict.fromkeys(named), **dict.fromkeys(FORECAST, str), "inside": None}
    *columns, inside = titled(say, "backtest.columns", forms)
    words = {True: say.text("backtest.inside"), False: say.text("backtest.outside")}
    columns.append(replace(inside, format=words.__getitem__))
    rows = [_in_words(row, say) for row in found.rows] if is_table else found.rows
    output.emit(columns, rows, json_payload=found.to_json())
    if is_table:
        output.show(coverage_lines(found, say))
    if found.misses:
        click.get_current_context().exit(4)
