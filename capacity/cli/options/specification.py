"""What commands that read a specification share: completion of its name, its kind, ``--set``, warnings."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import click
from click.shell_completion import CompletionItem

from capacity.errors import UsageError
from capacity.inputs.reading import catalogue

Command = TypeVar("Command", bound=Callable[..., Any])


def names_of(*kinds: str) -> Callable[[click.Context, click.Parameter, str], list[CompletionItem]]:
    """Return what TAB offers for an argument that names a specification of these kinds; of any for none."""

    def complete(_context: click.Context, _parameter: click.Parameter, begun: str) -> list[CompletionItem]:
        if catalogue.is_path(begun):
            return [CompletionItem(begun, type="file")]
        names = {name for kind in kinds or catalogue.KINDS for name in catalogue.names(kind)}
        return [CompletionItem(name) for name in sorted(names) if name.startswith(begun)]

    return complete


def overrides_option(command: Command) -> Command:
    """Give a command ``--set PATH=VALUE``, passed to it as a tuple of texts called ``overrides``."""
    return click.option(
        "--set",
        "overrides",
        metavar="PATH=VALUE",
        multiple=True,
        help="Change one value, such as site.pools.gpu.nodes=100; may be repeated.",
    )(command)


def kind_option(command: Command) -> Command:
    """Give a command ``--kind``, for a name that more than one kind has."""
    return click.option(
        "--kind",
        type=click.Choice(catalogue.KINDS),
        metavar="KIND",
        help="Which of several things of one name: reference, accelerator, node, storage-product, site, "
        "workload or scenario. Without it, what the file says, or the largest thing of that name.",
    )(command)


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


def warn(warnings: Sequence[str]) -> None:
    """Print to stderr what is allowed but should not pass unread."""
    for warning in warnings:
        click.echo(f"warning: {warning}", err=True)
