"""The storage of a site without simulating jobs: by month at a rate, or as in its past."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any, Final, TypeAlias

from capacity.errors import InputError
from capacity.inputs.scenario import Scenario
from capacity.inputs.site import Site
from capacity.quantities.units import to_si
from capacity.simulation.storage.ahead import YEAR_DAYS, LookAhead
from capacity.simulation.storage.numbers import DAY_S
from capacity.study.storage.history import History, read_history
from capacity.study.storage.projection import Growing, first_full, fit

Row: TypeAlias = dict[str, Any]
YEAR_S: Final = YEAR_DAYS * DAY_S
MOST_DAYS: Final = 30 * YEAR_DAYS
"""Storage is followed no further beyond a horizon; nobody plans further. [d]"""


@dataclass(frozen=True, slots=True)
class Projection:
    """What is projected of the storage of a scenario.

    Attributes
    ----------
    rows : sequence of dict
        One per month at a rate, one per trend of a history; amounts in bytes, days as texts.
    rate, full : dict
        At a rate: growth [1/year] and the amount at the start [B]; when what is in service, and all that is
        planned, is full, None in over 100 years.
    warnings : sequence of str
        What is odd about a history.
    """

    scenario: Scenario
    rows: Sequence[Row]
    rate: Mapping[str, float] = field(default_factory=dict)
    full: Mapping[str, date | None] = field(default_factory=dict)
    warnings: Sequence[str] = ()

    def to_json(self) -> dict[str, Any]:
        """Return it as ``storage --json`` prints it, without the schema version."""
        days = {f"{key}_full": _iso(day) for key, day in self.full.items()}
        what = "months" if self.rate else "trends"
        return {"scenario": self.scenario.name, **self.rate, **days, what: self.rows}


def look_ahead_of(growth: str | None, look_ahead: str | None) -> LookAhead:
    """Return how storage is followed beyond the horizon: demand grows by ``30 %/year``, for ``10 year``.

    Raises
    ------
    InputError
        One of them is impossible.
    """
    rule = LookAhead()
    if growth is not None:
        rule = replace(rule, growth_per_year_frac=_rate(growth))
    if look_ahead is not None:
        days = round(_amount(look_ahead, "seconds", "--look-ahead") / DAY_S)
        if not YEAR_DAYS <= days <= MOST_DAYS:
            raise InputError(
                f"'{look_ahead}' is too short or too long", where="--look-ahead", fix="1 to 30 year"
            )
        rule = replace(rule, days=days)
    return rule


def by_rate(scenario: Scenario, growth: str, start_used: str) -> Projection:
    """Return what all tiers together hold month by month, and when they are full.

    The rate is written as ``30 %/year``, the amount on the first delivery as ``5 PB``.

    Raises
    ------
    InputError
        One of them is impossible, or the site has no storage.
    """
    rate = _rate(growth)
    used = _amount(start_used, "bytes", "--start-used")
    if not used > 0:
        raise InputError(f"'{start_used}' is not more than 0", where="--start-used")
    steps = [(day, most) for day, most in _limits(scenario.site, scenario.start) if most > 0]
    if not steps:
        raise InputError("the site has no storage to fill", where=scenario.site.name)
    growing = Growing(max(steps[0][0], scenario.start), used, rate)
    full = {"first": first_full(growing, steps), "complete": first_full(growing, steps, last=True)}
    rows = [*_months(growing, steps, scenario.until)]
    return Projection(scenario, rows, {"growth_per_year_frac": rate, "start_used_bytes": used}, full)


def by_history(scenario: Scenario, path: Path) -> Projection:
    """Return the trends of a past and when each reaches what may be filled.

    Raises
    ------
    InputError
        The history cannot be read; see `capacity.study.storage.history.read_history`.
    """
    rows: list[Row] = []
    warnings: list[str] = []
    for history in read_history(path):
        warnings += [f"{path}: {warning}" for warning in history.warnings]
        tier = history.name if history.name in scenario.site.storage else ""
        limit = _limits(scenario.site, scenario.start, tier)[-1][1]
        rows += _trends(history, tier or "all tiers", limit)
    return Projection(scenario, rows, warnings=warnings)


def _rate(growth: str) -> float:
    """Return growth a year, of ``30 %/year``."""
    rate = _amount(growth, "share_per_s", "--growth") * YEAR_S
    if rate <= -1:
        what = f"'{growth}' leaves nothing after a year"
        raise InputError(what, where="--growth", fix="more than -100 %/year")
    return rate


def _amount(text: str, dimension: str, option: str) -> float:
    try:
        return to_si(text, dimension)
    except InputError as error:
        problem = error.problems[0]
        raise InputError(problem.what, where=option, fix=problem.fix) from None


def _limits(site: Site, first: date, tier: str = "") -> list[tuple[date, float]]:
    """Return from which day on how much of a tier, or of all, may be filled [B]."""
    tiers = {name: one.fill_limit for name, one in site.storage.items() if tier in ("", name)}
    return [
        (step.day, sum(step.usable_bytes[name] * limit for name, limit in tiers.items()))
        for step in site.schedule(first_day=first)
    ]


def _months(growing: Growing, steps: list[tuple[date, float]], until: date) -> Iterator[Row]:
    """Yield one row for the end of each month from the start to the horizon's end."""
    year, month = growing.start.year, growing.start.month
    while date(year, month, 1) <= until:
        end = date(year + month // 12, month % 12 + 1, 1)
        limit, used = max((most for day, most in steps if day < end), default=0.0), growing.at(end)
        amounts = {"used_bytes": used, "limit_bytes": limit, "used_frac": used / limit}
        yield {"month": f"{year}-{month:02}", **amounts}
        year, month = end.year, end.month


def _trends(history: History, against: str, limit: float) -> Iterator[Row]:
    last = history.days[-1]
    for trend in fit(history):
        linear = trend.shape == "linear"
        yield {
            "history": history.name or "all", "trend": trend.shape,
            "per_year_frac": None if linear else trend.per_year_frac,
            "per_year_bytes": trend.slope * 365 if linear else None, "last_day": last.isoformat(),
            "last_bytes": history.used_bytes[-1], "against": against, "limit_bytes": limit,
            "full_on": _iso(trend.reaches(limit, last)),
            "earliest": _iso(trend.reaches(limit, last, quantile=0.975)),
            "latest": _iso(trend.reaches(limit, last, quantile=0.025)),
        }  # fmt: skip


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
