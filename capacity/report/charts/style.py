"""The CSS of all charts: colours as variables for light, dark and paper, so one file serves all three.

The eight series colours follow Okabe and Ito (https://jfly.uni-koeln.de/color/), which people who do not see
red and green alike can tell apart, darkened or lightened until a thin line has a contrast of at least 3:1
with the page (WCAG 2.2, 1.4.11, https://www.w3.org/TR/WCAG22/#non-text-contrast); words inside bars and cells
have 4.5:1. A page may force one theme with ``data-theme="light"`` or ``"dark"`` on its root element. Dark
values apply to screens only, so paper is always light.
"""

import re
from collections.abc import Mapping
from typing import Final

_SERIES_LIGHT = ("#0067a8", "#c84e00", "#00805e", "#ac4a86", "#2b8cc4", "#b07a00", "#66707d", "#7c7800")
_SERIES_DARK = ("#58aeea", "#f28c4e", "#3cc49a", "#e292bf", "#a5d8f6", "#e8b53c", "#a9b2be", "#d6d25c")
_HEAT_LIGHT = (
    "#f0f5fa", "#dfeaf4", "#cadded", "#afcde5", "#8fb9db", "#6ea5d0", "#2f6fa8", "#1b5289", "#0b3564",
)  # fmt: skip
_HEAT_DARK = (
    "#1d2733", "#1e3246", "#1f3d5a", "#214a70", "#255989", "#659dcc", "#86b5dc", "#abcdea", "#d5e7f6",
)  # fmt: skip
_DARK_INK, _LIGHT_INK = "#14181d", "#ffffff"

_HEAT_TURN = {"light": 6, "dark": 5}  # the first class whose cells need the other ink


def _numbered(prefix: str, values: tuple[str, ...], first: int) -> dict[str, str]:
    return {f"--{prefix}-{number}": value for number, value in enumerate(values, first)}


def _heat_inks(turn: int, low: str, high: str) -> tuple[str, ...]:
    return tuple(low if number < turn else high for number in range(9))


LIGHT: Final[Mapping[str, str]] = {
    "--ink": "#1b1f24",
    "--ink-soft": "#565e68",
    "--grid": "#e3e6ea",
    "--axis": "#9aa2ac",
    "--surface": "#ffffff",
    "--band-opacity": "0.16",
    **_numbered("series", _SERIES_LIGHT, 1),
    **_numbered(
        "on-series", ("#ffffff", "#ffffff", "#ffffff", "#ffffff", *[_DARK_INK] * 2, "#ffffff", "#ffffff"), 1
    ),
    **_numbered("heat", _HEAT_LIGHT, 0),
    **_numbered("on-heat", _heat_inks(_HEAT_TURN["light"], _DARK_INK, _LIGHT_INK), 0),
}

DARK: Final[Mapping[str, str]] = {
    "--ink": "#e8eaed",
    "--ink-soft": "#a7afb9",
    "--grid": "#2c323a",
    "--axis": "#69727d",
    "--surface": "#15181d",
    "--band-opacity": "0.22",
    **_numbered("series", _SERIES_DARK, 1),
    **_numbered("on-series", (_DARK_INK,) * 8, 1),
    **_numbered("heat", _HEAT_DARK, 0),
    **_numbered("on-heat", _heat_inks(_HEAT_TURN["dark"], _LIGHT_INK, _DARK_INK), 0),
}

_DASHES = ("none", "8 4", "2 3", "10 3 2 3", "5 3", "12 5", "1 4", "8 3 2 3 2 3")

