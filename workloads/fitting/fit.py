"""Fits the demand model to a log: series, classes, rhythm, people, level; all that a synthetic year needs."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from numpy.typing import NDArray

from workloads.errors import LogError
from workloads.fitting.bands import Band, classes_by, classes_in
from workloads.fitting.classes import FittedClass, fit_class
from workloads.fitting.demanded import demanded
from workloads.fitting.holding import HoldShare, holding_of
from workloads.fitting.level import Level, level_of
from workloads.fitting.log_series import LogSeries, series_in
from workloads.fitting.names import names_of
from workloads.fitting.restraint import fit_restraint
from workloads.fitting.rhythm import ENOUGH, profile_of, wall_clock
from workloads.fitting.users import people
from workloads.fitting.weeks import FittedWeeks, weeks_of
from workloads.fitting.weeks_ahead import columns_of, work_of_weeks
from workloads.jobtable import JobTable, slot_seconds
from workloads.period import Period, load_of, within
from workloads.synthetic.calendar import Ramp
from workloads.synthetic.model import DemandModel, TenantNumbers
from workloads.synthetic.target import TargetNumbers
from workloads.synthetic.week_levels import WeekLevels
from workloads.zones import zone_of

FEWEST_JOBS = 50
LONGEST_SPAN_S = 200 * 365 * 86_400
LEAST_LOAD_FRAC, MOST_LOAD_FRAC = 1e-5, 10.0
"""Beyond which the machine is not the one the log comes from."""
MOST_TENANTS = 12
LEAST_TENANT_FRAC = 0.01
"""Tenants with a smaller share of the series, jobs and work join the others."""
USERS_PER_TENANT = 2
"""Where groups have fewer users on average, they say nothing, and all users are one tenant."""
ALWAYS = date(1950, 1, 1)
DAY_S = 86400


@dataclass(frozen=True, slots=True)
class Fitted:
    """A demand model fitted to a log, and what it rests on.

    Attributes
    ----------
    model : DemandModel
        Who submits what, without a level: that is `weeks` on `slots`.
    classes : tuple of FittedClass
        Its classes, with how well each fits.
    weeks : FittedWeeks
        The level, and how weeks differ.
    restraint_frac : float
        How much less people submit for each day of work that is queued.
    slots : int
        Size of the machine the level refers to. [slot]
    jobs, series, users : int
        How many the log has.
    span_s : int
        Length of the period of the log. [s]
    exact : bool
        The log has no requests: jobs ask for what they need.
    has_clock : bool
        The log says when it began, so that weekdays are real ones.
    starts_only : bool
        What it calls submissions are probably starts: nobody ever had to wait.
    source : str
        The log.
    holding : HoldShare
        How often large jobs fit when they are submitted: whether people wait before that.
    level : Level or None
        Where the level is at the end of the log, and how it drifts; None of less than four weeks.
    zone, zone_from : str, str
        By whose clock it submits, and who said so, as in `JobTable`; empty where nobody knows.
    """

    model: DemandModel
    classes: tuple[FittedClass, ...]
    weeks: FittedWeeks
    restraint_frac: float
    slots: int
    jobs: int
    series: int
    users: int
    span_s: int
    exact: bool
    has_clock: bool
    starts_only: bool
    source: str
    holding: HoldShare
    level: Level | None
    zone: str = ""
    zone_from: str = ""


def fit(table: JobTable, *, slots: int, by: str = "size", name: str = "fitted") -> Fitted:
    """Return a demand model whose synthetic jobs are like those of a log.

    Parameters
    ----------
    table : JobTable
        A cleaned log (`JobTable.clean`).
    slots : int
        Size of the machine that the load refers to. [slot]
    by : str
        How jobs are divided into classes: ``size`` for size and length, or a label column of the table.
    name : str
        Name of the model.

    Raises
    ------
    LogError
        Fewer than 50 jobs, or less than a day: that is no log to learn from. A span of more than 200 years,
        or work that the machine cannot be meant for.

    Notes
    -----
    The unit of demand is the series: jobs a person submits in a row with one size and one request. Classes of
    series come as Poisson processes that follow the hours and weekdays; the week's level moves them together.
    """
    load = load_of(table, slots) if len(table) else 0.0
    table, period = within(table) if len(table) else (table, Period(0, 0, "submissions", 0, 0))
    span_s = period.length_s
    _check(table, span_s, slots, load)
    submit_s = table.numbers("submit_s")
    found = series_in(table)
    exact = bool((table.numbers("requested_s") == table.numbers("run_s")).all())
    states = table.labels("state")[0][found.row]
    clock = wall_clock(found.start_s + int(submit_s.min()), table)
    overall = profile_of(clock, np.ones(len(found.count), np.bool_))
    bands = _bands(table, found, by)
    classes = []
    for band in bands:
        one = fit_class(band, found, states, exact)
        if band.members.sum() >= ENOUGH:
            series = one.job_class.series
            assert series is not None
            own = replace(series, profile=profile_of(clock, band.members, overall))
            one = replace(one, job_class=replace(one.job_class, series=own))
        classes.append(one)
    tenants = tuple(_tenants(table, found, bands, span_s))
    model = DemandModel(
        name=name,
        reference="",
        tenants=tenants,
        classes=tuple(one.job_class for one in classes),
        profile=overall,
    )
    weeks = weeks_of(submit_s - period.first_s, slot_seconds(table), span_s, load)
    levels = WeekLevels(weeks.levels, weeks.persistence)
    target = TargetNumbers(offered_load_frac=weeks.load_frac, slots=slots, weeks=levels)
    submits, runs, widths = (table.numbers(name).astype(np.int64) for name in ("submit_s", "run_s", "slots"))
    asked = demanded(submits, runs, widths, slots)
    return Fitted(
        model=model,
        classes=tuple(classes),
        weeks=weeks,
        restraint_frac=fit_restraint(model, target, asked.excess_frac),
        slots=slots,
        jobs=len(table),
        series=len(found.count),
        users=len(np.unique(found.user)),
        span_s=span_s,
        exact=exact,
        has_clock=table.origin is not None,
        starts_only=asked.tells_starts(weeks.load_frac),
        source=table.source,
        holding=holding_of(table, slots),
        level=level_of(work_of_weeks(columns_of(table), period.first_s, period.last_s)),
        zone=zone_of(table),
        zone_from=table.zone_from,
    )


def _check(table: JobTable, span_s: int, slots: int, load: float) -> None:
    """Refuse a log that says too little, or what no demand can be."""
    if len(table) < FEWEST_JOBS or span_s < DAY_S:
        what = f"{len(table)} jobs in {span_s} s are too few to learn from"
        raise LogError.whole_file(table.source, what, f"at least {FEWEST_JOBS} jobs in at least a day")
    if span_s > LONGEST_SPAN_S:
        what = f"the submissions span {span_s / DAY_S / 365:,.0f} years"
        raise LogError.whole_file(table.source, what, "submission is in whole seconds")
    if not LEAST_LOAD_FRAC <= load <= MOST_LOAD_FRAC:
        what = f"the jobs are {load:.3g} times the work that {slots:,} slots can do"
        fix = f"{LEAST_LOAD_FRAC:g} to {MOST_LOAD_FRAC:g} times: say the size of the machine with --slots"
        raise LogError.whole_file(table.source, what, fix)


def _bands(table: JobTable, found: LogSeries, by: str) -> list[Band]:
    if by == "size":
        return classes_in(found)
    codes, words = table.labels(by)
    return classes_by(codes[found.row[found.first]].astype(np.int64), words)


def _tenants(table: JobTable, found: LogSeries, bands: Sequence[Band], span_s: int) -> list[TenantNumbers]:
    """Return the tenants of the log that are large enough to tell apart, and the others as one."""
    words = table.labels("tenant")[1]
    if len(np.unique(found.user)) > 1 and len(np.unique(found.user)) < USERS_PER_TENANT * len(
        np.unique(found.tenant)
    ):  # a group of one is no group
        return [_tenant("all", "everyone", np.ones(len(found.count), np.bool_), found, bands, span_s)]
    weight = np.bincount(found.tenant, found.weight, len(words)) / found.weight.sum()
    large = [code for code in np.argsort(-weight, kind="stable") if weight[code] >= LEAST_TENANT_FRAC]
    large = large[:MOST_TENANTS]
    groups = [(str(words[code]).strip(), found.tenant == code) for code in large]
    rest = ~np.isin(found.tenant, large)
    if rest.any():
        groups.append(("others" if groups else "", rest))
    alone = len(groups) == 1
    names = names_of([_name_of_group(title) for title, _ in groups], nameless="all" if alone else "none")
    return [
        _tenant(name, title or ("everyone" if alone else "no group"), members, found, bands, span_s)
        for name, (title, members) in zip(names, groups, strict=True)
    ]


def _name_of_group(title: str) -> str:
    return f"group-{title}" if title.isdigit() else title


def _tenant(
    name: str,
    title: str,
    members: NDArray[np.bool_],
    found: LogSeries,
    bands: Sequence[Band],
    span_s: int,
) -> TenantNumbers:
    count, sigma = people(found.user[members], found.work[members])
    jobs = int(found.count[members].sum())
    mix = {band.name: int(found.count[members & band.members].sum()) / jobs for band in bands}
    return TenantNumbers(
        name=name,
        title=title,
        members=Ramp("linear", ((ALWAYS, float(count)),)),
        jobs_per_member_day=jobs / count / (span_s / DAY_S),
        class_mix={name: share for name, share in mix.items() if share},
        activity_sigma=sigma,
    )
