"""The pieces of a line chart: bands, lines with gaps, names at the line ends, vertical markers."""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

from capacity.report.charts import labels, svg
from capacity.report.charts.scale import ChartAxis, Format, finite, ordered
from capacity.report.charts.text import clip, with_interval
from capacity.statistics.bounds import AtLeast

_MOST_TIPS = (
    240  # points of one series with a tooltip of their own; beyond this they lie closer than a pointer
)
_MOST_MARKS = 14  # visible markers of one line
KEY_PX = 40.0  # leader and key between the plot and a name


@dataclass(frozen=True, slots=True)
class Curve:
    """One line.

    Parameters
    ----------
    name : str
        Written at its end; empty for none.
    values : sequence of float or None
        One per place on the x axis; None is a gap; an arrow stands at an `AtLeast`.
    low, high : sequence of float or None, optional
        Ends of the interval of each value, drawn as a band.
    """

    name: str
    values: Sequence[float | None]
    low: Sequence[float | None] | None = None
    high: Sequence[float | None] | None = None


@dataclass(frozen=True, slots=True)
class ReferenceLine:
    """A level to compare with, such as what is installed."""

    value: float
    label: str


@dataclass(frozen=True, slots=True)
class VerticalMarker:
    """A place on the x axis with a name: a number, or for categories a label or a (fractional) index."""

    x: float | str
    label: str


@dataclass(frozen=True, slots=True)
class Point:
    """A value that can be drawn, in pixels, with its ends and its tooltip."""

    x: float
    y: float
    low: float | None
    high: float | None
    tip: str
    at_least: bool = False


@dataclass(frozen=True, slots=True)
class Plot:
    """The room of the lines [px], the vertical axis, and what stands on the horizontal one."""

    left: float
    right: float
    top: float
    bottom: float
    y: ChartAxis
    places: tuple[float | None, ...]
    x_texts: tuple[str, ...]
    step: bool
    slot_px: float = 0.0  # width of a category; 0 on a numeric axis


def points_of(series: Curve, plot: Plot, write: Format) -> list[Point | None]:
    """Return the points of a series in the order of x; None where there is a gap."""
    nothing: list[float | None] = [None] * len(series.values)
    lows = nothing if series.low is None else series.low
    highs = nothing if series.high is None else series.high
    rows = zip(plot.places, plot.x_texts, series.values, lows, highs, strict=True)
    scale = plot.y.scale
    points: list[Point | None] = []
    for x, x_text, given, given_low, given_high in rows:
        value = finite(given)
        if value is None or x is None or (scale.log and value <= 0):
            points.append(None)
            continue
        low, high = ordered(given_low, given_high)
        said = with_interval(
            write(value), None if low is None else write(low), None if high is None else write(high)
        )
        tip = " · ".join(part for part in (clip(series.name), clip(x_text)) if part) + f": {clip(said)}"
        ends = (None if low is None else scale.at(low), None if high is None else scale.at(high))
        points.append(Point(x, scale.at(value), *ends, tip, isinstance(value, AtLeast)))
    return points


def _runs(points: Sequence[Point | None]) -> list[list[Point]]:
    """Return the stretches without a gap."""
    runs: list[list[Point]] = [[]]
    for point in points:
        if point is not None:
            runs[-1].append(point)
        elif runs[-1]:
            runs.append([])
    return [run for run in runs if run]


def _stepped(places: Sequence[tuple[float, float]], plot: Plot) -> list[tuple[float, float]]:
    """Return the corners of a line; a stepped one fills the slot of a category, or lasts until the next x."""
    if not plot.step:
        return list(places)
    if plot.slot_px:
        half = plot.slot_px / 2
        return [corner for x, y in places for corner in ((x - half, y), (x + half, y))]
    corners = list(places[:1])
    for (_, y), (x_next, y_next) in itertools.pairwise(places):
        corners += [(x_next, y), (x_next, y_next)]
    return corners


