"""When a storage tier is full: one record of all replications, for every table, sentence and picture."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from capacity.inputs.scenario import Scenario
from capacity.measure.findings import Values, labels
from capacity.simulation.calendar import calendar_of
from capacity.statistics.intervals import quantile_interval
from capacity.statistics.quantiles import quantiles


@dataclass(frozen=True, slots=True)
class Fill:
    """The days on which replications find a tier at its fill limit for the first time, with data turned away.

    Attributes
    ----------
    fills_n, n : int
        In how many replications that happens within the horizon, of how many.
    earliest, median, latest : date or None
        Of the replications in which it does; the median is the day of one of them. None if in none.
    median_interval : (date, date) or None
        95 % interval of the median over all replications; None with too few, or if it may be never.
    room_again : date or None
        The median of the days on which it first has room again, None if it never does.
    """

    fills_n: int
    n: int
    earliest: date | None
    median: date | None
    latest: date | None
    median_interval: tuple[date, date] | None
    room_again: date | None


def fill_of(scenario: Scenario, runs: Sequence[Values], tier: str, *, metric: str = "storage_full_s") -> Fill:
    """Return when a tier is full.

    Each run is what was measured in a replication, with a `metric` of when it is full and
    `storage_relieved_s`, which count from the start of the scenario [s].
    """
    where, day = labels(tier=tier), calendar_of(scenario).date_at
    full, relieved = (  # of those replications that have one [s]
        sorted(s for run in runs if not math.isnan(s := run.get((name, where), math.nan)))
        for name in (metric, "storage_relieved_s")
    )

    def median(times: Sequence[float]) -> date | None:
        return day(quantiles(np.array(times, np.int64))[0]) if times else None

    never = [math.inf] * (len(runs) - len(full))
    sure = quantile_interval([*full, *never], 0.5)
    known = math.isfinite(sure.low) and math.isfinite(sure.high)
    return Fill(
        len(full),
        len(runs),
        day(full[0]) if full else None,
        median(full),
        day(full[-1]) if full else None,
        (day(sure.low), day(sure.high)) if known else None,
        median(relieved),
    )
