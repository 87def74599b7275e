"""``capacity replay``: a real log on a given machine and policy, beside the past that it recorded."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from capacity.cli.options.log_input import (
    LogInput,
    find_log,
    format_of_log_option,
    lenient_option,
    slots_are_option,
)
from capacity.cli.options.policy import policy_options, words_of, words_of_weights
from capacity.cli.options.specification import warn
from capacity.cli.printing.file_output import naming
from capacity.cli.printing.output import Output, output_options
from capacity.errors import InputError, UsageError
from capacity.report.terminal.table import Col

if TYPE_CHECKING:
    from capacity.scheduling.pools.pool import PoolSpec
    from capacity.scheduling.rules import Rules
    from capacity.scheduling.site.rules import MultifactorNumbers
    from capacity.study.replay.recorded import RecordedComparison
    from capacity.study.replay.replay import Replayed
    from workloads.jobtable import JobTable

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

LONG_S = 3.0
"""Reading for longer than this is worth a word. [s]"""
MOST = 2**31 - 1
MOST_PLACED = 2**24
"""Slots on nodes: each has its own place in memory."""


@click.command(epilog=EPILOG)
@click.argument("log", type=click.Path(allow_dash=True, readable=False))
@click.option(
    "--slots",
    type=click.IntRange(1, MOST),
    metavar="N",
    help="Size of a machine on which any free slots will do.  [default: the log's MaxProcs]",
)
@click.option(
    "--nodes", type=click.IntRange(1, MOST_PLACED), metavar="N", help="Instead: identical nodes, ..."
)
@click.option(
    "--slots-per-node",
    type=click.IntRange(1, MOST_PLACED),
    metavar="U",
    help="... with so many slots each. A job runs on one node, or takes whole nodes.",
)
@policy_options
@click.option(
    "--compare-recorded",
    is_flag=True,
    help="Print the recorded past beside the replay by month, size and length, and how well it is told.",
)
@lenient_option
@click.option("--strict", is_flag=True, help="Refuse a log of which anything is left out or changed.")
@format_of_log_option()
@slots_are_option
@click.option(
    "-o",
    "--output",
    "directory",
    type=click.Path(readable=False),
    metavar="DIR",
    help="Keep the run there: manifest.json, jobs.parquet, findings.json. It appears whole or not at all.",
)
@click.option("--force", is_flag=True, help="Overwrite a run directory that exists.")
@output_options
def command(
    *,
    log: str,
    slots: int | None,
    nodes: int | None,
    slots_per_node: int | None,
    rules: "Rules",
    multifactor: "MultifactorNumbers | None",
    compare_recorded: bool,
    lenient: bool,
    strict: bool,
    format_of_log: str | None,
    slots_are: str | None,
    directory: str | None,
    force: bool,
    output: Output,
) -> None:
    """Replay LOG, the path of a job log or - for standard input, and print waits, slowdown and utilization.

    Jobs that nobody could replay (no slots, no run time, larger than the machine, ...) are left out, and jobs
    that ran past their requested time are killed there; both are counted on stderr. Where the log says
    how long its jobs waited, that past stands beside the simulation.
    """
    _check_machine(slots, nodes, slots_per_node)
    target = Path(directory) if directory is not None else None
    if target is not None:
        from capacity.study.files.run_directory import check_target

        check_target(target, force=force)
    found = find_log(log, format_of_log, slots_are=slots_are)
    begun = time.perf_counter()
    table = found.read(lenient=lenient)
    read_s = time.perf_counter() - begun
    if read_s > LONG_S:
        click.echo(f"{found.name}: {len(table):,} jobs read in {read_s:.0f} s, replaying them", err=True)
    from capacity.study.replay.replay import replay

    if compare_recorded:
        from capacity.study.replay.recorded import check_recorded

        check_recorded(table)
    replayed = replay(
        table, _machine(table, slots, nodes, slots_per_node), rules, strict=strict, multifactor=multifactor
    )
    _say_what_differs(replayed)
    compared = _compare(replayed) if compare_recorded else None
    if target is not None:
        _write(target, replayed, compared, found, read_s, force=force)
    _print(replayed, compared, output)


def _check_machine(slots: int | None, nodes: int | None, slots_per_node: int | None) -> None:
    if slots is not None and (nodes is not None or slots_per_node is not None):
        raise UsageError("--slots and --nodes are two ways to say one thing: give one of them")
    if (nodes is None) != (slots_per_node is None):
        raise UsageError("--nodes and --slots-per-node go together")
    if nodes is not None and slots_per_node is not None and nodes * slots_per_node > MOST_PLACED:
        raise UsageError(f"{nodes} nodes of {slots_per_node} slots: more than {MOST_PLACED:,} slots on nodes")


def _machine(table: "JobTable", slots: int | None, nodes: int | None, per_node: int | None) -> "PoolSpec":
    """Return the machine that the options describe, or that of the log."""
    from capacity.scheduling.pools.pool import PoolSpec

    if nodes is not None and per_node is not None:
        return PoolSpec("machine", nodes, per_node, counted=per_node == 1)
    size = slots or table.max_slots
    if size is None:
        what = "the log does not say how large its machine was: it has no MaxProcs"
        raise InputError(what, where=table.source, fix="give --slots N, or --nodes N --slots-per-node U")
    return PoolSpec("machine", size)


def _say_what_differs(replayed: "Replayed") -> None:
    """Say on stderr what was not replayed just as it stands in the log."""
    source = replayed.table.source
    warn([f"{source}: left out: {tally}" for tally in replayed.dropped])
    for tally in replayed.remarks:
        click.echo(f"note: {source}: changed: {tally}", err=True)


def _compare(replayed: "Replayed") -> "RecordedComparison":
    """Compare with the recorded past, and say when that is hardly one."""
    from capacity.study.replay.recorded import compare

    found = compare(replayed)
    source, whole = replayed.table.source, found.whole
    if whole.jobs < replayed.simulated.jobs:
        left = replayed.simulated.jobs - whole.jobs
        click.echo(f"note: {source}: not compared: {left:,} × no recorded wait", err=True)
    if whole.recorded.mean_wait_s == 0:
        click.echo(f"note: {source}: no job ever waited: these are hardly recorded waits", err=True)
    return found


def _write(
    target: Path,
    replayed: "Replayed",
    compared: "RecordedComparison | None",
    log: LogInput,
    read_s: float,
    *,
    force: bool,
) -> None:
    from capacity.study.replay.files import FILES, LogIdentity, write_directory

    identity = LogIdentity(log.name, log.format, log.sha256())
    with naming(target):
        write_directory(target, replayed, identity, {"read_s": read_s}, force=force, compared=compared)
    click.echo(f"results in {target}: {', '.join(FILES)}", err=True)


def _print(replayed: "Replayed", compared: "RecordedComparison | None", output: Output) -> None:
    from capacity.study.replay import recorded
    from capacity.study.replay.files import to_json

    numbers = to_json(replayed)
    if output.format == "json":
        past = {} if compared is None else {"compared": recorded.to_json(compared)}
        output.emit((), (), json_payload={**numbers, **past})
    elif output.format == "csv" and compared is not None:
        rows = recorded.csv_rows(compared)
        keys = [*rows[0], *map(recorded.score_name, recorded.STATISTICS)]
        output.emit([Col(key, key) for key in keys], rows)
    elif output.format == "csv":
        _print_csv(replayed, numbers, output)
    else:
        _print_table(replayed, output)
        if compared is not None:
            from capacity.report.language import Language
            from capacity.report.terminal.replay import past_blocks

            output.show(past_blocks(compared, Language("en")))


def _print_csv(replayed: "Replayed", numbers: dict[str, Any], output: Output) -> None:
    """Print one row with the names of the JSON, so that replays can be stacked."""
    row = {**numbers, "slots": replayed.slots, "policy": _words_of_policy(replayed)}
    first = ["log", "slots", "policy"]
    plain = [key for key, value in numbers.items() if not isinstance(value, dict | list) and key != "log"]
    output.emit([Col(key, key) for key in (*first, *plain)], [row])


def _print_table(replayed: "Replayed", output: Output) -> None:
    policy = _words_of_policy(replayed)
    click.echo(f"{replayed.table.source} on {_words_of_machine(replayed)}, {policy}\n")
    columns = [Col("metric", "metric"), Col("simulated", "simulated", align="right")]
    if replayed.recorded is not None:
        columns.append(Col("recorded", "recorded", align="right"))
    output.emit(columns, _rows(replayed))
    if replayed.recorded is None:
        click.echo("note: the log does not say how long its jobs waited", err=True)
    click.echo(f"{replayed.engine_s:.3f} s in the batch system", err=True)


def _words_of_policy(replayed: "Replayed") -> str:
    return words_of(replayed.batch.rules) + words_of_weights(replayed.multifactor)


def _words_of_machine(replayed: "Replayed") -> str:
    spec = replayed.machine
    if spec.counted:
        return f"{spec.nodes:,} slots"
    return f"{spec.nodes:,} nodes of {spec.slots_per_node} slots, {replayed.batch.rules.placement}"


def _rows(replayed: "Replayed") -> Sequence[dict[str, str]]:
    from capacity.quantities.writing import format_duration, format_si

    def slowdown(value: float) -> str:
        return f"{value:,.2f}"

    def percent(value: float) -> str:
        return format_si(value, "fraction")

    rows = []
    for name, title, form in (
        ("jobs", "jobs", "{:,}".format),
        ("mean_wait_s", "mean wait", format_duration),
        ("p50_wait_s", "median wait", format_duration),
        ("p95_wait_s", "95 % wait at most", format_duration),
        ("mean_bounded_slowdown", "mean bounded slowdown", slowdown),
        ("max_bounded_slowdown", "largest bounded slowdown", slowdown),
        ("utilization", "utilization", percent),
        ("makespan_s", "makespan", format_duration),
    ):
        row = {"metric": title, "simulated": form(getattr(replayed.simulated, name))}
        if replayed.recorded is not None:
            row["recorded"] = form(getattr(replayed.recorded, name))
        rows.append(row)
    return rows
