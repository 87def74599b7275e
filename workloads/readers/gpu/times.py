"""Clock times of GPU cluster logs to what a JobTable holds: submission, wait and run time in seconds."""

from datetime import UTC, datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workloads.errors import LogError
from workloads.jobtable import STATES, UNKNOWN
from workloads.readers.delimited.reader import MISSING_TIME
from workloads.readers.gpu.rows import Rows
from workloads.readers.instants import local_to_utc
from workloads.zone_names import zone_name

FARTHEST_S = 10 * 366 * 86400
"""No such log spans twenty years: a submission so far from the median is a wrong clock. [s]"""
CHINA = ZoneInfo("Asia/Shanghai")


def spans(
    rows: Rows,
    submit: NDArray[np.int64],
    start: NDArray[np.int64],
    end: NDArray[np.int64],
    state: pd.Categorical,
) -> dict[str, NDArray[np.int64]]:
    """Return run time and wait from three clock times, of which `MISSING_TIME` is one that is not there.

    Rows that never started, have not ended, or end before they start are left out. The state tells why a
    time is missing: a job that ended has an end, even where the log does not say when.
    """
    began, over = start != MISSING_TIME, end != MISSING_TIME
    rows.drop("cancelled while it waited: never started", ~began & _is(state, "cancelled"))
    ended = ~_is(state, "unknown")
    rows.drop("ended, but the log does not say when it started", ~began & ended)
    rows.drop("no start: never started", ~began)
    rows.drop("ended, but the log does not say when", ~over & ended)
    rows.drop("no end: still running when the log was taken", ~over)
    rows.drop("ends before it starts", began & (end < start))
    early = start < submit
    rows.remark("starts before it is submitted: the wait is unknown", early)
    return {
        "run_s": np.where(began & over, end - start, UNKNOWN),
        "wait_s": np.where(early | ~began, UNKNOWN, start - submit),
    }


def _is(state: pd.Categorical, word: str) -> NDArray[np.bool_]:
    hit: NDArray[np.bool_] = state.codes == STATES.index(word)
    return hit


def right_clock(rows: Rows, submit: NDArray[np.int64]) -> None:
    """Leave out rows submitted so far from the median that their clock must have been wrong."""
    rows.refuse("no time of submission", submit == MISSING_TIME)
    if rows.keep.any():
        middle = np.median(submit[rows.keep])
        far = np.abs(submit - middle) > FARTHEST_S
        rows.drop("submitted more than ten years from the median: a wrong clock", far)


def moments(seconds: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return seconds on a clock of the log's own, with `MISSING_TIME` where they are -1."""
    return np.where(seconds == UNKNOWN, MISSING_TIME, seconds)


def instants(rows: Rows, names: tuple[str, ...], zone: tzinfo | None) -> list[NDArray[np.int64]]:
    """Return time columns as seconds since 1970 in UTC; times without a zone are those of `zone`.

    Parameters
    ----------
    rows : Rows
        The log.
    names : tuple of str
        Its time columns.
    zone : tzinfo or None
        Where the clock of the log hangs; None if nobody knows, which is taken as UTC.

    Raises
    ------
    LogError
        Some times of a column state a zone and others do not.
    """
    columns = [rows.log.numbers(name) for name in names]
    if rows.log.without_zone.isdisjoint(names):
        return columns
    mixed = rows.log.without_zone & rows.log.with_zone & {*names}
    if mixed:
        what = f"column {', '.join(sorted(mixed))} holds times with and without a zone"
        raise LogError.whole_file(rows.log.path, what, "write all of them in one way")
    there = [column != MISSING_TIME for column in columns]
    where = "UTC, for want of better" if zone is None else zone_name(zone)
    rows.remark(f"times without a zone: taken as {where}", np.logical_or.reduce(there))
    if zone is None:
        return columns
    shifted = []
    for name, column, known in zip(names, columns, there, strict=True):
        if name in rows.log.without_zone:
            seconds = column.copy()
            seconds[known], _ = local_to_utc(column[known], zone)
            column = seconds  # noqa: PLW2901 - the same column, on the right clock
        shifted.append(column)
    return shifted


def month_of(first_s: int, zone: tzinfo | None) -> datetime:
    """Return the first instant of the month in which `first_s` lies: where a log's own clock begins."""
    first = datetime.fromtimestamp(first_s, tz=zone or UTC)
    return first.replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def since_month(
    rows: Rows, submit: NDArray[np.int64], zone: tzinfo | None
) -> tuple[NDArray[np.int64], datetime]:
    """Return submissions since the first instant of the month of the first of them, and that instant."""
    kept = submit[rows.keep]
    origin = month_of(int(kept.min()) if len(kept) else 0, zone)
    return submit - int(origin.timestamp()), origin


def told(clock: tzinfo | None) -> dict[str, Any]:
    """Return whose the zone of a JobTable is: the user's, or UTC for want of better."""
    if clock is None:
        return {"zone": "UTC", "zone_from": "assumed"}
    return {"zone": zone_name(clock), "zone_from": "option"}
