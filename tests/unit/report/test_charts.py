"""Charts as SVG text: well formed and escaped whatever is passed in, nothing outside, nothing overlapping."""

import itertools
import math
import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from capacity.report.charts import (
    BarSeries,
    ColumnGroup,
    Curve,
    IntervalRow,
    Panel,
    PanelValue,
    ReferenceLine,
    ScatterPoint,
    ShareRow,
    VerticalMarker,
    forest_plot,
    grouped_bars,
    heatmap,
    line_chart,
    scatter_chart,
    small_multiples,
    stacked_bars,
    standalone,
    style,
)
from capacity.report.charts.labels import spread
from capacity.report.charts.scale import axis, log_ticks, nice_ticks
from capacity.report.charts.style import DARK, LIGHT
from capacity.report.charts.text import clean, escape, shorten, slug, width_px, wrapped

SVG = "{http://www.w3.org/2000/svg}"
TAGS = {"svg", "title", "desc", "defs", "pattern", "g", "path", "line", "rect", "circle", "text"}
INF, NAN = math.inf, math.nan
HOSTILE = (
    '<script>alert("x")</script>',
    "\"quoted\" & 'quoted' &amp; </svg> ]]> <!-- -->",
    "x" * 10_000,
    "서울 데이터센터 ",
    "مركز البيانات \u202eabc\u202c",
    "a\x00b\x08c\x1bd\x7f\ud800\ufffe\n\te",
    "",
)
ODD = (
    (),
    (None,),
    (1.0,),
    (0.0, 0.0),
    (-5.0, -5.0, -5.0),
    (NAN, INF, -INF, None),
    (1e308, -1e308),
    (5e-324, 1e-300),
    (1e16, 1e16 + 2),
    (3.0, None, -2.0, NAN, 7.0),
    (1.0, 2.0, 4.0, 8.0),
)


def plain(value):
    return f"{value:g}"


NUMBERS = {"x_format": plain, "y_format": plain, "empty": ""}


def charts(values, text="name", write=plain):
    """Return every kind of chart of the same values and the same text everywhere."""
    v = list(values)
    n = len(v)
    low = [None if x is None else x - 1 for x in v]
    high = [None if x is None else x * 1.5 for x in v]
    names = [f"{text}{i}" for i in range(n)]
    head = (text, text, text)
    both = [Curve(text, v, low, high), Curve(f"{text}2", v)]
    marks = [VerticalMarker(0, text)] if n else []
    cycled = itertools.cycle(("better", "worse", "none"))
    forest = [IntervalRow(text, x, a, b, k) for x, a, b, k in zip(v, low, high, cycled, strict=False)]
    cells = [PanelValue(x, a, b) for x, a, b in zip(v, low, high, strict=True)]
    panels = [
        Panel(text, text, cells, write, from_zero=True, reference=1.0),
        Panel(text, text, cells, write),
        Panel(text, text, [PanelValue(None)] * n, write),
    ]
    points = [ScatterPoint(text, x, y, bool(i % 2)) for i, (x, y) in enumerate(zip(v, v[::-1], strict=True))]
    told = {"write": write, "empty": text}
    y = {"y_format": write, "empty": text}
    level = [ReferenceLine(2.0, text)]
    return {
        "lines": line_chart(*head, names, both, text, markers=marks, reference_lines=level, **y),
        "log": line_chart(*head, names, both, text, log=True, y_kind="seconds", **y),
        "step": line_chart(*head, names, both, text, step=True, from_zero=False, **y),
        "numbers": line_chart(*head, None, both, text, x_values=v, x_format=write, x_label=text, **y),
        "step numbers": line_chart(*head, None, both, text, x_values=v, x_format=write, step=True, **y),
        "log numbers": line_chart(*head, None, both, text, x_values=v, x_format=write, x_log=True, **y),
        "many": line_chart(*head, names, [Curve(f"{text}{i}", v) for i in range(20)], text, **y),
        "heatmap": heatmap(
            *head,
            [text, f"{text}2"],
            names,
            [v, v],
            legend_label=text,
            missing=text,
            groups=[ColumnGroup(text, n)],
            **told,
        ),
        "stacked": stacked_bars(
            *head,
            names,
            [ShareRow(text, v, text), ShareRow(text, v)],
            write_share=write,
            write_value=write,
            empty=text,
        ),
        "grouped": grouped_bars(
            *head, names, [BarSeries(text, v, low, high), BarSeries("b", v)], text, **told
        ),
        "forest": forest_plot(
            *head,
            [IntervalRow(text, None, heading=True), *forest],
            text,
            mark_names={"better": text, "worse": text, "none": text},
            **told,
        ),
        "multiples": small_multiples(*head, names, panels, empty=text),
        "scatter": scatter_chart(
            *head,
            points,
            text,
            text,
            x_format=write,
            y_format=write,
            empty=text,
            front_label=text,
            other_label=text,
        ),
    }


