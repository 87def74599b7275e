"""``capacity list``: the names one can use, with a line about each."""

from typing import TYPE_CHECKING, Any

import click

from capacity.cli.options.specification import warn
from capacity.cli.printing.output import Output, language_option, output_options
from capacity.errors import UsageError, nearest
from capacity.registry import KINDS, METRICS, SPECIFICATIONS
from capacity.report.terminal.table import Col, titled

if TYPE_CHECKING:
    from capacity.report.language import Language

EPILOG = """\b
Examples:
  capacity list
  capacity list sites
  capacity list orders
  capacity list scenarios --format csv -n | cut -d, -f1

Directories named in CAPACITY_CONFIG_PATH, laid out like configs/, are searched before the built-in ones.
"""

Rows = list[dict[str, Any]]


class _Kind(click.Choice[str]):
    """One of the kinds; a wrong one is told the nearest."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:  # noqa: ANN401, ARG002
        """Return `value` if it is a kind."""
        if value not in self.choices:
            raise UsageError(f"unknown kind '{value}': {nearest(value, list(self.choices))}")
        return str(value)


@click.command(epilog=EPILOG)
@click.argument("kind", required=False, type=_Kind([*SPECIFICATIONS, *KINDS, *METRICS]), metavar="[KIND]")
@language_option
@output_options
def command(*, kind: str | None, output: Output, say: "Language") -> None:
    """List the names of one KIND that scenarios and commands can use; without KIND, the kinds.

    Kinds: experiments, scenarios, sites, workloads, references, nodes, accelerators, storage-products
    (specifications; see `capacity show NAME`); orders, backfilling, placements, ties, estimates, overrun,
    conservative, routes, fair-share (parts of a policy); readers (formats of job logs); models (published
    models of workloads); report-sections; metrics (what a simulation measures).
    """
    if kind is None:
        described = {name: text for name, (_, text) in SPECIFICATIONS.items()}
        described |= {name: text for name, (text, _) in KINDS.items()}
        described |= METRICS
        rows: Rows = [{"name": name, "summary": text} for name, text in described.items()]
        what = Col("summary", say.text("listed.kinds"), format=say.translated)
        output.emit([Col("name", say.text("listed.kind")), what], rows)
    elif kind in SPECIFICATIONS:
        from capacity.report.terminal.catalogue import catalogue_columns, catalogue_rows

        singular = SPECIFICATIONS[kind][0]
        rows, wrong = catalogue_rows(singular, say)
        warn(wrong)
        output.emit(catalogue_columns(singular, say), rows)
    elif kind in METRICS:
        from capacity.measure.metrics import METRICS as TABLE

        rows = [{"name": name, "unit": one.unit, "summary": one.definition} for name, one in TABLE.items()]
        output.emit(titled(say, "listed", {"name": None, "unit": None, "summary": say.translated}), rows)
    else:
        rows = [{"name": one.name, "summary": one.line} for one in KINDS[kind][1].values()]
        output.emit(titled(say, "listed", {"name": None, "summary": say.translated}), rows)
