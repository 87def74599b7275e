"""Shares: what a whole consists of, one bar per whole stacked to 100 %."""

from collections.abc import Sequence
from dataclasses import dataclass

from capacity.report.charts import labels, svg
from capacity.report.charts.scale import Format, finite
from capacity.report.charts.text import clip, width_px

_LABEL_COLUMN_PX = 220.0
_BAR_PX = 26.0


@dataclass(frozen=True, slots=True)
class ShareRow:
    """A whole and its parts, in any unit; `note` stands behind the bar, such as the whole itself."""

    label: str
    parts: Sequence[float | None]
    note: str = ""


def stacked_bars(
    chart_id: str,
    title: str,
    description: str,
    part_names: Sequence[str],
    rows: Sequence[ShareRow],
    *,
    write_share: Format,
    empty: str,
    write_value: Format | None = None,
    width: float = 720,
) -> str:
    """Return one bar per row, filled to its whole.

    Parameters
    ----------
    chart_id, title, description : str
        Name within the page; what a screen reader says.
    part_names : sequence of str
        The legend, in the order of the parts.
    rows : sequence of ShareRow
        Parts that are None or negative count as nothing.
    write_share : callable
        Writes a fraction of the whole, such as 0.25.
    empty : str
        Said where no row has a part; a row without one says it too.
    write_value : callable, optional
        Writes a part in its own unit, for the tooltip.
    width : float
        Of the picture [px].
    """
    if any(len(row.parts) != len(part_names) for row in rows):
        raise ValueError(f"every row must have {len(part_names)} parts")
    parts = [[max(finite(part) or 0.0, 0.0) for part in row.parts] for row in rows]
    if not any(map(sum, parts)):
        return svg.empty_chart(chart_id, title, description, width, 120, empty)
    body, top = labels.legend(part_names, svg.box, 2, width - 2, 2)
    left = labels.label_room([row.label for row in rows], _LABEL_COLUMN_PX, svg.NAME_PX) + 10
    notes = [row.note for row in rows if row.note]
    right = width - (labels.label_room(notes, 120) + 10 if notes else 16)
    y = top + 4
    bottom = y + len(rows) * (_BAR_PX + 8)
    for share in (0, 0.25, 0.5, 0.75, 1):
        x = left + share * (right - left)
        body.append(svg.line(x, top, x, bottom, "grid"))
    body += labels.along_x(
        [(left + share * (right - left), write_share(share)) for share in (0, 0.25, 0.5, 0.75, 1)],
        bottom + 16,
        (0, width),
    )
    for row, its in zip(rows, parts, strict=True):
        body.append(
            svg.label(
                left - 8, y + 17.5, row.label, "name", anchor="end", room_px=left - 10, size=svg.NAME_PX
            )
        )
        body += _segments(row, its, part_names, (left, right), y, write_share, write_value)
        if not sum(its):
            body.append(svg.label(left + 6, y + 17.5, empty, "soft halo", room_px=right - left - 8))
        if row.note:
            body.append(svg.label(right + 8, y + 17.5, row.note, "soft", room_px=width - right - 9))
        y += _BAR_PX + 8
    return svg.document(chart_id, title, description, (width, bottom + 24), body)


def _segments(
    row: ShareRow,
    parts: Sequence[float],
    names: Sequence[str],
    pixels: tuple[float, float],
    y: float,
    write_share: Format,
    write_value: Format | None,
) -> list[str]:
    """Return the filled stretches of one bar, with the shares that fit written inside."""
    whole = sum(parts)
    body, before = [], 0.0
    for index, part in enumerate(parts):
        if part <= 0:
            continue
        share = part / whole
        start = pixels[0] + before / whole * (pixels[1] - pixels[0])
        room = share * (pixels[1] - pixels[0])
        before += part
        text = write_share(share)
        said = f"{clip(row.label)} · {clip(names[index])}: {clip(text)}"
        if write_value is not None:
            said += f" ({clip(write_value(part))})"
        gap = 1.0 if room > 4 else 0.0  # neighbours stay apart without colour
        box = svg.rect(start, y, room - gap, _BAR_PX, "bar")
        inside = width_px(text) <= room - 8
        words = svg.label(start + room / 2, y + 17.5, text, "on", anchor="middle") if inside else ""
        body.append(f'<g class="{svg.colour(index)}">{svg.tipped(said, box, words)}</g>')
    return body
