"""``capacity replay``: a real log on a given machine and policy, beside the past that it recorded."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from capacity.cli.options.log import log_options, missing_request_option, say_read
from capacity.cli.options.option import count, file, flag
from capacity.cli.options.policy import policy_options, words_of
from capacity.cli.options.specification import note
from capacity.cli.printing.output import Output, language_option, output_options
from capacity.report.terminal.table import Col, Form, titled

if TYPE_CHECKING:
    from capacity.face.replay import Replay
    from capacity.report.language import Language
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


@click.command(epilog=EPILOG)
@click.argument("log", type=click.Path(allow_dash=True, readable=False))
@count("--slots", "Size of a machine on which any free slots will do.  [default: the log's MaxProcs]")
@count("--nodes", "Instead: identical nodes, ...")
@count("--slots-per-node", "... with so many slots each. A job runs on one node, or takes whole nodes.",
       metavar="U")  # fmt: skip
@policy_options
@flag("--compare-recorded", "Print the recorded past beside the replay by month, size and length, and how "
      "well it is told.")  # fmt: skip
@flag("--strict", "Refuse a log of which anything is left out or changed.")
@missing_request_option
@log_options
@file("-o --output directory", "Keep the run there: manifest.json, jobs.parquet, findings.json. It appears "
      "whole or not at all.", metavar="DIR")  # fmt: skip
@flag("--force", "Overwrite a run directory that exists.")
@language_option
@output_options
def command(
    *, rules: "Rules", directory: str | None, output: Output, say: "Language", **asked: Any  # noqa: ANN401
) -> None:  # fmt: skip
    """Replay LOG, the path of a job log or - for standard input, and print waits, slowdown and utilization.

    Jobs that nobody could replay (no slots, no run time, larger than the machine, ...) are left out, and jobs
    that ran past their requested time are killed there; both are counted on stderr. Where the log says
    how long its jobs waited, that past stands beside the simulation.
    """
    from capacity.face.replay import replay

    def told(source: str, jobs: int, read_s: float) -> None:
        click.echo(say.text("replay.reading", source=source, n=jobs, read_s=read_s), err=True)

    found = replay(policy=rules, output=directory, told=told, **asked)
    _say_what_differs(found, say)
    if directory is not None:
        files = "manifest.json, jobs.parquet, findings.json"
        click.echo(say.text("run.results", folder=Path(directory), files=files), err=True)
    _print(found, output, say)


def _say_what_differs(found: "Replay", say: "Language") -> None:
    """Say on stderr what was not replayed as it stands in the log, and how much of a past there is in it."""
    replayed = found.replayed
    source = replayed.table.source
    say_read(replayed.table, source, say, replayed.remarks)
    for tally in replayed.told:
        note(say.text("replay.told", source=source, tally=tally))
    period = replayed.period
    if not period.is_span:
        key = f"replay.period_{period.how}"
        note(say.text(key, source=source, length=say.exact_duration(period.length_s), before=period.before,
                      after=period.after))  # fmt: skip
    if found.compared is not None:
        whole = found.compared.whole
        if whole.jobs < replayed.simulated.jobs:
            note(say.text("replay.not_compared", source=source, n=replayed.simulated.jobs - whole.jobs))
        if whole.recorded.mean_wait_s == 0:
            note(say.text("replay.never_waited", source=source))


def _print(found: "Replay", output: Output, say: "Language") -> None:
    replayed, compared = found.replayed, found.compared
    if output.format == "json":
        output.emit((), (), json_payload=found.to_json())
    elif output.format == "csv" and compared is not None:
        keys = dict.fromkeys(key for row in found.past_rows for key in row)
        output.emit([Col(key, key) for key in keys], found.past_rows)
    elif output.format == "csv":
        _print_csv(found, output)
    else:
        _print_table(replayed, output, say)
        if compared is not None:
            from capacity.report.terminal.replay import past_blocks

            output.show(past_blocks(compared, say))


def _print_csv(found: "Replay", output: Output) -> None:
    """Print one row with the names of the JSON, so that replays can be stacked."""
    numbers = found.to_json()
    del numbers["schema_version"]
    policy = words_of(found.replayed.batch.rules, found.replayed.multifactor)
    row = {**numbers, "slots": found.replayed.slots, "policy": policy}
    first = ["log", "slots", "policy"]
    plain = [key for key, value in numbers.items() if not isinstance(value, dict | list) and key != "log"]
    output.emit([Col(key, key) for key in (*first, *plain)], [row])


def _print_table(replayed: "Replayed", output: Output, say: "Language") -> None:
    spec, rules = replayed.machine, replayed.batch.rules
    nodes = {"n": spec.nodes, "slots": spec.slots_per_node, "placement": rules.placement}
    machine = say.text("replay.slots", n=spec.nodes) if spec.counted else say.text("replay.nodes", **nodes)
    policy = words_of(rules, replayed.multifactor)
    click.echo(say.text("replay.line", source=replayed.table.source, machine=machine, policy=policy) + "\n")
    sides: dict[str, Form | None] = {"simulated": str}
    if replayed.recorded is not None:
        sides["recorded"] = str
    output.emit(titled(say, "replay.table", {"metric": None, **sides}), _rows(replayed, say))
    if replayed.recorded is None:
        note(say.text("replay.no_waits"))
    click.echo(say.text("replay.engine", engine_s=replayed.engine_s), err=True)


def _rows(replayed: "Replayed", say: "Language") -> Sequence[dict[str, str]]:
    from capacity.quantities.writing import format_number

    def time(seconds: float) -> str:
        return say.exact_duration(seconds, whole=False)

    def percent(value: float) -> str:
        return say.text("percent", n=format_number(100 * value))

    rows = []
    for name, form in (
        ("jobs", "{:,}".format),
        ("mean_wait_s", time),
        ("p50_wait_s", time),
        ("p95_wait_s", time),
        ("mean_bounded_slowdown", "{:,.2f}".format),
        ("max_bounded_slowdown", "{:,.2f}".format),
        ("utilization", percent),
        ("makespan_s", time),
    ):
        row = {
            "metric": say.text(f"replay.table.{name}"),
            "simulated": form(getattr(replayed.simulated, name)),
        }
        if replayed.recorded is not None:
            row["recorded"] = form(getattr(replayed.recorded, name))
        rows.append(row)
    return rows
