"""Where labels go: shifted apart at line ends, thinned along an axis, laid out in legend rows."""

from collections.abc import Callable, Sequence

from capacity.report.charts.scale import ChartAxis
from capacity.report.charts.svg import NAME_PX, TEXT_PX, label, line
from capacity.report.charts.text import width_px

ROW_PX = 16.0
_EVERY = (1, 2, 3, 4, 6, 12, 18, 24, 36, 48, 60, 120, 240, 600, 1200)
_SWATCH_PX = 24.0

Swatch = Callable[[int, float, float], str]


def spread(wanted: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Return places at least `gap` apart within low..high, as near as possible to the wanted ones.

    This is isotonic regression of ``wanted[i] - i * gap`` (pool adjacent violators): labels that would
    overlap are moved as one block around their common middle.

    >>> spread([10, 12, 50], 10, 0, 100)
    [6.0, 16.0, 50]
    """
    order = sorted(range(len(wanted)), key=lambda i: (wanted[i], i))
    blocks: list[tuple[float, int]] = []  # mean, members
    for rank, i in enumerate(order):
        mean, members = wanted[i] - rank * gap, 1
        while blocks and blocks[-1][0] > mean:
            before, many = blocks.pop()
            mean, members = (before * many + mean * members) / (many + members), many + members
        blocks.append((mean, members))
    top = high - gap * (len(wanted) - 1)
    offsets = [min(max(mean, low), max(top, low)) for mean, members in blocks for _ in range(members)]
    placed = [0.0] * len(wanted)
    for rank, (i, offset) in enumerate(zip(order, offsets, strict=True)):
        placed[i] = offset + rank * gap
    return placed


def _centred(x: float, text: str, bounds: tuple[float, float], room: float) -> tuple[float, float]:
    """Return the middle of a label moved inside its bounds, and half its width [px]."""
    half = min(width_px(text, TEXT_PX), room) / 2 + 1
    return min(max(x, bounds[0] + half), bounds[1] - half), half


def along_x(
    places: Sequence[tuple[float, str]], y: float, bounds: tuple[float, float], room_px: float = 120.0
) -> list[str]:
    """Return labels under an axis, leaving out every one that would touch its neighbour."""
    drawn, taken = [], float("-inf")
    for x, text in places:
        middle, half = _centred(x, text, bounds, room_px)
        if middle - half >= taken:
            drawn.append(label(middle, y, text, "soft", anchor="middle", room_px=room_px))
            taken = middle + half + 8
    return drawn


def every_kth(texts: Sequence[str], step_px: float, room_px: float = 120.0) -> int:
    """Return k such that every k-th of evenly spaced labels fits; months prefer quarters and years."""
    widest = max((min(width_px(text, TEXT_PX), room_px) for text in texts), default=0.0) + 10
    for k in _EVERY:
        if k * step_px >= widest:
            return k
    return max(1, int(widest / max(step_px, 1e-9)) + 1)


def y_axis(axis: ChartAxis, left: float, right: float) -> list[str]:
    """Return grid lines and labels of a vertical axis whose plot begins at `left` [px]."""
    drawn = []
    for tick, text in zip(axis.ticks, axis.labels, strict=True):
        y = axis.scale.at(tick)
        drawn.append(line(left, y, right, y, "zero" if tick == 0 else "grid"))
        drawn.append(label(left - 8, y + 4, text, "soft", anchor="end", room_px=left - 10))
    return drawn


def x_axis(axis: ChartAxis, top: float, bottom: float, width: float) -> list[str]:
    """Return grid lines and labels of a horizontal axis whose plot ends at `bottom` [px]."""
    places = [(axis.scale.at(tick), text) for tick, text in zip(axis.ticks, axis.labels, strict=True)]
    grid = [
        line(x, top, x, bottom, "zero" if tick == 0 else "grid")
        for tick, (x, _) in zip(axis.ticks, places, strict=True)
    ]
    return grid + along_x(places, bottom + 18, (0, width))


def label_room(texts: Sequence[str], most: float, size: float = TEXT_PX) -> float:
    """Return the width a column of labels needs [px], at most `most`."""
    return min(most, max((width_px(text, size) for text in texts), default=0.0) + 2)


def legend(
    names: Sequence[str], swatch: Swatch, left: float, right: float, top: float
) -> tuple[list[str], float]:
    """Return a legend set in rows from `top` [px], and the y below it.

    Parameters
    ----------
    names : sequence of str
        One entry each; an empty name is left out.
    swatch : callable
        Draws the key of the index-th entry, given its left end and its middle height [px].
    left, right, top : float
        The room [px].
    """
    drawn: list[str] = []
    x, y = left, top
    room = right - left - _SWATCH_PX
    shown = [(index, name) for index, name in enumerate(names) if name]
    widths = [_SWATCH_PX + min(width_px(name, NAME_PX), room) for _, name in shown]
    if sum(widths) + 18 * len(widths) > 2 * (right - left):  # several rows: set in columns
        widths = [max(widths)] * len(widths)
    for (index, name), needed in zip(shown, widths, strict=True):
        if x > left and x + needed > right:
            x, y = left, y + ROW_PX + 4
        drawn.append(swatch(index, x, y + ROW_PX / 2))
        drawn.append(label(x + _SWATCH_PX, y + ROW_PX / 2 + 4.5, name, "name", room_px=room, size=NAME_PX))
        x += needed + 18
    return drawn, (y + ROW_PX + 8 if shown else top)
