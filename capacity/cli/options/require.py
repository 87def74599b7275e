"""``--require EXPR`` for commands that run one scenario: a gate for pipelines, with exit code 4."""

from typing import TYPE_CHECKING, Any

import click

from capacity.errors import RequirementNotMet

if TYPE_CHECKING:
    from capacity.face.simulate import Run


def require_option(command: Any) -> Any:  # noqa: ANN401 - a click command and the same command
    """Give a command ``--require``."""
    return click.option(
        "--require",
        "requirements",
        metavar="EXPR",
        multiple=True,
        help="What must hold, as 'p95_wait_s[pool=gpu] <= 4 h'; exit code 4 if it is not shown. With "
        "several replications the 95 % bound of the mean must be within the limit, with one the value.",
    )(command)


def judge_requirements(run: "Run") -> None:
    """Say of each requirement whether it is met.

    Raises
    ------
    RequirementNotMet
        One is not shown to be met.
    """
    if not run.require:
        return
    from capacity.report.language import Language
    from capacity.report.terminal.size import reason

    say = Language("en")
    for one in run.judgements:
        n = one.verdict.n
        held = f", holds in {one.within} of {n} replications" if n > 1 else ""
        met = say.text(f"requirement.{one.verdict.standing}")
        click.echo(f"requirement {reason(one, say)}{held}: {met}", err=True)
    missed = [one.verdict.asked for one in run.judgements if one.verdict.standing != "shown"]
    if missed:
        count = f"{len(missed)} of {len(run.judgements)}"
        raise RequirementNotMet(f"{count} requirements not met: {'; '.join(missed)}")
