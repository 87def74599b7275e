"""What many worlds say: the answer with its luck and its assumptions apart, and what it hangs on."""

import math
from collections.abc import Iterator, Sequence
from typing import Final

from capacity.inputs.uncertainty.assumptions import Assumption
from capacity.measure.findings import Finding, Labels, Lookup, labels
from capacity.measure.outcomes import LONG
from capacity.report.language import Language
from capacity.report.words import between
from capacity.study.run import Result
from capacity.study.uncertainty.draws import Futures
from capacity.study.uncertainty.futures import influences, worlds_at

MOST_NAMED: Final = 3
"""So many assumptions are named for one answer."""


def answers(result: Result, months: Sequence[str], say: Language) -> Iterator[str]:
    """Yield the answers with what of them is luck and what assumption, and what they hang on."""
    futures, look = result.futures, Lookup(result.findings)
    assert futures is not None
    yield say.text("futures.what", worlds=futures.draws.count, n=len(futures.draws.assumptions))
    for metric, where, what in asked(result, look, months, say):
        found = look(metric, **dict(where))
        if found is not None and not math.isnan(found.value):
            yield f"{what}: {spread(found, say)}. {hangs_on(result, metric, where, say)}"
    yield from _full(result, look, say)
    yield from _to_open(result, look, months, say)


def asked(
    result: Result, look: Lookup, months: Sequence[str], say: Language
) -> Iterator[tuple[str, Labels, str]]:
    """Yield metrics, labels and names of what a planner asks: use and waits of the last month, storage."""
    site = result.loaded.scenario.site
    for name, pool in site.pools.items():
        served = [m for m in months if not math.isnan(look.value("utilization", pool=name, month=m))]
        if not served:
            continue
        last, slots = served[-1], pool.node.slots
        yield "utilization", labels(pool=name, month=last), say.text("futures.use", pool=name, month=last)
        size = {"slots": str(slots)} if slots > 1 else {}
        what = say.text(
            "futures.wait" if slots > 1 else "futures.any_wait", pool=name, slots=slots, month=last
        )
        yield "p95_wait_s", labels(pool=name, month=last, **size, length=LONG), what
    for tier in site.storage if result.loaded.scenario.simulate.storage else ():
        yield "storage_used_bytes", labels(tier=tier, month="all"), say.text("futures.held", tier=tier)


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


def hangs_on(result: Result, metric: str, where: Labels, say: Language) -> str:
    """Say which assumptions an answer hangs on most, each by what knowing it alone would explain."""
    assert result.futures is not None
    found = influences(metric, where, result.runs, result.futures)
    shown = [(name, one.index) for name, one in found if one.shown][:MOST_NAMED]
    if not shown:
        return say.text("futures.hangs_on_nothing")
    named = [
        say.text("futures.part", name=title_of(name, result.futures), part=min(1.0, part))
        for name, part in shown
    ]
    return say.text("futures.hangs_on", each=named)


def title_of(name: str, futures: Futures) -> str:
    """Return what to call an assumption, or a cause that several share."""
    by_name: dict[str, Assumption] = {one.name: one for one in futures.draws.assumptions}
    return by_name[name].title or name if name in by_name else name


def _full(result: Result, look: Lookup, say: Language) -> Iterator[str]:
    """Say in how many futures each tier fills within the horizon."""
    scenario = result.loaded.scenario
    for tier in scenario.site.storage if scenario.simulate.storage else ():
        found = look("storage_full_s", tier=tier)
        if found is not None:
            firsts = [run.values.get(("storage_full_s", labels(tier=tier)), math.nan) for run in
                      result.futures_of_their_own]  # fmt: skip
            times = sum(math.isfinite(one) for one in firsts)
            yield say.text("futures.full", tier=tier, day=scenario.until, times=times, worlds=len(firsts))


def _to_open(result: Result, look: Lookup, months: Sequence[str], say: Language) -> Iterator[str]:
    """Name three worlds to open: at the low end, in the middle and at the high end of the first answer."""
    for metric, where, what in asked(result, look, months, say):
        low, middle, high = worlds_at(metric, where, result)
        yield say.text("futures.open", what=what, low=low, middle=middle, high=high)
        return
