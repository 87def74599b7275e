"""How long one waits: month by month, and by how wide and how long a job is."""

import math
from collections.abc import Callable, Sequence

from capacity.measure.findings import Finding
from capacity.measure.metrics import shown
from capacity.measure.outcomes import LENGTHS, LONG, WIDTHS
from capacity.report.charts import ColumnGroup, heatmap, line_chart
from capacity.report.language import Language
from capacity.report.page.model import Block, Figure, Section
from capacity.report.sections.common import SHORTEST_WAIT_S, Source, monthly_data, waits, with_band, years


def queue_and_waits(source: Source) -> Section | None:
    """Return the section, or None if nothing is ever in service."""
    say = source.say
    if not source.months():
        return None
    intro = f"{say.text('waits.intro')} {say.text('futures.bands' if source.worlds else 'waits.bands')}"
    blocks: list[Block] = []
    for pool in source.scenario.site.pools:
        blocks += [_waits(source, pool), _queue(source, pool)]
    return Section("waits", say.text("waits.title"), [intro], blocks)


def _waits(source: Source, pool: str) -> Figure:
    say, months = source.say, source.months()
    lines = [
        waits(
            say.text(f"waits.{name}"),
            _long(source, pool) if name == "long" else source.by_month(metric, months, pool=pool),
        )
        for name, metric in (("long", "p95_wait_s"), ("p95", "p95_wait_s"), ("p50", "p50_wait_s"))
    ]
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
    return Figure(
        f"{pool}-by-month", caption, say.text("waits.note"), svg, monthly_data(source, months, what)
    )


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
            [
                None if f is None or math.isnan(f.value) else math.log(max(SHORTEST_WAIT_S, f.value))
                for f in found
            ]
            for found in kept.values()
        ],
        write=lambda value: short(math.exp(value), say),
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
    return Figure(f"{pool}-by-{by}", caption, say.text("by_size.note"), svg, data)


def short(wait_s: float, say: Language) -> str:
    """Return a wait for a cell; what is drawn as a minute is a minute or less."""
    if wait_s <= SHORTEST_WAIT_S * 1.001:
        return say.text("by_size.minute")
    return say.duration(wait_s)


def length_name(label: str, say: Language) -> str:
    """Return the name of a class of run times in the language."""
    name = label.replace("<", "below_").replace(">=", "from_").replace("-", "_")
    key = f"length.{name}"
    return say.text(key) if say.has(key) else label
