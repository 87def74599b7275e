"""``capacity show``: a specification as the tool understands it, with the origin of each value."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from capacity.cli.options.specification import kind_of, kind_option, names_of, overrides_option, warn
from capacity.cli.printing.output import Output, language_option, output_options
from capacity.report.terminal.table import titled

if TYPE_CHECKING:
    from capacity.inputs.fields.record import Record
    from capacity.inputs.reading.loader import Loaded
    from capacity.inputs.site import Site
    from capacity.report.language import Language

EPILOG = """\b
Examples:
  capacity show gwangju-plan
  capacity show gwangju-h100 --kind site
  capacity show dgx-a100
  capacity show gwangju-plan --set site.pools.gpu.nodes=300 --json

CSV holds the values with their origins; the sums of a site are in tables and in JSON.
"""


def _text(value: Any) -> str:  # noqa: ANN401  # any YAML value
    """Write a value in one line."""
    return " ".join(value.split()) if isinstance(value, str) else str(value)


@click.command(epilog=EPILOG)
@click.argument("specification", shell_complete=names_of())
@kind_option
@overrides_option
@language_option
@output_options
def command(
    *, specification: str, kind: str | None, overrides: tuple[str, ...], output: Output, say: "Language"
) -> None:
    """Print SPECIFICATION in full: references followed, defaults filled in, and where each value stood.

    SPECIFICATION is a name (`capacity list`), the path of a YAML file, or - for standard input. For a site,
    and for the site of a scenario, this also prints what it adds up to: the peak at every precision, nodes,
    slots, storage, power and price; the declared totals beside the sum of the parts; and whether each part
    could have been bought by the day it is to be in service. What is uncertain is listed: between what and
    what, by whose word, and for a scenario what comes of it for the work that comes in.
    """
    from capacity.inputs.reading.loader import load_part, load_scenario
    from capacity.inputs.uncertainty.corners import check_corners
    from capacity.report.terminal.site import site_blocks, site_facts
    from capacity.report.terminal.uncertainty.assumptions import (
        uncertain_blocks,
        uncertainty_facts,
        wide_sentences,
    )

    kind = kind_of(specification, kind)
    if kind == "scenario":
        loaded: Loaded = load_scenario(specification, overrides=overrides)
    else:
        loaded = load_part(kind, specification, overrides=overrides)
    check_corners(loaded)
    doubts = uncertainty_facts(loaded)
    values = [
        {"path": ".".join(map(str, path)), "origin": loaded.origins.get(path, ""), "value": value}
        for path, value in _leaves(loaded.data, ())
    ]
    site = _site_of(loaded.record)
    facts = None if site is None or output.format == "csv" else site_facts(site)
    if output.format == "table" and facts is not None:
        output.show(site_blocks(facts, say))
    if output.format == "table" and loaded.assumptions:
        output.show(uncertain_blocks(doubts, say))
    if output.format == "table" and (facts is not None or loaded.assumptions):
        heading = say.text("shown.values", kind=kind, name=loaded.data["name"], hash=loaded.sha256)
        click.echo(f"\n{heading}")
    origins = {".".join(map(str, path)): origin for path, origin in loaded.origins.items()}
    warnings = [*loaded.warnings, *wide_sentences(doubts, say)]
    whole = {"kind": kind, "hash": loaded.sha256, "warnings": warnings, "site": facts, **doubts}
    path, origin, value = titled(say, "shown.columns", dict.fromkeys(("path", "origin", "value")))
    columns = path, origin, replace(value, format=_text)
    output.emit(columns, values, json_payload={**whole, "data": loaded.data, "origins": origins})
    warn(warnings, say)


def _leaves(data: Any, path: tuple[str | int, ...]) -> list[tuple[tuple[str | int, ...], Any]]:  # noqa: ANN401
    """List single values, and empty collections, with their paths."""
    items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    below = [leaf for key, value in items for leaf in _leaves(value, (*path, key))]
    return below or [(path, data)]


def _site_of(record: "Record") -> "Site | None":
    from capacity.inputs.scenario import Scenario
    from capacity.inputs.site import Site

    if isinstance(record, Scenario):
        return record.site
    return record if isinstance(record, Site) else None