def box(svg):
    root = ET.fromstring(svg)
    return root, [float(part) for part in root.get("viewBox").split()]


def coordinates(element):
    """Yield the points of an element."""
    get = lambda name: float(element.get(name))  # noqa: E731
    tag = element.tag.removeprefix(SVG)
    if tag == "line":
        yield from ((get("x1"), get("y1")), (get("x2"), get("y2")))
    elif tag == "rect":
        yield get("x"), get("y")
        yield get("x") + get("width"), get("y") + get("height")
    elif tag == "circle":
        yield get("cx"), get("cy")
    elif tag == "text":
        yield get("x"), get("y")
    elif tag == "path":
        numbers = [float(n) for n in re.findall(r"-?\d+(?:\.\d+)?", element.get("d"))]
        assert re.fullmatch(r"M[-\d. L]+Z?", element.get("d"))
        yield from zip(numbers[::2], numbers[1::2], strict=True)


def words(element):
    """Return what a text shows: without its tooltip."""
    title = element.find(f"{SVG}title")
    return (element.text or "") + ("" if title is None else title.tail or "")


def text_box(element):
    """Return the estimated box of a text."""
    size = 13.0 if {"name", "head"} & set((element.get("class") or "").split()) else 12.0
    wide, x, y = width_px(words(element), size), float(element.get("x")), float(element.get("y"))
    left = {"start": x, "middle": x - wide / 2, "end": x - wide}[element.get("text-anchor", "start")]
    return left, y - size * 0.75, left + wide, y + size * 0.2


def check(svg, whole_texts=True):
    """Check one picture and return its root."""
    root, (x0, y0, wide, tall) = box(svg)
    assert (x0, y0) == (0, 0)
    assert root.get("role") == "img"
    ids = [element.get("id") for element in root.iter() if element.get("id")]
    assert len(set(ids)) == len(ids)
    assert all(name in ids for name in root.get("aria-labelledby").split())
    assert {e.tag.removeprefix(SVG) for e in root.iter()} <= TAGS
    pattern = {id(e) for p in root.iter(f"{SVG}pattern") for e in p.iter()}
    for element in root.iter():
        assert not [name for name in element.attrib if name.startswith("on") or "href" in name]
        if id(element) in pattern:
            continue
        for x, y in coordinates(element):
            assert -0.11 <= x <= wide + 0.11, ET.tostring(element)[:200]
            assert -0.11 <= y <= tall + 0.11, ET.tostring(element)[:200]
        if whole_texts and element.tag == f"{SVG}text":
            left, top, right, bottom = text_box(element)
            assert left >= -1 and right <= wide + 1, (left, right, words(element))
            assert top >= -1 and bottom <= tall + 1, (top, bottom, words(element))
    return root


@pytest.mark.parametrize("values", ODD, ids=repr)
def test_odd_values_give_a_picture_inside_its_box(values):
    for svg in charts(values).values():
        check(svg)


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: ascii(text)[:20])
@pytest.mark.parametrize("values", [(3.0, None, -2.0, NAN, 7.0), (None,)], ids=["some", "none"])
def test_hostile_texts_are_escaped_and_stay_inside(text, values):
    for kind, svg in charts(values, text, lambda value: f"{value:g}{text}").items():
        root = check(svg)
        assert "<script" not in svg
        assert root.find(f"{SVG}title").text == (clean(text) or None), kind
        assert root.find(f"{SVG}desc").text == (clean(text) or None)
        shown = {words(e) for e in root.iter(f"{SVG}text")}
        assert all("…" in one or len(one) < 100 for one in shown)


