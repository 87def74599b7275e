"""How long one waits: month by month, and by how wide and how long a job is."""

import math
from collections.abc import Callable, Sequence

from capacity.measure.findings import Finding
from capacity.measure.metrics import shown
from capacity.measure.outcomes import LENGTHS, LONG, WIDTHS
from capacity.report.charts import ColumnGroup, heatmap, line_chart
from capacity.report.language import Language
from capacity.report.page.model import Block, Figure, Section
from capacity.report.sections.common import (
    SHORTEST_WAIT_S,
    Source,
    bounds_note,
    monthly_data,
    shown_wait,
    waits,
    with_band,
    years,
)
from capacity.statistics.bounds import AtLeast


def queue_and_waits(source: Source) -> Section | None:
    """Return the section, or None if nothing is ever in service."""
    say = source.say
    if not source.months():
        return None
    blocks: list[Block] = []
    for pool in source.scenario.site.pools:
        blocks += [_waits(source, pool), _queue(source, pool)]
    return Section("waits", say.text("waits.title"), [say.text("waits.intro")], blocks)


def _waits(source: Source, pool: str) -> Figure:
    say, months = source.say, source.months()
    drawn = {
        "long": _long(source, pool),
        **{name: source.by_month(f"{name}_wait_s", months, pool=pool) for name in ("p95", "p50")},
    }
    lines = [waits(say.text(f"waits.{name}"), found) for name, found in drawn.items()]
    caption = say.text("waits.caption", pool=pool)
    svg = line_chart(
        f"waits-{pool}",
        caption,
        say.text("waits.alt", pool=pool),
        months,
        lines,
        say.text("waits.axis"),
        y_format=say.tick,
        empty=say.text("chart.empty"),
        log=True,
        y_kind="seconds",
        height=260,
    )
    what = [(metric, {"pool": pool}) for metric in shown("wait-chart")]
    found = [*drawn["long"], *drawn["p95"], *drawn["p50"]]
    note = bounds_note(say.text("waits.note"), found, say)
    return Figure(f"{pool}-by-month", caption, note, svg, monthly_data(source, months, what))


def _long(source: Source, pool: str) -> list[Finding | None]:
    """Return the p95 waits of jobs of an hour and more, month by month."""
    return [source.look("p95_wait_s", pool=pool, month=month, length=LONG) for month in source.months()]


def _queue(source: Source, pool: str) -> Figure:
    say, months = source.say, source.months()
    caption = say.text("queue.caption", pool=pool)
    svg = line_chart(
        f"queue-{pool}",
        caption,
        say.text("queue.alt", pool=pool),
        months,
        [with_band(say.text("queue.line"), source.by_month("queue_length", months, pool=pool))],
        say.text("queue.axis"),
        y_format=lambda value: f"{value:,.0f}" if value >= 10 or value == int(value) else f"{value:.1f}",
        empty=say.text("chart.empty"),
        height=220,
    )
    data = monthly_data(source, months, [("queue_length", {"pool": pool})])
    return Figure(f"{pool}-queue", caption, "", svg, data)


def wait_by_size(source: Source) -> Section | None:
    """Return waits by width and length, or None if there are none."""
    say = source.say
    figures = [
        figure
        for pool in source.scenario.site.pools
        for figure in (_by_month(source, pool), _by_length(source, pool))
        if figure is not None
    ]
    if not figures:
        return None
    return Section("wait-by-size", say.text("by_size.title"), [say.text("by_size.intro")], figures)


def _by_month(source: Source, pool: str) -> Figure | None:
    """Return a map of the waits of jobs of an hour and more by width and month of submission."""
    months, say = source.months(), source.say
    return _map(
        source, pool, "month", months, [month[5:] for month in months],
        lambda width, month: {"month": month, "width": width, "length": LONG}, years(months),
        say.text("by_size.month_caption", pool=pool),
    )  # fmt: skip


def _by_length(source: Source, pool: str) -> Figure | None:
    """Return a map of the waits over the whole horizon by width and run time."""
    lengths, say = [name for _, name in LENGTHS], source.say
    return _map(
        source, pool, "length", lengths, [length_name(length, say) for length in lengths],
        lambda width, length: {"month": "all", "width": width, "length": length}, (),
        say.text("by_size.caption", pool=pool),
    )  # fmt: skip


def _map(
    source: Source, pool: str, by: str, keys: Sequence[str], names: Sequence[str],
    place: Callable[[str, str], dict[str, str]], groups: Sequence[ColumnGroup], caption: str,
) -> Figure | None:  # fmt: skip
    """Return a heat map of p95 waits, a row for each width there is; None if there is none."""
    say, look = source.say, source.look
    rows = {
        width: [look("p95_wait_s", pool=pool, **place(width, key)) for key in keys] for _, width in WIDTHS
    }
    kept = {width: found for width, found in rows.items() if any(one is not None for one in found)}
    if not kept:
        return None
    svg = heatmap(
        f"by-{by}-{pool}",
        caption,
        say.text("by_size.alt", pool=pool),
        [say.text("by_size.slots", n=width) for width in kept],
        names,
        [
            [None if f is None or math.isnan(f.value) else _log(f.value) for f in found]
            for found in kept.values()
        ],
        write=lambda value: short(math.exp(value), say, bound=isinstance(value, AtLeast)),
        legend_label=say.text("by_size.legend"),
        missing=say.text("by_size.missing"),
        empty=say.text("chart.empty"),
        groups=groups,
        limits=(math.log(SHORTEST_WAIT_S), math.log(90 * 86_400.0)),
    )
    data = []
    for width, found in kept.items():
        for key, one in zip(keys, found, strict=True):
            if one is not None:
                where = {"pool": pool, **place(width, key)}
                jobs, half = look.value("waits_counted", **where), look.value("p50_wait_s", **where)
                cell = {"slots": width, by: key, "jobs": jobs, "p50_wait_s": half}
                data.append(cell | {one.metric: one.value, "low": one.low, "high": one.high})
                data[-1]["censored"] = one.censored
    note = bounds_note(say.text("by_size.note"), [one for found in kept.values() for one in found], say)
    return Figure(f"{pool}-by-{by}", caption, note, svg, data)


def _log(wait_s: float) -> float:
    """Return the logarithm of a wait as it is drawn; a lower bound stays one."""
    power = math.log(shown_wait(wait_s))
    return AtLeast(power) if isinstance(wait_s, AtLeast) else power


def short(wait_s: float, say: Language, *, bound: bool = False) -> str:
    """Return a wait for a cell, one that may be longer as such; what is drawn as a minute is one or less."""
    if bound:
        return say.duration(AtLeast(wait_s))
    return say.text("by_size.minute") if wait_s <= SHORTEST_WAIT_S * 1.001 else say.duration(wait_s)


def length_name(label: str, say: Language) -> str:
    """Return the name of a class of run times in the language."""
    name = label.replace("<", "below_").replace(">=", "from_").replace("-", "_")
    key = f"length.{name}"
    return say.text(key) if say.has(key) else label
