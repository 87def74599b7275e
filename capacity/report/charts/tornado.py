"""Tornado charts: an answer in the middle, and for each input where it goes at either end of its range."""

from collections.abc import Sequence
from dataclasses import dataclass

from capacity.report.charts import labels, svg
from capacity.report.charts.scale import AxisKind, Format, axis, finite, finites
from capacity.report.charts.text import clip

_LABEL_COLUMN_PX = 260.0
_ROW_PX = 26.0
_BAR_PX = 15.0


@dataclass(frozen=True, slots=True)
class TornadoRow:
    """One input: the answer at its low and at its high end, and what those ends are."""

    label: str
    at_low: float | None
    at_high: float | None
    low: str = ""
    high: str = ""


def tornado(
    chart_id: str, title: str, description: str, rows: Sequence[TornadoRow], x_label: str, *,
    middle: float, names: tuple[str, str], write: Format, empty: str, kind: AxisKind = "number",
    width: float = 720,
) -> str:  # fmt: skip
    """Return a row per input: a bar to where the answer goes at its low end, another one at its high end.

    Parameters
    ----------
    chart_id, title, description : str
        Name within the page; what a screen reader says.
    rows : sequence of TornadoRow
        From the top, the one that moves the answer most first.
    x_label : str
        What the answer is, with its unit.
    middle : float
        The answer in the middle.
    names : tuple of str
        What the two colours mean: the low end, the high end.
    write : callable
        Writes an answer.
    empty : str
        Said where no input moves it.
    kind : {"number", "seconds"}
        Which ticks are nice.
    width : float
        Of the picture [px].
    """
    known = finites([value for row in rows for value in (row.at_low, row.at_high)])
    if not known:
        return svg.empty_chart(chart_id, title, description, width, 120, empty)
    body, top = labels.legend(names, svg.box, 2, width - 2, 2)
    if x_label:
        body.append(svg.label(2, top + 12, x_label, "soft", room_px=width - 4))
        top += 22
    left = labels.label_room([row.label for row in rows], _LABEL_COLUMN_PX, svg.NAME_PX) + 10
    room = labels.label_room([text for row in rows for text in (row.low, row.high)], 110) + 10
    pixels = (left + room, width - room)
    count = max(2, int((pixels[1] - pixels[0]) / 90))
    x_axis = axis([*known, middle], pixels, write, count=count, kind=kind, enclose=False)
    bottom = top + len(rows) * _ROW_PX + 4
    body += labels.x_axis(x_axis, top, bottom, width)
    zero = x_axis.scale.at(middle)
    for number, row in enumerate(rows):
        y = top + number * _ROW_PX + 5
        place = y + _BAR_PX / 2 + 4
        body.append(
            svg.label(left - 8, place, row.label, "name", anchor="end", room_px=left - 10, size=svg.NAME_PX)
        )
        for index, (value, end) in enumerate(((row.at_low, row.low), (row.at_high, row.high))):
            at = finite(value)
            if at is None:
                continue
            x = x_axis.scale.at(at)
            said = " · ".join(clip(part) for part in (row.label, end, write(at)) if part)
            bar = svg.rect(min(zero, x), y, abs(x - zero), _BAR_PX, "bar")
            body.append(f'<g class="{svg.colour(index)}">{svg.tipped(said, bar)}</g>')
            beyond, anchor = (x + 5, "start") if x >= zero else (x - 5, "end")
            body.append(svg.label(beyond, place, end, "halo", anchor=anchor, room_px=room - 7))
    body.append(svg.line(zero, top, zero, bottom, "vertical"))
    return svg.document(chart_id, title, description, (width, bottom + 26), body)
