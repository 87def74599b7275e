"""A sizing over worlds in words: the answer, its prices, what else was weighed, what may be decided later."""

import math
import shlex
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Final

import numpy as np

from capacity.report.language import Language
from capacity.report.terminal.size import values_of
from capacity.report.terminal.table import Col
from capacity.statistics.intervals import Interval
from capacity.study.size.regret.answer import LeastRegret
from capacity.study.size.regret.costs import CostTable
from capacity.study.size.regret.excuses import KINDS, Excuse
from capacity.study.size.regret.options import Option, Turn
from capacity.study.size.regret.phases import DEARER, LATE_DAYS
from capacity.study.uncertainty.draws import Draws

MOST_OPTIONS: Final = 3
MOST_INPUTS: Final = 2
"""So many inputs are named of a world."""
TENTH: Final = 0.1


def regret_lines(found: LeastRegret, say: Language) -> list[str]:
    """Return the answer and its reasons, a sentence each."""
    parts = (_answer, _prices, _range, _others, _phases, _worlds, _rest)
    return [line for part in parts for line in part(found, say)]


def option_rows(found: LeastRegret, say: Language) -> tuple[list[Col], list[dict[str, str]]]:
    """Return the columns and the rows of the options as text."""
    paths = [*found.chosen]
    columns = [Col("kind", say.text("regret.column.kind"))]
    columns += [Col(path, path, "", "right") for path in paths]
    columns += [
        Col(name, say.text(f"regret.column.{name}"), "", "right")
        for name in ("cost", "met", "regret", "tail")
    ]
    return columns, [_row(one, found, say) for one in found.options]


def _row(one: Option, found: LeastRegret, say: Language) -> dict[str, str]:
    values = dict(one.values)
    for path, first in one.values.items():
        later = list(dict.fromkeys(second[path] for second in one.second))
        if later and later != [first]:
            values[path] = f"{first} → {'/'.join(later)}"
    return {
        "kind": say.text(f"regret.kind.{one.kind}"), **values, "cost": _money(one.cost, found, say),
        "met": _of_worlds(one.met, say), "regret": _money(one.regret.mean, found, say),
        "tail": _money(one.regret.worst_tenth, found, say),
    }  # fmt: skip


def _money(amount: float, found: LeastRegret, say: Language) -> str:
    return say.money(float(f"{amount:.3g}"), found.currency)


def _paid(amount: float, found: LeastRegret) -> tuple[float, str]:
    """Return an amount with its currency for a message, three digits of it."""
    return float(f"{amount:.3g}"), found.currency


def _of_worlds(met: Interval, say: Language) -> str:
    return say.text("regret.of_worlds", met=round(met.value * met.n), worlds=met.n)


def _answer(found: LeastRegret, say: Language) -> Iterator[str]:
    draws, first = found.table.family.draws, found.options[0]
    yield say.text("regret.what", worlds=draws.count, n=len(draws.assumptions), runs=found.runs)
    yield say.text("regret.required", each=[one.text for one in found.requirements])
    added = [one.text for one in found.requirements if one.metric == "backlog_s"]
    if added:
        yield say.text("regret.backlog", added=say.listed(added))
    yield say.text(
        "regret.answer", values=values_of(first.values, say), met=round(first.met.value * first.met.n),
        worlds=first.met.n, low=first.met.low, high=first.met.high, cost=_paid(first.cost, found),
        own=_paid(first.own, found),
    )  # fmt: skip


