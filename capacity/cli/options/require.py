"""``--require EXPR``, a gate for pipelines with exit code 4, and ``--precision 5%`` of headline figures."""

from typing import TYPE_CHECKING

import click

from capacity.cli.options.option import Fraction, valued
from capacity.errors import RequirementNotMet

if TYPE_CHECKING:
    from capacity.face.compare import Compared
    from capacity.face.simulate import Run

require_option = valued(
    "--require requirements", "EXPR",
    "What must hold, as 'p95_wait_s[pool=gpu] <= 4 h'; exit code 4 if it is not shown. With "
    "several replications the 95 % bound of the mean must be within the limit, with one the value.",
    multiple=True,
)  # fmt: skip
precision_option = valued(
    "--precision", "PERCENT",
    "Replicate until use, p95 waits and storage have 95 % intervals of at most so much to "
    "either side, as 5%; -r is the most replications then.  [default: 100]",
    type=Fraction(),
)  # fmt: skip


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


def say_precision(run: "Run | Compared", replications: int) -> None:
    """Say on stderr how many replications it took, and what is not known as well as was asked for."""
    if run.precision is None:
        return
    from capacity.report.language import Language
    from capacity.report.words import percent

    say, asked = Language("en"), f"±{percent(run.precision)}"
    after = f"after {replications} replications"
    if not run.imprecise:
        click.echo(f"{after} every headline figure is known to {asked}", err=True)
    for one in run.imprecise:
        what = f"{one.case}: {say.metric(one.metric)}, {say.place(dict(one.labels))}"
        known = f"±{percent(one.half_width_frac)}"
        click.echo(f"warning: {what} is known to {known} {after}, not to {asked}", err=True)
