"""Scatter charts: candidates by two measures, with the best trade-offs joined."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from capacity.report.charts import labels, svg
from capacity.report.charts.scale import AxisKind, Format, axis, finite
from capacity.report.charts.text import clip, width_px
from capacity.statistics.bounds import AtLeast

_Box = tuple[float, float, float, float]  # left, top, right, bottom


@dataclass(frozen=True, slots=True)
class ScatterPoint:
    """A candidate; `front` says that no other is better in both measures, which only the caller can know.

    An arrow stands at a `y` that is an `AtLeast`.
    """

    label: str
    x: float | None
    y: float | None
    front: bool = False


def scatter_chart(
    chart_id: str,
    title: str,
    description: str,
    points: Sequence[ScatterPoint],
    x_label: str,
    y_label: str,
    *,
    x_format: Format,
    y_format: Format,
    empty: str,
    front_label: str = "",
    other_label: str = "",
    x_log: bool = False,
    y_log: bool = False,
    x_kind: AxisKind = "number",
    y_kind: AxisKind = "number",
    from_zero: bool = False,
    width: float = 720,
    height: float = 380,
) -> str:
    """Return points with their names where there is room; points of the front are filled and joined.

    Parameters
    ----------
    chart_id, title, description : str
        Name within the page; what a screen reader says.
    points : sequence of ScatterPoint
        The candidates; earlier ones get their name first, those of the front before all others.
    x_label, y_label : str
        The measures with their units.
    x_format, y_format : callable
        Write a value.
    empty : str
        Said where no point can be drawn.
    front_label, other_label : str
        Legend.
    x_log, y_log, x_kind, y_kind, from_zero
        Of the axes; see ``scale.axis``.
    width, height : float
        Of the picture [px]; the legend comes on top of the height.
    """
    known = [(point, finite(point.x), finite(point.y)) for point in points]
    drawn = [
        (point, x, y)
        for point, x, y in known
        if x is not None and y is not None and (x > 0 or not x_log) and (y > 0 or not y_log)
    ]
    if not drawn:
        return svg.empty_chart(chart_id, title, description, width, height, empty)
    has_front = any(point.front for point, _, _ in drawn)
    names = [front_label if has_front else "", other_label if any(not p.front for p, _, _ in drawn) else ""]
    body, top = labels.legend(names, _key, 2, width - 2, 2)
    if y_label:
        body.append(svg.label(2, top + 12, y_label, "soft", room_px=width - 4))
        top += 20
    top += 8
    bottom = top + height - 80
    y_axis = axis(
        [y for _, _, y in drawn],
        (bottom, top),
        y_format,
        count=6,
        log=y_log,
        kind=y_kind,
        from_zero=from_zero,
    )
    left, right = labels.label_room(y_axis.labels, 120) + 10, width - 16
    x_axis = axis(
        [x for _, x, _ in drawn],
        (left, right),
        x_format,
        count=6,
        log=x_log,
        kind=x_kind,
        from_zero=from_zero,
    )
    body += labels.y_axis(y_axis, left, right) + labels.x_axis(x_axis, top, bottom, width)
    if x_label:
        body.append(svg.label(right, bottom + 38, x_label, "soft", anchor="end", room_px=right - 2))
    places = [(point, x_axis.scale.at(x), y_axis.scale.at(y)) for point, x, y in drawn]
    front = sorted((x, y) for point, x, y in places if point.front)
    if len(front) > 1:
        body.append(f'<g class="s1">{svg.path(front, "front")}</g>')
    for (point, x, y), (_, x_value, y_value) in sorted(
        zip(places, drawn, strict=True), key=lambda pair: pair[0][0].front
    ):
        tip = f"{clip(point.label)}: {clip(x_format(x_value))} · {clip(y_format(y_value))}"
        mark = svg.shape(0, x, y, "mark", 6) if point.front else svg.shape(1, x, y, "hollow", 4)
        more = svg.arrow(x, y, 0, -1) if isinstance(y_value, AtLeast) else ""
        body.append(f'<g class="{"s1" if point.front else "none"}">{svg.tipped(tip, mark, more)}</g>')
    body += _names(places, front, (left, top, width - 2, bottom))
    return svg.document(chart_id, title, description, (width, bottom + (46 if x_label else 26)), body)


def _key(index: int, x: float, y: float) -> str:
    """Return the key of the front (0) or of the other points (1)."""
    if index == 0:
        return f'<g class="s1">{svg.line(x, y, x + 18, y, "front")}{svg.shape(0, x + 9, y, "mark", 6)}</g>'
    return f'<g class="none">{svg.shape(1, x + 9, y, "hollow", 4)}</g>'


def _overlap(a: _Box, b: _Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def _crosses(box: _Box, line: Sequence[tuple[float, float]]) -> bool:
    """Return whether a line passes through a box; sampled, for a near miss looks like a hit."""
    for (x1, y1), (x2, y2) in itertools.pairwise(line):
        steps = max(1, int(max(abs(x2 - x1), abs(y2 - y1)) / 4))
        for i in range(steps + 1):
            x, y = x1 + (x2 - x1) * i / steps, y1 + (y2 - y1) * i / steps
            if box[0] <= x <= box[2] and box[1] <= y <= box[3]:
                return True
    return False


def _names(
    places: Sequence[tuple[ScatterPoint, float, float]], front: Sequence[tuple[float, float]], room: _Box
) -> list[str]:
    """Return the names that fit beside, over or under their points without touching anything.

    A name that fits nowhere is left to the tooltip, except that one of the front may touch the joining line.
    """
    taken: list[_Box] = [(x - 6, y - 6, x + 6, y + 6) for _, x, y in places]
    body = []
    for point, x, y in sorted(places, key=lambda place: not place[0].front):
        css = "name halo" if point.front else "soft halo"
        size = svg.NAME_PX if point.front else svg.TEXT_PX
        wide = min(width_px(point.label, size), 180.0)
        spots = (
            (x + 10, y + 4.5, "start", x + 10),
            (x - 10, y + 4.5, "end", x - 10 - wide),
            (x, y - 11, "middle", x - wide / 2),
            (x, y + 20, "middle", x - wide / 2),
            (x + 7, y - 9, "start", x + 7),
            (x + 7, y + 17, "start", x + 7),
            (x - 7, y - 9, "end", x - 7 - wide),
            (x - 7, y + 17, "end", x - 7 - wide),
        )
        for strict in (True, False) if point.front else (True,):
            for at_x, at_y, anchor, begin in spots:
                box = (begin, at_y - 12, begin + wide, at_y + 4)
                inside = (
                    box[0] >= room[0] and box[1] >= room[1] - 8 and box[2] <= room[2] and box[3] <= room[3]
                )
                clear = not any(_overlap(box, other) for other in taken)
                if inside and clear and not (strict and _crosses(box, front)):
                    taken.append(box)
                    body.append(
                        svg.label(at_x, at_y, point.label, css, anchor=anchor, room_px=wide + 1, size=size)
                    )
                    break
            else:
                continue
            break
    return body
