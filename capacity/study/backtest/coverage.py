"""What many forecasts with intervals were worth together: how many held, and how far off they were."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from capacity.statistics.forecasts import coverage_p, interval_score, share_bounds
from capacity.study.backtest.forecast import CONFIDENCE, FORECAST, Forecast, compared
from capacity.study.verdict import Verdict, known

LEAST_FRAC = 0.7
"""80 % intervals that are sure to hold this part of what came are taken to hold what they say."""
UNLIKELY = 0.05


@dataclass(frozen=True, slots=True)
class ForecastCoverage:
    """Forecasts of one figure together.

    Attributes
    ----------
    metric : str
        The figure.
    count, inside, above, below : int
        Forecasts; of what came, inside the interval, above and below it.
    p : float
        How likely 80 % intervals hold so few, or so many. [1]
    score : float
        Mean interval score on the scale of `compared`. [1]
    error, last_error : float
        Median distance of what came from the forecast, and from what the window before had come to, on that
        scale. [1]
    """

    metric: str
    count: int
    inside: int
    above: int
    below: int
    p: float
    score: float
    error: float
    last_error: float

    @property
    def error_ratio(self) -> float:
        """Error of the forecast over that of "as the last period was"; NaN where that has none [1]."""
        return self.error / self.last_error if self.last_error else np.nan

    @property
    def verdict(self) -> Verdict:
        """Whether the intervals hold as much as they say; where most medians are 0 s, they must hold more."""
        low, high = share_bounds(self.inside, self.count)
        too_few = self.p < UNLIKELY and self.inside / self.count < CONFIDENCE
        return Verdict(
            asked=f"{CONFIDENCE:.0%} intervals of {self.metric} hold so many",
            standing="shown not" if too_few else "shown" if low >= LEAST_FRAC else "not shown",
            metric=self.metric, found=self.inside / self.count, low=low, high=high, limit=CONFIDENCE,
            by=self.inside / self.count - CONFIDENCE, n=self.count, confidence=0.95,
            method="Clopper and Pearson; exact binomial test",
        )  # fmt: skip

    def to_json(self) -> dict[str, Any]:
        """Return the row of this figure."""
        names = (
            "metric",
            "count",
            "inside",
            "above",
            "below",
            "p",
            "score",
            "error",
            "last_error",
            "error_ratio",
        )
        return {name: known(getattr(self, name)) for name in names} | {"standing": self.verdict.standing}


def coverage_of(forecasts: Iterable[Forecast]) -> tuple[ForecastCoverage, ...]:
    """Return what forecasts come to, figure by figure; no figure of which nothing is known."""
    found = list(forecasts)
    rows = [[one for one in found if one.metric == metric and one.known] for metric in FORECAST]
    return tuple(_coverage(row) for row in rows if row)


def _coverage(rows: Sequence[Forecast]) -> ForecastCoverage:
    metric = rows[0].metric
    middle, low, high, came, last = (
        compared(metric, np.array([getattr(row, name) for row in rows]))
        for name in ("found", "low", "high", "came", "last")
    )
    inside = sum(row.holds for row in rows)
    return ForecastCoverage(
        metric=metric, count=len(rows), inside=inside, above=sum(row.came > row.high for row in rows),
        below=sum(row.came < row.low for row in rows), p=coverage_p(inside, len(rows), CONFIDENCE),
        score=float(interval_score(low, high, came, confidence=CONFIDENCE).mean()),
        error=float(np.median(np.abs(middle - came))), last_error=float(np.median(np.abs(last - came))),
    )  # fmt: skip
