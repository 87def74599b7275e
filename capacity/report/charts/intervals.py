"""Forest plots: differences with their intervals around a line of no difference, and what they mean."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from capacity.report.charts import labels, svg
from capacity.report.charts.scale import AxisKind, Format, Scale, axis, finite, finites, ordered
from capacity.report.charts.text import clip, with_interval

Mark = Literal["better", "worse", "none"]
OpenTo = Literal["neither", "more", "less", "both"]
"""Whether a difference may be more or less than it is drawn, as one of a lower bound."""
SIGNS: Final[Mapping[OpenTo, str]] = {"neither": "", "more": "≥ ", "less": "≤ ", "both": "≷ "}
MARKS: Final[tuple[Mark, ...]] = ("better", "worse", "none")

_LABEL_COLUMN_PX = 230.0
_ROW_PX = 26.0

_WAYS: Final = ((1, ("more", "both")), (-1, ("less", "both")))


@dataclass(frozen=True, slots=True)
class IntervalRow:
    """One difference; a row without a value and with `heading` is a heading over the rows below it.

    Arrows show what it is `open_to`.
    """

    label: str
    value: float | None
    low: float | None = None
    high: float | None = None
    mark: Mark = "none"
    heading: bool = False
    open_to: OpenTo = "neither"


def marker(mark: Mark, x: float, y: float) -> str:
    """Return the marker of a row: filled circle, filled diamond, hollow square."""
    if mark == "better":
        return svg.shape(0, x, y, "mark", 5.5)
    if mark == "worse":
        return svg.shape(3, x, y, "mark", 5.5)
    return svg.shape(1, x, y, "hollow", 4.5)


def forest_plot(
    chart_id: str,
    title: str,
    description: str,
    rows: Sequence[IntervalRow],
    x_label: str,
    *,
    write: Format,
    empty: str,
    reference: float = 0.0,
    mark_names: Mapping[Mark, str] | None = None,
    kind: AxisKind = "number",
    width: float = 720,
) -> str:
    """Return a row per difference: its name, its value and interval around the reference, and both as text.

    Parameters
    ----------
    chart_id, title, description : str
        Name within the page; what a screen reader says.
    rows : sequence of IntervalRow
        From the top.
    x_label : str
        What is drawn, with its unit.
    write : callable
        Writes a value, with its sign.
    empty : str
        Said where no row has a value; a row without one says it too.
    reference : float
        Where nothing differs.
    mark_names : mapping, optional
        What the three markers mean; a legend of those that occur.
    kind : {"number", "seconds"}
        Which ticks are nice.
    width : float
        Of the picture [px].
    """
    if not finites(row.value for row in rows):
        return svg.empty_chart(chart_id, title, description, width, 120, empty)
    occurring = [m for m in MARKS if any(r.mark == m for r in rows if finite(r.value) is not None)]
    names = [(mark_names or {}).get(mark, "") for mark in occurring]

    def entry(index: int, x: float, y: float) -> str:
        return f'<g class="{occurring[index]}">{marker(occurring[index], x + 9, y)}</g>'

    body, top = labels.legend(names, entry, 2, width - 2, 2)
    if x_label:
        body.append(svg.label(2, top + 12, x_label, "soft", room_px=width - 4))
        top += 22
    left = labels.label_room([row.label for row in rows], _LABEL_COLUMN_PX, svg.NAME_PX) + 16
    said = [_said(row, write, empty) for row in rows]
    column = labels.label_room(said, 210)
    bottom = top + len(rows) * _ROW_PX + 4
    values = [reference, *(v for row in rows for v in (row.value, row.low, row.high))]
    pixels = (left, width - column - 22)
    count = max(2, int((pixels[1] - pixels[0]) / 80))
    x_axis = axis(values, pixels, write, count=count, kind=kind)
    body += _stripes(rows, top, width) + labels.x_axis(x_axis, top, bottom, width)
    zero = x_axis.scale.at(finite(reference) or 0.0)
    body.append(svg.line(zero, top, zero, bottom, "vertical"))
    for number, (row, text) in enumerate(zip(rows, said, strict=True)):
        y = top + number * _ROW_PX + _ROW_PX / 2
        css = "head" if row.heading else "name"
        size = svg.HEAD_PX if row.heading else svg.NAME_PX
        body.append(
            svg.label(4 if row.heading else 12, y + 4.5, row.label, css, room_px=left - 14, size=size)
        )
        if not row.heading:
            body.append(_row(row, x_axis.scale, y, f"{clip(row.label)}: {clip(text)}"))
            body.append(svg.label(width - column, y + 4, text, "soft", room_px=column))
    return svg.document(chart_id, title, description, (width, bottom + 26), body)


def _said(row: IntervalRow, write: Format, empty: str) -> str:
    """Return a row's value and interval as text."""
    value = finite(row.value)
    if row.heading:
        return ""
    if value is None:
        return empty
    low, high = (None if end is None else write(end) for end in ordered(row.low, row.high))
    return SIGNS[row.open_to] + with_interval(write(value), low, high)


def _stripes(rows: Sequence[IntervalRow], top: float, width: float) -> list[str]:
    """Return a stripe behind every other row, which leads the eye from the name to the figures."""
    return [
        svg.rect(0, top + number * _ROW_PX, width, _ROW_PX, "stripe")
        for number, row in enumerate(rows)
        if number % 2 == 1 and not row.heading
    ]


def _row(row: IntervalRow, scale: Scale, y: float, tip: str) -> str:
    """Return the marker of a row with its interval."""
    value = finite(row.value)
    if value is None:
        return ""
    low, high = ordered(row.low, row.high)
    arrows = [svg.arrow(scale.at(value), y, way, 0) for way, ends in _WAYS if row.open_to in ends]
    inside = svg.tipped(
        tip, *whisker(scale, value, low, high, y), *arrows, marker(row.mark, scale.at(value), y)
    )
    return f'<g class="{row.mark}">{inside}</g>'


def whisker(scale: Scale, value: float, low: float | None, high: float | None, y: float) -> list[str]:
    """Return the stroke of an interval, with a cross stroke at each known end."""
    if low is None and high is None:
        return []
    ends = [scale.at(end) for end in (low, high) if end is not None]
    reach = [scale.at(value), *ends]
    return [
        svg.line(min(reach), y, max(reach), y, "whisker"),
        *(svg.line(x, y - 4, x, y + 4, "whisker") for x in ends),
    ]
