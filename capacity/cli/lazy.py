"""A click group that knows its commands from a table and imports one only when it runs.

click's own group imports every command to print one line of help or to complete a name, which here would
cost a second at each TAB.
"""

from collections.abc import Mapping
from importlib import import_module

import click
from click.shell_completion import CompletionItem

from capacity.errors import nearest


class LazyGroup(click.Group):
    """Commands by name, each in a module of that name that holds its click command as ``command``.

    Parameters
    ----------
    table : mapping of str to str
        The commands in the order in which help lists them, and what they do, in one line.
    package : str
        Where the modules are.
    """

    def __init__(self, *args: object, table: Mapping[str, str], package: str, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # click's own arguments, passed through
        self.table, self.package = table, package

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  # click's signature
        """Return the names, in the order of the table."""
        return list(self.table)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import the module of one command."""
        if cmd_name not in self.table:
            return None
        command = import_module(f"{self.package}.{cmd_name}").command
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command of a command line, or say which was probably meant."""
        name = args[0]
        if name not in self.table and not name.startswith("-") and not ctx.resilient_parsing:
            ctx.fail(f"No such command '{name}': {nearest(name, list(self.table), limit=len(self.table))}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Write the list of commands from the table."""
        with formatter.section("Commands"):
            formatter.write_dl([*self.table.items()])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Complete a command's name from the table, an option's as click does."""
        if incomplete.startswith("-"):
            return click.Command.shell_complete(self, ctx, incomplete)
        return [
            CompletionItem(name, help=summary)
            for name, summary in self.table.items()
            if name.startswith(incomplete)
        ]
