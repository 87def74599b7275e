"""``--require EXPR``, a gate for pipelines with exit code 4, and ``--precision 5%`` of headline figures."""

from typing import TYPE_CHECKING

import click

from capacity.cli.options.option import Fraction, valued
from capacity.cli.options.specification import warn
from capacity.errors import RequirementNotMet

if TYPE_CHECKING:
    from capacity.face.compare import Compared
    from capacity.face.simulate import Run
    from capacity.report.language import Language

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


def judge_requirements(run: "Run", say: "Language") -> None:
    """Say of each requirement whether it is met.

    Raises
    ------
    RequirementNotMet
        One is not shown to be met.
    """
    if not run.require:
        return
    from capacity.report.terminal.size import reason

    for one in run.judgements:
        n = one.verdict.n
        held = say.text("run.held", within=one.within, n=n) if n > 1 else ""
        met = say.text(f"requirement.{one.verdict.standing}")
        click.echo(say.text("run.requirement", reason=reason(one, say), held=held, met=met), err=True)
    missed = [one.verdict.asked for one in run.judgements if one.verdict.standing != "shown"]
    if missed:
        count = f"{len(missed)} of {len(run.judgements)}"
        raise RequirementNotMet(f"{count} requirements not met: {'; '.join(missed)}")


def say_precision(run: "Run | Compared", replications: int, say: "Language") -> None:
    """Say on stderr how many replications it took, and what is not known as well as was asked for."""
    if run.precision is None:
        return
    reached = {"n": replications, "asked": run.precision}
    if not run.imprecise:
        click.echo(say.text("run.precise", **reached), err=True)
    for one in run.imprecise:
        what = {"case": one.case, "what": say.metric(one.metric), "place": say.place(dict(one.labels))}
        warn([say.text("run.imprecise", **what, **reached, known=one.half_width_frac)])