def _band(run: Sequence[Point], plot: Plot) -> str:
    """Return the band of one stretch; a missing end is the value itself."""
    low = _stepped([(p.x, p.y if p.low is None else p.low) for p in run], plot)
    high = _stepped([(p.x, p.y if p.high is None else p.high) for p in run], plot)
    return svg.path(low + high[::-1], "band", closed=True)


def draw(index: int, points: Sequence[Point | None], plot: Plot) -> tuple[str, str]:
    """Return the band of a series, which lies under all lines, and the line with markers and tooltips."""
    runs = _runs(points)
    least = 0 if plot.step and plot.slot_px else 1  # points that make a line
    drawn = [point for point in points if point is not None]
    bands = [
        _band(run, plot)
        for run in runs
        if len(run) > least and any(p.low is not None or p.high is not None for p in run)
    ]
    over = []
    for run in runs:
        if len(run) > least:
            over.append(svg.path(_stepped([(p.x, p.y) for p in run], plot), f"line {svg.dashes(index)}"))
        elif run[0].low is not None or run[0].high is not None:
            p = run[0]
            ends = (p.y if p.low is None else p.low, p.y if p.high is None else p.high)
            over.append(svg.line(p.x, ends[0], p.x, ends[1], "whisker"))
    every = math.ceil(len(drawn) / _MOST_MARKS)
    alone = {id(run[0]) for run in runs if len(run) == 1}
    for number, p in enumerate(drawn):
        if id(p) in alone or (number + index * every // 3) % max(every, 1) == 0:
            over.append(svg.shape(index, p.x, p.y, "mark", 3.6))
    over += [svg.arrow(p.x, p.y, 0, -1) for p in drawn if p.at_least]
    thin = math.ceil(len(drawn) / _MOST_TIPS)
    over += [svg.tipped(p.tip, svg.shape(0, p.x, p.y, "hit", 6)) for p in drawn[:: max(thin, 1)]]
    group = f'<g class="{svg.colour(index)}">'
    return (f"{group}{''.join(bands)}</g>" if bands else ""), f"{group}{''.join(over)}</g>"


def key(index: int, x: float, y: float) -> str:
    """Return the key of a line: a piece of it with its marker."""
    stroke = svg.line(x, y, x + 18, y, f"line {svg.dashes(index)}")
    return f'<g class="{svg.colour(index)}">{stroke}{svg.shape(index, x + 9, y, "mark", 3.6)}</g>'


def end_names(
    series: Sequence[Curve],
    points: Sequence[Sequence[Point | None]],
    references: Sequence[ReferenceLine],
    plot: Plot,
    width: float,
    direct: bool,
) -> list[str]:
    """Return the names at the right: of the lines where they fit, and of the reference lines."""
    wanted: list[tuple[float, int | None, str]] = []
    if direct:
        for index, (one, its) in enumerate(zip(series, points, strict=True)):
            last = next((p for p in reversed(its) if p is not None), None)
            if one.name:
                wanted.append(
                    (plot.bottom if last is None else last.y, index, one.name if last else f"{one.name} –")
                )
    wanted += [(plot.y.scale.at(line.value), None, line.label) for line in references if line.label]
    placed = labels.spread([y for y, _, _ in wanted], labels.ROW_PX, plot.top + 4, plot.bottom)
    drawn = []
    start = plot.right + KEY_PX
    for (y_line, which, name), y in zip(wanted, placed, strict=True):
        drawn.append(svg.path([(plot.right + 3, y_line), (plot.right + 13, y)], "leader"))
        drawn.append(
            svg.line(plot.right + 15, y, plot.right + 33, y, "reference")
            if which is None
            else key(which, plot.right + 15, y)
        )
        css = "name soft" if which is None else "name"
        drawn.append(svg.label(start, y + 4.5, name, css, room_px=width - start - 2, size=svg.NAME_PX))
    return drawn
