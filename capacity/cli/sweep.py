"""``capacity sweep``: one scenario under many values, in local processes, on a cluster, or in a job array."""

from typing import TYPE_CHECKING

import click

from capacity.cli.options.executing import lines_now_and_then, runs_progress
from capacity.cli.options.option import flag, valued
from capacity.cli.options.running import (
    cluster_option,
    directory_options,
    fresh_option,
    jobs_option,
    say_at_the_end,
)
from capacity.cli.options.specification import names_of, warn
from capacity.cli.printing.output import Output, language_option, output_options
from capacity.errors import CapacityError, UsageError

if TYPE_CHECKING:
    from capacity.face.sweep import Prepared, Swept
    from capacity.report.language import Language

EPILOG = """\b
Examples:
  capacity sweep gwangju-plan-nodes --dry-run
  capacity sweep gwangju-plan-nodes -o results/nodes
  capacity sweep nodes.yaml -o results/nodes --cluster tcp://10.0.0.1:8786
  capacity sweep nodes.yaml -o results/nodes --shard $SLURM_ARRAY_TASK_ID/100
  capacity sweep nodes.yaml -o results/nodes --merge

\b
An experiment is YAML:
  kind: experiment
  title: How many nodes, if nodes fail more often or less?
  scenario: gwangju-plan
  axes:
    site.pools.gpu.nodes: {from: 300, to: 500, step: 100}
  samples:
    method: sobol
    count: 8
    ranges: {site.pue: [1.2, 1.5]}
  metrics: [utilization, 'p95_wait_s[pool=gpu]']
"""


@click.command(epilog=EPILOG)
@click.argument("experiment", shell_complete=names_of("experiment"))
@flag("--dry-run", "Check all cases, measure one run, and say what all will take.")
@valued("--shard", "I/N", "Run only every N-th case, from case I on (0 to N-1); all shards go with one -o.")
@flag("--merge", "Put all shards together: the same files as in one go.")
@fresh_option
@jobs_option
@cluster_option
@directory_options
@language_option
@output_options
def command(
    *, experiment: str, dry_run: bool, shard: str | None, merge: bool, fresh: bool, jobs: int,
    cluster: str | None, directory: str | None, force: bool, output: Output, say: "Language",
) -> None:  # fmt: skip
    """Run one scenario under many values: every choice of the axes of EXPERIMENT, at every point of it.

    EXPERIMENT is a name (see: capacity list experiments) or a file. Every case is checked before the first
    run. Left are runs.parquet, long: case, replication, metric, labels, value, censored; cases.parquet: what
    each case sets; and a manifest. Interrupted or killed, the same command goes on from the runs that were
    finished, to the same bytes.
    """
    from capacity.face.sweep import merge_shards, run_prepared

    if merge and (dry_run or shard is not None):
        raise UsageError("--merge puts all shards together: it goes without --dry-run and --shard")
    if directory is None and not dry_run:
        raise UsageError("where to? -o DIR is the directory to leave; --dry-run leaves none")
    if merge and directory is not None:
        _print(merge_shards(experiment, directory, force=force), output, say)
        return
    prepared = _prepared(experiment, shard, directory, force=force, say=say)
    if dry_run:
        _print_forecast(prepared, jobs, cluster, output, say)
    elif directory is not None:
        with runs_progress(prepared.runs, say) as show:
            found = run_prepared(
                prepared, directory, jobs=jobs, cluster=cluster, fresh=fresh, force=force, progress=show
            )
        _print(found, output, say)


def _prepared(
    experiment: str, shard: str | None, directory: str | None, *, force: bool, say: "Language"
) -> "Prepared":
    """Check where the results go, then all cases."""
    from capacity.face.sweep import prepare

    tell = lines_now_and_then()
    prepared = prepare(
        experiment, shard=shard, output=directory, force=force,
        told=lambda done, total: tell(say.text("sweep.checked", done=done, total=total)),
    )  # fmt: skip
    warn(list(dict.fromkeys(prepared.warnings)))
    return prepared


def _print_forecast(
    prepared: "Prepared", jobs: int, cluster: str | None, output: Output, say: "Language"
) -> None:
    from capacity.face.sweep import dry_run
    from capacity.report.terminal.sweep import forecast_columns, forecast_rows

    found = dry_run(prepared, jobs=jobs, cluster=cluster)
    output.emit(forecast_columns(say), forecast_rows(found, say), json_payload=found.to_json())


def _print(found: "Swept", output: Output, say: "Language") -> None:
    """Print between which cases the figures lie, and where all is."""
    from capacity.report.terminal.sweep import heading, lost_sentences, span_columns, span_rows

    files = "manifest.json, cases.parquet, runs.parquet"
    say_at_the_end(say.text("run.results", folder=found.folder, files=files))
    if output.format == "table":
        click.echo(f"{heading(found.experiment.experiment.title, found.manifest, say)}\n")
    columns = span_columns(say, plain=output.format == "csv")
    output.emit(columns, span_rows(found.spans, say), json_payload=found.to_json())
    if found.lost:
        raise CapacityError("\n".join(lost_sentences(found.lost, say)))
