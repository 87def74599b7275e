"""The period a log covers: within which times it is complete, which is not the span of its submissions.

An export of one day also has the job that was submitted weeks before and ended in that day. Load and use are
taken over the period; what is submitted before it, or runs beyond it, is counted.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.stats import poisson

from workloads.errors import LogError
from workloads.jobtable import JobTable, slot_seconds
from workloads.zone_names import zone_called
from workloads.zones import moment, zone_of

UNLIKELY: Final = 1e-3
"""So seldom would submissions at one rate leave a time as empty as that before an estimated period."""
LEAST_FRAC: Final = 0.01
"""A time before an estimated period that is a smaller part of the log does not matter."""
FEWEST_JOBS: Final = 10
"""Fewer submissions have no gap that is like no other. [job]"""
FEW_FRAC: Final = 0.01
"""One submission, or such a part of all, may come before a gap without counting."""
FARTHER: Final = 4.0
"""So many times as long as any other gap, a gap at the beginning is no part of the log."""
UNSAID_FRAC: Final = 0.01
"""When so small a part of the work was done need not be said: as if it had not waited."""
SNAP_FRAC: Final = 0.1
"""An estimated period begins and ends at midnight if that makes it longer by no more than this."""
NEVER_S: Final = 1 << 62
"""End of a job that did not run, or of which nobody knows how long. [s]"""
WRITE: Final = "as 2024-06-01..2024-06-30, both days included, or 2024-06-01T08:00..2024-06-02T08:00"
Floats = NDArray[np.float64]
Ints = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Period:
    """When a log is complete, and what reaches beyond.

    Attributes
    ----------
    first_s, last_s : int
        From when until when, since the origin of the log. [s]
    how : {"stated", "estimated", "submissions"}
        Somebody said so; or it was told from what the log has; or it is the span of all submissions.
    before, after : int
        Jobs submitted before it; jobs of before its end that ended after it. [job]
    """

    first_s: int
    last_s: int
    how: Literal["stated", "estimated", "submissions"]
    before: int
    after: int

    @property
    def length_s(self) -> int:
        """How long it is [s]."""
        return self.last_s - self.first_s

    @property
    def is_span(self) -> bool:
        """Whether it is no more than the span of the submissions."""
        return self.how == "submissions"

    def holds(self, times_s: Ints) -> NDArray[np.bool_]:
        """Return which times lie in it; a span has its last submission, too."""
        inside: NDArray[np.bool_] = (times_s >= self.first_s) & (
            (times_s <= self.last_s) if self.is_span else (times_s < self.last_s)
        )
        return inside


def period_of(table: JobTable) -> Period:
    """Return the period of a table with at least one job.

    Notes
    -----
    Where nobody states it, it is the span of the submissions, unless the log shows that it was cut out by
    when jobs ran: every job submitted before some time ended after it, and so few were submitted before it,
    over so long, that nobody submitted at one rate. Then it begins there. A log that does not say when its
    jobs started cannot show that, nor can one with a job that ended before; of any log it begins after the
    longest gap if next to nothing was submitted before that and no other gap is nearly as long.
    """
    submit_s, end_s = table.numbers("submit_s"), ends(table)
    if table.period_s is not None:
        how: Literal["stated", "estimated", "submissions"] = "stated"
        first, last = table.period_s
    else:
        first, last, how = int(submit_s[0]), int(submit_s[-1]), "submissions"
        started = (table.numbers("run_s") > 0) & (starts(table) >= 0)
        shows = _nearly_all(started, slot_seconds(table))
        began = _complete_from(submit_s, np.where(started, end_s, NEVER_S)) if shows else None
        if began is None:
            began = _after_a_gap(submit_s)
        if began is not None:
            how = "estimated"
            first, last = _snapped(table, began, last + 1)
    before = int(np.searchsorted(submit_s, first))
    after = int(np.count_nonzero((end_s > last) & (submit_s < last)))
    return Period(first, last, how, before, after)


def within(table: JobTable) -> tuple[JobTable, Period]:
    """Return the jobs that were submitted in the period of a table with at least one, and the period."""
    period = period_of(table)
    inside = period.holds(table.numbers("submit_s"))
    return (table if inside.all() else table.take(inside)), period


def starts(table: JobTable) -> Ints:
    """Return when each job started since the origin; -1 where the log does not say, shape (n_jobs,) [s]."""
    wait_s = table.numbers("wait_s")
    started: Ints = np.maximum(table.numbers("submit_s"), table.links("eligible_s"))
    started += wait_s  # in place, as all that follows: a column of a large log is 80 MB
    started[wait_s < 0] = -1
    return started


def ends(table: JobTable) -> Ints:
    """Return when each job ended; where no wait is known, when it would have without one [s]."""
    ended = starts(table)
    unknown = ended < 0
    ended[unknown] = table.numbers("submit_s")[unknown]
    ended += np.maximum(table.numbers("run_s"), 0)
    return ended


def _complete_from(submit_s: Ints, end_s: Ints) -> int | None:
    """Return from when on the log is complete, if that is later than its first submission."""
    n, span = len(submit_s), int(submit_s[-1]) - int(submit_s[0])
    if n < 3 or not span:
        return None
    early = int(np.searchsorted(submit_s, int(end_s.min()), side="right"))
    if early >= n:
        return None
    places = np.arange(1, early + 1)
    ago = (submit_s[places] - submit_s[0]) / span
    rest = np.maximum(1.0 - ago, 1e-12)
    # How much better two rates tell the submissions than one, with the change at each of these places.
    with np.errstate(divide="ignore"):
        gain = places * np.log(places / (n * np.maximum(ago, 1e-12))) + (n - places) * np.log(
            (n - places) / (n * rest)
        )
    slower = (places < n * ago) & (ago >= LEAST_FRAC)
    if not slower.any():
        return None
    best = int(np.argmax(np.where(slower, gain, -np.inf)))
    k, frac = int(places[best]), float(ago[best])
    reaches = bool((end_s[:k] >= submit_s[k]).all())
    return int(submit_s[k]) if reaches and poisson.cdf(k, n * frac) < UNLIKELY else None


def _after_a_gap(submit_s: Ints) -> int | None:
    """Return the first submission after a gap at the beginning that is like no other, if there is one."""
    n, span = len(submit_s), int(submit_s[-1]) - int(submit_s[0])
    if n < FEWEST_JOBS or not span:
        return None
    gaps = np.diff(submit_s)
    k = int(np.argmax(gaps)) + 1
    if k > max(1, FEW_FRAC * n):
        return None
    frac = float(submit_s[k] - submit_s[0]) / span
    others = np.delete(gaps, k - 1)
    alone = gaps[k - 1] > FARTHER * others.max() and frac >= LEAST_FRAC
    return int(submit_s[k]) if alone and poisson.cdf(k, n * frac) < UNLIKELY else None


def _nearly_all(started: NDArray[np.bool_], work: Floats) -> bool:
    """Whether the log says when nearly all of its work was done."""
    return bool(work.sum() == 0 or work[~started].sum() <= UNSAID_FRAC * work.sum())


def _snapped(table: JobTable, first: int, last: int) -> tuple[int, int]:
    """Return a period from midnight to midnight where it nearly is one: so are exports."""
    begin, end = moment(first, table), moment(last, table)
    if begin is None or end is None:
        return first, last
    down = datetime(begin.year, begin.month, begin.day, tzinfo=begin.tzinfo)
    up = datetime(end.year, end.month, end.day, tzinfo=end.tzinfo) + timedelta(days=1)
    room = SNAP_FRAC * (last - first)
    earlier, later = begin.timestamp() - down.timestamp(), up.timestamp() - end.timestamp()
    return (first - int(earlier) if earlier <= room else first), (
        last + int(later) if later <= room else last
    )


def stated(text: str, table: JobTable) -> tuple[int, int]:
    """Return a period that somebody wrote, since the origin of the table and by its clock [s].

    Raises
    ------
    LogError
        It cannot be read, is empty, or the log does not say when its clock was 0.
    """
    parts = text.split("..")
    if len(parts) != 2:
        raise LogError.whole_file(table.source, f"'{text}' is no period", WRITE)
    if table.origin is None:
        what = "the log does not say when its clock was 0, so no date of it is known"
        raise LogError.whole_file(table.source, what, "leave out --period")
    zone = zone_called(zone_of(table) or "UTC")
    instants = []
    for part, is_last in zip(parts, (False, True), strict=True):
        try:
            day = date.fromisoformat(part.strip())
            found = datetime(day.year, day.month, day.day) + timedelta(days=int(is_last))
        except ValueError:
            try:
                found = datetime.fromisoformat(part.strip())
            except ValueError:
                raise LogError.whole_file(table.source, f"'{text}' is no period", WRITE) from None
        instants.append((found if found.tzinfo else found.replace(tzinfo=zone)).timestamp())
    zero = moment(0, table)
    assert zero is not None
    first, last = (int(instant - zero.timestamp()) for instant in instants)
    if last <= first:
        raise LogError.whole_file(table.source, f"the period '{text}' ends before it begins", WRITE)
    return first, last


@dataclass(frozen=True, slots=True)
class PeriodWork:
    """The work of a log in its period.

    Attributes
    ----------
    submitted_slot_s : float
        Of the jobs submitted in it, the whole of each, and of the attempts that began in it. [slot s]
    used_slot_s : float or None
        Slots held within it, attempts included; None where the log does not say when jobs ran. [slot s]
    jobs : int
        Submitted in it. [job]
    """

    submitted_slot_s: float
    used_slot_s: float | None
    jobs: int

    @property
    def offered_slot_s(self) -> float:
        """The work that was asked for: what was submitted, or what was done if that was more [slot s]."""
        return max(self.submitted_slot_s, self.used_slot_s or 0.0)


def work_in(table: JobTable, period: Period) -> PeriodWork:
    """Return the work of a table in a period."""
    inside = period.holds(table.numbers("submit_s"))
    work = slot_seconds(table)
    submitted = float(work[inside].sum())
    if table.attempts is not None:
        start, run, slots = (table.attempts[name].to_numpy() for name in ("start_s", "run_s", "slots"))
        submitted += float(np.dot(_floats(run), _floats(slots) * period.holds(start)))
    known = starts(table) >= 0
    used = None
    told = known.any() and _nearly_all(known, work)
    del work  # as much as all the rest at this place
    if told:
        used = sum(float(np.dot(run, slots)) for run, slots in held(table, period))
    return PeriodWork(submitted, used, int(inside.sum()))


def held(table: JobTable, period: Period) -> Iterator[tuple[Floats, Floats]]:
    """Yield how long within a period slots were held, and how many: by jobs, then by further attempts."""
    start_s = starts(table)
    start_s = np.where(start_s >= 0, start_s, table.numbers("submit_s"))
    yield clipped(start_s, table.numbers("run_s"), period), _floats(table.numbers("slots"))
    if table.attempts is not None:
        start, run, slots = (table.attempts[name].to_numpy() for name in ("start_s", "run_s", "slots"))
        yield clipped(start, run, period), _floats(slots)


def _floats(values: Ints) -> Floats:
    numbers: Floats = np.maximum(values, 0).astype(np.float64)
    return numbers


def clipped(start_s: Ints, run_s: Ints, period: Period) -> Floats:
    """Return how long of each run lies within a period [s]."""
    within = np.maximum(run_s, 0).astype(np.int64)
    within += start_s
    np.minimum(within, period.last_s, out=within)
    within -= np.maximum(start_s, period.first_s)
    np.maximum(within, 0, out=within)
    return within.astype(np.float64)


def load_of(table: JobTable, slots: float) -> float:
    """Return the work that was asked for over what a machine could do in the period; NaN of no time."""
    period = period_of(table)
    room = slots * period.length_s
    return work_in(table, period).offered_slot_s / room if room else math.nan
