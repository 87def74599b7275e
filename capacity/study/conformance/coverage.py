"""How often the intervals of findings hold the truth, counted: many experiments of a few replications each.

The truth of M/M/1 is known; of other sites it is that of all futures together. What an experiment misses is
counted on both sides: an interval that lies below the truth promises too little wait.

Notes
-----
M/M/1 with a load r and services of mean 1: the mean wait is r / (1 - r), so the queue is r² / (1 - r); L.
Kleinrock, "Queueing Systems", vol. 1, Wiley 1975, section 3.2.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np

from capacity.measure.metrics import METRICS
from capacity.statistics.intervals import Covers, Floats
from capacity.statistics.kinds import interval_of
from capacity.study.conformance.check import Check, CheckResult
from capacity.study.conformance.futures import HOUR_S, SmallSite, futures_of, mm1, skewed
from capacity.study.verdict import Verdict, shown_if

REPLICATIONS: Final = 10
EXPERIMENTS: Final = 1_500
QUICK_EXPERIMENTS: Final = 400
LEAST, MOST = 0.93, 0.97
QUICK_LEAST, QUICK_MOST = 0.91, 0.985
"""Between which the share that holds must lie; an even share of 400 lies up to 2 points off by chance. [1]"""
LOAD: Final = 0.8
CUSTOMERS: Final = 600
WARM_UP: Final = 300
SEED: Final = 20261130


@dataclass(frozen=True, slots=True)
class Coverage:
    """How often intervals of a metric held the truth.

    Attributes
    ----------
    metric, replications, experiments : str, int, int
        What, from how many futures each, and how many of them.
    below, above : float
        Part of the experiments whose interval lies below and above the truth. [1]
    covers : str
        What the ends say.
    """

    metric: str
    replications: int
    experiments: int
    below: float
    above: float
    covers: Covers

    @property
    def share(self) -> float:
        """Part of the experiments whose interval holds the truth. [1]."""
        return 1 - self.below - self.above


def coverage(metric: str, values: Floats, truth: float, replications: int, tail: float) -> Coverage:
    """Count how often the interval of so many futures each holds the truth, shape of values (futures,)."""
    experiments = len(values) // replications
    kind = METRICS[metric].kind
    found = [
        interval_of(kind, row, tail=tail)
        for row in values[: experiments * replications].reshape(experiments, replications)
    ]
    below, above = np.mean([(one.high < truth, one.low > truth) for one in found], axis=0)
    return Coverage(metric, replications, experiments, float(below), float(above), found[0].covers)


def truth_of(metric: str, values: Floats) -> float:
    """Return what findings aim at, of all futures: their mean, or the median where that is found."""
    return float(np.median(values) if METRICS[metric].kind == "quantile" else np.mean(values))


def of_mm1(load: float) -> dict[str, float]:
    """Return the truth of M/M/1 with services of an hour on average, by metric."""
    wait = load / (1 - load)
    return {"mean_wait_s": wait * HOUR_S, "queue_length": load * wait} | {"utilization": load}


def check_coverage(site: SmallSite, truths: Mapping[str, float], *, quick: bool) -> CheckResult:
    """Compare the share of intervals that hold the truth with what they promise.

    A median that is 0 in nearly all futures is left out: every interval of it is nothing, and holds it.
    """
    experiments = QUICK_EXPERIMENTS if quick else EXPERIMENTS
    least, most = (QUICK_LEAST, QUICK_MOST) if quick else (LEAST, MOST)
    futures = futures_of(site, experiments * REPLICATIONS, seed=SEED)
    known = {name: truths.get(name, truth_of(name, values)) for name, values in futures.items()}
    found = [
        coverage(name, futures[name], truth, REPLICATIONS, site.tail)
        for name, truth in known.items()
        if truth
    ]
    worst = max(found, key=lambda one: abs(one.share - 0.95))
    verdict = Verdict(
        asked=f"95 % intervals of {REPLICATIONS} futures hold the truth in {least:.1%} to {most:.1%}",
        standing=shown_if(all(least <= one.share <= most for one in found)), metric=worst.metric,
        found=worst.share, low=worst.share, high=worst.share, limit=0.95, by=worst.share - 0.95,
        n=experiments, method="every experiment",
    )  # fmt: skip
    got = ", ".join(f"{one.metric} {one.share:.1%} ({one.below:.1%} below)" for one in found)
    return CheckResult(verdict, got, numbers={one.metric: one.share for one in found})


def checks(*, quick: bool = False) -> list[Check]:
    """Return a check of a queue whose truth is known and of a site whose waits are skewed."""
    return [*_checks(quick)]


def _checks(quick: bool) -> Iterator[Check]:
    queue, site = mm1(LOAD, CUSTOMERS, WARM_UP), skewed(0.4)
    for name, where, truths, source in (
        ("mm1", queue, of_mm1(LOAD), "M/M/1, closed form"),
        ("skewed-site", site, {}, "all futures together"),
    ):
        run = partial(check_coverage, where, truths, quick=quick)
        yield Check(f"intervals/{name}", source, run, where.name)
