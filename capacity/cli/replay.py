"""``capacity replay``: a real log on a given machine and policy, beside the past that it recorded."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from capacity.cli.options.log import format_of_log_option, lenient_option, slots_are_option
from capacity.cli.options.option import count, file, flag
from capacity.cli.options.policy import policy_options, words_of
from capacity.cli.options.specification import warn
from capacity.cli.printing.output import Output, output_options
from capacity.report.terminal.table import Col

if TYPE_CHECKING:
    from capacity.face.replay import Replay
    from capacity.scheduling.rules import Rules
    from capacity.study.replay.replay import Replayed

EPILOG = """\b
Examples:
  capacity replay KTH-SP2.swf.gz
  capacity replay KTH-SP2.swf.gz --slots 128 --policy sjf+easy
  capacity replay gpu-jobs.csv --nodes 64 --slots-per-node 8 --json
  capacity workload generate gwangju-plan | capacity replay - --policy sjf+easy
  capacity replay KTH-SP2.swf.gz --policy easy --ties pyss -o runs/kth
  capacity replay KTH-SP2.swf.gz --compare-recorded
  capacity replay KTH-SP2.swf.gz --policy multifactor+easy --cycle '30 s' --backfill-depth 500
"""

MOST_PLACED = 2**24
"""Slots on nodes: each has its own place in memory."""


@click.command(epilog=EPILOG)
@click.argument("log", type=click.Path(allow_dash=True, readable=False))
@count("--slots", "Size of a machine on which any free slots will do.  [default: the log's MaxProcs]")
@count("--nodes", "Instead: identical nodes, ...", most=MOST_PLACED)
@count("--slots-per-node", "... with so many slots each. A job runs on one node, or takes whole nodes.",
       most=MOST_PLACED, metavar="U")  # fmt: skip
@policy_options
@flag("--compare-recorded", "Print the recorded past beside the replay by month, size and length, and how "
      "well it is told.")  # fmt: skip
@lenient_option
@flag("--strict", "Refuse a log of which anything is left out or changed.")
@format_of_log_option
@slots_are_option
@file("-o --output directory", "Keep the run there: manifest.json, jobs.parquet, findings.json. It appears "
      "whole or not at all.", metavar="DIR")  # fmt: skip
@flag("--force", "Overwrite a run directory that exists.")
@output_options
def command(*, rules: "Rules", directory: str | None, output: Output, **asked: Any) -> None:  # noqa: ANN401
    """Replay LOG, the path of a job log or - for standard input, and print waits, slowdown and utilization.

    Jobs that nobody could replay (no slots, no run time, larger than the machine, ...) are left out, and jobs
    that ran past their requested time are killed there; both are counted on stderr. Where the log says
    how long its jobs waited, that past stands beside the simulation.
    """
    from capacity.face.replay import replay

    found = replay(policy=rules, output=directory, told=lambda text: click.echo(text, err=True), **asked)
    _say_what_differs(found)
    if directory is not None:
        click.echo(f"results in {Path(directory)}: manifest.json, jobs.parquet, findings.json", err=True)
    _print(found, output)


def _say_what_differs(found: "Replay") -> None:
    """Say on stderr what was not replayed as it stands in the log, and how much of a past there is in it."""
    replayed = found.replayed
    source = replayed.table.source
    warn([f"{source}: left out: {tally}" for tally in replayed.dropped])
    notes = [f"changed: {tally}" for tally in replayed.remarks]
    if found.compared is not None:
        whole = found.compared.whole
        if whole.jobs < replayed.simulated.jobs:
            notes.append(f"not compared: {replayed.simulated.jobs - whole.jobs:,} × no recorded wait")
        if whole.recorded.mean_wait_s == 0:
            notes.append("no job ever waited: these are hardly recorded waits")
    for note in notes:
        click.echo(f"note: {source}: {note}", err=True)


def _print(found: "Replay", output: Output) -> None:
    replayed, compared = found.replayed, found.compared
    if output.format == "json":
        output.emit((), (), json_payload=found.to_json())
    elif output.format == "csv" and compared is not None:
        keys = dict.fromkeys(key for row in found.past_rows for key in row)
        output.emit([Col(key, key) for key in keys], found.past_rows)
    elif output.format == "csv":
        _print_csv(found, output)
    else:
        _print_table(replayed, output)
        if compared is not None:
            from capacity.report.language import Language
            from capacity.report.terminal.replay import past_blocks

            output.show(past_blocks(compared, Language("en")))


def _print_csv(found: "Replay", output: Output) -> None:
    """Print one row with the names of the JSON, so that replays can be stacked."""
    numbers = found.to_json()
    del numbers["schema_version"]
    policy = words_of(found.replayed.batch.rules, found.replayed.multifactor)
    row = {**numbers, "slots": found.replayed.slots, "policy": policy}
    first = ["log", "slots", "policy"]
    plain = [key for key, value in numbers.items() if not isinstance(value, dict | list) and key != "log"]
    output.emit([Col(key, key) for key in (*first, *plain)], [row])


def _print_table(replayed: "Replayed", output: Output) -> None:
    spec, rules = replayed.machine, replayed.batch.rules
    placed = f"{spec.nodes:,} nodes of {spec.slots_per_node} slots, {rules.placement}"
    machine = f"{spec.nodes:,} slots" if spec.counted else placed
    click.echo(f"{replayed.table.source} on {machine}, {words_of(rules, replayed.multifactor)}\n")
    columns = [Col("metric", "metric"), Col("simulated", "simulated", align="right")]
    if replayed.recorded is not None:
        columns.append(Col("recorded", "recorded", align="right"))
    output.emit(columns, _rows(replayed))
    if replayed.recorded is None:
        click.echo("note: the log does not say how long its jobs waited", err=True)
    click.echo(f"{replayed.engine_s:.3f} s in the batch system", err=True)


def _rows(replayed: "Replayed") -> Sequence[dict[str, str]]:
    from capacity.quantities.writing import format_duration, format_si

    def percent(value: float) -> str:
        return format_si(value, "fraction")

    rows = []
    for name, title, form in (
        ("jobs", "jobs", "{:,}".format),
        ("mean_wait_s", "mean wait", format_duration),
        ("p50_wait_s", "median wait", format_duration),
        ("p95_wait_s", "95 % wait at most", format_duration),
        ("mean_bounded_slowdown", "mean bounded slowdown", "{:,.2f}".format),
        ("max_bounded_slowdown", "largest bounded slowdown", "{:,.2f}".format),
        ("utilization", "utilization", percent),
        ("makespan_s", "makespan", format_duration),
    ):
        row = {"metric": title, "simulated": form(getattr(replayed.simulated, name))}
        if replayed.recorded is not None:
            row["recorded"] = form(getattr(replayed.recorded, name))
        rows.append(row)
    return rows
