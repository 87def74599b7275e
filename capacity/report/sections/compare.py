"""The sections of a comparison: verdicts, what differs in pictures, who stays in the race, months."""

import math
from collections.abc import Sequence

from capacity.measure.figures import compared
from capacity.measure.findings import Finding
from capacity.report.charts import (
    Curve,
    IntervalRow,
    Mark,
    Panel,
    PanelValue,
    ScatterPoint,
    forest_plot,
    line_chart,
    scatter_chart,
    small_multiples,
)
from capacity.report.language import Language
from capacity.report.page.model import Block, Card, Figure, Heading, Section, Table
from capacity.report.sections.common import Source, bounds_note, numbers, shown_wait
from capacity.report.terminal.verdicts import (
    open_to,
    standing_lines,
    verdict_rows,
    verdict_sentence,
    what,
    which_way,
)
from capacity.report.words import count
from capacity.report.written import written
from capacity.statistics.bounds import AtLeast
from capacity.study.compare.comparison import Comparison
from capacity.study.compare.differences import Difference

WIDEST_CHANGE = 4.0
"""Powers of ten beyond which a bar says no more than an arrow would."""
MARKS: dict[str | None, Mark] = {"better": "better", "worse": "worse"}


def answer(found: Comparison, say: Language) -> list[str]:
    """Return the verdict of each case in a sentence, and who stays in the race."""
    if found.replications < 2:
        return [say.text("verdict.one_run")]
    choice = [one.case for one in found.standings if one.on_front]
    sentences = [say.text("compare.front", names=say.listed(choice))] if choice else []
    for case in found.names[1:]:
        mine = [one for one in found.differences if one.case == case]
        sentences.append(verdict_sentence(mine, say, brief=True))
    sentences += [
        say.text("compare.late", case=one.case, parts=say.listed(one.late))
        for one in found.standings
        if one.late
    ]
    return sentences


def cards(found: Comparison, say: Language) -> list[Card]:
    """Return for each case what it costs, how long one waits, and what it delivers."""
    cards_ = []
    for one in found.standings:
        cost = say.value("cost", one.currency, one.values["cost"])
        note = say.text(
            "compare.card_note", wait=say.duration(one.values["p95_wait_s"]),
            energy=say.value("", "J", one.values["site_energy_j"]),
            work=count(one.values["work_reference_slot_hours"] / 1e6),
        )  # fmt: skip
        cards_.append(Card(say.text("compare.card", case=one.case), cost, note))
    return cards_


def verdicts(found: Comparison, say: Language) -> Section:
    """Return tables of differences, and a picture of them for each case."""
    columns = [
        Heading(key, say.text(f"verdict.columns.{key}"), number=key not in {"what", "standing"})
        for key in ("what", "before", "after", "change", "interval", "better_in", "standing")
    ]
    blocks: list[Block] = []
    for case in found.names[1:]:
        mine = [one for one in found.differences if one.case == case]
        named = {"before": found.names[0], "after": case}
        titled = [Heading(c.key, named.get(c.key, c.heading), c.number) for c in columns]
        key = "verdict.heading_worlds" if found.results[0].futures else "verdict.heading"
        named_too = {"case": case, "baseline": found.names[0], "n": found.replications}
        heading = say.text(key, **named_too, comparisons=len(found.differences))
        blocks.append(Table(f"table-{case}", heading, titled, verdict_rows(mine, say)))
        blocks.append(_forest(mine, case, found.names[0], say))
    intro = [say.text("compare.intro", baseline=found.names[0])]
    return Section("verdicts", say.text("compare.verdicts"), intro, blocks)


def _forest(mine: Sequence[Difference], case: str, baseline: str, say: Language) -> Figure:
    caption = say.text("compare.forest", case=case, baseline=baseline)
    rows = [
        IntervalRow(
            what(one, say),
            _shown(one.verdict.found),
            None if one.censored else _shown(one.verdict.low),
            None if one.censored else _shown(one.verdict.high),
            MARKS.get(one.direction, "none"),
            open_to=open_to(one),
        )
        for one in mine
    ]
    names: dict[Mark, str] = {
        "better": say.text("verdict.better"), "worse": say.text("verdict.worse"),
        "none": say.text("compare.neither"),
    }  # fmt: skip
    svg = forest_plot(
        f"forest-{case}",
        caption,
        verdict_sentence(mine, say),
        rows,
        say.text("compare.forest_axis", baseline=baseline),
        write=lambda value: say.change(10.0**value - 1).replace(".0", "", 1),
        empty=say.text("chart.empty"),
        mark_names=names,
    )
    data = [
        {"metric": one.verdict.metric, "place": say.place(dict(one.verdict.labels)),
         "relative": one.verdict.found, "low": one.verdict.low, "high": one.verdict.high,
         "standing": which_way(one), "open_to": open_to(one)}
        for one in mine
    ]  # fmt: skip
    note = say.text("compare.forest_note")
    if any(one.censored for one in mine):
        note = f"{note} {say.text('compare.forest_bounds')}"
    return Figure(f"forest-{case}", caption, note, svg, data)


