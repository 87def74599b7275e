"""What ``fit(log).backtest()`` returns: forecasts from the first part of a log, beside what came."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from capacity.face.document import document
from capacity.face.frames import html
from capacity.study.backtest.coverage import ForecastCoverage, coverage_of
from capacity.study.backtest.forecast import CONFIDENCE, STRETCH, USE, WAITS, Forecast
from capacity.study.backtest.origins import HORIZON_S, ForecastOrigin, backtest
from capacity.study.verdict import known
from workloads.fitting.level import WEEK_S
from workloads.jobtable import JobTable
from workloads.period import period_of
from workloads.zones import moment


@dataclass(frozen=True)
class Backtest:
    """Forecasts of a log from ever more of it, and what they were worth.

    Attributes
    ----------
    table : JobTable
        The jobs of the log.
    horizon_s : int
        How far each forecast reaches. [s]
    origins : tuple of ForecastOrigin
        What was known each time, and the forecasts made of it.
    """

    table: JobTable
    horizon_s: int
    origins: tuple[ForecastOrigin, ...]

    @cached_property
    def coverage(self) -> tuple[ForecastCoverage, ...]:
        """How many of the intervals held, figure by figure."""
        return coverage_of(one for origin in self.origins for one in origin.forecasts)

    @property
    def rows(self) -> list[dict[str, Any]]:
        """One row per figure and window: forecast and interval, what came, what the window before came to."""
        return [self._row(one) for origin in self.origins for one in origin.forecasts]

    def _row(self, one: Forecast) -> dict[str, Any]:
        begin = moment(period_of(self.table).first_s + one.origin_s, self.table)
        day = None if begin is None or self.table.origin is None else begin.date()
        numbers = {
            name: known(getattr(one, name)) for name in ("found", "low", "high", "came", "last", "hidden")
        }
        return {
            "week": one.origin_s // WEEK_S, "from": day, "metric": one.metric, "unit": one.unit, **numbers,
            "inside": one.holds if one.known else None,
        }  # fmt: skip

    @property
    def findings(self) -> pd.DataFrame:
        """The rows as a frame."""
        return pd.DataFrame(self.rows)

    @property
    def misses(self) -> int:
        """Figures whose intervals are shown to hold too few of what came."""
        return sum(one.verdict.standing == "shown not" for one in self.coverage)

    @property
    def stretch(self) -> dict[str, float]:
        """By how much the half-widths of the intervals of use and of waits are stretched [1]."""
        return {"use": STRETCH[USE], "wait": STRETCH[WAITS[0]]}

    @property
    def hidden_wait_s(self) -> float | None:
        """95th percentile of waits with those that people spend before they submit; None if few do [s]."""
        found = [one.hidden for origin in self.origins for one in origin.forecasts if np.isfinite(one.hidden)]
        return float(np.median(found)) if found else None

    def to_json(self) -> dict[str, Any]:
        """Return the document that ``workload fit --backtest --json`` prints."""
        return document(
            {
                "horizon_s": self.horizon_s, "confidence": CONFIDENCE, "stretch": self.stretch,
                "coverage": [one.to_json() for one in self.coverage], "rows": self.rows,
            }
        )  # fmt: skip

    def _repr_html_(self) -> str:
        frame = pd.DataFrame([one.to_json() for one in self.coverage])
        return html(f"Forecasts of {self.table.source}, beside what came", frame)


def backtest_of(table: JobTable, slots: int, *, horizon_s: int | None = None, seed: int = 1) -> Backtest:
    """Forecast every window of a cleaned log from what came before it.

    Parameters
    ----------
    table : JobTable
        The log.
    slots : int
        Size of its machine. [slot]
    horizon_s : int
        How far each forecast reaches: 13 weeks if not said. [s]
    seed : int
        Of the futures.

    Raises
    ------
    InputError
        The log is too short for one forecast, or the horizon is shorter than a week.
    """
    horizon_s = HORIZON_S if horizon_s is None else horizon_s
    return Backtest(table, horizon_s, backtest(table, slots, horizon_s=horizon_s, seed=seed))
