"""What the site draws and costs, and what failures take from it."""

import math
from typing import Any

from capacity.measure.metrics import shown
from capacity.report.charts import ShareRow, line_chart, stacked_bars
from capacity.report.page.model import Figure, Heading, Section, Table
from capacity.report.sections.common import Source, monthly_data, with_band
from capacity.report.words import count
from capacity.report.written import written

USES = ("useful", "checkpoint", "restart", "lost", "idle", "down")


def energy_and_cost(source: Source) -> Section | None:
    """Return the section, or None if energy was not simulated."""
    if not source.scenario.simulate.energy:
        return None
    say, months = source.say, source.months()
    caption = say.text("energy.caption")
    power = source.by_month("mean_power_w", months)
    svg = line_chart(
        "power",
        caption,
        say.text("energy.alt"),
        months,
        [with_band(say.text("energy.line"), power, 1e6)],
        say.text("energy.axis"),
        y_format=lambda value: f"{value:,.3g}",
        empty=say.text("chart.empty"),
        step=False,
        height=220,
    )
    figure = Figure("power", caption, "", svg, monthly_data(source, months, [("mean_power_w", {})]))
    intro = [say.text("energy.intro"), *source.of_the_middle()]
    return Section("energy", say.text("energy.title"), intro, [_costs(source.adding_up), figure])


def _costs(source: Source) -> Table:
    say, look, site = source.say, source.look, source.scenario.site
    electricity, tariff = look("electricity_cost", month="all"), site.electricity_price
    rows = [
        (say.text("energy.site_energy"), written(look("site_energy_j", month="all"), say)),
        (say.text("energy.pue"), say.text("energy.not_given") if site.pue is None else f"{site.pue:.4g}"),
        (
            say.text("energy.largest"),
            say.value("power_w", "W", math.nan if site.power_max_w is None else site.power_max_w),
        ),
        (say.text("energy.price"), written(electricity, say)),
        (
            say.text("energy.tariff"),
            say.text("energy.not_given") if tariff is None else f"{tariff.amount:.4g} {tariff.currency}/kWh",
        ),
    ]
    rows += [
        (say.text("energy.parts_of", name=name), say.price(one, site.reporting_currency))
        for name, one in site.prices().items()
    ]
    rows.append((say.text("energy.parts"), say.price(site.price, site.reporting_currency)))
    if site.budget is not None:
        rows.append((say.text("energy.budget"), say.money(site.budget.amount, site.budget.currency)))
    columns = [
        Heading("what", say.text("energy.what")),
        Heading("value", say.text("energy.value"), number=True),
    ]
    return Table(
        "costs", say.text("energy.table"), columns, [{"what": what, "value": value} for what, value in rows]
    )


def failures_and_goodput(source: Source) -> Section | None:
    """Return the section, or None if nothing is ever in service."""
    say, of_the_middle, source = source.say, source.of_the_middle(), source.adding_up
    rows, data = [], []
    for pool in source.scenario.site.pools:
        parts = [source.look.value("slot_hours", pool=pool, use=use) for use in USES]
        known = [0.0 if math.isnan(part) else part for part in parts]
        total = math.fsum(known)
        if total:
            note = say.text("goodput.total", total=count(total))
            rows.append(ShareRow(pool, [part / total for part in known], note))
            data += [
                {"pool": pool, "use": use, "slot_hours": part} for use, part in zip(USES, known, strict=True)
            ]
    if not rows:
        return None
    caption = say.text("goodput.caption")
    svg = stacked_bars(
        "goodput",
        caption,
        say.text(
            "goodput.alt", sentence="; ".join(_sentence(source, pool) for pool in source.scenario.site.pools)
        ),
        [say.text(f"goodput.uses.{use}") for use in USES],
        rows,
        write_share=say.percent,
        empty=say.text("chart.empty"),
    )
    figure = Figure("slot-hours", caption, "", svg, data)
    intro = [say.text("goodput.intro"), *of_the_middle]
    return Section("goodput", say.text("goodput.title"), intro, [figure, _failures(source)])


def _sentence(source: Source, pool: str) -> str:
    found = source.look("goodput_frac", pool=pool, month="all")
    return f"{pool}: {written(found, source.say)}"


def _failures(source: Source) -> Table:
    say, look = source.say, source.look
    pools = list(source.scenario.site.pools)
    columns = [
        Heading("what", say.text("goodput.what")),
        *(Heading(pool, pool, number=True) for pool in pools),
    ]
    rows: list[dict[str, Any]] = []
    for metric in shown("failures"):
        row = {"what": say.text(f"goodput.rows.{metric}")}
        row |= {pool: written(look(metric, pool=pool, month="all"), say) for pool in pools}
        rows.append(row)
    return Table("failures", say.text("goodput.table"), columns, rows)
