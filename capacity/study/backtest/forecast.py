"""One forecast: many futures drawn from the past of a log, each run under EASY on the log's machine."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from capacity.measure.metrics import UNITS
from capacity.scheduling.batch import batch_system
from capacity.scheduling.jobs import Jobs
from capacity.scheduling.pools.pool import PoolSpec
from capacity.scheduling.rules import Rules
from capacity.statistics.quantiles import quantiles
from workloads.fitting.weeks_ahead import LogJobs, Past, draw_weeks
from workloads.synthetic.streams import stream

Floats = NDArray[np.float64]

USE: Final = "submission_utilization"
WAITS: Final = ("p50_wait_s", "p95_wait_s")
FORECAST: Final = (USE, *WAITS)
"""What is forecast."""
CONFIDENCE: Final = 0.8
STRETCH: Final = {USE: 1.2, **dict.fromkeys(WAITS, 1.4)}
"""Half-widths of intervals are stretched by this: four logs needed it, see docs/fit-and-replay.md."""
WAIT_OFFSET_S: Final = 60.0
"""Waits are compared as ln(wait + 1 min): a factor where they are long, seconds do not matter."""
FUTURES: Final = 64


@dataclass(frozen=True, slots=True)
class WindowFigures:
    """What one window of time came to, or could come to.

    Attributes
    ----------
    figures : array of float64, shape (3,)
        Values of `FORECAST`; waits are NaN where nobody submitted anything.
    hidden_p95_wait_s : float
        95th percentile of the waits if those are counted in which people wait before they submit. [s]
    """

    figures: Floats
    hidden_p95_wait_s: float


def run_window(
    jobs: LogJobs,
    slots: int,
    window_s: int,
    *,
    hold_frac: float = 0.0,
    rng: np.random.Generator | None = None,
) -> WindowFigures:
    """Run jobs from an empty machine under EASY, one pass per second.

    Parameters
    ----------
    jobs : LogJobs
        Submitted within the window, times since it began.
    slots : int
        Size of the machine. [slot]
    window_s : int
        Length of the window: utilization is the share of its slot-seconds in use. [s]
    hold_frac : float
        Part of the jobs that do not fit whose owners submit them only when they do: no log shows their wait.
    rng : numpy.random.Generator, optional
        Draws which, where that is a part of them.
    """
    if not len(jobs.submit_s):
        return WindowFigures(np.array([0.0, np.nan, np.nan]), np.nan)
    batch = batch_system([PoolSpec("machine", slots)], Rules(backfill="easy"), Jobs(*jobs))
    batch.run()
    start_s = batch.outcome().start_s
    held = np.maximum(np.minimum(start_s + jobs.run_s, window_s) - start_s, 0)
    used = float(held.astype(np.float64) @ jobs.slots) / (slots * window_s)
    wait_s = start_s - jobs.submit_s
    hidden = quantiles(wait_s)[1]
    if hold_frac:
        assert rng is not None
        wait_s = np.where(rng.random(len(wait_s)) < hold_frac, 0, wait_s)
    return WindowFigures(np.array([used, *quantiles(wait_s)]), hidden)


@dataclass(frozen=True, slots=True)
class Forecast:
    """A forecast of one figure of one window, and what came.

    Attributes
    ----------
    metric, unit : str
        One of `FORECAST`.
    origin_s : int
        When it was made: the beginning of the window, since the log began. [s]
    found, low, high : float
        Median over the futures, ends of the 80 % interval. [unit]
    came, last : float
        What came, and what the window before had come to. [unit]
    hidden : float
        Of waits that people spend before they submit: the median with those, else NaN. [unit]
    """

    metric: str
    unit: str
    origin_s: int
    found: float
    low: float
    high: float
    came: float
    last: float
    hidden: float = np.nan

    @property
    def known(self) -> bool:
        """Whether there is anything to compare."""
        return bool(np.isfinite((self.found, self.came, self.last)).all())

    @property
    def holds(self) -> bool:
        """Whether what came lies in the interval."""
        return self.low <= self.came <= self.high


def compared(metric: str, value: Floats) -> Floats:
    """Return values as they are compared: a utilization as it is, a wait as ln(wait + 1 min)."""
    found: Floats = value if metric == USE else np.log(value + WAIT_OFFSET_S)
    return found


def _value(metric: str, compared_value: float) -> float:
    """Return the value of a place on that scale, within what is possible."""
    if metric == USE:
        return float(np.clip(compared_value, 0.0, 1.0))
    return max(float(np.exp(compared_value)) - WAIT_OFFSET_S, 0.0)


def futures(
    past: Past, slots: int, horizon_s: int, *, hold_frac: float, seed: int, name: str, count: int
) -> list[WindowFigures]:
    """Return what so many futures come to; `name` tells their random numbers from those of others."""
    found = []
    for number in range(count):
        rng = stream(seed, number, "backtest", name)
        jobs = draw_weeks(past, horizon_s, rng)
        found.append(run_window(jobs, slots, horizon_s, hold_frac=hold_frac, rng=rng))
    return found


def forecast(
    windows: list[WindowFigures], *, origin_s: int, came: WindowFigures, last: WindowFigures, hides: bool
) -> list[Forecast]:
    """Return the forecasts of all figures that futures make, beside what came and the window before."""
    tails = (0.5 - CONFIDENCE / 2, 0.5, 0.5 + CONFIDENCE / 2)
    rows = []
    for place, metric in enumerate(FORECAST):
        values = np.array([window.figures[place] for window in windows])
        values = compared(metric, values[np.isfinite(values)])
        low, middle, high = np.quantile(values, tails) if len(values) else (np.nan,) * 3
        stretch = STRETCH[metric]
        shown = (middle, middle - stretch * (middle - low), middle + stretch * (high - middle))
        found, low, high = (_value(metric, float(value)) for value in shown)
        hidden = np.nan
        if hides and metric == WAITS[-1]:
            hidden = float(np.nanmedian([window.hidden_p95_wait_s for window in windows]))
        rows.append(
            Forecast(
                metric, UNITS[metric], origin_s, found, low, high, float(came.figures[place]),
                float(last.figures[place]), hidden,
            )
        )  # fmt: skip
    return rows
