"""Heat maps: a value per row and column, such as a site's use per month, written in its cell."""

from collections.abc import Sequence
from dataclasses import dataclass

from capacity.report.charts import labels, svg
from capacity.report.charts.scale import Format, domain, finite, finites
from capacity.report.charts.text import clip, slug, width_px

_CLASSES = 9
_CELL_PX = 28.0
_WIDEST_CELL_PX = 72.0
_LABEL_COLUMN_PX = 200.0


@dataclass(frozen=True, slots=True)
class ColumnGroup:
    """Neighbouring columns under one heading, such as the months of a year."""

    label: str
    columns: int


def heatmap(
    chart_id: str,
    title: str,
    description: str,
    rows: Sequence[str],
    columns: Sequence[str],
    values: Sequence[Sequence[float | None]],
    *,
    write: Format,
    legend_label: str,
    missing: str,
    empty: str,
    groups: Sequence[ColumnGroup] = (),
    limits: tuple[float, float] | None = None,
    width: float = 720,
) -> str:
    """Return cells coloured in nine equal classes; cells without a value are hatched.

    Parameters
    ----------
    chart_id, title, description : str
        Name within the page; what a screen reader says.
    rows, columns : sequence of str
        Labels; of the columns as many as fit.
    values : sequence of sequence of float or None
        One sequence per row.
    write : callable
        Writes a value; it stands in its cell where all fit, otherwise in the tooltip only.
    legend_label : str
        What the colours mean, with its unit.
    missing : str
        Said of cells without a value.
    empty : str
        Said where no value can be drawn.
    groups : sequence of ColumnGroup
        Headings over the columns, from the left.
    limits : tuple of float, optional
        Values of the lightest and the darkest colour; those of the data without it.
    width : float
        Of the picture [px].

    Raises
    ------
    ValueError
        Where the values are not one per row and column, or the groups are more than the columns.
    """
    if len(values) != len(rows) or any(len(row) != len(columns) for row in values):
        raise ValueError(f"values must be {len(rows)} rows of {len(columns)}")
    if sum(group.columns for group in groups) > len(columns):
        raise ValueError("the groups have more columns than there are")
    known = finites(value for row in values for value in row)
    if not known:
        return svg.empty_chart(chart_id, title, description, width, 120, empty)

    low, high = domain(limits if limits is not None else known)
    left = labels.label_room(rows, _LABEL_COLUMN_PX, svg.NAME_PX) + 10
    cell = min(_WIDEST_CELL_PX, (width - left - 12) / len(columns))
    top = 2.0 + (20 if groups else 0) + 22
    body = _headings(columns, groups, left, cell, top, width)
    texts = [
        [None if (number := finite(value)) is None else write(number) for value in row] for row in values
    ]
    fits = all(width_px(text) <= cell - 4 for row in texts for text in row if text is not None)
    hatch = f"{slug(chart_id)}-hatch"
    for number, (name, row) in enumerate(zip(rows, values, strict=True)):
        y = top + number * _CELL_PX
        body.append(
            svg.label(left - 8, y + 18.5, name, "name", anchor="end", room_px=left - 10, size=svg.NAME_PX)
        )
        for place, given in enumerate(row):
            x, value = left + place * cell, finite(given)
            where = f"{clip(name)} · {clip(columns[place])}"
            if value is None:
                box = svg.rect(x, y, cell, _CELL_PX, "cell", f"url(#{hatch})")
                body.append(svg.tipped(f"{where}: {missing}", box))
                continue
            css, text = _class(value, low, high), texts[number][place] or ""
            box = svg.rect(x, y, cell, _CELL_PX, f"cell {css}")
            said = svg.label(x + cell / 2, y + 18, text, css, anchor="middle") if fits else ""
            body.append(svg.tipped(f"{where}: {clip(text)}", box, said))
    bottom = top + len(rows) * _CELL_PX
    gaps = len(known) < len(rows) * len(columns)
    scale, height = _scale(
        (low, high), write, legend_label, missing if gaps else "", hatch, bottom + 14, width
    )
    pattern = (
        f'<pattern id="{hatch}" width="6" height="6" patternUnits="userSpaceOnUse" '
        'patternTransform="rotate(45)"><line class="hatch" x1="0" y1="0" x2="0" y2="6"/></pattern>'
    )
    return svg.document(chart_id, title, description, (width, height), body + scale, pattern)


def _class(value: float, low: float, high: float) -> str:
    """Return the CSS class of a value: one of nine equal steps."""
    return f"h{min(_CLASSES - 1, max(0, int((value - low) / (high - low) * _CLASSES)))}"


def _headings(
    columns: Sequence[str], groups: Sequence[ColumnGroup], left: float, cell: float, top: float, width: float
) -> list[str]:
    """Return column labels, as many as fit, under the headings of their groups."""
    k = labels.every_kth(columns, cell)
    body = labels.along_x(
        [(left + (i + 0.5) * cell, columns[i]) for i in range(0, len(columns), k)], top - 7, (0, width)
    )
    x = left
    for group in groups:
        room = group.columns * cell
        if group.columns > 0:
            body.append(svg.line(x + 1, top - 23, x + room - 1, top - 23, "axis"))
            body.append(svg.label(x + 2, top - 28, group.label, "head", room_px=room - 4, size=svg.HEAD_PX))
        x += room
    return body


def _scale(
    ends: tuple[float, float],
    write: Format,
    legend_label: str,
    missing: str,
    hatch: str,
    top: float,
    width: float,
) -> tuple[list[str], float]:
    """Return the legend, nine colours between the ends and the hatching if used, and its lower end [px]."""
    low, high = write(ends[0]), write(ends[1])
    body, y = [], top
    if legend_label:
        body.append(svg.label(2, y + 12, legend_label, "soft", room_px=width - 4))
        y += 20
    room = (width - 9 * 20 - 60) / 3
    x = 2 + min(width_px(low), room)
    body.append(svg.label(x, y + 12, low, "soft", anchor="end", room_px=room))
    x += 8
    for number in range(_CLASSES):
        body.append(svg.rect(x, y + 1, 20, 13, f"h{number}"))
        x += 20
    body.append(svg.label(x + 8, y + 12, high, "soft", room_px=room))
    if missing:
        x += 8 + min(width_px(high), room) + 24
        body.append(svg.rect(x, y + 1, 20, 13, "nothing"))
        body.append(svg.rect(x, y + 1, 20, 13, "cell", f"url(#{hatch})"))
        body.append(svg.label(x + 28, y + 12, missing, "soft", room_px=width - x - 30))
    return body, y + 22
