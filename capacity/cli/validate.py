"""``capacity validate``: check specifications and name everything that is wrong with them."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

import click

from capacity.cli.options.specification import kind_of, kind_option, names_of, overrides_option, warn
from capacity.cli.printing.output import Output, language_option, output_options
from capacity.errors import InputError, Problem
from capacity.report.terminal.table import Col, Form, titled

if TYPE_CHECKING:
    from capacity.report.language import Language

EPILOG = """\b
Examples:
  capacity validate my-site.yaml my-scenario.yaml
  capacity validate gwangju-plan --set site.pue=0.9
  capacity validate --json my-site.yaml | jq '.results[].problems'

Exits with 0 if all are right and with 3 if one is not.
"""


@click.command(epilog=EPILOG)
@click.argument(
    "specifications", nargs=-1, required=True, metavar="SPECIFICATION...", shell_complete=names_of()
)
@kind_option
@overrides_option
@language_option
@output_options
def command(
    *, specifications: tuple[str, ...], kind: str | None, overrides: tuple[str, ...], output: Output,
    say: "Language",
) -> None:  # fmt: skip
    """Check each SPECIFICATION: a name (`capacity list`), the path of a YAML file, or - for standard input.

    Everything a file refers to is read and checked with it, and so are the ends of its ranges. All problems
    are named at once, each with its file, line and column and what is allowed there instead.
    """
    rows = [_check(name, kind, overrides) for name in specifications]
    output.emit(_columns(say), rows, json_payload={"results": rows})
    for row in rows:
        warn(row["warnings"], say)
    problems = [problem for row in rows for problem in row["problems"]]
    if problems:
        raise InputError(Problem(**problem) for problem in problems)


def _columns(say: "Language") -> list[Col]:
    def count(found: Sequence[object]) -> str:
        return str(len(found))

    forms: dict[str, Form | None] = {
        "specification": None, "kind": None, "valid": None, "problems": count, "warnings": count
    }  # fmt: skip
    result = {True: say.text("validated.ok"), False: say.text("validated.invalid")}
    columns = titled(say, "validated.columns", forms)
    return [replace(one, format=result.__getitem__) if one.key == "valid" else one for one in columns]


def _check(name: str, kind: str | None, overrides: Sequence[str]) -> dict[str, Any]:
    """Return what was found in one specification, as plain data."""
    from capacity.inputs.reading.loader import load_part
    from capacity.inputs.uncertainty.corners import check_corners

    problems: tuple[Problem, ...] = ()
    warnings: tuple[str, ...] = ()
    sha256 = None
    try:
        kind = kind_of(name, kind)
        loaded = load_part(kind, name, overrides=overrides)
        check_corners(loaded)
        warnings, sha256 = loaded.warnings, loaded.sha256
    except InputError as error:
        problems = error.problems
    return {
        "specification": name, "kind": kind, "problems": [asdict(one) for one in problems],
        "warnings": warnings, "sha256": sha256, "valid": not problems,
    }  # fmt: skip
