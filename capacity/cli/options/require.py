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
    "several replications see --in-futures; with one, it must hold there.",
    multiple=True,
)  # fmt: skip
in_futures_option = valued(
    "--in-futures", "SHARE",
    "In which part of the futures each --require must be met: 14 of 14 replications that meet it "
    "show 80 % of them with a confidence of 95 %.",
    type=Fraction(), default=0.8, show_default="80 %",
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
        held = "" if len(run.result.runs) == 1 else _asked_of(run, say)
        met = say.text(f"requirement.{one.verdict.standing}")
        click.echo(say.text("run.requirement", reason=reason(one, say), held=held, met=met), err=True)
    missed = [one.verdict.asked for one in run.judgements if one.verdict.standing != "shown"]
    if missed:
        count = f"{len(missed)} of {len(run.judgements)}"
        raise RequirementNotMet(f"{count} requirements not met: {'; '.join(missed)}")


def _asked_of(run: "Run", say: "Language") -> str:
    """Say of which part of the futures a requirement is asked, and how many replications can show that."""
    few = len(run.result.runs) < run.enough
    enough = say.text("run.held_enough", n=run.enough) if few else ""
    return say.text("run.held", share=say.percent(run.in_futures), enough=enough)


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