def test_texts_lose_only_what_xml_forbids_and_what_reorders():
    assert clean("a\x00\x1b\ud800\ufffe\u202eb\n c\u200f가") == "ab c\u200f가"
    assert escape("<&>\"'") == "&lt;&amp;&gt;&quot;&#x27;"


def test_ids_are_safe_and_differ():
    given_ids = ["a b", "a-b", "a_b", "a.b", "", " ", "가", "나", "x" * 100, "x" * 101, '"><script>']
    slugs = [slug(one) for one in given_ids]
    assert len(set(slugs)) == len(slugs)
    assert all(re.fullmatch(r"chart-[A-Za-z0-9_-]+", one) for one in slugs)


number = st.one_of(
    st.none(),
    st.floats(),
    st.sampled_from(
        [0.0, -0.0, 1e308, -1e308, 5e-324, 1e100, 1e99, -1e99, 1e-100, NAN, INF, 1.0, 1.0 + 2**-52]
    ),
    st.floats(0, 100),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(number, max_size=30))
def test_any_values_give_finite_pictures_inside(values):
    for svg in charts(values).values():
        check(svg)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=60), st.text(max_size=60))
def test_any_text_gives_the_same_well_formed_picture_twice(text, other):
    first, again = (charts((1.0, 2.0, None), text, lambda v: f"{v:g}{other}") for _ in range(2))
    assert first == again
    for svg in first.values():
        ET.fromstring(svg)


def test_empty_pictures_say_so():
    for kind, svg in charts((None, NAN), "text").items():
        said = [words(e) for e in check(svg).iter(f"{SVG}text")]
        assert said == ["text"], kind


def test_arrays_are_read_like_lists():
    v = np.array([1.0, np.nan, 3.0])
    as_list = line_chart(
        "a",
        "t",
        "d",
        list("abc"),
        [Curve("s", [1.0, None, 3.0], [0.0] * 3, [4.0] * 3)],
        "",
        y_format=plain,
        empty="",
    )
    as_array = line_chart(
        "a",
        "t",
        "d",
        list("abc"),
        [Curve("s", v, np.zeros(3), np.full(3, 4.0))],
        "",
        y_format=plain,
        empty="",
    )
    assert as_list == as_array


def overlapping(root, least=0.5):
    """Return pairs of texts whose boxes share area."""
    boxes = [(words(e), text_box(e)) for e in root.iter(f"{SVG}text") if words(e)]
    return [
        (a[0], b[0])
        for a, b in itertools.combinations(boxes, 2)
        if min(a[1][2], b[1][2]) - max(a[1][0], b[1][0]) > least
        and min(a[1][3], b[1][3]) - max(a[1][1], b[1][1]) > least
    ]


@pytest.mark.parametrize("count", [1, 2, 5, 9, 13, 14, 25])
@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_line_end_labels_do_not_overlap(count, data):
    ends = data.draw(st.lists(st.floats(-10, 10), min_size=count, max_size=count))
    months = [f"{2021 + m // 12}-{m % 12 + 1:02d}" for m in range(31)]
    series = [Curve(f"서울 {i}", [0.0] * 30 + [end]) for i, end in enumerate(ends)]
    at = data.draw(st.lists(st.floats(-0.5, 30.5), max_size=6))
    svg = line_chart(
        "a", "t", "d", months, series, "PB", y_format=plain, empty="",
        markers=[VerticalMarker(x, f"marker {i}") for i, x in enumerate(at)],
        reference_lines=[ReferenceLine(3.0, "limit"), ReferenceLine(3.1, "installed")],
    )  # fmt: skip
    root = check(svg)
    assert overlapping(root) == []
    shown = {words(e) for e in root.iter(f"{SVG}text")}
    assert {one.name for one in series} <= shown
    assert {f"marker {i}" for i in range(len(at))} <= shown


