"""Charts below each other as one SVG file that stands for itself: its style inside, in plain light colours.

Drawing programs know no CSS variables and no dark screens, so every colour is written out. The same
charts give the same file.
"""

import re
from collections.abc import Sequence

from capacity.report.charts import svg
from capacity.report.charts.style import light_style
from capacity.report.charts.text import escape, wrapped

_WIDTH = 720.0
_EDGE_PX = 20.0
_TITLE_PX = 18.0
_DOCUMENT = re.compile(r'<svg [^>]*viewBox="0 0 ([\d.]+) ([\d.]+)"[^>]*>(.*)</svg>', re.DOTALL)


def standalone(title: str, charts: Sequence[tuple[str, str, str]]) -> str:
    """Return one SVG document.

    Parameters
    ----------
    title : str
        What it is about, over all charts.
    charts : sequence of (str, str, str)
        Of each its caption, how to read it or nothing, and the SVG that a function of this package made.

    Raises
    ------
    ValueError
        A chart is none of this package.
    """
    y = _EDGE_PX
    body = []
    for line in wrapped(title, _WIDTH, _TITLE_PX):
        if line:
            y += 22
            body.append(svg.label(0, y - 6, line, "title", room_px=_WIDTH, size=_TITLE_PX))
    for caption, note, chart in charts:
        found = _DOCUMENT.fullmatch(chart)
        if found is None:
            message = f"'{chart[:40]}…' is no chart"
            raise ValueError(message)
        y += 34
        body.append(svg.label(0, y, caption, "head", room_px=_WIDTH, size=svg.HEAD_PX))
        for line in wrapped(note, _WIDTH):
            if line:
                y += 16
                body.append(svg.label(0, y, line, "soft", room_px=_WIDTH))
        body.append(f'<g transform="translate(0 {svg.px(y + 10)})">{found[3]}</g>')
        y += 10 + float(found[2])
    width, height = (svg.px(size) for size in (_WIDTH + 2 * _EDGE_PX, y + _EDGE_PX))
    style = (
        f"{light_style()}\n.chart{{font-family:system-ui,'Noto Sans','DejaVu Sans',sans-serif}}\n"
        ".chart .title{font-size:18px;font-weight:600}"
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="{-_EDGE_PX:.0f} 0 {width} {height}" role="img"><title>{escape(title)}</title>'
        f'<style>{style}</style><rect x="{-_EDGE_PX:.0f}" width="{width}" height="{height}" fill="#ffffff"/>'
        f'<g class="chart">{"".join(body)}</g></svg>\n'
    )
