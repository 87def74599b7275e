"""The first screen of a report on one site: is it full, how long does one wait, when do the disks fill."""

import math
from collections.abc import Iterator
from datetime import date

from capacity.measure.findings import Finding
from capacity.report.page.model import Card
from capacity.report.sections.common import Source
from capacity.report.sections.storage import fill_words
from capacity.report.terminal.simulation import jobs
from capacity.report.terminal.storage import fills
from capacity.report.terminal.use import end_state, load, saturated
from capacity.report.terminal.waits import of_a_node, open_ended
from capacity.report.written import interval, written


def answer(source: Source) -> list[str]:
    """Return the answer, a sentence each, the most important first."""
    say = source.say
    pools = busiest_first(source)
    sentences = [sentence for pool in pools for sentence in _pool(source, pool)]
    if source.months():
        sentences += list(_whole_node(source, pools[0]))
        sentences += list(open_ended(source.look, pools, source.months(), say))
    sentences += [_tier(source)] if source.scenario.simulate.storage and source.scenario.site.storage else []
    if source.replications == 1:
        sentences.append(say.text("simulation.one_draw"))
    return [*sentences, jobs(source.scenario, source.look, list(source.scenario.site.pools), say)]


def busiest_first(source: Source) -> list[str]:
    """Return the pools, that with the most slots first."""
    pools = source.scenario.site.pools
    return sorted(pools, key=lambda name: -pools[name].slots)


def _pool(source: Source, pool: str) -> Iterator[str]:
    say, look, months = source.say, source.look, source.months()
    yield from load(look, pool, months, say)
    yield from end_state(look, pool, months, say)
    if months:
        last = months[-1]
        metrics = {"use": "utilization", "half": "p50_wait_s", "wait": "p95_wait_s"}
        now = {name: written(look(metric, pool=pool, month=last), say) for name, metric in metrics.items()}
        yield say.text("lead.last", pool=pool, month=last, **now)


def _whole_node(source: Source, pool: str) -> Iterator[str]:
    """Say how long a job of one whole node that runs an hour or more waits, the planner's "eight GPUs"."""
    say, slots = source.say, source.scenario.site.pools[pool].node.slots
    found = of_a_node(source.look, pool, slots, source.months())
    if found is not None:
        key = "lead.node" if slots > 1 else "lead.any_job"
        texts = found.written(lambda one: written(one, say))
        yield say.text(key, pool=pool, slots=slots, worst=found.worst, month=found.last, **texts)


def _tier(source: Source) -> str:
    """Say of the tier that fills first, or is fullest, when that is."""
    say = source.say
    rows = fills(source.result)
    first = min(rows, key=lambda row: row["median"] or row["ahead_median"] or date.max)
    return say.text("lead.tier", tier=first["tier"], sentence=fill_words(source, first))


def cards(source: Source) -> list[Card]:
    """Return the numbers of the first screen."""
    say, look, months = source.say, source.look, source.months()
    found: list[Card] = []
    if not months:
        return found
    for pool in busiest_first(source)[:2]:
        use = look("utilization", pool=pool, month="all")
        found.append(_card(say.text("card.use", pool=pool), use, source, say.text("card.whole")))
        slots = source.scenario.site.pools[pool].node.slots
        waits = of_a_node(look, pool, slots, months)
        if waits is not None:
            label = say.text("card.wait", pool=pool, slots=slots, month=waits.worst)
            found.append(_card(label, waits("p95_wait_s", waits.worst), source, ""))
    if source.scenario.simulate.storage and source.scenario.site.storage:
        tiers = source.scenario.site.storage
        used = math.fsum(look.value("storage_used_bytes", tier=tier, month="all") for tier in tiers)
        usable = math.fsum(look.value("storage_capacity_bytes", tier=tier, month="all") for tier in tiers)
        if usable:
            note = say.text(
                "card.storage_note", used=say.value("", "B", used), usable=say.value("", "B", usable)
            )
            found.append(Card(say.text("card.storage"), say.percent(used / usable), note))
    if source.scenario.simulate.energy:
        found.append(_card(say.text("card.energy"), look("site_energy_j", month="all"), source, ""))
    return found


def _card(label: str, found: Finding | None, source: Source, note: str) -> Card:
    say = source.say
    if found is None or math.isnan(found.value):
        return Card(label, "–", note)
    value = say.value(found.metric, found.unit, found.value)
    if not math.isnan(found.low) and found.low != found.high:
        spread = say.text("card.interval", interval=interval(found, say))
        note = f"{spread}; {note}" if note else spread
    return Card(label, value, note)


def binds(source: Source) -> str:
    """Say what keeps the site from serving better."""
    say = source.say
    full = {pool: saturated(source.look, pool, source.months()) for pool in busiest_first(source)}
    named = [say.text("binds.pool", pool=pool, months=spells) for pool, spells in full.items() if spells]
    if source.scenario.simulate.storage:
        named += [say.text("binds.tier", tier=row["tier"]) for row in fills(source.result) if row["fills_n"]]
    return say.listed(named) if named else say.text("binds.nothing")
