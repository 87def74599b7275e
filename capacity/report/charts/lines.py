"""Line charts: values over months or over a count, with bands for uncertainty and names at the line ends."""

from collections.abc import Sequence

from capacity.report.charts import labels, svg
from capacity.report.charts.line_axis import by_x, marker_x, under, verticals, x_places
from capacity.report.charts.line_parts import (
    KEY_PX,
    Curve,
    Plot,
    ReferenceLine,
    VerticalMarker,
    draw,
    end_names,
    keys,
    points_of,
)
from capacity.report.charts.scale import AxisKind, ChartAxis, Format, all_of, axis, finite, finites

__all__ = ["Curve", "ReferenceLine", "VerticalMarker", "line_chart"]

_NAME_COLUMN_PX = 170.0
_FOOT_PX = 26.0


def line_chart(
    chart_id: str,
    title: str,
    description: str,
    x_labels: Sequence[str] | None,
    series: Sequence[Curve],
    y_label: str,
    *,
    y_format: Format,
    empty: str,
    x_values: Sequence[float | None] | None = None,
    x_format: Format | None = None,
    x_label: str = "",
    x_log: bool = False,
    reference_lines: Sequence[ReferenceLine] = (),
    markers: Sequence[VerticalMarker] = (),
    log: bool = False,
    step: bool = False,
    y_kind: AxisKind = "number",
    from_zero: bool = True,
    width: float = 720,
    height: float = 300,
) -> str:
    """Return lines over categories in their order, or over numbers.

    Parameters
    ----------
    chart_id, title, description : str
        Name within the page; what a screen reader says.
    x_labels : sequence of str or None
        Categories such as months; None where `x_values` are given.
    series : sequence of Curve
        The lines; a value per category or number.
    y_label : str
        What is drawn, with its unit; stands above the axis.
    y_format, x_format : callable
        Write a value; x_format is needed with `x_values`.
    empty : str
        Said where no value can be drawn.
    x_values : sequence of float or None, optional
        Places on a numeric axis instead of categories, in any order.
    x_label : str
        What stands on the x axis.
    reference_lines, markers
        Levels and places with a name.
    log, x_log : bool
        Logarithmic axes; values that are not positive are gaps there.
    step : bool
        Keep each value through its category, or on a numeric axis until the next.
    y_kind : {"number", "seconds"}
        Which ticks are nice.
    from_zero : bool
        Show zero even where all values are far from it.
    width, height : float
        Of the picture [px]; legend and marker labels come on top of the height.

    Raises
    ------
    ValueError
        Where lengths differ or a marker lies nowhere on the axis.
    """
    _check(x_labels, x_values, x_format, series)
    if x_values is not None:
        x_values, series = by_x(x_values, series)
    values = [v for one in series for v in all_of(one.values, *_ends(one))]
    drawable = [v for v in finites(v for one in series for v in one.values) if v > 0 or not log]
    places = finites(all_of(x_values)) if x_labels is None else list(range(len(x_labels)))
    if not drawable or not [x for x in places if x > 0 or not x_log]:
        return svg.empty_chart(chart_id, title, description, width, height, empty)

    levels = [one for one in reference_lines if finite(one.value) is not None and (one.value > 0 or not log)]
    names = [one.name for one in series]
    named = [text for text in names if text]
    beside = [line.label for line in levels if line.label]
    height = max(height, len(beside) * labels.ROW_PX + 90)
    direct = (len(named) + len(beside)) * labels.ROW_PX <= height - 90
    column = labels.label_room([*(named if direct else ()), *beside], _NAME_COLUMN_PX, svg.NAME_PX)
    column = column + KEY_PX + 6 if beside or (direct and named) else 14.0
    heads, top = ([], 2.0) if direct else labels.legend(names, keys(series), 2, width - 2, 2)
    # Labels of vertical markers need x, x needs the width of the y labels, and those need only the values.
    probe = axis(
        [*values, *(line.value for line in levels)],
        (height - 70, 0),
        y_format,
        count=max(2, int((height - 70) / 42)),
        log=log,
        kind=y_kind,
        from_zero=from_zero,
    )
    left = labels.label_room(probe.labels, 120) + 10
    right = width - column
    x_axis, xs, x_texts = x_places(x_labels, x_values, x_format, x_log, (left, right), markers)
    marks = [(marker_x(marker, x_labels, x_axis, xs, (left, right)), marker.label) for marker in markers]
    _, marker_px = verticals(marks, 0, 0, (left, width - 2))
    if y_label:
        heads.append(svg.label(2, top + 12, y_label, "soft", room_px=width - 4))
        top += 20
    top += marker_px + 6
    bottom = top + height - 70
    foot = bottom + _FOOT_PX + (18 if x_label else 0)

    scale = probe.scale
    y = ChartAxis(type(scale)(scale.low, scale.high, bottom, top, scale.log), probe.ticks, probe.labels)
    slot = (right - left) / len(xs) if x_axis is None else 0.0
    plot = Plot(left, right, top, bottom, y, tuple(xs), tuple(x_texts), step, slot)
    points = [points_of(one, plot, y_format) for one in series]
    drawn = [draw(index, one, its, plot) for index, (one, its) in enumerate(zip(series, points, strict=True))]
    body = heads + labels.y_axis(y, left, right) + under(x_axis, x_texts, xs, plot, width)
    if x_label:
        body.append(svg.label(right, bottom + 38, x_label, "soft", anchor="end", room_px=right - 2))
    if not y.ticks or y.ticks[0] != 0 or log:
        body.append(svg.line(left, bottom, right, bottom, "axis"))
    body += [band for band, _ in drawn]
    body += [
        svg.line(left, y.scale.at(line.value), right, y.scale.at(line.value), "reference") for line in levels
    ]
    body += verticals(marks, top, bottom, (left, width - 2))[0]
    body += [over for _, over in drawn]
    body += end_names(series, points, levels, plot, width, direct)
    return svg.document(chart_id, title, description, (width, foot), body)


def _ends(one: Curve) -> tuple[Sequence[float | None] | None, ...]:
    return one.low, one.high, one.inner_low, one.inner_high


def _check(
    x_labels: Sequence[str] | None,
    x_values: Sequence[float | None] | None,
    x_format: Format | None,
    series: Sequence[Curve],
) -> None:
    """Refuse what cannot be meant."""
    if (x_labels is None) == (x_values is None):
        raise ValueError("give either x_labels or x_values")
    if x_values is not None and x_format is None:
        raise ValueError("x_values need x_format")
    count = len(all_of(x_values) if x_labels is None else x_labels)
    for one in series:
        for part in (one.values, *_ends(one)):
            if part is not None and len(part) != count:
                raise ValueError(f"series {one.name!r} has {len(part)} values for {count} places")
