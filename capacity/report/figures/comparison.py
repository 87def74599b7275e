"""A comparison as one figure: a small panel for each metric, a row in it for each case, with its interval.

The same findings give the same file: no date, no random names inside.
"""

import math
from pathlib import Path
from typing import Final

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from capacity.measure.findings import Finding, Labels, Lookup
from capacity.report.figures.description import GREY, SETTINGS
from capacity.report.figures.storage import COLOURS
from capacity.report.language import Language
from capacity.study.compare.comparison import Comparison
from capacity.study.compare.differences import compared_metrics

ACROSS: Final = 3
DIRECTIONS: Final[dict[str | None, str]] = {
    "better": COLOURS[2], "worse": COLOURS[5], "more": COLOURS[0], "less": COLOURS[0],
}  # fmt: skip
"""Colours of what is shown to differ; all else, and the baseline, is grey."""

SCALES: Final[dict[str, tuple[tuple[float, str], ...]]] = {
    "s": ((86_400.0, "d"), (3600.0, "h"), (60.0, "min"), (1.0, "s")),
    "1": ((0.01, "%"),),
    "J": ((3.6e12, "GWh"), (3.6e9, "MWh"), (1.0, "J")),
}
COUNTS: Final = ((1e6, "million"), (1e3, "thousand"), (1.0, ""))


def draw_comparison(found: Comparison, path: Path) -> None:
    """Draw a comparison into a file whose ending says how.

    Parameters
    ----------
    found : Comparison
        What is drawn.
    path : Path
        Ends in ``.svg``, ``.png`` or ``.pdf``.
    """
    say = Language("en")
    metrics = compared_metrics(found.results[0].loaded.scenario)
    down = -(-len(metrics) // ACROSS)
    with mpl.rc_context(SETTINGS):
        height = 0.7 + down * (0.75 + 0.28 * len(found.names))
        figure = Figure(figsize=(13.0, height), layout="constrained")
        axes = figure.subplots(down, ACROSS, squeeze=False).ravel()
        for axis, (metric, where) in zip(axes, metrics, strict=False):
            _panel(axis, found, metric, where, say)
        for axis in axes[len(metrics) :]:
            axis.set_visible(False)
        runs = f"{found.replications} paired replications; bars are 95 % intervals of the mean"
        colours = (
            "green better, orange worse, blue higher or lower than the first; hollow: no difference shown"
        )
        figure.suptitle(f"{runs}; {colours}", fontsize=10, x=0.01, ha="left")
        metadata = {"Date": None} if path.suffix.lower() == ".svg" else None
        figure.savefig(path, dpi=150, metadata=metadata)


def _panel(axis: Axes, found: Comparison, metric: str, where: Labels, say: Language) -> None:
    """Draw one metric of every case."""
    directions = {
        one.case: one.direction
        for one in found.differences
        if (one.verdict.metric, one.verdict.labels) == (metric, where)
    }
    unit = ""
    for row, result in enumerate(found.results):
        one = Lookup(result.findings)(metric, **dict(where))
        if one is None or math.isnan(one.value):
            continue
        unit = one.unit
        name = result.loaded.scenario.name
        direction = directions.get(name)
        colour = DIRECTIONS.get(direction, GREY)
        face = colour if direction or not row else "white"
        _dot(axis, row, one, colour, face)
    axis.set_yticks(range(len(found.names)), found.names)
    axis.set_ylim(len(found.names) - 0.5, -0.5)
    axis.set_xlim(left=0.0)
    divisor, name_of_unit = _scale(unit, axis.get_xlim()[1])
    ticks = MaxNLocator(4, steps=[1, 2, 5, 10]).tick_values(0, axis.get_xlim()[1] / divisor)
    shown = [tick for tick in ticks if 0 <= tick * divisor <= axis.get_xlim()[1]]
    axis.set_xticks([tick * divisor for tick in shown], [f"{tick:g}" for tick in shown])
    axis.grid(axis="x", linewidth=0.5, alpha=0.5)
    title = say.metric_at(metric, dict(where))
    axis.set_title(f"{title} [{name_of_unit}]" if name_of_unit else title)


def _scale(unit: str, most: float) -> tuple[float, str]:
    """Return what values are divided by so that ticks are short, and the unit they are in then."""
    size, name = next(one for one in SCALES.get(unit, COUNTS) if most >= one[0] or one[0] <= 1.0)
    return size, name if unit in SCALES else f"{name} {unit}".strip()


def _dot(axis: Axes, row: int, one: Finding, colour: str, face: str) -> None:
    if one.n > 1:
        axis.plot(
            [max(one.low, 0.0), one.high], [row, row], color=colour, linewidth=1.6, solid_capstyle="butt"
        )
    axis.plot(
        [one.value], [row], marker="o", markersize=6, color=colour, markerfacecolor=face, linestyle="none"
    )
