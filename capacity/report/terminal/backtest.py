"""What forecasts of a log were worth, in sentences: how many intervals held, how far off the middle was."""

from collections.abc import Iterator
from math import exp
from typing import TYPE_CHECKING

from capacity.quantities.writing import format_number

if TYPE_CHECKING:
    from capacity.face.backtest import Backtest
    from capacity.report.language import Language
    from capacity.study.backtest.coverage import ForecastCoverage


def coverage_lines(found: "Backtest", say: "Language") -> Iterator[str]:
    """Yield a line for each figure, then what all of them need to be read with."""
    for one in found.coverage:
        yield _figure(one, say)
    yield say.text("backtest.stretched", **found.stretch)
    if found.hidden_wait_s is not None:
        yield say.text("backtest.hidden", wait=found.hidden_wait_s)


def _figure(one: "ForecastCoverage", say: "Language") -> str:
    """Return how many intervals of a figure held, whether that is what they say, and how far off it was."""
    told = say.text(f"backtest.{one.verdict.standing}", p=f"{one.p:.2g}")
    if one.metric.endswith("utilization"):
        form, values = "points", (100 * one.error, 100 * one.last_error)
    else:
        form, values = "factor", (exp(one.error), exp(one.last_error))
    off, last = (say.text(f"backtest.{form}", n=f"{value:.1f}" if form == "points" else format_number(value))
                 for value in values)  # fmt: skip
    return say.text(
        "backtest.coverage", metric=say.metric(one.metric), inside=one.inside, count=one.count,
        share=one.inside / one.count, above=one.above, below=one.below, told=told, off=off, last=last,
        score=format_number(one.score),
    )  # fmt: skip
