"""What an answer hangs on, as a picture: a tornado of the inputs that are shown to move it."""

import math
from typing import Final

from capacity.report.charts import TornadoRow, tornado
from capacity.report.language import Language
from capacity.report.page.model import Figure
from capacity.report.terminal.uncertainty.futures import named, title_of
from capacity.study.uncertainty.draws import Draws
from capacity.study.uncertainty.futures import HIGH, LOW
from capacity.study.uncertainty.influence import Influencer, Moved

MOST_BARS: Final = 10
"""Inputs in a picture."""


def influence_figure(one: Moved, draws: Draws, number: int, say: Language) -> Figure:
    """Return the tornado of one answer, with its numbers."""
    what = named(one.answer, say)
    shown = [mover for mover in one.inputs if mover.shown and not math.isnan(mover.at_low)][:MOST_BARS]
    rows = [_row(mover, draws) for mover in shown]
    caption = say.text("influence.caption", what=what)

    def write(value: float) -> str:
        return say.value(one.answer.metric, one.answer.unit, value)

    svg = tornado(
        f"influence-{number}", caption, say.text("influence.alt", what=what, n=len(rows)), rows, what,
        middle=one.base, names=(say.text("influence.low_end"), say.text("influence.high_end")), write=write,
        empty=say.text("influence.none", n=len(one.inputs)),
        kind="seconds" if one.answer.unit == "s" else "number",
    )  # fmt: skip
    data = [mover.to_json() for mover in shown]
    how = say.text(f"influence.how.{one.method.replace('-', '_')}", runs=one.runs)
    return Figure(f"influence-{number}", caption, how, svg, data)


def _row(mover: Influencer, draws: Draws) -> TornadoRow:
    by_name = {one.name: one for one in draws.assumptions}
    ends = ["", ""]
    if mover.name in by_name:
        one = by_name[mover.name]
        ends = [one.in_words(one.what.quantile(part)) for part in (LOW, HIGH)]
    return TornadoRow(title_of(mover.name, draws), mover.at_low, mover.at_high, *ends)
