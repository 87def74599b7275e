"""``capacity schema``: the JSON Schema of a kind of specification, for editors and other tools."""

import json
from pathlib import Path
from typing import Final

import click

from capacity.cli.options.option import valued
from capacity.errors import UsageError
from capacity.inputs.reading.catalogue import KINDS

EPILOG = """\b
Examples:
  capacity schema site > site.json
  capacity schema scenario | jq '."$defs" | keys'
  capacity schema --all schema
  capacity schema findings > findings.json

\b
To have an editor complete and check a file while you type, begin it with
  # yaml-language-server: $schema=site.json
"""

FINDINGS: Final = "findings"


@click.command(epilog=EPILOG)
@click.argument("kind", type=click.Choice([*KINDS, FINDINGS]), metavar="[KIND]", required=False)
@valued("--all folder", "DIR", "Write those of all kinds into DIR.", type=click.Path(path_type=Path))
def command(*, kind: str | None, folder: Path | None) -> None:
    """Print the JSON Schema (draft 2020-12) of the YAML files of one KIND, with every key described.

    Kinds: reference, accelerator, node, storage-product, site, workload, scenario, experiment; and findings,
    which is what `simulate --json` prints: its metrics, units and labels.
    """
    from capacity.inputs.reading.schema import text_of, write_all

    if (kind is None) == (folder is None):
        raise UsageError("name one KIND, or write all with --all DIR")
    if folder is not None:
        write_all(folder)
    elif kind == FINDINGS:
        from capacity.measure.schema import findings_schema

        click.echo(json.dumps(findings_schema(), indent=2, ensure_ascii=False))
    elif kind is not None:
        click.echo(text_of(kind), nl=False)