@pytest.mark.parametrize("text", ["서울", "x" * 300, "서울 데이터센터 이름이 아주 김", "a b " * 30])
@pytest.mark.parametrize(
    "values", [(3.0, None, 2.0, 4.4, 7.0, 1.0, 30.0), (-3.0, -2.0, 5.0, 1e9), (1.0,) * 25, tuple(range(40))],
    ids=["few", "far", "equal", "many"],
)  # fmt: skip
@pytest.mark.parametrize("write", [plain, lambda value: f"{value:,.3f} 시간"], ids=["short", "long"])
def test_labels_of_all_kinds_do_not_overlap(text, values, write):
    for kind, svg in charts(values, text, write).items():
        assert overlapping(check(svg)) == [], kind


def test_five_years_of_three_sites_stay_small():
    months = [f"{2021 + m // 12}-{m % 12 + 1:02d}" for m in range(60)]
    sites = [
        Curve(f"site {i}", [m + i for m in range(60)], list(range(60)), [m + 9 for m in range(60)])
        for i in range(3)
    ]
    svg = line_chart("a", "t", "d", months, sites, "PB", y_format=plain, empty="")
    assert len(svg.encode()) < 40_000


@given(st.lists(st.floats(-1e3, 1e3), max_size=20))
def test_spread_keeps_apart_in_order_and_inside(wanted):
    placed = spread(wanted, 16, 0, 400)
    ranked = sorted(range(len(wanted)), key=lambda i: (wanted[i], i))
    assert all(placed[b] - placed[a] >= 16 - 1e-6 for a, b in itertools.pairwise(ranked))
    assert all(-1e-6 <= y <= 400 + 1e-6 for y in placed)
    if all(0 <= w <= 400 for w in wanted) and all(
        wanted[b] - wanted[a] >= 16 for a, b in itertools.pairwise(ranked)
    ):
        assert placed == pytest.approx(wanted)


def test_gaps_break_the_line_and_every_point_has_its_tooltip():
    series = Curve("use", [1.0, 2.0, None, 4.0, None, 6.0, 7.0], [0.5] * 7, [9.0] * 7)
    root = check(line_chart("a", "t", "d", list("abcdefg"), [series], "PB", y_format=plain, empty=""))
    lines = [e for e in root.iter(f"{SVG}path") if (e.get("class") or "").startswith("line")]
    assert len(lines) == 2
    tips = [e.text for e in root.iter(f"{SVG}title")]
    assert [t for t in tips if t.startswith("use · ")] == [
        f"use · {x}: {v} (0.5 … 9)" for x, v in zip("abdfg", (1, 2, 4, 6, 7), strict=True)
    ]


def test_places_are_where_the_values_say():
    root = check(line_chart("a", "t", "d", None, [Curve("s", [0.0, 50.0, 100.0])], "", x_values=[0, 10, 20],
                            x_format=plain, y_format=plain, empty=""))  # fmt: skip
    path = next(e for e in root.iter(f"{SVG}path") if (e.get("class") or "").startswith("line"))
    (x0, y0), (x1, y1), (x2, y2) = coordinates(path)
    assert x1 - x0 == pytest.approx(x2 - x1, abs=0.11)
    assert y0 - y1 == pytest.approx(y1 - y2, abs=0.11)
    ticks = {
        words(e): float(e.get("y")) - 4 for e in root.iter(f"{SVG}text") if e.get("text-anchor") == "end"
    }
    assert (ticks["0"], ticks["100"]) == pytest.approx((y0, y2), abs=0.11)


def test_x_values_are_drawn_in_their_order():
    one = line_chart(
        "a",
        "t",
        "d",
        None,
        [Curve("s", [1.0, 2.0, 3.0])],
        "",
        x_values=[1, 2, 3],
        x_format=plain,
        y_format=plain,
        empty="",
    )
    two = line_chart(
        "a",
        "t",
        "d",
        None,
        [Curve("s", [3.0, 1.0, 2.0])],
        "",
        x_values=[3, 1, 2],
        x_format=plain,
        y_format=plain,
        empty="",
    )
    assert one == two


