"""What happened to each row of ``sacct`` and when: did it end, how did it, how long did it run and wait."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workloads.jobtable import NO_LIMIT_S, STATES, UNKNOWN, Tally, label_column
from workloads.readers.delimited.reader import MISSING_TIME, Delimited
from workloads.readers.sacct.clock import Instants
from workloads.readers.sacct.rows import Mask, SacctRows
from workloads.readers.sacct.states import ENDED, HOLDS, KNOWN, LEFT, REVOKED, RUNS, WAITS, state_word
from workloads.readers.sacct.words import NO_LIMIT, by_word, each_word, seconds, spans_of

_HOUR_S = 3600
_EARLIEST_S = 946_684_800
"""2000-01-01, before Slurm: a time before it is that of a clock that was not set. [s]"""
_YEAR_S = 366 * 86400
_MINUTES_S = 60
_INFINITE = "4294967295"


@dataclass(frozen=True, slots=True)
class Lives:
    """What became of the rows.

    Attributes
    ----------
    submit, eligible, start, end : array of int64
        Instants since 1970; `MISSING_TIME` where nothing says. [s]
    run_s, wait_s, suspended_s : array of int64
        -1 unknown. [s]
    state : array of int8
        Positions in `STATES`.
    holds, waits, never : array of bool
        Which still ran when the log was written, which waited, which had ended and never started.
    """

    submit: NDArray[np.int64]
    eligible: NDArray[np.int64]
    start: NDArray[np.int64]
    end: NDArray[np.int64]
    run_s: NDArray[np.int64]
    wait_s: NDArray[np.int64]
    suspended_s: NDArray[np.int64]
    state: NDArray[np.int8]
    holds: Mask
    waits: Mask
    never: Mask


def lives_of(log: Delimited, clock: Instants, rows: SacctRows) -> Lives:
    """Return what became of the rows; those whose times are none are left out."""
    missing = np.full(len(log), MISSING_TIME)
    start, end, eligible = (
        _set_times(clock.seconds.get(name, missing)) for name in ("start", "end", "eligible")
    )
    submit = clock.seconds["submit"]
    words = _words(log)
    state, holds, waits = _phases(words, rows, start, end)
    elapsed, suspended_s = _elapsed(log), _span(log, "suspended")
    ran = waits & (start != MISSING_TIME) & (elapsed > 0)  # requeued, and nobody wrote when
    holds, waits = holds | ran, waits & ~ran
    begun, over = start != MISSING_TIME, (end != MISSING_TIME) & ~holds & ~waits
    rows.leave_out(submit < _EARLIEST_S, "submitted before 2000: the clock was not set")
    if "end" in log:
        none = (end == MISSING_TIME) & ~holds & ~waits & (elapsed < 0)
        rows.leave_out(none, "not ended when the log was written: no end time", works=False)
    unused = _unused(log) & (end == start) & by_word(words, words.categories.to_numpy() == "CANCELLED")
    never = over & (~begun | unused) if "start" in log else np.zeros(len(log), np.bool_)
    rows.remark(never, "ended before it started: run time 0, wait unknown")
    both = begun & over & ~never
    hour = _compare_clocks(both, end - start, elapsed, suspended_s, rows)
    rows.leave_out(both & (end < start) & ~hour, "ends before it starts")
    span = np.where(begun & over & (end >= start), end - start, UNKNOWN)
    last = max((int(one.max(initial=0)) for one in (start, end, submit)), default=0)
    so_far = np.where(holds & begun, last - start, span)
    run_s = np.where(never | waits, 0, np.where(elapsed >= 0, elapsed, so_far))
    rows.leave_out(run_s < 0, "no run time", works=False)
    deadline = never & by_word(words, words.categories.to_numpy() == "DEADLINE")
    state = np.where(deadline, np.int8(STATES.index("cancelled")), state)
    eligible, wait_s = _waits(log, rows, submit, start, eligible, begun & ~never)
    return Lives(submit, eligible, start, end, run_s, wait_s, suspended_s, state, holds, waits, never)


def _words(log: Delimited) -> pd.Categorical:
    """Return the states in full, empty ones without a column of them."""
    if "state" not in log:
        return label_column(np.zeros(len(log), np.int8), [""])
    column = log.labels("state")
    full = np.array([state_word(word) for word in column.categories], dtype=object)
    unique, place = np.unique(full, return_inverse=True)
    return label_column(place[column.codes], [*unique])


def _phases(
    words: pd.Categorical, rows: SacctRows, start: NDArray[np.int64], end: NDArray[np.int64]
) -> tuple[NDArray[np.int8], Mask, Mask]:
    """Return how rows ended, which of them still ran, and which waited."""

    def among(some: frozenset[str]) -> Mask:
        return by_word(words, np.array([word in some for word in words.categories], np.bool_))

    ended = (start != MISSING_TIME) & (end != MISSING_TIME) & ~among(RUNS | {"PENDING"})
    rows.leave_out(among(frozenset({REVOKED})), "revoked: ran on another cluster", works=False)
    strange = frozenset(words.categories) - KNOWN - {""}
    named = ", ".join(sorted(strange)[:3])
    rows.remark(among(strange), f"state {named!r} taken as unknown")
    called = [STATES.index((ENDED | LEFT).get(word, "unknown")) for word in words.categories]
    return by_word(words, np.array(called, np.int8)), among(HOLDS) & ~ended, among(WAITS) & ~ended


def _set_times(times: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.where(times < _EARLIEST_S, MISSING_TIME, times)


def _unused(log: Delimited) -> Mask:
    """Return which rows say that nothing was allocated: older versions give them a start all the same."""
    none = np.zeros(len(log), np.bool_)
    if "alloctres" in log:
        none |= each_word(log.labels("alloctres"), len) == 0
    return none | (log.numbers("ncpus") == 0) if "ncpus" in log else none


def _elapsed(log: Delimited) -> NDArray[np.int64]:
    if "elapsedraw" in log:
        raw: NDArray[np.int64] = log.numbers("elapsedraw")
        return raw
    return _span(log, "elapsed")


def _span(log: Delimited, name: str) -> NDArray[np.int64]:
    if name in log:
        return np.maximum(spans_of(log.labels(name)), UNKNOWN)
    return np.full(len(log), UNKNOWN, np.int64)


def _compare_clocks(
    both: Mask,
    span: NDArray[np.int64],
    elapsed: NDArray[np.int64],
    suspended_s: NDArray[np.int64],
    rows: SacctRows,
) -> Mask:
    """Return and remark on jobs whose end minus start is an hour off what Slurm says has elapsed.

    What was suspended has not elapsed. Of jobs that are off by something else there is a remark, too.
    """
    off = np.where(both & (elapsed >= 0), span - elapsed - np.maximum(suspended_s, 0), 0)
    hour: Mask = np.abs(np.abs(off) - _HOUR_S) <= 1
    rows.remark(
        hour, "end − start differs from elapsed by an hour (daylight saving? export in UTC): elapsed taken"
    )
    what = "end − start is not elapsed (suspended, or the clock was set): elapsed taken"
    rows.remark((np.abs(off) > 1) & ~hour, what)
    return hour


def _waits(
    log: Delimited,
    rows: SacctRows,
    submit: NDArray[np.int64],
    start: NDArray[np.int64],
    eligible: NDArray[np.int64],
    began: Mask,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return when jobs could have started, and how long they waited from then on."""
    if "planned" in log and "eligible" not in log:
        planned = _span(log, "planned")
        eligible = np.where(began & (planned >= 0), start - planned, MISSING_TIME)
    known = eligible != MISSING_TIME
    eligible = np.where(known, np.maximum(eligible, submit), MISSING_TIME)
    early = began & (start < submit)
    rows.remark(early, "starts before it is submitted: wait unknown")
    odd = began & ~early & known & (start < eligible)
    rows.remark(odd, "starts before it is eligible: waits from its submission")
    eligible = np.where(odd | early, MISSING_TIME, eligible)
    since = np.where(eligible != MISSING_TIME, eligible, submit)
    return eligible, np.where(began & ~early, start - since, UNKNOWN)


