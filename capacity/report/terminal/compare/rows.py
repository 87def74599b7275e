"""Rows of a comparison: how a question gets one cell for each scenario, and numbers with their intervals."""

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeAlias

from capacity.measure.findings import Finding, Lookup
from capacity.report.language import Language
from capacity.report.words import between, count
from capacity.study.run import Result

Row: TypeAlias = dict[str, Any]
Rows: TypeAlias = Iterator[Row]
Form: TypeAlias = Callable[[float], str]
Cell: TypeAlias = Callable[[Result, Lookup], str]

MISSING = "–"


def row(question: str, results: Sequence[Result], cell: Cell) -> Row:
    """Ask every scenario the same question."""
    return {"question": question} | {
        result.loaded.scenario.name: cell(result, result.look) for result in results
    }


def written(found: Finding | None, form: Form) -> str:
    """Write a finding, with its interval where replications give one."""
    if found is None or math.isnan(found.value):
        return MISSING
    ends = "" if found.censored else between(found.low, found.high, form)
    return f"{form(found.value)} ({ends})" if ends else form(found.value)


def shown(metric: str, form: Form, **where: str) -> Cell:
    """Show one finding."""
    return lambda _, look: written(look(metric, **where), form)


def totals(metric: str) -> Cell:
    """Show a count over the horizon, all pools together; a dash if one does not have it."""
    return lambda result, look: count(
        math.fsum(look.value(metric, pool=pool, month="all") for pool in result.loaded.scenario.site.pools)
    )


def every(results: Sequence[Result], names: Callable[[Result], Sequence[str]]) -> list[str]:
    """Return the names that any scenario has, each once, in order."""
    return list(dict.fromkeys(name for result in results for name in names(result)))


def pools_of(results: Sequence[Result]) -> list[str]:
    """Return the pools that any site has."""
    return every(results, lambda result: list(result.loaded.scenario.site.pools))


def share(part: float, whole: float, say: Language) -> str:
    """Write a part of a whole in percent."""
    return say.percent(part / whole) if whole else MISSING