def test_shares_fill_the_whole_and_cells_their_class():
    root = check(
        stacked_bars(
            "a", "t", "d", ["p", "q"], [ShareRow("r", [1.0, 3.0])], write_share=lambda f: f"{f:.0%}", empty=""
        )
    )
    bars = [e for e in root.iter(f"{SVG}rect") if e.get("class") == "bar"][-2:]
    assert float(bars[1].get("width")) == pytest.approx(3 * float(bars[0].get("width")), abs=3)
    root = check(
        heatmap(
            "a",
            "t",
            "d",
            ["r"],
            ["x", "y", "z"],
            [[0.0, None, 9.0]],
            write=plain,
            legend_label="",
            missing="gone",
            empty="",
        )
    )
    cells = [e.get("class") for e in root.iter(f"{SVG}rect") if "cell" in e.get("class")][:3]
    assert cells == ["cell h0", "cell", "cell h8"]
    assert "r · y: gone" in [e.text for e in root.iter(f"{SVG}title")]


def test_verdicts_differ_by_shape_too():
    shapes = {}
    for mark in ("better", "worse", "none"):
        root = check(
            forest_plot("a", "t", "d", [IntervalRow("r", 1.0, 0.5, 2.0, mark)], "", write=plain, empty="")
        )
        marks = [e for e in root.iter() if e.get("class") in ("mark", "hollow")]
        shapes[mark] = (
            marks[0].tag,
            marks[0].get("class"),
            len(list(coordinates(marks[0]))),
            marks[0].get("d"),
        )
    assert len(set(shapes.values())) == 3


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0, 45, [0, 10, 20, 30, 40, 50]),
        (0, 600, [0, 120, 240, 360, 480, 600]),
        (0, 86400, [0, 21600, 43200, 64800, 86400]),
        (0, 86400 * 60, [0, 86400 * 14, 86400 * 28, 86400 * 42, 86400 * 56, 86400 * 70]),
        (0, 0.05, [0, 0.01, 0.02, 0.03, 0.04, 0.05]),
    ],
)
def test_times_have_steps_of_clock_and_calendar(low, high, expected):
    assert nice_ticks(low, high, 5, "seconds") == pytest.approx(expected)


@given(
    st.floats(-1e12, 1e12), st.floats(1e-6, 1e12), st.integers(1, 12), st.sampled_from(["number", "seconds"])
)
def test_ticks_enclose_and_are_few(low, span, count, kind):
    if span < abs(low) * 1e-9:
        return
    ticks = nice_ticks(low, low + span, count, kind)
    step = ticks[1] - ticks[0]
    assert ticks[0] <= low + step * 1e-5 and ticks[-1] >= low + span - step * 1e-5
    assert 2 <= len(ticks) <= count + 3


def test_a_coarse_format_never_writes_a_tick_twice():
    assert axis([0, 3], (0, 100), lambda v: f"{v:.0f}", count=7).labels == ("0", "1", "2", "3")
    assert log_ticks(1, 1e12, 4) == [1, 1e3, 1e6, 1e9, 1e12]


def test_what_cannot_be_meant_is_refused():
    args = ("a", "t", "d")
    with pytest.raises(ValueError, match="2 values for 3"):
        line_chart(*args, list("abc"), [Curve("s", [1, 2])], "", y_format=plain, empty="")
    with pytest.raises(ValueError, match="either"):
        line_chart(*args, None, [], "", y_format=plain, empty="")
    with pytest.raises(ValueError, match="not on the axis"):
        line_chart(
            *args, ["a"], [Curve("s", [1])], "", y_format=plain, empty="", markers=[VerticalMarker("b", "m")]
        )
    with pytest.raises(ValueError, match="rows"):
        heatmap(*args, ["r"], ["c"], [[1, 2]], write=plain, legend_label="", missing="", empty="")


