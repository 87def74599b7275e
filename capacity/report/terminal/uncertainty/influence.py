"""What `sensitivity` prints: for each answer what moves it, by how much, and what to find out first."""

import math
from collections.abc import Iterator, Sequence
from typing import Any, Final

from capacity.report.language import Language
from capacity.report.terminal.table import Block, Col, TextTable, right
from capacity.report.terminal.uncertainty.futures import named, title_of
from capacity.study.uncertainty.draws import Draws
from capacity.study.uncertainty.futures import HIGH, LOW
from capacity.study.uncertainty.influence import OF_WORLDS, Influencer, Moved

MOST_ROWS: Final = 12
"""So many inputs are named for an answer; the others are counted."""


def influence_blocks(
    moved: Sequence[Moved], draws: Draws, require: Sequence[str], say: Language
) -> Iterator[Block]:
    """Yield for each answer a sentence, a table of what moves it, and what to find out first."""
    for one in moved:
        yield say.text("influence.base", what=named(one.answer, say), value=_written(one, one.base, say))
        rows = [_row(mover, one, draws, say) for mover in one.inputs[:MOST_ROWS] if _counts(mover)]
        if rows:
            yield TextTable(_columns(one, require, say), rows)
        hidden = sum(1 for mover in one.inputs) - len(rows)
        if hidden:
            yield say.text("influence.others" if rows else "influence.none", n=hidden)
        yield from _first(one, draws, say)
        yield ""
    yield say.text(f"influence.how.{moved[0].method.replace('-', '_')}", runs=moved[0].runs)


def _counts(mover: Influencer) -> bool:
    return mover.shown


def _columns(one: Moved, require: Sequence[str], say: Language) -> list[Col]:
    part = "size" if one.method == "morris" else "part"
    keys = ["low", "high", *(["at_low", "at_high"] if one.method not in ("sobol", "morris") else [])]
    keys += [] if one.method == "one-at-a-time" else [part]
    keys += ["leaves"] if one.method in OF_WORLDS else []
    keys += ["met_low", "met_high"] if require else []
    return [
        Col("name", say.text("influence.name")),
        *(right(key, say.text(f"influence.{key}")) for key in keys),
    ]


def _row(mover: Influencer, one: Moved, draws: Draws, say: Language) -> dict[str, Any]:
    by_name = {a.name: a for a in draws.assumptions}
    own = by_name.get(mover.name)
    ends = [None if own is None else own.in_words(own.what.quantile(part)) for part in (LOW, HIGH)]
    numbers = {
        "at_low": _written(one, mover.at_low, say), "at_high": _written(one, mover.at_high, say),
        "part": say.percent(min(1.0, max(0.0, mover.part))) if not math.isnan(mover.part) else None,
        "size": _written(one, mover.part, say), "leaves": say.percent(mover.leaves),
        "met_low": say.percent(mover.met_low), "met_high": say.percent(mover.met_high),
    }  # fmt: skip
    return {"name": title_of(mover.name, draws), "low": ends[0], "high": ends[1], **numbers}


def _written(one: Moved, value: float, say: Language) -> str:
    return "–" if math.isnan(value) else say.value(one.answer.metric, one.answer.unit, value)


def _first(one: Moved, draws: Draws, say: Language) -> Iterator[str]:
    """Say what to find out first: what narrows the answer most if it is known."""
    known = [mover for mover in one.inputs if mover.shown and not math.isnan(mover.leaves)]
    if known:
        best = min(known, key=lambda mover: mover.leaves)
        yield say.text("influence.first", name=title_of(best.name, draws), leaves=best.leaves)
