"""How fast published models draw jobs, and how fast distributions are fitted to a sample."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from benchmarks.effort import Effort
from benchmarks.floor import floor_s
from benchmarks.measure import cpu_s, interleaved
from benchmarks.row import Row
from workloads.fitting.likelihood import FAMILIES, best_fit
from workloads.jobtable import JobTable, label_column
from workloads.published.lublin import mixed, typeless
from workloads.published.make import make
from workloads.published.poisson import joint
from workloads.published.request import Request
from workloads.published.resample import resample
from workloads.synthetic.distributions import Lognormal, Mixture
from workloads.synthetic.streams import stream

DAYS = 10_600.0
"""Lublin's typeless jobs are a million in these. [d]"""
VALUES = 30_000


def rows(effort: Effort) -> Iterator[Row]:
    """Jobs per second of CPU, and seconds per fit of all families."""
    log = mixed(Request(days=DAYS / 100, seed=1))
    wishes = {
        "Lublin": lambda: typeless(Request(days=DAYS, seed=1)),
        "Lublin with Tsafrir's requests": lambda: make(
            "lublin", Request(days=DAYS, seed=1), requests="tsafrir"
        ),
        "Poisson": lambda: joint(Request(days=DAYS / 2, seed=1, log=log)),
        "resampling": lambda: resample(Request(days=DAYS / 2, seed=1, log=_with_users(log))),
    }
    for name, wish in wishes.items():
        count = len(wish())
        took = interleaved({"draw": lambda wish=wish: cpu_s(wish), "h": floor_s}, effort.repeats)
        rate = count / took.of("draw") / 1e6
        label = f"{name} drawn ({count:,} jobs)"
        yield Row(label, rate, "M jobs/s", took.ratio("draw", "h") / count, "h per job", least=0.5)
    yield _fits(effort)


def _with_users(log: JobTable) -> JobTable:
    """Return the log with a hundred users, who take turns."""
    users = label_column(np.arange(len(log)) % 100, [f"u{place}" for place in range(100)])
    return replace(log, frame=log.frame.assign(user=users))


def _fits(effort: Effort) -> Row:
    kind = Mixture(((3.0, Lognormal.of(4.0, 1.0)), (7.0, Lognormal.of(8.0, 2.0))))
    values = np.maximum(np.rint(kind.draw(stream(1, 0, "values"), VALUES).astype(np.float64)), 1)
    took = interleaved({"fit": lambda: cpu_s(lambda: best_fit(values)), "h": floor_s}, effort.repeats)
    label = f"{len(FAMILIES)} families fitted to {VALUES:,} run times"
    return Row(label, took.of("fit"), "s", took.ratio("fit", "h"), "h", most=0.3)
