"""What is uncertain in a specification: between what and what, by whose word, what follows what."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any, Final

from capacity.inputs.reading.loader import Loaded
from capacity.inputs.uncertainty.assumptions import Assumption
from capacity.report.language import Language
from capacity.report.terminal.table import Block, TextTable, titled
from capacity.study.uncertainty.offered import offered_load

Facts = dict[str, Any]
LOW, HIGH = 0.1, 0.9
MOST_WORDS: Final = 60
"""A source is cut to so many characters in a table; JSON has all of it."""


def uncertainty_facts(loaded: Loaded) -> Facts:
    """Return what is uncertain as plain data, numbers as people wrote them.

    Returns
    -------
    dict
        ``uncertain``: an entry of each assumption. Below ``low`` the value lies in one future of ten, above
        ``high`` in another one; ``middle`` is exceeded as often as not, and ``stated`` is what stands there
        now. ``causes``: what follows each cause, and how closely. ``offered_load``: work that comes in over
        what slots in service could do, None where no scenario is uncertain about it. [1]
    """
    load = offered_load(loaded)
    return {
        "uncertain": _facts(loaded.assumptions),
        "causes": _causes(loaded.assumptions),
        "offered_load": None if load is None else {**asdict(load), "is_wide": load.is_wide},
    }


def _facts(assumptions: Sequence[Assumption]) -> list[Facts]:
    return [
        {
            "name": one.name,
            "title": one.title,
            "how": one.how,
            "low": one.in_words(one.what.quantile(LOW)),
            "stated": one.in_words(one.likely),
            "middle": one.in_words(one.what.quantile(0.5)),
            "high": one.in_words(one.what.quantile(HIGH)),
            "choices": _choices(one),
            "follows": one.cause or None,
            "strength": one.strength if one.cause else None,
            "source": one.source,
            "as_of": one.as_of or None,
            "why": one.why or None,
            "where": one.origin,
            "paths": [".".join(map(str, path)) for path in one.paths],
        }
        for one in assumptions
    ]


def _choices(one: Assumption) -> dict[str, float]:
    """Return the share of the futures of each choice."""
    what = one.what
    return {
        one.in_words(place): what.part_below(place) - what.part_below(place - 1)
        for place in range(len(one.spread.choices))
    }


def _causes(assumptions: Sequence[Assumption]) -> dict[str, dict[str, float]]:
    found: dict[str, dict[str, float]] = {}
    for one in assumptions:
        if one.cause:
            found.setdefault(one.cause, {})[one.name] = one.strength
    return found


def uncertain_blocks(facts: Facts, say: Language) -> Iterator[Block]:
    """Yield a table of what is uncertain, what follows what, and what comes of the demand."""
    yield ""
    yield say.text("uncertain.heading", n=len(facts["uncertain"]))
    columns = ("what", "low", "stated", "high", "follows", "source", "where")
    rows = [_row(one) for one in facts["uncertain"]]
    yield TextTable(titled(say, "uncertain.columns", dict.fromkeys(columns)), rows)
    yield say.text("uncertain.how_to_read")
    for cause, followers in facts["causes"].items():
        each = [name if strength == 1 else f"{name} ({strength:g})" for name, strength in followers.items()]
        yield say.text("uncertain.cause", cause=cause, each=each)
    if load := facts["offered_load"]:
        ends = {"low": load["low_frac"], "high": load["high_frac"], "stated": load["stated_frac"]}
        yield say.text("uncertain.load", **ends)


def wide_sentences(facts: Facts, say: Language) -> list[str]:
    """Warn where the assumptions about demand multiply to more than anyone means."""
    load = facts["offered_load"]
    if load is None or not load["is_wide"]:
        return []
    return [say.text("uncertain.wide", times=round(load["high_frac"] / load["low_frac"], 1))]


def _row(fact: Facts) -> Facts:
    source = f"{fact['source']} {fact['as_of'] or ''}".rstrip()
    low, high = fact["low"], fact["high"]
    if fact["choices"] and len(fact["choices"]) == 2:
        low, high = (f"{name}: {100 * share:.0f} %" for name, share in fact["choices"].items())
    name = fact["name"]
    return {
        "what": f"{fact['title']} ({name})" if fact["title"] else name,
        "low": low,
        "stated": fact["stated"],
        "high": high,
        "follows": fact["follows"],
        "source": source if len(source) <= MOST_WORDS else f"{source[: MOST_WORDS - 1]}…",
        "where": fact["where"],
    }
