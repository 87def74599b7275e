"""Small multiples: many metrics of a few sites side by side, each panel on a scale of its own."""

from collections.abc import Sequence
from dataclasses import dataclass

from capacity.report.charts import labels, svg
from capacity.report.charts.intervals import whisker
from capacity.report.charts.scale import AxisKind, Format, axis, finite, finites, ordered
from capacity.report.charts.text import clip, with_interval, wrapped
from capacity.statistics.bounds import AtLeast

_LABEL_COLUMN_PX = 150.0
_ROW_PX = 20.0
_PAD_PX = 12.0
_HEAD_PX = 40.0  # name and unit


@dataclass(frozen=True, slots=True)
class PanelValue:
    """A site's value of one metric with its interval; an arrow stands at an `AtLeast`."""

    value: float | None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Panel:
    """One metric: its name, its unit, one value per site, and how a value is written.

    `from_zero` puts zero on the axis; `reference` draws a line, such as what is allowed.
    """

    name: str
    unit: str
    values: Sequence[PanelValue]
    write: Format
    kind: AxisKind = "number"
    from_zero: bool = False
    reference: float | None = None


def small_multiples(
    chart_id: str,
    title: str,
    description: str,
    rows: Sequence[str],
    panels: Sequence[Panel],
    *,
    empty: str,
    columns: int = 3,
    width: float = 720,
) -> str:
    """Return a grid of panels with a dot and its interval per row; rows are named at the left of the grid.

    Parameters
    ----------
    chart_id, title, description : str
        Name within the page; what a screen reader says.
    rows : sequence of str
        The sites; each keeps its colour and marker in all panels.
    panels : sequence of Panel
        From left to right, row by row.
    empty : str
        Said in a panel without values, and where there is none.
    columns : int
        Panels side by side.
    width : float
        Of the picture [px].
    """
    for panel in panels:
        if len(panel.values) != len(rows):
            raise ValueError(f"panel {panel.name!r} has {len(panel.values)} values for {len(rows)} rows")
    if not finites(one.value for panel in panels for one in panel.values):
        return svg.empty_chart(chart_id, title, description, width, 120, empty)
    columns = max(1, min(columns, len(panels)))
    left = labels.label_room(rows, _LABEL_COLUMN_PX, svg.NAME_PX) + 8
    each = (width - left) / columns
    names = [wrapped(panel.name, each - 2 * _PAD_PX, svg.HEAD_PX) for panel in panels]
    head = _HEAD_PX + (16 if any(second for _, second in names) else 0)
    tall = head + len(rows) * _ROW_PX + 34
    body = []
    for number, panel in enumerate(panels):
        x, y = left + number % columns * each, number // columns * tall
        if number % columns == 0:
            body += [
                svg.label(
                    left - 8, y + head + (i + 0.5) * _ROW_PX + 4.5, name, "name", anchor="end",
                    room_px=left - 10, size=svg.NAME_PX,
                )
                for i, name in enumerate(rows)
            ]  # fmt: skip
        body += _panel(panel, names[number], rows, (x + _PAD_PX, x + each - _PAD_PX), (y, y + head), empty)
    height = -(-len(panels) // columns) * tall
    return svg.document(chart_id, title, description, (width, height), body)


def _panel(
    panel: Panel,
    name: tuple[str, str],
    rows: Sequence[str],
    across: tuple[float, float],
    head: tuple[float, float],
    empty: str,
) -> list[str]:
    """Return one panel: name and unit, rows, and a small axis under them."""
    (left, right), (_, top) = across, head
    room = right - left
    # A name of one line stands directly above its unit, wherever the neighbours need two.
    lines = [line for line in name if line]
    body = [
        svg.label(left, top - 25 - 16 * above, line, "head", room_px=room, size=svg.HEAD_PX)
        for above, line in enumerate(reversed(lines))
    ]
    body.append(svg.label(left, top - 9, panel.unit, "soft", room_px=room))
    bottom = top + len(rows) * _ROW_PX
    if not finites(one.value for one in panel.values):
        middle = (top + bottom) / 2
        said = svg.label((left + right) / 2, middle + 4, empty, "soft", anchor="middle", room_px=room)
        return [*body, svg.rect(left, top, room, bottom - top, "nothing"), said]
    values = [v for one in panel.values for v in (one.value, one.low, one.high)]
    x_axis = axis(
        [*values, panel.reference],
        (left, right),
        panel.write,
        count=3,
        kind=panel.kind,
        from_zero=panel.from_zero,
    )
    scale = x_axis.scale
    body += [svg.line(scale.at(tick), top, scale.at(tick), bottom, "grid") for tick in x_axis.ticks]
    body.append(svg.line(left, bottom, right, bottom, "axis"))
    # Labels stay inside their own panel: neighbours have axes too.
    places = [(scale.at(tick), text) for tick, text in zip(x_axis.ticks, x_axis.labels, strict=True)]
    body += labels.along_x(places, bottom + 16, (left - 6, right + 6), room_px=room / 2)
    if finite(panel.reference) is not None:
        x = scale.at(finite(panel.reference) or 0.0)
        body.append(svg.line(x, top, x, bottom, "reference"))
    for index, (row, one) in enumerate(zip(rows, panel.values, strict=True)):
        value = finite(one.value)
        if value is None:
            continue
        y = top + (index + 0.5) * _ROW_PX
        low, high = ordered(one.low, one.high)
        ends = (None if end is None else clip(panel.write(end)) for end in (low, high))
        tip = f"{clip(row)} · {clip(panel.name)}: {with_interval(clip(panel.write(value)), *ends)}"
        marks = [svg.shape(index, scale.at(value), y, "mark", 4.5)]
        if isinstance(value, AtLeast):
            marks.append(svg.arrow(scale.at(value), y, 1, 0))
        inside = svg.tipped(tip, *whisker(scale, value, low, high, y), *marks)
        body.append(f'<g class="{svg.colour(index)}">{inside}</g>')
    return body
