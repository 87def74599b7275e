"""When jobs are submitted: gaps, bursts, the hours of the day and the days of the week.

Burstiness follows K.-I. Goh and A.-L. Barabási, "Burstiness and memory in complex systems", EPL 81 (2008)
48002, doi:10.1209/0295-5075/81/48002.
"""

from collections.abc import Iterator

import numpy as np

from workloads.describe.jobs import Jobs
from workloads.describe.measures import HOURS, LAGS, WEEKDAYS, WINDOWS_S, Measure
from workloads.describe.numbers import Floats, Numbers, autocorrelation, quantiles, share
from workloads.describe.overview import HOUR_S, NO_SPAN
from workloads.fitting.level import level_of

ONE_JOB = "there is one job only"
NO_USERS = "the log does not say who submitted"
NO_PAIRS = "no user has a second job"
FEW_WEEKS = "fewer than four whole weeks with work"
NIGHT_HOURS = 8
LONGEST_S = 500 * 366 * 86_400
"""A wrong clock can put a million years between two jobs; nobody counts their hours. [s]"""


def arrivals(jobs: Jobs) -> Iterator[Measure]:
    """Yield gaps, likeness of successive jobs, profiles of day and week, dispersion and autocorrelation."""
    yield from _gaps(np.diff(jobs.submit_s))
    yield from _same_user(jobs)
    yield from _profiles(jobs)
    yield from _windows(jobs)
    yield from _level(jobs)


def _gaps(gaps: Numbers) -> Iterator[Measure]:
    why = "" if len(gaps) else ONE_JOB
    average = float(gaps.mean()) if len(gaps) else None
    yield Measure("gap_mean_s", average, note=why)
    yield Measure("gap_p50_s", quantiles(gaps, (0.5,))[0], note=why)
    spread = float(gaps.std()) if len(gaps) else 0.0
    cv = spread / average if average else None
    yield Measure("gap_cv", cv, note="" if cv is not None else why or NO_SPAN)
    bursty = (spread - average) / (spread + average) if average else None
    yield Measure("gap_burstiness", bursty, note="" if bursty is not None else why or NO_SPAN)


def _same_user(jobs: Jobs) -> Iterator[Measure]:
    """Yield how a job follows the same user's job before: when, and whether it asks for the same."""
    names = ("same_user_gap_p50_s", "repeat_size_frac", "repeat_request_frac")
    before, after = _successive(jobs.users.codes)
    if not len(before):
        why = NO_PAIRS if jobs.users.words else NO_USERS
        yield from (Measure(name, None, note=why) for name in names)
        return
    gaps = jobs.submit_s[after]
    gaps -= jobs.submit_s[before]
    yield Measure(names[0], quantiles(gaps, (0.5,))[0])
    del gaps
    sized = jobs.has_slots[before] & jobs.has_slots[after]
    alike = jobs.slots[before] == jobs.slots[after]
    asked = sized & jobs.has_request[before] & jobs.has_request[after]
    alike_too = alike & (jobs.requested_s[before] == jobs.requested_s[after])
    for name, counted, same in ((names[1], sized, alike), (names[2], asked, alike_too)):
        part = share(np.count_nonzero(same & counted), np.count_nonzero(counted))
        yield Measure(name, part, note="" if part is not None else "not in the log")


def _successive(users: Numbers) -> tuple[Numbers, Numbers]:
    """Return the rows of jobs and of the same user's next; rows without a user are left out."""
    order = np.argsort(users, kind="stable").astype(np.min_scalar_type(len(users)))
    order = order[np.searchsorted(users[order], 0) :]
    same = users[order[1:]] == users[order[:-1]]
    return order[:-1][same], order[1:][same]


def _profiles(jobs: Jobs) -> Iterator[Measure]:
    names = ("night_jobs_factor", "weekend_jobs_factor")
    if jobs.hour is None or jobs.weekday is None or jobs.day is None:
        for name in (*names, "hour_jobs_factor", "hour_dip_factor", "weekday_jobs_factor"):
            yield Measure(name, None, note=jobs.no_clock)
        return
    hours = np.bincount(jobs.hour, minlength=24) * 24 / len(jobs)
    weekdays = by_weekday(jobs.weekday, jobs.day)
    yield Measure(names[0], float(hours[:NIGHT_HOURS].mean()))
    weekend = None if weekdays is None else float(weekdays[5:].mean())
    yield Measure(names[1], weekend, note="" if weekdays is not None else "less than a week")
    for label, value in zip(HOURS, hours, strict=True):
        yield Measure("hour_jobs_factor", float(value), label)
    around = (np.roll(hours, 1) + np.roll(hours, -1)) / 2
    for label, value, beside in zip(HOURS, hours, around, strict=True):
        dip = share(float(value), float(beside))
        yield Measure("hour_dip_factor", dip, label, "" if dip is not None else "no job in the hours beside")
    for place, label in enumerate(WEEKDAYS):
        one = None if weekdays is None else float(weekdays[place])
        yield Measure("weekday_jobs_factor", one, label, "" if one is not None else "less than a week")


def by_weekday(weekday: Numbers, day: Numbers) -> Floats | None:
    """Return submissions per Monday, Tuesday, … over those of the mean day; None when one does not occur."""
    first, last = int(day[0]), int(day[-1])
    weeks, rest = divmod(last - first + 1, 7)
    days = weeks + ((np.arange(7) - first - 3) % 7 < rest)
    if not days.all():
        return None
    factors: Floats = np.bincount(weekday, minlength=7) / days * days.sum() / len(weekday)
    return factors


def _windows(jobs: Jobs) -> Iterator[Measure]:
    too_long = "spans more than 500 years" if jobs.span_s > LONGEST_S else ""
    counts = {name: _per_window(jobs, length) for name, length in WINDOWS_S.items()}
    work = {name: _per_window(jobs, length, weights=jobs.work / HOUR_S) for name, length in WINDOWS_S.items()}
    for name, series in (("count_dispersion", counts), ("work_dispersion", work)):
        for window, values in series.items():
            known = len(values) >= 2
            found = share(float(values.var()), float(values.mean())) if known else None
            why = "nothing submitted" if known else too_long or f"fewer than two whole {window}s"
            yield Measure(name, found, window, "" if found is not None else why)
    for lag, (window, steps) in LAGS.items():
        found = autocorrelation(counts[window], steps)
        why = "" if found is not None else too_long or "too short, or all counts alike"
        yield Measure("count_autocorrelation", found, lag, why)


def _level(jobs: Jobs) -> Iterator[Measure]:
    """Yield where the level of the work stands at the end, and how weeks differ and it drifts."""
    found = level_of(_per_window(jobs, WINDOWS_S["week"], weights=jobs.work))
    for name in ("now_ratio", "noise_sd", "step_sd"):
        value = None if found is None else float(getattr(found, name))
        yield Measure(f"level_{name}", value, note="" if found else FEW_WEEKS)


def _per_window(jobs: Jobs, length_s: int, *, weights: Floats | None = None) -> Floats:
    """Return jobs, or weights, per whole window from the first submission on; the last part is left out."""
    since = jobs.submit_s - jobs.submit_s[0]
    windows = (jobs.span_s + 1) // length_s if jobs.span_s <= LONGEST_S else 0
    inside = np.searchsorted(since, windows * length_s)
    return np.bincount(
        since[:inside] // length_s, None if weights is None else weights[:inside], windows
    ).astype(np.float64)
