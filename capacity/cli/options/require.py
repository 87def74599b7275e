"""``--require EXPR`` for commands that run one scenario: a gate for pipelines, with exit code 4."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from capacity.cli.options.specification import warn
from capacity.errors import RequirementNotMet

if TYPE_CHECKING:
    from capacity.inputs.reading.loader import LoadedScenario
    from capacity.study.run import Result

CONFIDENCE = 0.95


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


def check_requirements(loaded: "LoadedScenario", given: dict[str, Any]) -> bool:
    """Refuse requirements that cannot hold for the scenario, before it runs; return False to let it run.

    Raises
    ------
    InputError
        One is malformed, or speaks of what the scenario does not have.
    """
    if given.get("requirements"):
        from capacity.study.requirement_checks import always_met, check_places
        from capacity.study.requirements import read_requirement

        read = [read_requirement(text) for text in given["requirements"]]
        for one in read:
            check_places(one, loaded.scenario)
        warn(always_met(read, loaded.scenario))
    return False


def judge_requirements(result: "Result", requirements: Sequence[str]) -> None:
    """Say of each requirement whether it is met.

    Raises
    ------
    RequirementNotMet
        One is not shown to be met.
    """
    if not requirements:
        return
    from capacity.report.language import Language
    from capacity.report.terminal.size import reason
    from capacity.study.requirements import judge, read_requirement

    say = Language("en")
    runs = [run.values for run in result.runs]
    horizon = result.loaded.scenario.horizon_s
    found = [
        judge(read_requirement(text), runs, confidence=CONFIDENCE, certain=len(runs) == 1, never_s=horizon)
        for text in requirements
    ]
    for one in found:
        n = one.verdict.n
        held = f", holds in {one.within} of {n} replications" if n > 1 else ""
        met = say.text(f"requirement.{one.verdict.standing}")
        click.echo(f"requirement {reason(one, say)}{held}: {met}", err=True)
    missed = [one.verdict.asked for one in found if one.verdict.standing != "shown"]
    if missed:
        raise RequirementNotMet(f"{len(missed)} of {len(found)} requirements not met: {'; '.join(missed)}")
