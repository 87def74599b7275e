"""The horizontal side of a line chart: categories or numbers, and vertical markers with their labels."""

import math
from collections.abc import Sequence
from dataclasses import replace

from capacity.report.charts import labels, svg
from capacity.report.charts.line_parts import Curve, Plot, VerticalMarker
from capacity.report.charts.scale import ChartAxis, Format, axis, finite
from capacity.report.charts.text import width_px


def by_x(x_values: Sequence[float | None], series: Sequence[Curve]) -> tuple[list[float | None], list[Curve]]:
    """Return places and series in ascending order of the places; unknown places come last."""
    numbers = [finite(value) for value in x_values]
    order = sorted(range(len(numbers)), key=lambda i: (numbers[i] is None, numbers[i] or 0.0))

    def arranged(part: Sequence[float | None] | None) -> list[float | None] | None:
        return None if part is None else [part[i] for i in order]

    return [numbers[i] for i in order], [
        replace(
            one,
            values=arranged(one.values) or [],
            low=arranged(one.low),
            high=arranged(one.high),
            inner_low=arranged(one.inner_low),
            inner_high=arranged(one.inner_high),
        )
        for one in series
    ]


def x_places(
    x_labels: Sequence[str] | None,
    x_values: Sequence[float | None] | None,
    x_format: Format | None,
    x_log: bool,
    pixels: tuple[float, float],
    markers: Sequence[VerticalMarker],
) -> tuple[ChartAxis | None, list[float | None], list[str]]:
    """Return the numeric axis if there is one, the place of each value [px], and how it is written."""
    left, right = pixels
    if x_labels is not None or x_values is None or x_format is None:
        texts = [] if x_labels is None else list(x_labels)
        step = (right - left) / len(texts)
        return None, [left + (i + 0.5) * step for i in range(len(texts))], texts
    numbers = [finite(value) for value in x_values]
    shown = [*numbers, *(marker.x for marker in markers if not isinstance(marker.x, str))]
    count = max(2, int((right - left) / 70))
    x_axis = axis(shown, (left, right), x_format, count=count, log=x_log, enclose=False)
    drawn = [value if value is not None and (value > 0 or not x_log) else None for value in numbers]
    xs = [None if value is None else x_axis.scale.at(value) for value in drawn]
    return x_axis, xs, ["" if value is None else x_format(value) for value in drawn]


def marker_x(
    marker: VerticalMarker,
    x_labels: Sequence[str] | None,
    x_axis: ChartAxis | None,
    xs: Sequence[float | None],
    pixels: tuple[float, float],
) -> float:
    """Return the place of a vertical marker [px]."""
    if isinstance(marker.x, str):
        if x_labels is None or marker.x not in x_labels:
            raise ValueError(f"marker {marker.label!r} lies at {marker.x!r}, which is not on the axis")
        return xs[list(x_labels).index(marker.x)] or 0.0
    if not math.isfinite(marker.x):
        raise ValueError(f"marker {marker.label!r} lies at {marker.x}")
    if x_axis is not None and x_axis.scale.low <= marker.x <= x_axis.scale.high:
        return x_axis.scale.at(marker.x)
    if x_axis is not None:
        raise ValueError(f"marker {marker.label!r} lies at {marker.x}, which is not on the axis")
    if not -0.5 <= marker.x <= len(xs) - 0.5:
        raise ValueError(f"marker {marker.label!r} lies at place {marker.x} of {len(xs)}")
    return pixels[0] + (marker.x + 0.5) * (pixels[1] - pixels[0]) / len(xs)


def under(
    x_axis: ChartAxis | None, texts: Sequence[str], xs: Sequence[float | None], plot: Plot, width: float
) -> list[str]:
    """Return what stands under the plot: ticks of a numeric axis, or every k-th category."""
    if x_axis is not None:
        return labels.x_axis(x_axis, plot.top, plot.bottom, width)
    k = labels.every_kth(texts, (plot.right - plot.left) / len(texts))
    places = [(x, text) for x, text in list(zip(xs, texts, strict=True))[::k] if x is not None]
    ticks = [svg.line(x, plot.bottom, x, plot.bottom + 4, "axis") for x, _ in places]
    return ticks + labels.along_x(places, plot.bottom + 18, (0, width))


def verticals(
    markers: Sequence[tuple[float, str]], top: float, bottom: float, bounds: tuple[float, float]
) -> tuple[list[str], float]:
    """Return vertical markers with labels in rows that end at `top`, and the height of the rows [px]."""
    drawn: list[str] = []
    words: list[str] = []  # after all lines, for a line may have to pass behind words
    rows: list[list[tuple[float, float]]] = []
    lines = [x for x, _ in markers]
    for x, text in sorted(markers):
        room = min(260.0, bounds[1] - bounds[0])
        wide = min(width_px(text), room)
        row, begin, anchor = _place(x, wide, rows, lines, bounds)
        rows[row:] = [[*(rows[row] if row < len(rows) else ()), (begin, begin + wide)], *rows[row + 1 :]]
        y = top - 6 - row * labels.ROW_PX
        at = begin + {"start": 0.0, "middle": wide / 2, "end": wide}[anchor]
        drawn.append(svg.line(x, y + 4, x, bottom, "vertical"))
        words.append(svg.label(at, y, text, "halo", anchor=anchor, room_px=room))
    return drawn + words, len(rows) * labels.ROW_PX


def _place(
    x: float,
    wide: float,
    rows: Sequence[Sequence[tuple[float, float]]],
    lines: Sequence[float],
    bounds: tuple[float, float],
) -> tuple[int, float, str]:
    """Return row, left end and anchor of a label: over its line, or beside it where another line is near."""
    centred = max(min(x - wide / 2, bounds[1] - wide), bounds[0])
    for row, taken in enumerate([*rows, ()]):
        for begin, anchor in ((centred, "middle"), (x - wide - 1, "end"), (x + 1, "start")):
            end = begin + wide
            inside = begin >= bounds[0] and end <= bounds[1] + 0.01
            free = all(end + 8 <= left or right + 8 <= begin for left, right in taken)
            if inside and free and not any(begin - 1 < line < end + 1 for line in lines if line != x):
                return row, begin, anchor
    return len(rows), centred, "middle"
