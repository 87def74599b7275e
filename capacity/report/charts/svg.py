"""The few SVG elements all charts are made of, so that rounding, escaping and classes are decided once."""

from collections.abc import Iterable, Sequence

from capacity.report.charts.text import escape, shorten, slug

TEXT_PX = 12.0
NAME_PX = 13.0
HEAD_PX = 14.4  # 13 px in a bold face, which is that much wider
SERIES_COLOURS = 8
_SHAPES = 8


ARROW_PX = 17.0


def px(value: float) -> str:
    """Return a coordinate with one decimal; more would only make the file larger.

    >>> px(1.04), px(-0.01), px(12.25)
    ('1', '0', '12.2')
    """
    text = f"{value:.1f}".removesuffix(".0")
    return "0" if text == "-0" else text


def colour(index: int) -> str:
    """Return the CSS class of the colour of the index-th series (from 0)."""
    return f"s{index % SERIES_COLOURS + 1}"


def dashes(index: int) -> str:
    """Return the CSS class of the dash pattern; a second round of colours meets other dashes."""
    return f"d{(index + index // SERIES_COLOURS) % SERIES_COLOURS + 1}"


def document(
    chart_id: str,
    title: str,
    description: str,
    size: tuple[float, float],
    body: Iterable[str],
    defs: str = "",
) -> str:
    """Return the whole chart: an image to a screen reader, with its title and description.

    Parameters
    ----------
    chart_id : str
        Names the chart within the page; ids inside derive from it.
    title, description : str
        Read out instead of the picture.
    size : tuple of float
        Width and height of the viewBox [px].
    body : iterable of str
        SVG elements.
    defs : str
        Definitions such as patterns.
    """
    name = slug(chart_id)
    box = f"0 0 {px(size[0])} {px(size[1])}"
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="chart" id="{name}" role="img" width="100%" '
        f'viewBox="{box}" aria-labelledby="{name}-title {name}-desc">'
        f'<title id="{name}-title">{escape(title)}</title><desc id="{name}-desc">{escape(description)}</desc>'
    )
    return head + (f"<defs>{defs}</defs>" if defs else "") + "".join(body) + "</svg>"


def empty_chart(chart_id: str, title: str, description: str, width: float, height: float, empty: str) -> str:
    """Return a picture that says there is nothing to draw."""
    height = min(height, 140.0)
    said = label(width / 2, height / 2, empty, "soft", anchor="middle", room_px=width - 24, size=NAME_PX)
    frame = rect(0.5, 0.5, width - 1, height - 1, "nothing")
    return document(chart_id, title, description, (width, height), [frame, said])


def label(
    x: float,
    y: float,
    text: str,
    css: str = "",
    *,
    anchor: str = "start",
    room_px: float | None = None,
    size: float = TEXT_PX,
) -> str:
    """Return a text whose baseline starts, centres or ends at x, y; too long ones are shortened.

    `size` must be the font size the class has, for the width is estimated with it.
    """
    shown = text if room_px is None else shorten(text, room_px, size)
    full = escape(text)
    written = escape(shown)
    tip = f"<title>{full}</title>" if written != full else ""
    classes = f' class="{css}"' if css else ""
    where = "" if anchor == "start" else f' text-anchor="{anchor}"'
    return f'<text{classes} x="{px(x)}" y="{px(y)}"{where}>{tip}{written}</text>'


def line(x1: float, y1: float, x2: float, y2: float, css: str) -> str:
    """Return a straight line."""
    return f'<line class="{css}" x1="{px(x1)}" y1="{px(y1)}" x2="{px(x2)}" y2="{px(y2)}"/>'


def rect(x: float, y: float, width: float, height: float, css: str, fill: str = "") -> str:
    """Return a rectangle; `fill` names a pattern, which CSS cannot know."""
    attribute = f' fill="{fill}"' if fill else ""
    place = f'x="{px(x)}" y="{px(y)}" width="{px(max(width, 0))}" height="{px(max(height, 0))}"'
    return f'<rect class="{css}" {place}{attribute}/>'


def box(index: int, x: float, y: float) -> str:
    """Return the key of the index-th series where it is drawn as an area."""
    return f'<g class="{colour(index)}">{rect(x, y - 6, 16, 12, "bar")}</g>'


def path(points: Sequence[tuple[float, float]], css: str, *, closed: bool = False) -> str:
    """Return a line through points."""
    steps = "L".join(f"{px(x)} {px(y)}" for x, y in points)
    return f'<path class="{css}" d="M{steps}{"Z" if closed else ""}"/>'


def arrow(x: float, y: float, dx: float, dy: float) -> str:
    """Return an arrow from a place: what is drawn there lies there or further on, nobody knows how far."""
    tip_x, tip_y = x + dx * ARROW_PX, y + dy * ARROW_PX
    head = [(tip_x - 5 * dx + 4 * dy, tip_y - 5 * dy + 4 * dx), (tip_x, tip_y),
            (tip_x - 5 * dx - 4 * dy, tip_y - 5 * dy - 4 * dx)]  # fmt: skip
    return line(x, y, tip_x, tip_y, "whisker") + path(head, "arrow")


def tipped(tooltip: str, *body: str) -> str:
    """Return elements with a tooltip."""
    return f"<g><title>{escape(tooltip)}</title>{''.join(body)}</g>"


def _polygon(x: float, y: float, corners: Sequence[tuple[float, float]], radius: float, css: str) -> str:
    return path([(x + dx * radius, y + dy * radius) for dx, dy in corners], css, closed=True)


def shape(index: int, x: float, y: float, css: str, radius: float = 4.0) -> str:
    """Return the marker of the index-th series (from 0): series differ by shape too, not by colour alone."""
    kind = (index + index // SERIES_COLOURS) % _SHAPES
    if kind == 0:
        return f'<circle class="{css}" cx="{px(x)}" cy="{px(y)}" r="{px(radius)}"/>'
    corners: tuple[tuple[float, float], ...] = (
        ((-0.88, -0.88), (0.88, -0.88), (0.88, 0.88), (-0.88, 0.88)),
        ((0, -1.2), (1.1, 0.8), (-1.1, 0.8)),
        ((0, -1.25), (1.25, 0), (0, 1.25), (-1.25, 0)),
        ((0, 1.2), (1.1, -0.8), (-1.1, -0.8)),
        ((-1.2, 0), (0.8, -1.1), (0.8, 1.1)),
        ((1.2, 0), (-0.8, 1.1), (-0.8, -1.1)),
        ((-0.55, -1.1), (0.55, -1.1), (1.1, 0), (0.55, 1.1), (-0.55, 1.1), (-1.1, 0)),
    )[kind - 1]
    return _polygon(x, y, corners, radius, css)
