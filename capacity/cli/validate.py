"""``capacity validate``: check specifications and name everything that is wrong with them."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import click

from capacity.cli.options.specification import kind_of, kind_option, names_of, overrides_option, warn
from capacity.cli.printing.output import Output, output_options
from capacity.errors import InputError, Problem
from capacity.report.terminal.table import Col

EPILOG = """\b
Examples:
  capacity validate my-site.yaml my-scenario.yaml
  capacity validate gwangju-plan --set site.pue=0.9
  capacity validate --json my-site.yaml | jq '.results[].problems'

Exits with 0 if all are right and with 3 if one is not.
"""

_COLUMNS = (
    Col("specification", "specification"),
    Col("kind", "kind"),
    Col("valid", "result", format=lambda valid: "ok" if valid else "invalid"),
    Col("problems", "problems", align="right", format=lambda problems: str(len(problems))),
    Col("warnings", "warnings", align="right", format=lambda warnings: str(len(warnings))),
)


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found in one specification."""

    specification: str
    kind: str | None
    problems: tuple[Problem, ...] = ()
    warnings: tuple[str, ...] = ()
    sha256: str | None = None

    @property
    def row(self) -> dict[str, object]:
        """The same as plain data."""
        return {**asdict(self), "valid": not self.problems}


@click.command(epilog=EPILOG)
@click.argument(
    "specifications", nargs=-1, required=True, metavar="SPECIFICATION...", shell_complete=names_of()
)
@kind_option
@overrides_option
@output_options
def command(
    *, specifications: tuple[str, ...], kind: str | None, overrides: tuple[str, ...], output: Output
) -> None:
    """Check each SPECIFICATION: a name (`capacity list`), the path of a YAML file, or - for standard input.

    Everything a file refers to is read and checked with it. All problems are named at once, each with its
    file, line and column and what is allowed there instead.
    """
    results = [_check(name, kind, overrides) for name in specifications]
    rows = [result.row for result in results]
    output.emit(_COLUMNS, rows, json_payload={"results": rows})
    for result in results:
        warn(result.warnings)
    problems = [problem for result in results for problem in result.problems]
    if problems:
        raise InputError(problems)


def _check(name: str, kind: str | None, overrides: Sequence[str]) -> Checked:
    from capacity.inputs.reading.loader import load_part

    try:
        kind = kind_of(name, kind)
        loaded = load_part(kind, name, overrides=overrides)
    except InputError as error:
        return Checked(name, kind, error.problems)
    return Checked(name, kind, (), loaded.warnings, loaded.sha256)
