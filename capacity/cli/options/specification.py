"""What commands that read a specification share: completion of its name, its kind, ``--set``, warnings."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import click
from click.shell_completion import CompletionItem

from capacity.cli.options.option import valued
from capacity.errors import UsageError
from capacity.inputs.reading import catalogue

if TYPE_CHECKING:
    from capacity.report.language import Language


def names_of(*kinds: str) -> Callable[[click.Context, click.Parameter, str], list[CompletionItem]]:
    """Return what TAB offers for an argument that names a specification of these kinds; of any for none."""

    def complete(_context: click.Context, _parameter: click.Parameter, begun: str) -> list[CompletionItem]:
        if catalogue.is_path(begun):
            return [CompletionItem(begun, type="file")]
        names = {name for kind in kinds or catalogue.KINDS for name in catalogue.names(kind)}
        return [CompletionItem(name) for name in sorted(names) if name.startswith(begun)]

    return complete


overrides_option = valued(
    "--set overrides", "PATH=VALUE", "Change one value, such as site.pools.gpu.nodes=100; may be repeated.",
    multiple=True,
)  # fmt: skip
kind_option = valued(
    "--kind", "KIND", "Which of several things of one name: reference, accelerator, node, storage-product, "
    "site, workload, scenario or experiment. Without it, what the file says, or the largest of that name.",
    type=click.Choice(catalogue.KINDS),
)  # fmt: skip
site_option = valued(
    "--site", "SITE", "Another site for the same demand.", shell_complete=names_of("site")
)  # fmt: skip


def kind_of(specification: str, kind: str | None) -> str:
    """Return the kind that the user gave, else the kind of the file or name.

    Raises
    ------
    UsageError
        Standard input, which can be read only once, without a kind.
    """
    if kind is not None:
        return kind
    if specification == "-":
        raise UsageError("say what is on standard input: --kind " + "|".join(catalogue.KINDS))
    from capacity.inputs.reading.loader import kind_of as kind_in_file

    return kind_in_file(specification)


def warn(warnings: Sequence[str], say: "Language | None" = None) -> None:
    """Print to stderr what is allowed but should not pass unread, in a language if one is given."""
    for warning in warnings:
        click.echo(f"warning: {warning if say is None else say.translated(warning)}", err=True)


def note(text: str) -> None:
    """Print to stderr what is good to know."""
    click.echo(f"note: {text}", err=True)