_RULES = """
.chart{display:block;width:100%;height:auto;color:var(--ink);font-family:inherit;overflow:hidden}
.chart text{fill:var(--ink);font-size:12px;font-weight:400;font-variant-numeric:tabular-nums}
.chart .soft{fill:var(--ink-soft)}
.chart .name{font-size:13px}
.chart .head{font-size:13px;font-weight:600}
.chart .halo{paint-order:stroke;stroke:var(--surface);stroke-width:3px;stroke-linejoin:round}
.chart line,.chart path{fill:none}
.chart .grid{stroke:var(--grid);stroke-width:1}
.chart .zero,.chart .axis{stroke:var(--axis);stroke-width:1}
.chart .stripe{fill:var(--grid);opacity:.45}
.chart .reference{stroke:var(--ink-soft);stroke-width:1.2;stroke-dasharray:5 3}
.chart .vertical{stroke:var(--ink);stroke-width:1}
.chart .leader{stroke:var(--axis);stroke-width:1}
.chart .nothing{fill:none;stroke:var(--grid)}
.chart .line{stroke:var(--c);stroke-width:2;stroke-linejoin:round;stroke-linecap:butt}
.chart .band{fill:var(--c);opacity:var(--band-opacity)}
.chart .mark{fill:var(--c);stroke:var(--surface);stroke-width:1}
.chart .hollow{fill:var(--surface);stroke:var(--c);stroke-width:1.8}
.chart .whisker{stroke:var(--c);stroke-width:2}
.chart .arrow{stroke:var(--c);stroke-width:2;fill:none}
.chart .error{stroke:var(--ink);stroke-width:1.4}
.chart .error-edge{stroke:var(--surface);stroke-width:3.6}
.chart .bar{fill:var(--c)}
.chart .on{fill:var(--on)}
.chart .hit{fill:transparent}
.chart .hit:hover{fill:var(--c);fill-opacity:.35}
.chart .front{stroke:var(--c);stroke-width:1.5;opacity:.7}
.chart .cell{stroke:var(--surface);stroke-width:1}
.chart .hatch{stroke:var(--axis);stroke-width:1}
.chart .better{--c:var(--series-1)}
.chart .worse{--c:var(--series-2)}
.chart .none{--c:var(--ink-soft)}
@media print{.chart{break-inside:avoid;print-color-adjust:exact;-webkit-print-color-adjust:exact}}
"""


def _block(selector: str, values: Mapping[str, str]) -> str:
    return selector + "{" + ";".join(f"{name}:{value}" for name, value in values.items()) + "}"


def _numbered_rules() -> list[str]:
    rules = [f".chart .s{n}{{--c:var(--series-{n});--on:var(--on-series-{n})}}" for n in range(1, 9)]
    rules += [f".chart .line.d{n}{{stroke-dasharray:{dash}}}" for n, dash in enumerate(_DASHES, 1)]
    rules += [f".chart rect.h{n}{{fill:var(--heat-{n})}}" for n in range(9)]
    return rules + [f".chart text.h{n}{{fill:var(--on-heat-{n})}}" for n in range(9)]


def style() -> str:
    """Return the CSS for all charts; a page needs it once."""
    dark = _block(':root:not([data-theme="light"])', DARK)
    forced = _block(':root[data-theme="dark"]', DARK)
    return "\n".join(
        (
            _block(":root", LIGHT),
            f"@media screen and (prefers-color-scheme: dark){{{dark}}}",
            f"@media screen{{{forced}}}",
            _RULES.strip(),
            *_numbered_rules(),
        )
    )


def light_style() -> str:
    """Return the same CSS in its light colours, without variables and rules for a page."""
    colours = {
        f".s{n}": {"--c": LIGHT[f"--series-{n}"], "--on": LIGHT[f"--on-series-{n}"]} for n in range(1, 9)
    }
    for name, colour in ((".better", "--series-1"), (".worse", "--series-2"), (".none", "--ink-soft")):
        colours[name] = {"--c": LIGHT[colour]}
    rules = []
    for rule in [*_RULES.strip().split("\n"), *_numbered_rules()]:
        own = set(re.findall(r"var\((--c|--on)\)", rule))
        if rule.startswith((".chart{", "@")) or "{--c:" in rule:
            continue
        for name, values in colours.items() if own else [("", {})]:
            if own <= set(values):
                mine = rule.replace(".chart ", f".chart {name} ", 1) if name else rule
                rules.append(_written_out(mine, {**LIGHT, **values}))
    return "\n".join(rules)


def _written_out(rule: str, values: Mapping[str, str]) -> str:
    return re.sub(r"var\((--[\w-]+)\)", lambda found: values[found[1]], rule)
