"""Job classes in series and models of them, small enough to say what must come out."""

from dataclasses import replace
from datetime import UTC, date, datetime
from math import log
from typing import Any

import numpy as np

from workloads.jobtable import JobTable
from workloads.synthetic.calendar import Ramp
from workloads.synthetic.distributions import Empirical, Lognormal
from workloads.synthetic.generate import generate
from workloads.synthetic.model import DemandModel, FateNumbers, JobClass, TenantNumbers
from workloads.synthetic.series import SeriesNumbers

MONDAY = datetime(2024, 1, 1, tzinfo=UTC)
DAY_S = 86_400
EYE = tuple(tuple(map(float, row)) for row in np.eye(4))
JOBS = ((0.0, 1.0), (0.5, 1.0), (0.9, 4.0), (1.0, 40.0))
GAPS = Empirical(((0.0, 2.0), (0.5, 60.0), (1.0, 1100.0)))


def lognormal(median_s: float, sigma: float) -> Lognormal:
    """Return the lognormal distribution with this median and standard deviation of the logarithm."""
    return Lognormal.of(log(median_s), sigma)


def correlated(i: int, j: int, value: float) -> tuple[tuple[float, ...], ...]:
    """Return correlations of which only one is not 0."""
    matrix = np.eye(4)
    matrix[i, j] = matrix[j, i] = value
    return tuple(tuple(map(float, row)) for row in matrix)


def series_class(name: str = "work", **changes: Any) -> JobClass:
    """Return a class in series; fields of `Series` and of `JobClass` by their names."""
    series: dict[str, Any] = {
        "jobs": JOBS,
        "apart_s": GAPS,
        "spread": 0.5,
        "requested": ((3600.0, 0.25), (36_000.0, 0.5), (360_000.0, 0.25)),
    }
    fields: dict[str, Any] = {
        "title": name,
        "slots": {1: 0.5, 4: 0.3, 16: 0.2},
        "run_s": lognormal(600.0, 1.2),
        "longest_s": 360_000,
        "fates": {
            "completed": FateNumbers(0.7),
            "failed": FateNumbers(0.2, 0.5),
            "cancelled": FateNumbers(0.1, 1.5),
        },
    }
    for key, value in changes.items():
        (series if key in SeriesNumbers.__dataclass_fields__ else fields)[key] = value
    return JobClass(name=name, series=SeriesNumbers(**series), **fields)


def model_of(*classes: JobClass, jobs_per_day: float = 500.0, users: int = 30, **changes: Any) -> DemandModel:
    """Return a model of one tenant with these classes in equal parts."""
    lab = TenantNumbers(
        "lab",
        "A laboratory",
        members=Ramp("linear", ((date(1950, 1, 1), float(users)),)),
        jobs_per_member_day=jobs_per_day / users,
        class_mix={kind.name: 1.0 for kind in classes},
    )
    return replace(DemandModel(name="lab", reference="", tenants=(lab,), classes=classes), **changes)


def drawn(model: DemandModel, days: int = 60, seed: int = 1, **options: Any) -> JobTable:
    """Return the jobs of so many days from a Monday on."""
    return generate(model, start=MONDAY, horizon_s=days * DAY_S, seed=seed, **options)