def _shown(relative: float) -> float | None:
    """Return the logarithm of the ratio: twice and half are as far apart then."""
    if not math.isfinite(relative):
        return None
    power = -math.inf if relative <= -1 else math.log10(1 + relative)
    return max(-WIDEST_CHANGE, min(WIDEST_CHANGE, power))


def side_by_side(found: Comparison, say: Language) -> Section:
    """Return all metrics of all cases as small panels."""
    panels, data = [], []
    compared_here = compared(found.results[0].loaded.scenario)
    for metric, where in compared_here:
        values = []
        for result in found.results:
            one = result.look(metric, **dict(where))
            known = one is not None and math.isfinite(one.value)
            has = known and one is not None and math.isfinite(one.low)
            values.append(
                PanelValue(
                    one.value if known and one else None,
                    max(0.0, one.low) if has and one else None,
                    one.high if has and one else None,
                )
            )
            if one is not None:
                data.append(
                    {"case": result.loaded.scenario.name, "metric": metric, "place": say.place(dict(where)),
                     "value": one.value, "low": one.low, "high": one.high, "unit": one.unit,
                     "censored": one.censored}
                )  # fmt: skip
        unit = next((row["unit"] for row in reversed(data) if row["metric"] == metric), "1")
        name = say.metric_at(metric, dict(where))
        kind = "seconds" if unit == "s" else "number"
        panels.append(
            Panel(name, "", values, _writer(metric, str(unit), say), kind=kind, from_zero=True)  # type: ignore[arg-type]
        )
    caption = say.text("compare.panels")
    svg = small_multiples(
        "panels", caption, say.text("compare.panels_alt", n=len(panels)), found.names, panels,
        empty=say.text("chart.empty"),
    )  # fmt: skip
    found_here = [r.look(metric, **dict(where)) for r in found.results for metric, where in compared_here]
    many = found.results[0].futures is not None
    lines = say.text("futures.lines" if many else "compare.panels_note")
    note = bounds_note(lines, found_here, say)
    figure = Figure("panels", caption, note, svg, data)
    return Section("side-by-side", say.text("compare.side_by_side"), (), [_table(found, say), figure])


def _writer(metric: str, unit: str, say: Language):  # type: ignore[no-untyped-def] # noqa: ANN202
    return lambda value: "0" if not value else say.value(metric, unit, value)


def _table(found: Comparison, say: Language) -> Table:
    """Return site, price, waits and work of all cases."""
    columns = [Heading("what", say.text("compare.what")), *(Heading(n, n, number=True) for n in found.names)]
    sources = [Source(result, say) for result in found.results]
    rows: list[dict[str, str]] = []

    def add(key: str, cells: Sequence[str], **values: str) -> None:
        rows.append({"what": say.text(key, **values), **dict(zip(found.names, cells, strict=True))})

    sites = [source.scenario.site for source in sources]
    add("compare.rows.machine", [f"{site.nodes:,} / {site.slots:,}" for site in sites])
    add("compare.rows.price", [say.price(site.price, site.reporting_currency) for site in sites])
    add("compare.rows.in_time", [
        say.listed(one.late) + " ✗" if one.late else say.text("compare.yes") for one in found.standings
    ])  # fmt: skip
    pools = list(dict.fromkeys(pool for site in sites for pool in site.pools))
    for pool in pools:
        for key, metric in (("use", "utilization"), ("p50", "p50_wait_s"), ("p95", "p95_wait_s"),
                            ("goodput", "goodput_frac"), ("work", "work_reference_slot_hours")):  # fmt: skip
            cells = [_two_lines(source.look(metric, pool=pool, month="all"), say) for source in sources]
            add(f"compare.rows.{key}", cells, pool=pool)
    for key, metric in (("energy", "site_energy_j"), ("electricity", "electricity_cost")):
        add(f"compare.rows.{key}", [_two_lines(source.look(metric, month="all"), say) for source in sources])
    return Table("sites", say.text("compare.table"), columns, rows)


