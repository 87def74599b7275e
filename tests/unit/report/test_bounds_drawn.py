"""A wait of which only the least is known is never drawn as if it were known: an arrow, and ≥ in words."""

import math
from types import SimpleNamespace

import pytest

from capacity.report.charts import (
    Curve,
    IntervalRow,
    Panel,
    PanelValue,
    ScatterPoint,
    forest_plot,
    heatmap,
    line_chart,
    scatter_chart,
    small_multiples,
)
from capacity.report.charts.scale import finite
from capacity.report.language import Language
from capacity.report.terminal.verdicts import open_to
from capacity.statistics.bounds import AtLeast

SAY = Language("en")
DAY_S = 86_400.0


def drawn(value):
    """Return each kind of chart that shows waits, with one of a day and one of this value [s]."""
    about, last = ("a", "t", "d"), {"empty": "nothing"}
    values = [DAY_S, value]
    return {
        "line": line_chart(*about, ["1", "2"], [Curve("p95", values)], "wait", y_format=SAY.duration, **last),
        "panels": small_multiples(
            *about, ["x", "y"], [Panel("p95", "", [*map(PanelValue, values)], SAY.duration)], **last
        ),
        "scatter": scatter_chart(
            *about, [ScatterPoint(f"c{n}", 1.0 + n, one) for n, one in enumerate(values)], "cost", "wait",
            x_format=str, y_format=SAY.duration, **last,
        ),
    }  # fmt: skip


@pytest.mark.parametrize("chart", ["line", "panels", "scatter"])
def test_a_lower_bound_has_an_arrow_and_says_so(chart):
    assert 'class="arrow"' not in drawn(3 * DAY_S)[chart]
    svg = drawn(AtLeast(3 * DAY_S))[chart]
    assert svg.count('class="arrow"') == 1
    assert "≥ 3.0 d" in svg


def test_a_cell_of_a_map_says_it():
    svg = heatmap(
        "a", "t", "d", ["1"], ["x"], [[AtLeast(math.log(3 * DAY_S))]],
        write=lambda value: SAY.duration(AtLeast(math.exp(value)) if isinstance(value, AtLeast) else 1.0),
        legend_label="", missing="", empty="",
    )  # fmt: skip
    assert "≥ 3.0 d" in svg


@pytest.mark.parametrize(
    ("before", "after", "found", "arrows", "sign"),
    [
        (1.0, 2.0, "neither", 0, ""),
        (AtLeast(1.0), 2.0, "less", 1, "≤ "),
        (1.0, AtLeast(2.0), "more", 1, "≥ "),
        (AtLeast(1.0), AtLeast(2.0), "both", 2, "≷ "),
    ],
)
def test_a_difference_is_open_to_where_its_bounds_are(before, after, found, arrows, sign):
    assert open_to(SimpleNamespace(before=before, after=after)) == found
    rows = [IntervalRow("p95 wait", 0.5, open_to=found)]
    svg = forest_plot("a", "t", "d", rows, "", write=lambda value: f"{value:g}", empty="")
    assert svg.count('class="arrow"') == arrows
    assert f">{sign}0.5<" in svg


def test_what_cannot_be_drawn_is_none_also_as_a_bound():
    assert finite(AtLeast(math.inf)) is None
    assert isinstance(finite(AtLeast(2.0)), AtLeast)
