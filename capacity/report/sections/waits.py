"""How long one waits: month by month, and by how wide and how long a job is."""

import math

from capacity.measure.metrics import shown
from capacity.measure.outcomes import LENGTHS, WIDTHS
from capacity.report.charts import heatmap, line_chart
from capacity.report.language import Language
from capacity.report.page.model import Block, Figure, Section
from capacity.report.sections.common import SHORTEST_WAIT_S, Source, monthly_data, waits, with_band


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
    lines = [
        waits(say.text(f"waits.{name}"), source.by_month(metric, months, pool=pool))
        for name, metric in (("p95", "p95_wait_s"), ("p50", "p50_wait_s"))
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
        figure for pool in source.scenario.site.pools if (figure := _by_size(source, pool)) is not None
    ]
    if not figures:
        return None
    return Section("wait-by-size", say.text("by_size.title"), [say.text("by_size.intro")], figures)


def _by_size(source: Source, pool: str) -> Figure | None:
    say, look = source.say, source.look
    widths = [name for _, name in WIDTHS]
    lengths = [name for _, name in LENGTHS]
    cells = [
        [look("p95_wait_s", pool=pool, month="all", width=width, length=length) for length in lengths]
        for width in widths
    ]
    kept = [row for row, found in enumerate(cells) if any(cell is not None for cell in found)]
    if not kept:
        return None
    caption = say.text("by_size.caption", pool=pool)
    svg = heatmap(
        f"by-size-{pool}",
        caption,
        say.text("by_size.alt", pool=pool),
        [say.text("by_size.slots", n=widths[row]) for row in kept],
        [length_name(length, say) for length in lengths],
        [
            [
                None if f is None or math.isnan(f.value) else math.log(max(SHORTEST_WAIT_S, f.value))
                for f in cells[row]
            ]
            for row in kept
        ],
        write=lambda value: short(math.exp(value), say),
        legend_label=say.text("by_size.legend"),
        missing=say.text("by_size.missing"),
        empty=say.text("chart.empty"),
        limits=(math.log(SHORTEST_WAIT_S), math.log(30 * 86_400.0)),
    )
    data = []
    for row in kept:
        for length, found in zip(lengths, cells[row], strict=True):
            if found is not None:
                where = {"pool": pool, "month": "all", "width": widths[row], "length": length}
                jobs, half = look.value("waits_counted", **where), look.value("p50_wait_s", **where)
                cell = {"slots": widths[row], "run_time": length, "jobs": jobs, "p50_wait_s": half}
                data.append(cell | {found.metric: found.value, "low": found.low, "high": found.high})
    return Figure(pool, caption, say.text("by_size.note"), svg, data)


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
