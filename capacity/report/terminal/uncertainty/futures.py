"""What many worlds say: the answer with its luck and its assumptions apart, and what it hangs on."""

import math
from collections.abc import Iterator, Sequence
from typing import Final

from capacity.measure.findings import Finding, labels
from capacity.measure.outcomes import LONG
from capacity.report.language import Language
from capacity.report.words import between
from capacity.study.run import Result
from capacity.study.uncertainty.answers import Answer, usual_answers
from capacity.study.uncertainty.draws import Draws
from capacity.study.uncertainty.fans import worlds_at
from capacity.study.uncertainty.influence import Moved, usual_influences

FEWEST_TO_TELL: Final = 32
"""Worlds below which influence is hardly told from chance."""
MOST_NAMED: Final = 3
"""So many assumptions are named for one answer."""


def answers(result: Result, say: Language) -> Iterator[str]:
    """Yield the answers with what of them is luck and what assumption, and what they hang on."""
    yield what(result, say)
    yield from each_answer(result, usual_influences(result), say)
    yield from full(result, say)
    yield from to_open(result, say)


def what(result: Result, say: Language) -> str:
    """Say what worlds are, and what a number of them is."""
    assert result.futures is not None
    draws = result.futures.draws
    return say.text("futures.what", worlds=draws.count, n=len(draws.assumptions))


def each_answer(result: Result, moved: Sequence[Moved], say: Language) -> Iterator[str]:
    """Yield a sentence for each answer: how it spreads, and what it hangs on."""
    look = result.look
    assert result.futures is not None
    for one in moved:
        found = look(one.answer.metric, **dict(one.answer.labels))
        if found is not None and not math.isnan(found.value):
            hangs = hangs_on(one, result.futures.draws, say)
            yield f"{named(one.answer, say)}: {spread(found, say)}. {hangs}"


def named(answer: Answer, say: Language) -> str:
    """Return what an answer is in words; by its metric and labels if there are none for it."""
    where = dict(answer.labels)
    month = where.get("month", "all")
    if answer.metric == "utilization" and {*where} == {"pool", "month"} and month != "all":
        return say.text("futures.use", **where)
    if answer.metric == "p95_wait_s" and where.get("length") == LONG and month != "all":
        return say.text("futures.wait" if "slots" in where else "futures.any_wait", **where)
    if answer.metric == "storage_used_bytes" and {*where} == {"tier", "month"} and month == "all":
        return say.text("futures.held", **where)
    return f"{answer.metric}[{answer.where}]"


def spread(found: Finding, say: Language) -> str:
    """Return a finding over futures as one reads it: the middle, eight of ten, luck and assumptions."""

    def ends(low: float, high: float) -> str:
        return between(low, high, lambda value: say.value(found.metric, found.unit, value))

    value = say.value(found.metric, found.unit, found.value)
    whole = say.text("futures.spread", value=value, future=ends(found.low, found.high) or "–")
    if math.isnan(found.luck_low):
        return whole
    luck, world = ends(found.luck_low, found.luck_high), ends(found.world_low, found.world_high)
    return whole + say.text("futures.parts", luck=luck, world=world)


def hangs_on(moved: Moved, draws: Draws, say: Language) -> str:
    """Say which assumptions an answer hangs on most, each by what knowing it alone would explain."""
    if draws.count < FEWEST_TO_TELL:
        return say.text("futures.too_few", enough=FEWEST_TO_TELL)
    shown = [one for one in moved.inputs if one.shown][:MOST_NAMED]
    if not shown:
        return say.text("futures.hangs_on_nothing")
    each = [
        say.text("futures.part", name=title_of(one.name, draws), part=min(1.0, one.part)) for one in shown
    ]
    return say.text("futures.hangs_on", each=each)


def title_of(name: str, draws: Draws) -> str:
    """Return what to call an assumption, or a cause that several share."""
    titles = {one.name: one.title for one in draws.assumptions}
    return titles.get(name) or name


def full(result: Result, say: Language) -> Iterator[str]:
    """Say in how many futures each tier fills within the horizon."""
    scenario, look = result.loaded.scenario, result.look
    runs = [run.values for run in result.futures_of_their_own]
    for tier in scenario.site.storage if scenario.simulate.storage else ():
        if look("storage_full_s", tier=tier) is not None:
            firsts = [run.get(("storage_full_s", labels(tier=tier)), math.nan) for run in runs]
            times = sum(math.isfinite(one) for one in firsts)
            yield say.text("futures.full", tier=tier, day=scenario.until, times=times, worlds=len(firsts))


def to_open(result: Result, say: Language) -> Iterator[str]:
    """Name three worlds to open: at the low end, in the middle and at the high end of the first answer."""
    for answer in usual_answers(result.loaded.scenario):
        found = worlds_at(answer.values([run.values for run in result.futures_of_their_own]))
        if found:
            low, middle, high = found
            yield say.text("futures.open", what=named(answer, say), low=low, middle=middle, high=high)
            return
