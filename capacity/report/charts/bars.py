"""Horizontal bars from zero: values of several series side by side, with their intervals."""

from collections.abc import Sequence
from dataclasses import dataclass

from capacity.report.charts import labels, svg
from capacity.report.charts.scale import AxisKind, Format, all_of, axis, finite, finites, ordered
from capacity.report.charts.text import clip, with_interval

_LABEL_COLUMN_PX = 220.0
_BAR_PX = 15.0


@dataclass(frozen=True, slots=True)
class BarSeries:
    """A value per group, with the ends of its interval where they are known."""

    name: str
    values: Sequence[float | None]
    low: Sequence[float | None] | None = None
    high: Sequence[float | None] | None = None


def grouped_bars(
    chart_id: str,
    title: str,
    description: str,
    groups: Sequence[str],
    series: Sequence[BarSeries],
    x_label: str,
    *,
    write: Format,
    empty: str,
    kind: AxisKind = "number",
    width: float = 720,
) -> str:
    """Return one bar per group and series from zero, with whiskers and the value behind.

    Parameters
    ----------
    chart_id, title, description : str
        Name within the page; what a screen reader says.
    groups : sequence of str
        Labels at the left.
    series : sequence of BarSeries
        One bar in every group; named in a legend if there are several.
    x_label : str
        What is drawn, with its unit.
    write : callable
        Writes a value.
    empty : str
        Said where no value can be drawn.
    kind : {"number", "seconds"}
        Which ticks are nice.
    width : float
        Of the picture [px].
    """
    for one in series:
        for part in (one.values, one.low, one.high):
            if part is not None and len(part) != len(groups):
                raise ValueError(f"series {one.name!r} has {len(part)} values for {len(groups)} groups")
    if not finites(value for one in series for value in one.values):
        return svg.empty_chart(chart_id, title, description, width, 120, empty)
    several = len(series) > 1
    body, top = labels.legend([one.name for one in series] if several else (), svg.box, 2, width - 2, 2)
    if x_label:
        body.append(svg.label(2, top + 12, x_label, "soft", room_px=width - 4))
        top += 22
    left = labels.label_room(groups, _LABEL_COLUMN_PX, svg.NAME_PX) + 10
    values = [v for one in series for v in all_of(one.values, one.low, one.high)]
    texts = [write(value) for value in finites(v for one in series for v in one.values)]
    # Half of the width of a value stays free at each end, for values are written beyond the whiskers.
    room = labels.label_room(texts, 110) + 10
    below = room if min(finites(values)) < 0 else 0
    pixels = (left + below, width - room)
    count = max(2, int((pixels[1] - pixels[0]) / 90))
    x_axis = axis(values, pixels, write, count=count, kind=kind, from_zero=True, enclose=False)
    pitch = len(series) * (_BAR_PX + 2) + 14
    bottom = top + len(groups) * pitch
    body += labels.x_axis(x_axis, top, bottom, width)
    zero = x_axis.scale.at(0)
    for number, group in enumerate(groups):
        y = top + number * pitch + 7
        middle = y + len(series) * (_BAR_PX + 2) / 2 + 3.5
        body.append(
            svg.label(left - 8, middle, group, "name", anchor="end", room_px=left - 10, size=svg.NAME_PX)
        )
        for index, one in enumerate(series):
            value = finite(one.values[number])
            if value is not None:
                ends = ordered(*(None if part is None else part[number] for part in (one.low, one.high)))
                at = [x_axis.scale.at(v) for v in (value, *(v for v in ends if v is not None))]
                said = " · ".join(clip(part) for part in (one.name, group) if part)
                said += f": {_said(value, ends, write)}"
                bar = svg.rect(min(zero, at[0]), y, abs(at[0] - zero), _BAR_PX, "bar")
                body.append(
                    f'<g class="{svg.colour(index)}">'
                    + svg.tipped(said, bar, *_whisker(at, ends, y + _BAR_PX / 2))
                    + "</g>"
                )
                behind = max(*at, zero) + 6 if value >= 0 else min(*at, zero) - 6
                anchor = "start" if value >= 0 else "end"
                body.append(
                    svg.label(behind, y + 11.5, write(value), "halo", anchor=anchor, room_px=room - 7)
                )
            y += _BAR_PX + 2
    return svg.document(chart_id, title, description, (width, bottom + 26), body)


def _said(value: float, ends: tuple[float | None, float | None], write: Format) -> str:
    """Return a value with its interval."""
    low, high = (None if end is None else clip(write(end)) for end in ends)
    return with_interval(clip(write(value)), low, high)


def _whisker(at: Sequence[float], ends: tuple[float | None, float | None], y: float) -> list[str]:
    """Return the interval of a bar with a cross stroke at each known end."""
    if len(at) == 1:
        return []
    low, high = min(at), max(at)
    known = [x for x, end in zip((low, high), ends, strict=True) if end is not None]
    strokes = [(low, y, high, y), *((x, y - 4, x, y + 4) for x in known)]
    return [svg.line(*stroke, css) for css in ("error-edge", "error") for stroke in strokes]
