"""A target that a site must meet, as ``p95_wait_s[pool=gpu] <= 4 h``: reading it, judging runs by it, checks.

A requirement speaks of futures: in at least so many of them, 80 % if nothing else is said, everything it
names must be within the limit. A mean within the limit would say less: it leaves futures beyond it, and
where waits are skewed it is called met too often. How many replications must meet it to show that, or must
miss it to show the contrary, `capacity.statistics.sequential` says; in between nothing is shown: more
replications are wanted, and until then nobody should sign. A site meets several requirements with the stated
confidence if it meets each with it (an intersection-union test; Berger 1982,
doi:10.1080/00401706.1982.10487790), so nothing is divided among them.
"""

import math
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, Final

from capacity.errors import InputError, Problem, UnitError, nearest
from capacity.inputs.scenario import Scenario
from capacity.measure.findings import Labels, Values
from capacity.measure.metrics import CURRENCY, EVERY, METRICS, UNITS
from capacity.measure.waits import label_set
from capacity.quantities.units import money, to_si
from capacity.statistics.bounds import AtLeast
from capacity.statistics.intervals import Interval
from capacity.statistics.kinds import interval_of
from capacity.statistics.sequential import Look
from capacity.study.verdict import Standing, Verdict, known, shown_if

ANY: Final = "*"
_FORM: Final = re.compile(r"\s*(\w+)\s*(?:\[(.*?)\])?\s*(<=|>=|<|>)(?!=)\s*(\S.*?)\s*", re.DOTALL)
_DIMENSIONS: Final = {
    "s": "seconds", "B": "bytes", "J": "joule", "W": "watt", "1": "fraction", "B/s": "bytes_per_s",
}  # fmt: skip
_FIRST_TIMES: Final = {name for name, metric in EVERY.items() if metric.reducer == "first time"}
EXAMPLE: Final = "'p95_wait_s[pool=gpu] <= 4 h'"


@dataclass(frozen=True, slots=True)
class Requirement:
    """One target.

    Attributes
    ----------
    text, metric : str
        As it was written; what must be met.
    where : tuple of (str, str)
        Labels; the value ``*`` stands for each there is, and all of them must meet the limit.
    at_most : bool
        Whether the limit is from above.
    limit, unit : float, str
        In the unit of the metric, and that unit.
    """

    text: str
    metric: str
    where: Labels
    at_most: bool
    limit: float
    unit: str

    @property
    def smaller_is_better(self) -> bool:
        """Whether it is met by small sites rather than by large ones, as ``utilization >= 50 %``."""
        return EVERY[self.metric].larger_site_has == ("more" if self.at_most else "less")

    def holds(self, value: float) -> bool:
        """Whether a value is within the limit."""
        return value <= self.limit if self.at_most else value >= self.limit

    def decides(self, value: float) -> bool:
        """Whether a value tells; the least that something can be does only where it lies beyond the limit."""
        return not (isinstance(value, AtLeast) and value <= self.limit)


@dataclass(frozen=True, slots=True)
class Judgement:
    """What some replications say of a requirement.

    The verdict has the value over the replications as findings have it, of what is furthest beyond the limit
    if the requirement speaks of several things. `within` counts the replications in which all of them are
    within the limit, of the verdict's `n`; `share` is the part that should be, NaN where there is no luck.
    """

    requirement: Requirement
    verdict: Verdict
    within: int
    share: float = math.nan

    @property
    def room(self) -> float:
        """How far the value is within the limit, as a part of it; less than 0 beyond. NaN if not measured."""
        sign = -1 if self.requirement.at_most else 1
        return sign * self.verdict.by / (abs(self.requirement.limit) or 1.0)

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {**self.verdict.to_json(), "within": self.within, "share": known(self.share)}


def read_requirement(text: str, *, metrics: Mapping[str, str] | None = None) -> Requirement:
    """Read ``METRIC[LABEL=VALUE,…] <= LIMIT``.

    Parameters
    ----------
    text : str
        What the user wrote. The limit has a unit, or is a bare number in the unit of the metric's name.
    metrics : mapping of str to str, optional
        Units of the metrics there are; those of a simulation if not given.

    Raises
    ------
    InputError
        It has another form, there is no such metric, or the limit has another unit.

    Examples
    --------
    >>> one = read_requirement("p95_wait_s[pool=gpu] <= 4 h")
    >>> one.metric, one.where, one.at_most, one.limit
    ('p95_wait_s', (('pool', 'gpu'),), True, 14400.0)
    """
    units = {name: metric.unit for name, metric in METRICS.items()} if metrics is None else metrics
    where = f"--require {text}"
    found = _FORM.fullmatch(text)
    if found is None:
        what = "is not of the form METRIC[LABEL=VALUE] <= LIMIT"
        raise InputError(what, where=where, fix=f"write {EXAMPLE}")
    metric, inside, sign, limit = found.groups()
    if metric not in units:
        raise InputError(f"there is no metric '{metric}'", where=where, fix=nearest(metric, list(units)))
    amount, unit = _limit(limit, units[metric], where)
    return Requirement(text, metric, _labels(inside, where), sign.startswith("<"), amount, unit)


