"""How far single jobs can carry the work of a future: what ten replications are worth hangs on that.

The sample cannot tell: a future mostly does not hold the job of a year that its classes allow. So it is
worked out from the distributions, with the numbers of jobs that came.
"""

import numpy as np

from capacity.inputs.scenario import Scenario
from capacity.measure.findings import Measured, labels
from capacity.measure.outcomes import JobOutcomes
from workloads.synthetic.model import JobClass

FURTHEST: float = 32.0
"""Minus the logarithm of the rarest share of jobs that is looked at: one in 8e13."""
STEPS = 2_000


def work_skewness(scenario: Scenario, jobs: JobOutcomes) -> Measured:
    """Yield the skewness of the work of all jobs submitted: their slots times their run times, summed.

    Notes
    -----
    Of a Poisson number of independent jobs, sum E[w³] / (sum E[w²])^1.5 over the jobs; it falls with the
    square root of their number, and does not with a tail exponent below 2.
    """
    codes, names = jobs.codes("job_class")
    classes = {one.name: one for one in scenario.workload.to_model().classes}
    squares, cubes = 0.0, 0.0
    for name, count in zip(names, np.bincount(codes, minlength=len(names)), strict=True):
        if count:
            square, cube = moments(classes[name])
            squares, cubes = squares + int(count) * square, cubes + int(count) * cube
    yield ("work_skewness", labels(month="all")), cubes / squares**1.5 if squares else np.nan


def moments(job_class: JobClass) -> tuple[float, float]:
    """Return the means of the square and of the cube of a job's work [slot-hours², slot-hours³]."""
    rare = np.linspace(0.0, FURTHEST, STEPS + 1)  # minus the logarithm of the share of longer jobs
    run_s = job_class.run_s.quantile(-np.expm1(-rare))
    weights = job_class.slots
    square, cube = 0.0, 0.0
    for slots, weight in weights.items():
        longer = job_class.longer_by_slots.get(slots, 1.0)
        work = slots * np.minimum(run_s * longer, job_class.longest_s) / 3600
        part = weight / sum(weights.values())
        square += part * float(np.trapezoid(work**2 * np.exp(-rare), rare))
        cube += part * float(np.trapezoid(work**3 * np.exp(-rare), rare))
    return square, cube
