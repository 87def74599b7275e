"""What checkpoints, lost work and restarts cost a long job, in closed form (Daly 2006)."""

from math import exp, expm1


def waste_frac(every_s, write_s, restart_s, mtbf_s):
    """Part of the time that is not work, of a job that saves every `every_s` of work. [s]

    M e^{R/M} (e^{(tau + C)/M} - 1) for each interval of work (equation recalled; it follows from exponential
    failures in two lines). Exact for whole intervals that each end with a checkpoint, so good for long jobs.
    What lies between an interruption and the next start is not in it.
    """
    return 1 - every_s / (mtbf_s * exp(restart_s / mtbf_s) * expm1((every_s + write_s) / mtbf_s))