def _prices(found: LeastRegret, say: Language) -> Iterator[str]:
    table, asked = found.table, found.question
    if not math.isnan(table.too_little):
        ratio, part = f"{table.too_little / table.too_much:.2g}", round(100 * table.bought_for)
        prices = {"too_much": _paid(table.too_much, found), "too_little": _paid(table.too_little, found)}
        yield say.text("regret.prices", **prices, ratio=ratio, part=part)
    rents = [one.rent for one in found.sought[found.best].worlds if not math.isnan(one.rent)]
    how = {"price": _paid(float(np.mean(rents)), found)} if rents else {}
    how_text = say.text(f"regret.how.{asked.too_little.kind}", **how)
    yield say.text("regret.owning", upkeep=asked.upkeep_frac, how=how_text)
    if found.assumed:
        yield say.text("regret.assumed", each=[say.text(f"regret.unknown.{one}") for one in found.assumed])
    if found.named:
        told = [(one.name, _size(one.size, found, say), _paid(one.regret, found)) for one in found.named]
        each = [say.text(f"regret.named.{name}", size=size, regret=regret) for name, size, regret in told]
        yield say.text("regret.sizes", each=each)


def _size(size: float, found: LeastRegret, say: Language) -> str:
    if math.isnan(size):
        return say.text("regret.more", size=f"{found.table.family.numbers[-1]:g}")
    return f"{size:g}"


def _range(found: LeastRegret, say: Language) -> Iterator[str]:
    table = found.table
    if table.family.axis is None:
        return
    if table.edge:
        yield say.text(f"regret.outermost.{table.edge}")
    if found.beyond:
        late = int(((table.least >= len(table.own)) & (table.there < 1)).sum())
        why = say.text("regret.late_of_these", n=late) if late else ""
        yield say.text("regret.range_beyond", beyond=found.beyond, worlds=len(table.least),
                       size=f"{table.family.numbers[-1]:g}", late=why)  # fmt: skip
    if found.bounds:
        low, middle, high = np.quantile(found.bounds, [TENTH, 0.5, 1 - TENTH])
        sizes = {name: f"{value:.0f}" for name, value in (("low", low), ("middle", middle), ("high", high))}
        yield say.text("regret.bound", **sizes)


def _others(found: LeastRegret, say: Language) -> Iterator[str]:
    first = found.options[0]
    turns = {turn.option: turn for turn in found.turns}
    for place, one in enumerate(found.options[1:MOST_OPTIONS], 1):
        turn = say.text("regret.turn", side=_side(turns[place], found, say)) if place in turns else ""
        yield say.text(
            "regret.second", kind=say.text(f"regret.kind.{one.kind}"), values=values_of(one.values, say),
            cost=_paid(one.cost, found), difference=_difference(one.cost - first.cost, found, say),
            met=round(one.met.value * one.met.n), worlds=one.met.n, turn=turn,
        )  # fmt: skip


def _side(turn: Turn, found: LeastRegret, say: Language) -> str:
    draws = found.table.family.draws
    at = _where(turn, draws, say)
    side = "above" if turn.above else "below"
    return say.text(f"regret.{side}", name=_title(turn.assumption, draws), at=at)


def _where(turn: Turn, draws: Draws, say: Language) -> str:
    """Return the value on one side of which another option is best, or how many futures lie below it."""
    stated = next((one for one in draws.assumptions if one.name == turn.assumption), None)
    if stated is None or math.isnan(turn.value):
        return say.text("regret.part_of", part=turn.part)
    return stated.in_words(turn.value)


def _title(name: str, draws: Draws) -> str:
    stated = {one.name: one.title for one in draws.assumptions}
    return stated.get(name) or name


def _phases(found: LeastRegret, say: Language) -> Iterator[str]:
    plan, family = found.plan, found.table.family
    if family.axis is None:
        return
    due = date.fromordinal(family.search.seen[1])
    if plan is None:
        yield say.text("regret.too_early")
        return
    if not plan.decides_later:
        yield say.text("regret.not_phased", due=due)
        return
    numbers = [f"{family.numbers[place]:g}" for place in plan.second]
    steps = [
        say.text("regret.phased_step", size=size, load=load)
        for size, load in zip(numbers, plan.thresholds, strict=False)
    ]
    single = float(found.table.costs[found.table.chosen].mean())
    yield say.text(
        "regret.phased", first=values_of(family.values_at(plan.first), say), due=due, steps=steps,
        most=numbers[-1], load=plan.thresholds[-1], dearer=DEARER, days=LATE_DAYS,
        cost=_paid(plan.cost, found), difference=_difference(plan.cost - single, found, say),
    )  # fmt: skip