def limits_of(log: Delimited, rows: SacctRows) -> NDArray[np.int64]:
    """Return time limits [s]; what sets none is `NO_LIMIT_S`, what says nothing -1 and remarked on."""
    columns = []
    if "timelimitraw" in log:
        columns.append(each_word(log.labels("timelimitraw"), _minutes))
    if "timelimit" in log:
        columns.append(spans_of(log.labels("timelimit")))
    if not columns:
        return np.full(len(log), UNKNOWN, np.int64)
    limit = columns[0]
    for other in columns[1:]:  # one may name the limit of the partition where the other has the word
        limit = np.where(limit > 0, limit, np.where(other > 0, other, np.minimum(limit, other)))
    names = [log.labels(name) for name in ("timelimit", "timelimitraw") if name in log]
    of_partition = np.logical_or.reduce([each_word(name, _is_partitions) > 0 for name in names])
    what = "time limit is that of the partition, which the log does not give: taken as none"
    rows.remark(of_partition & (limit == NO_LIMIT), what)
    rows.remark(limit == UNKNOWN, "no time limit given: requested time unknown")
    rows.remark(limit == 0, "time limit 0: requested time unknown")
    limit = np.where(limit == NO_LIMIT, NO_LIMIT_S, np.minimum(limit, NO_LIMIT_S))
    return np.where(limit > 0, limit, UNKNOWN)


def _minutes(word: str) -> int:
    if word == _INFINITE:
        return NO_LIMIT
    return _MINUTES_S * int(word) if word.isascii() and word.isdigit() else int(seconds([word])[0])


def _is_partitions(word: str) -> int:
    return int(word.lower().startswith("partition"))


def long_gaps(submit: NDArray[np.int64], rows: SacctRows) -> list[Tally]:
    """Return the remark on jobs before which nobody submitted anything for more than a year."""
    kept = np.flatnonzero(rows.keep)
    order = kept[np.argsort(submit[kept], kind="stable")]
    after = order[1:][np.diff(submit[order]) > _YEAR_S]
    examples = tuple(f"line {line}" for line in rows.lines[after[:3]])
    what = "nothing submitted for more than a year before it: was the clock right?"
    return [Tally(what, len(after), examples)] if len(after) else []
