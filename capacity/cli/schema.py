"""``capacity schema``: the JSON Schema of a kind of specification, for editors and other tools."""

import click

from capacity.inputs.reading.catalogue import KINDS

EPILOG = """\b
Examples:
  capacity schema site > site.json
  capacity schema scenario | jq '."$defs" | keys'

\b
To have an editor complete and check a file while you type, begin it with
  # yaml-language-server: $schema=site.json
"""


@click.command(epilog=EPILOG)
@click.argument("kind", type=click.Choice(KINDS), metavar="KIND")
def command(*, kind: str) -> None:
    """Print the JSON Schema (draft 2020-12) of the YAML files of one KIND, with every key described.

    Kinds: reference, accelerator, node, storage-product, site, workload, scenario.
    """
    from capacity.inputs.reading.schema import text_of

    click.echo(text_of(kind), nl=False)
