"""How full the site is: a heat map of use by pool and month."""

from capacity.report.charts import heatmap
from capacity.report.page.model import Figure, Section
from capacity.report.sections.common import Source, monthly_data, numbers, years


def utilization(source: Source) -> Section | None:
    """Return the section, or None if nothing is ever in service."""
    say, months = source.say, source.months()
    pools = list(source.scenario.site.pools)
    if not months:
        return None
    caption = say.text("utilization.caption")
    svg = heatmap(
        "use",
        caption,
        say.text("utilization.alt", pools=", ".join(pools), first=months[0], last=months[-1]),
        pools,
        [month[5:] for month in months],
        [numbers(source.by_month("utilization", months, pool=pool)) for pool in pools],
        write=lambda value: f"{100 * value:.0f}",
        legend_label=say.text("utilization.legend"),
        missing=say.text("chart.nothing_in_service"),
        empty=say.text("chart.empty"),
        groups=years(months),
        limits=(0.0, 1.0),
    )
    data = monthly_data(source, months, [("utilization", {"pool": pool}) for pool in pools])
    paragraphs = [_sentence(source, pool) for pool in pools]
    figure = Figure("by-month", caption, say.text("utilization.note"), svg, data)
    return Section("use", say.text("utilization.title"), paragraphs, [figure])


def _sentence(source: Source, pool: str) -> str:
    """Say the mean, and the fullest and the emptiest month."""
    say, months = source.say, source.months()
    found = [
        (f.value, month)
        for month, f in zip(months, source.by_month("utilization", months, pool=pool), strict=True)
        if f is not None and f.value == f.value
    ]
    whole = source.look("utilization", pool=pool, month="all")
    if not found or whole is None:
        return say.text("utilization.never", pool=pool)
    (most, fullest), (least, emptiest) = max(found), min(found)
    return say.text(
        "utilization.sentence", pool=pool, mean=whole.value, most=most, fullest=fullest, least=least,
        emptiest=emptiest,
    )  # fmt: skip
