"""The power of a site in words: while there is a machine, and after each delivery."""

import math
from collections.abc import Iterator
from datetime import date, timedelta

from capacity.inputs.scenario import Scenario
from capacity.measure.findings import Lookup
from capacity.report.language import Language
from capacity.simulation.calendar import Calendar, calendar_of


def mean_power(scenario: Scenario, look: Lookup, say: Language) -> str:
    """Say how much power the site draws on average in the months in which anything is in service.

    With several deliveries also between which monthly means it lies after each of them.
    """
    calendar, power_w = calendar_of(scenario), _monthly_w(scenario, look)
    months = calendar.months()
    length_s = {month: months[month][1] - months[month][0] for month in power_w}
    if not power_w:
        return say.text("use.power", power=look.value("mean_power_w", month="all") / 1e6)
    mean_w = math.fsum(power_w[month] * length_s[month] for month in power_w) / sum(length_s.values())
    phases = [*_phases(scenario, calendar, power_w, say)]
    key = "power" if len(power_w) == len(months) else "power_in_service"
    said = say.text(f"use.{key}", power=mean_w / 1e6)
    return said + (say.text("use.phases", phases="; ".join(phases)) if len(phases) > 1 else "")


def _monthly_w(scenario: Scenario, look: Lookup) -> dict[str, float]:
    """Return the mean power of the months at whose end anything is in service [W]."""
    found = {}
    for month in calendar_of(scenario).months():
        slots = [look.value("capacity_slots", pool=pool, month=month) for pool in scenario.site.pools]
        power = look.value("mean_power_w", month=month)
        if any(count > 0 for count in slots) and not math.isnan(power):
            found[month] = power
    return found


def _phases(
    scenario: Scenario, calendar: Calendar, power_w: dict[str, float], say: Language
) -> Iterator[str]:
    """Yield the span of the monthly means after each delivery, of the months that lie wholly in it."""
    steps = scenario.site.schedule(first_day=scenario.start)
    edges = {month: tuple(map(calendar.date_at, span)) for month, span in calendar.months().items()}
    ends = [*(step.day for step in steps[1:]), scenario.until + timedelta(days=1)]
    for step, end in zip(steps, ends, strict=True):
        mine = [watts / 1e6 for month, watts in power_w.items() if _within(edges[month], step.day, end)]
        if mine:
            yield say.text(
                "use.phase" if round(min(mine), 3) < round(max(mine), 3) else "use.phase_even",
                name=step.name, low=min(mine), high=max(mine),
            )  # fmt: skip


def _within(edges: tuple[date, ...], first: date, end: date) -> bool:
    return first <= edges[0] and edges[-1] <= end