def _labels(inside: str | None, where: str) -> Labels:
    if inside is None or not inside.strip():
        return ()
    pairs = [part.partition("=") for part in inside.split(",")]
    for name, equals, value in pairs:
        if not equals or not name.strip() or not value.strip():
            what = f"'{inside}' is not of the form LABEL=VALUE,…"
            raise InputError(what, where=where, fix=f"write {EXAMPLE}")
    found = tuple((name.strip(), value.strip()) for name, _, value in pairs)
    if len(dict(found)) < len(found):
        raise InputError(f"'{inside}' names a label twice", where=where, fix="one value for each label, or *")
    return found


def _limit(text: str, unit: str, where: str) -> tuple[float, str]:
    """Return the limit and its unit; a limit of money says its currency."""
    with suppress(ValueError):
        number = float(text)
        if unit == CURRENCY:
            fix = f"say in which currency, as {text} KRW"
            raise InputError(f"'{text}' has no currency", where=where, fix=fix)
        if math.isfinite(number):
            return number, unit
        raise InputError(f"'{text}' is no limit", where=where, fix="a finite number")
    if unit not in _DIMENSIONS and unit != CURRENCY:
        raise InputError(f"'{text}' is no number", where=where, fix=f"a number of [{unit}]")
    try:
        if unit == CURRENCY:
            amount, (currency,) = money(text)
            return amount, currency
        return to_si(text, _DIMENSIONS[unit]), unit
    except UnitError as error:
        raise InputError(Problem(p.what, where, p.fix) for p in error.problems) from None


def waits_asked(requirements: Iterable[Requirement]) -> tuple[str, ...]:
    """Return the sets of labels of waits that requirements speak of and no run measures unasked."""
    asked = (label_set(one.metric, one.where) for one in requirements)
    return tuple(dict.fromkeys(one for one in asked if one))


def places_of(requirement: Requirement, values: Collection[tuple[str, Labels]]) -> list[Labels]:
    """Return the labels of every value that a requirement speaks of.

    A label that is not given must not be there, but for the month, which is ``all`` then.

    Raises
    ------
    InputError
        There is none; the error says which labels the metric has.
    """
    asked = dict(requirement.where)
    of_metric = [dict(where) for metric, where in values if metric == requirement.metric]
    found = [where for where in of_metric if _fits(where, asked)]
    if found:
        return [tuple(where.items()) for where in found]
    kinds = dict.fromkeys(tuple(where) for where in of_metric)
    forms = [f"{requirement.metric}[{','.join(f'{name}=…' for name in kind)}]" for kind in kinds]
    fix = f"there are: {', '.join(forms)}" if forms else "it is not measured here"
    raise InputError("this is not measured", where=f"--require {requirement.text}", fix=fix)


def _fits(where: Mapping[str, str], asked: Mapping[str, str]) -> bool:
    wanted = {"month": "all", **asked} if "month" in where else asked
    if wanted.keys() != where.keys():
        return False
    whole = wanted.get("month") == ANY and where["month"] == "all"
    return not whole and all(value in {ANY, where[name]} for name, value in wanted.items())


def meets(requirement: Requirement, run: Values, *, never_s: float = math.inf) -> bool:
    """Say whether one run has everything that a requirement speaks of within the limit, known whole.

    Raises
    ------
    InputError
        The requirement speaks of nothing that was measured.
    """
    each = (_values(requirement, where, [run], never_s)[0] for where in places_of(requirement, list(run)))
    return all(requirement.holds(one) and requirement.decides(one) for one in each if not math.isnan(one))


def judge(
    requirement: Requirement,
    runs: Sequence[Values],
    look: Look | None = None,
    *,
    share: float = math.nan,
    confidence: float = math.nan,
    never_s: float = math.nan,
) -> Judgement:
    """Judge replications by a requirement: how many have everything it speaks of within the limit.

    Parameters
    ----------
    requirement, runs : Requirement, sequence of dict
        The target, and what each replication measured.
    look : Look, optional
        What shows it met or missed. Without one there is no luck in the runs, as in the replay of a log: all
        of them must meet it.
    share, confidence : float
        What the look asks for. [1]
    never_s : float
        What stands for a time at which nothing happened within the horizon: the horizon. [s]

    Raises
    ------
    InputError
        The requirement speaks of nothing that was measured.
    """
    places = places_of(requirement, list(dict.fromkeys(key for run in runs for key in run)))
    each = {where: _values(requirement, where, runs, never_s) for where in places}
    futures = [
        [value for value in future if not math.isnan(value)] for future in zip(*each.values(), strict=True)
    ]
    measured = [future for future in futures if future]  # what was never measured asks for nothing
    missed = sum(_misses(requirement, future) for future in measured)
    within = sum(
        all(requirement.holds(value) and requirement.decides(value) for value in future)
        for future in measured
    )
    where, found = min(
        ((where, _found(requirement, values, certain=look is None)) for where, values in each.items()),
        key=lambda one: _room(requirement, one[1], each[one[0]]),
    )
    verdict = Verdict(
        asked=requirement.text, standing=_standing(within, missed, len(measured), look),
        metric=requirement.metric, labels=where, found=found.value, low=found.low, high=found.high,
        limit=requirement.limit,
        unit=requirement.unit, by=found.value - requirement.limit, by_unit=requirement.unit, n=len(measured),
        confidence=confidence,
        method="the value itself" if look is None else "share of futures, Clopper and Pearson",
    )  # fmt: skip
    return Judgement(requirement, verdict, within, share)