def _two_lines(found: Finding | None, say: Language) -> str:
    """Return a finding with its interval below it, for narrow columns."""
    return written(found, say).replace(" (", "\n(", 1)


def pareto(found: Comparison, say: Language) -> Section:
    """Return cost against waits, with those that no other site beats."""
    points = [
        ScatterPoint(
            one.case,
            _finite(one.values["cost"], 1e9),
            _wait(one.values["p95_wait_s"]),
            front=one.on_front,
        )
        for one in found.standings
    ]
    caption = say.text("compare.scatter")
    lines = standing_lines(found.standings, say)
    svg = scatter_chart(
        "pareto",
        caption,
        " ".join(lines),
        points,
        say.text("compare.cost_axis", currency=_currency(found, say)),
        say.text("compare.wait_axis"),
        x_format=lambda value: f"{value:,.0f}",
        y_format=say.tick,
        empty=say.text("chart.empty"),
        front_label=say.text("compare.on_front"),
        other_label=say.text("compare.beaten"),
        y_log=True,
        y_kind="seconds",
        from_zero=True,
    )
    data = [
        {"case": one.case, **one.values, "currency": one.currency, "on_front": str(one.on_front)}
        for one in found.standings
    ]
    note = say.text("compare.scatter_note")
    if any(isinstance(one.values["p95_wait_s"], AtLeast) for one in found.standings):
        note = f"{note} {say.text('chart.at_least')}"
    figure = Figure("pareto", caption, note, svg, data)
    rows = [
        {
            "case": one.case,
            "cost": say.value("cost", one.currency, one.values["cost"]),
            "wait": say.duration(one.values["p95_wait_s"]),
            "energy": say.value("", "J", one.values["site_energy_j"]),
            "work": count(one.values["work_reference_slot_hours"]),
            "front": _standing(one.late, one.beaten_by, one.front_share, say),
        }
        for one in found.standings
    ]
    keys = ("case", "cost", "wait", "energy", "work", "front")
    columns = [Heading(k, say.text(f"compare.columns.{k}"), number=k not in {"case", "front"}) for k in keys]
    table = Table("standings", say.text("compare.standings"), columns, rows)
    return Section("pareto", say.text("compare.pareto"), [say.text("compare.pareto_intro")], [table, figure])


def _currency(found: Comparison, say: Language) -> str:
    """Return in which currency costs are: several if they cannot be compared."""
    codes = dict.fromkeys(one.currency for one in found.standings if one.currency)
    return say.listed([say.currency(code) for code in codes]) or "–"


def _standing(late: Sequence[str], beaten_by: Sequence[str], share: float, say: Language) -> str:
    if late:
        return say.text("compare.not_in_time", parts=say.listed(late))
    if beaten_by:
        return say.text("compare.beaten_by", others=say.listed(beaten_by))
    return say.text("compare.unbeaten", share=say.percent(share))


def _finite(value: float, scale: float) -> float | None:
    return value / scale if math.isfinite(value) else None


def _wait(value: float) -> float | None:
    return shown_wait(value) if math.isfinite(value) else None


def months_of_all(found: Comparison, say: Language) -> Section:
    """Return the use of each pool, month by month, a line for each case."""
    sources = [Source(result, say) for result in found.results]
    months = sorted({month for source in sources for month in source.months()})
    pools = list(dict.fromkeys(pool for source in sources for pool in source.scenario.site.pools))
    blocks: list[Block] = []
    for pool in pools:
        lines, data = [], []
        for source in sources:
            use = source.by_month("utilization", months, pool=pool)
            lines.append(Curve(source.scenario.name, [None if v is None else 100 * v for v in numbers(use)]))
            data += [
                {"case": source.scenario.name, "pool": pool, "month": month, "utilization": one.value}
                for month, one in zip(months, use, strict=True)
                if one is not None
            ]
        caption = say.text("compare.months", pool=pool)
        svg = line_chart(
            f"months-{pool}", caption, caption, months, lines, say.text("compare.use_axis"),
            y_format=lambda value: f"{value:.0f}", empty=say.text("chart.empty"), height=280,
        )  # fmt: skip
        blocks.append(Figure(pool, caption, "", svg, data))
    return Section("months", say.text("compare.months_title"), (), blocks)
