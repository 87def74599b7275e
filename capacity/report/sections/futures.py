"""What many worlds say, for a report: the first screen, what each answer hangs on, and how it spreads."""

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

from capacity.measure.findings import labels
from capacity.report.charts import Curve, line_chart
from capacity.report.charts.scale import AxisKind, Format
from capacity.report.language import Language
from capacity.report.page.model import Block, Card, Figure, Section
from capacity.report.sections.common import SHORTEST_WAIT_S, Source
from capacity.report.sections.influence import influence_figure
from capacity.report.terminal.uncertainty import futures as many_worlds
from capacity.report.terminal.uncertainty.futures import each_answer, full, hangs_on, named, to_open
from capacity.report.terminal.use import is_full
from capacity.report.written import interval
from capacity.statistics.bounds import AtLeast
from capacity.study.uncertainty.answers import Answer
from capacity.study.uncertainty.fans import Fan, fan_of
from capacity.study.uncertainty.influence import Moved

PB: Final = 1e15


def answer(source: Source) -> list[str]:
    """Return the answer: what is found in the middle, how it spreads and what it hangs on."""
    result, say = source.result, source.say
    return [*each_answer(result, source.moved, say), *full(result, say), *to_open(result, say)]


def cards(source: Source) -> list[Card]:
    """Return the numbers of the first screen, each with what eight of ten futures bring."""
    say, found = source.say, []
    for one in (moved.answer for moved in source.moved):
        finding = source.look(one.metric, **dict(one.labels))
        if finding is not None and not math.isnan(finding.value):
            value = say.value(finding.metric, finding.unit, finding.value)
            found.append(Card(_short(one, say), value, interval(finding, say)))
    return found


def _short(answer: Answer, say: Language) -> str:
    """Return what an answer is, in few words for a card."""
    where = dict(answer.labels)
    if answer.unit != "s":
        return named(answer, say)
    return say.text("futures.short_wait" if "slots" in where else "futures.short_any_wait", **where)


def binds(source: Source) -> str:
    """Say in how many futures which pool or tier is full."""
    say = source.say
    where = {"worlds": source.worlds}
    named = [
        say.text("futures.full_pools", pool=pool, times=times, **where)
        for pool in source.scenario.site.pools
        if (times := sum(_is_full(run.values, pool, source) for run in source.result.futures_of_their_own))
    ]
    for tier in source.scenario.site.storage if source.scenario.simulate.storage else ():
        key = ("storage_full_s", labels(tier=tier))
        own = source.result.futures_of_their_own
        times = sum(math.isfinite(run.values.get(key, math.nan)) for run in own)
        named += [say.text("futures.full_tiers", tier=tier, times=times, **where)] if times else []
    return say.listed(named) if named else say.text("binds.nothing")


def _is_full(run: Any, pool: str, source: Source) -> bool:  # noqa: ANN401 - values of one run
    def value(metric: str, month: str) -> float:
        return float(run.get((metric, labels(pool=pool, month=month)), math.nan))

    return any(
        is_full(value("utilization", month), value("p95_wait_by_work_s", month)) for month in source.months()
    )


def futures(source: Source) -> Section | None:
    """Return the section, or None if nothing was drawn but luck."""
    if source.result.futures is None:
        return None
    say, draws, blocks = source.say, source.result.futures.draws, list[Block]()
    for number, one in enumerate(source.moved):
        if _told(source, one):
            blocks.append(replace(influence_figure(one, draws, number, say), note=""))
        if dict(one.answer.labels)["month"] != "all":
            blocks.append(_fan(source, one, number))
    intro = say.text("futures.intro", worlds=draws.count, n=len(draws.assumptions))
    how = {say.text(f"influence.how.{one.method}", runs=one.runs) for one in source.moved}
    paragraphs = [intro, *sorted(how), say.text("futures.fan.note")]
    return Section("futures", say.text("futures.title"), paragraphs, blocks)


def _told(source: Source, moved: Moved) -> bool:
    """Whether there are worlds enough to tell influence from chance, and some is shown."""
    return source.worlds >= many_worlds.FEWEST_TO_TELL and any(one.shown for one in moved.inputs)


def _fan(source: Source, moved: Moved, number: int) -> Figure:
    """Draw use or waits month by month over all worlds."""
    say, answer = source.say, moved.answer
    is_wait = answer.unit == "s"
    fan = fan_of(source.result, answer, source.months())
    where = dict(answer.labels)
    kind = ("wait" if "slots" in where else "any_wait") if is_wait else "use"
    caption = say.text(f"futures.fan.{kind}", worlds=source.worlds, **where)
    write: Format = say.tick if is_wait else say.percent
    axis: AxisKind = "seconds" if is_wait else "number"
    svg = line_chart(
        f"fan-{number}", caption, say.text("futures.fan.alt", caption=caption), fan.months,
        [*fan_curves(fan, say, least=SHORTEST_WAIT_S if is_wait else 0.0)],
        say.text("waits.axis" if is_wait else "futures.fan.use_axis"),
        y_format=write, empty=say.text("chart.empty"), log=is_wait, y_kind=axis, height=280,
    )  # fmt: skip
    assert source.result.futures is not None
    note = "" if _told(source, moved) else hangs_on(moved, source.result.futures.draws, say)
    return Figure(f"fan-{number}", caption, note, svg, fan_data(fan))


def fan_curves(fan: Fan, say: Language, *, unit: float = 1.0, least: float = 0.0) -> Iterator[Curve]:
    """Yield the middle with its two bands, and the single worlds as thin lines."""

    def scaled(value: float) -> float:
        found = max(least, value / unit)
        return AtLeast(found) if isinstance(value, AtLeast) else found

    def drawn(values: tuple[float, ...]) -> list[float | None]:
        return [None if math.isnan(one) else scaled(one) for one in values]

    outer_low, inner_low, middle, inner_high, outer_high = (drawn(values) for values in fan.parts.values())
    yield Curve(say.text("futures.fan.middle"), middle, outer_low, outer_high, inner_low, inner_high)
    for world, values in fan.worlds.items():
        yield Curve(say.text("futures.fan.world", n=world), drawn(values), thin=True)


def fan_data(fan: Fan) -> list[dict[str, Any]]:
    """Return one row per month: the parts, in how many futures there is something, and the single worlds."""

    def known(value: float) -> float | None:
        return value if math.isfinite(value) else None

    where = " ".join(value for name, value in fan.answer.labels if name != "month")
    return [
        {
            "month": month, "metric": fan.answer.metric, "place": where,
            **{f"p{100 * part:02.0f}": known(values[place]) for part, values in fan.parts.items()},
            "futures": fan.known[place],
            **{f"world_{world}": known(values[place]) for world, values in fan.worlds.items()},
            "unit": fan.answer.unit,
        }
        for place, month in enumerate(fan.months)
    ]  # fmt: skip