def _difference(more: float, found: LeastRegret, say: Language) -> str:
    """Return by how much something costs more than one order, or less."""
    return say.text(f"regret.difference.{'more' if more >= 0 else 'less'}", amount=_paid(abs(more), found))


def _worlds(found: LeastRegret, say: Language) -> Iterator[str]:
    """Name the worlds of largest regret with what is special of each."""
    first, draws = found.options[0], found.table.family.draws
    best = np.vstack([table.costs for table in found.tables]).min(axis=0)
    regret = found.table.costs[found.table.chosen] - best
    moves = _moves(found.table)
    named = [
        say.text("regret.world", number=f"{world:04d}", regret=_paid(float(regret[world]), found),
                 inputs=_special(world, draws, moves, say))
        for world in first.regret.worst_worlds
    ]  # fmt: skip
    if named:
        yield say.text("regret.worst", each=named, scenario=found.question.scenario, size=_set(found))


def _moves(table: CostTable) -> dict[str, float]:
    """Return how closely what worlds need goes with each assumption, by the correlation of ranks."""
    needed = (
        np.argsort(np.argsort(table.needed))
        if table.need is not None
        else np.argsort(np.argsort(table.costs[0]))
    )
    parts = table.family.draws.parts
    return {name: abs(float(np.corrcoef(part, needed)[0, 1])) for name, part in parts.items()}


def _set(found: LeastRegret) -> str:
    """Return the options that make the site of the answer, as a command has them."""
    own = [*found.question.overrides, *(f"{path}={value}" for path, value in found.chosen.items())]
    return " ".join(f"--set {shlex.quote(one)}" for one in own)


def _special(world: int, draws: Draws, moves: Mapping[str, float], say: Language) -> list[str]:
    """Return the assumptions that make a world what it is, with their values."""
    out = sorted(
        draws.parts, key=lambda name: -moves.get(name, 0.0) * abs(float(draws.parts[name][world]) - 0.5)
    )
    return [
        say.text("regret.input", name=_title(name, draws), value=_value(name, world, draws))
        for name in out[:MOST_INPUTS]
    ]


def _value(name: str, world: int, draws: Draws) -> str:
    one = next(one for one in draws.assumptions if one.name == name)
    return one.in_words(float(draws.values[name][world]))


def _rest(found: LeastRegret, say: Language) -> Iterator[str]:
    draws = found.table.family.draws
    each = [
        say.text("regret.worth_one", name=_title(name, draws), value=_paid(value, found))
        for name, value in found.worth
    ]
    more = say.text("regret.worth_each", each=each) if each else say.text("regret.worth_nothing")
    yield say.text("regret.worth", everything=_paid(found.everything, found), each=more)
    kinds: dict[str, list[Excuse]] = defaultdict(list)
    for one in found.excuses:
        kinds[one.kind].append(one)
    told = [_rejected(kind, kinds[kind], found, say) for kind in KINDS if kind in kinds]
    if told:
        yield say.text("regret.rejected", count=len(found.excuses), each=told)


def _rejected(kind: str, those: list[Excuse], found: LeastRegret, say: Language) -> str:
    known: Mapping[str, list[float]] = {
        unit: [one.by for one in those if one.unit == unit and not math.isnan(one.by)]
        for unit in dict.fromkeys(one.unit for one in those)
    }
    unit = max(known, key=lambda one: len(known[one]))
    by = ""
    if known[unit]:
        middle = float(np.median(known[unit]))
        metric = next((one.metric for one in found.requirements if one.text == those[0].asked), "")
        said = (
            _money(middle, found, say) if kind in {"cost", "dominated"} else say.value(metric, unit, middle)
        )
        by = say.text("regret.by", by=f"+ {said}")
    why = say.text(f"regret.excuse.{kind}")
    return say.text("regret.rejected_one", count=len(those), why=why, by=by)