def _values(requirement: Requirement, where: Labels, runs: Sequence[Values], never_s: float) -> list[float]:
    """Return what each replication measured of one thing, NaN if nothing."""
    each = [run.get((requirement.metric, where), math.nan) for run in runs]
    if requirement.metric in _FIRST_TIMES:  # it need not happen within the horizon
        each = [never_s if math.isnan(value) else value for value in each]
    return each


def _found(requirement: Requirement, values: Sequence[float], *, certain: bool) -> Interval:
    """Return the value over the replications; where there is no luck, it is its own bounds."""
    found = interval_of(EVERY[requirement.metric].kind, values)
    return replace(found, low=found.value, high=found.value) if certain else found


def _room(requirement: Requirement, found: Interval, values: Sequence[float]) -> tuple[float, float]:
    """Return what sorts first what holds in the fewest replications, and of those what is furthest beyond."""
    known = [value for value in values if not math.isnan(value)]
    if not known:
        return math.inf, 0.0
    away = found.value - requirement.limit
    room = -away if requirement.at_most else away
    return sum(map(requirement.holds, known)) / len(known), room if math.isfinite(room) else -math.inf


def _misses(requirement: Requirement, future: Sequence[float]) -> bool:
    return any(requirement.decides(value) and not requirement.holds(value) for value in future)


def _standing(within: int, missed: int, measured: int, look: Look | None) -> Standing:
    """Return what so many replications show that meet it, or miss it; the others speak for neither side."""
    if look is None:
        return "not shown" if not measured or within + missed < measured else shown_if(not missed)
    if within >= look.met_from:
        return "shown"
    return "shown not" if measured and look.count - missed <= look.missed_to else "not shown"


def check_places(requirement: Requirement, scenario: Scenario) -> None:
    """Refuse, before anything is simulated, a requirement on what the scenario does not have.

    Raises
    ------
    InputError
        A label names a pool, tier, class or tenant that is not there, or a month outside the horizon; or the
        limit is in another currency than the site reports in.
    """
    first, last = f"{scenario.start:%Y-%m}", f"{scenario.until:%Y-%m}"
    known: dict[str, Collection[str]] = {
        "pool": scenario.site.pools, "tier": scenario.site.storage, "job_class": scenario.workload.classes,
        "tenant": scenario.workload.tenants, "qos": scenario.policy.qos,
    }  # fmt: skip
    where = f"--require {requirement.text}"
    currency = scenario.site.reporting_currency
    if UNITS.get(requirement.metric) == CURRENCY and currency and requirement.unit != currency:
        what = f"a limit in {requirement.unit}, and the site reports in {currency}"
        raise InputError(what, where=where, fix=f"give it in {currency}")
    for name, value in requirement.where:
        if name in known and value != ANY and value not in known[name]:
            what = f"the scenario has no {name.replace('_', ' ')} '{value}'"
            raise InputError(what, where=where, fix=nearest(value, list(known[name])))
        is_month = re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", value) and first <= value <= last
        if name == "month" and value not in {ANY, "all"} and not is_month:
            fix = f"a month from {first} to {last}, all for the whole horizon, * for each"
            raise InputError(f"'{value}' is no month of the scenario", where=where, fix=fix)


def always_met(requirements: Iterable[Requirement], scenario: Scenario) -> list[str]:
    """Return a warning for each requirement, of those that `check_places` lets pass, that every site meets.

    A tier stops taking data at its limit.
    """
    said = []
    for one in requirements:
        if one.metric != "storage_used_frac" or not one.at_most:
            continue
        asked = dict(one.where).get("tier", ANY)
        tiers = {name: tier for name, tier in scenario.site.storage.items() if asked in {ANY, name}}
        if tiers and all(tier.fill_limit <= one.limit for tier in tiers.values()):
            limit_frac = max(tier.fill_limit for tier in tiers.values())
            names = " and ".join(tiers)
            said.append(
                f"--require {one.text} is met by any site: {names} turns data away from its fill_limit of "
                f"{limit_frac:.4g} on; require less, or storage_refused_bytes[tier={asked}] <= 0 B"
            )
    return said
