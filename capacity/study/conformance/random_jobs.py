"""Random workloads full of ties, the same for the same seed: what the laws of every schedule are tried on."""

import numpy as np
import numpy.typing as npt

OVERSTATED = (0, 0, 0, 1, 5, 10, -3)
"""Request minus run time: exact, generous, or short, so that the job is killed. [s]"""

Columns = tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.int64]]


def random_columns(
    seed: int,
    jobs: int,
    *,
    nodes: int,
    slots_per_node: int,
    load: float = 1.2,
    longest: int = 200,
    wide: float = 0.1,
) -> Columns:
    """Return submissions, run times and requests [s] and slots of jobs that load a machine.

    Parameters
    ----------
    seed : int
        The same seed, the same jobs.
    jobs : int
        How many.
    nodes, slots_per_node : int
        The machine.
    load : float
        What they ask for while they arrive, over what the machine has.
    longest : int
        Longest run time. [s]
    wide : float
        Share of the jobs that may span nodes.
    """
    rng = np.random.default_rng(seed)
    most = nodes * slots_per_node
    run = rng.integers(0, longest + 1, jobs)
    requested = np.maximum(1, run + rng.choice([*OVERSTATED, 50, 50, longest], jobs))
    narrow = rng.integers(1, slots_per_node + 1, jobs)
    slots = np.where(rng.random(jobs) < wide, rng.integers(1, most + 1, jobs), narrow)
    span = int((np.minimum(run, requested) * slots).sum() / (load * most))
    submit = np.sort(rng.integers(0, span + 1, jobs))
    bursts = rng.random(jobs) < 0.3  # a third arrives together with the job before it
    submit[1:][bursts[1:]] = submit[:-1][bursts[1:]]
    return np.maximum.accumulate(submit), run, requested, slots