def luminance(colour):
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(a, b):
    low, high = sorted((luminance(a), luminance(b)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_cycledhave_contrast(theme):
    for n in range(1, 9):
        assert contrast(theme[f"--series-{n}"], theme["--surface"]) >= 3, n
        assert contrast(theme[f"--series-{n}"], theme[f"--on-series-{n}"]) >= 4.5, n
    for n in range(9):
        assert contrast(theme[f"--heat-{n}"], theme[f"--on-heat-{n}"]) >= 4.5, n
    assert contrast(theme["--ink"], theme["--surface"]) >= 7
    assert contrast(theme["--ink-soft"], theme["--surface"]) >= 4.5
    steps = [luminance(theme[f"--heat-{n}"]) for n in range(9)]
    assert steps in (sorted(steps), sorted(steps, reverse=True))


def test_the_style_defines_every_variable_and_class_that_is_used():
    css = style()
    assert css.count("{") == css.count("}")
    assert set(re.findall(r"var\((--[a-z0-9-]+)", css)) <= set(LIGHT) | {"--c", "--on"}
    assert set(LIGHT) == set(DARK)
    used = {
        name
        for svg in charts((3.0, None, 2.0, 4.4, 7.0, 1.0, 30.0)).values()
        for e in ET.fromstring(svg).iter()
        for name in (e.get("class") or "").split()
    }
    assert all(re.search(rf"\.{re.escape(name)}\b", css) for name in used), used


def test_korean_counts_double_and_long_texts_are_cut():
    assert 1.7 < width_px("가나다") / width_px("abc") < 2.3
    assert width_px(shorten("가" * 100, 120), 12) <= 120
    assert wrapped("a" * 100, 50) == ("a" * 100, "")


def test_many_levels_make_room_and_impossible_ones_are_left_out():
    levels = [ReferenceLine(float(i), f"level {i}") for i in range(30)]
    levels += [ReferenceLine(value, "never") for value in (NAN, INF)]
    svg = line_chart(
        "a", "t", "d", ["x"], [Curve("s", [1])], "", y_format=plain, empty="", reference_lines=levels
    )
    root = check(svg)
    assert overlapping(root) == []
    assert "never" not in svg
    assert len([e for e in root.iter(f"{SVG}text") if words(e).startswith("level")]) == 30
    with pytest.raises(ValueError, match="not on the axis"):
        line_chart("a", "t", "d", None, [Curve("s", [1])], "", x_values=[1], x_log=True,
                   markers=[VerticalMarker(-1, "m")], **NUMBERS)  # fmt: skip


# --- Files of their own ---------------------------------------------------------------------------


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: ascii(text)[:20])
def test_charts_below_each_other_are_one_document_that_needs_no_other(text):
    drawn = charts((3.0, None, -2.0, NAN, 7.0))
    found = standalone(text, [(text, text, svg) for svg in drawn.values()])
    root = ET.fromstring(found)
    assert float(root.get("width")) == 760
    places = [e.get("transform") for e in root.iter(f"{SVG}g") if "translate" in e.get("transform", "")]
    tops = [float(place.removeprefix("translate(0 ").removesuffix(")")) for place in places]
    heights = [box(svg)[1][3] for svg in drawn.values()]
    assert len(tops) == len(heights)
    ends = [top + height for top, height in zip(tops, heights, strict=True)]
    assert all(end < top for end, top in zip(ends, tops[1:], strict=False)), "one after the other"
    assert ends[-1] < float(root.get("height"))
    assert found == standalone(text, [(text, text, svg) for svg in drawn.values()])


def test_a_file_has_its_colours_in_it():
    """Drawing programs know no variables: each series has its rule, with the colour that the page has."""
    (css,) = (e.text for e in ET.fromstring(standalone("t", [])).iter(f"{SVG}style"))
    assert "var(" not in css and "@" not in css
    for n in range(1, 9):
        assert f".chart .s{n} .line{{stroke:{LIGHT[f'--series-{n}']};" in css
        assert f".chart .s{n} .on{{fill:{LIGHT[f'--on-series-{n}']}}}" in css
    assert f".chart .worse .mark{{fill:{LIGHT['--series-2']};" in css
    assert f".chart text{{fill:{LIGHT['--ink']};" in css


def test_what_is_no_chart_is_refused():
    with pytest.raises(ValueError, match="no chart"):
        standalone("t", [("a", "", "<p>text</p>")])
