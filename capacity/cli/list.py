"""``capacity list``: the names one can use, with a line about each."""

from collections.abc import Callable, Mapping
from typing import Any

import click

from capacity.cli.options.specification import warn
from capacity.cli.printing.output import Output, output_options
from capacity.errors import UsageError, nearest
from capacity.report.terminal.table import Col

EPILOG = """\b
Examples:
  capacity list
  capacity list sites
  capacity list orders
  capacity list scenarios --format csv -n | cut -d, -f1

Directories named in CAPACITY_CONFIG_PATH, laid out like configs/, are searched before the built-in ones.
"""

Rows = list[dict[str, Any]]

_NAME_AND_TEXT = (Col("name", "name"), Col("summary", "what it is"))


def _orders() -> Rows:
    from capacity.scheduling.orders import ORDERS

    return [{"name": entry.name, "summary": entry.summary} for entry in ORDERS]


def _rules(table: str) -> Callable[[], Rows]:
    def rows() -> Rows:
        from capacity.scheduling import rules
        from capacity.scheduling.site import rules as site_rules

        names = getattr(rules, table, None) or getattr(site_rules, table)
        return [{"name": name, "summary": text} for name, (_, text) in names.items()]

    return rows


def _readers() -> Rows:
    from workloads.registry import FORMATS

    return [
        {
            "name": entry.name,
            "summary": entry.summary
            + (f" ({', '.join(entry.suffixes)})" if entry.suffixes else "")
            + ("" if entry.writer else "; read only"),
        }
        for entry in FORMATS.values()
    ]


def _models() -> Rows:
    from workloads.published.registry import MODELS

    return [{"name": entry.name, "summary": entry.summary} for entry in MODELS.values()]


def _metrics() -> Rows:
    from capacity.measure.metrics import METRICS

    return [
        {"name": name, "unit": metric.unit, "summary": metric.definition} for name, metric in METRICS.items()
    ]


def _sections() -> Rows:
    from capacity.report.sections.registry import SECTIONS

    return [{"name": entry.name, "summary": entry.summary} for entry in SECTIONS]


# What is not in the catalogue of files: each with the function that lists it.
_REGISTERED: Mapping[str, tuple[str, Callable[[], Rows]]] = {
    "orders": ("queue orders of a policy", _orders),
    "backfilling": ("backfilling rules of a policy", _rules("BACKFILLING")),
    "placements": ("how a policy chooses nodes", _rules("PLACEMENTS")),
    "ties": ("what a policy decides together in one second", _rules("TIES")),
    "estimates": ("what a policy believes about run times", _rules("ESTIMATES")),
    "overrun": ("what becomes of jobs past their requested time", _rules("OVERRUN")),
    "conservative": ("kinds of conservative backfilling", _rules("CONSERVATIVE")),
    "routes": ("how a job chooses among its pools", _rules("ROUTES")),
    "fair-share": ("how fair-share is worked out", _rules("FAIR_SHARE")),
    "readers": ("formats of job logs", _readers),
    "models": ("published models of workloads", _models),
    "metrics": ("what a simulation measures, and --require can ask for", _metrics),
    "report-sections": ("parts of a report", _sections),
}

_CATALOGUE = {
    "scenarios": ("scenario", "questions to simulate: site, demand, policy, horizon"),
    "sites": ("site", "data centres"),
    "workloads": ("workload", "demand models"),
    "references": ("reference", "published figures that a demand is held against"),
    "nodes": ("node", "servers"),
    "accelerators": ("accelerator", "GPUs and the like"),
    "storage-products": ("storage-product", "kinds of storage"),
}


class _Kind(click.Choice[str]):
    """One of the kinds; a wrong one is told the nearest."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:  # noqa: ANN401, ARG002
        """Return `value` if it is a kind."""
        if value not in self.choices:
            raise UsageError(f"unknown kind '{value}': {nearest(value, list(self.choices))}")
        return str(value)


@click.command(epilog=EPILOG)
@click.argument("kind", required=False, type=_Kind([*_CATALOGUE, *_REGISTERED]), metavar="[KIND]")
@output_options
def command(*, kind: str | None, output: Output) -> None:
    """List the names of one KIND that scenarios and commands can use; without KIND, the kinds.

    Kinds: scenarios, sites, workloads, references, nodes, accelerators, storage-products (specifications; see
    `capacity show NAME`); orders, backfilling, placements, ties, estimates, overrun, conservative,
    routes, fair-share (parts of a policy); readers (formats of job logs); models (published models of
    workloads); metrics (what a simulation measures); report-sections.
    """
    if kind is None:
        output.emit((Col("name", "kind"), Col("summary", "what they are")), _kinds())
    elif kind in _CATALOGUE:
        from capacity.report.language import Language
        from capacity.report.terminal.catalogue import catalogue_columns, catalogue_rows

        singular = _CATALOGUE[kind][0]
        rows, wrong = catalogue_rows(singular, say := Language("en"))
        warn(wrong)
        output.emit(catalogue_columns(singular, say), rows)
    else:
        columns = (_NAME_AND_TEXT[0], Col("unit", "unit"), _NAME_AND_TEXT[1])
        output.emit(columns if kind == "metrics" else _NAME_AND_TEXT, _REGISTERED[kind][1]())


def _kinds() -> Rows:
    described = {kind: text for kind, (_, text) in _CATALOGUE.items()}
    described |= {kind: text for kind, (text, _) in _REGISTERED.items()}
    return [{"name": kind, "summary": text} for kind, text in described.items()]
