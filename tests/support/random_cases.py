"""Random workloads full of ties: small ones that hypothesis can shrink, large ones from a seed."""

import numpy as np
from hypothesis import strategies as st

from tests.support.cases import Case

OVERSTATED = (0, 0, 0, 1, 5, 10, -3)
"""Request minus run time: exact, generous, or short, so that the job is killed. [s]"""


@st.composite
def cases(draw, *, most_jobs=24):
    """Up to `most_jobs` jobs of at most 20 s within 50 s, on up to six nodes and two deliveries."""
    nodes, whole = draw(st.integers(1, 6)), draw(st.sampled_from([1, 2, 3, 4, 8]))
    delivery = st.tuples(st.integers(0, 80), st.integers(1, 3))
    deliveries = tuple(sorted(draw(st.lists(delivery, max_size=2))))
    most = (nodes + sum(count for _, count in deliveries)) * whole
    job = st.tuples(
        st.integers(0, draw(st.sampled_from([0, 8, 50]))),
        st.integers(0, 20),
        st.sampled_from(OVERSTATED),
        st.one_of(st.integers(1, whole), st.integers(1, most + 1)),
    )
    jobs = sorted(draw(st.lists(job, min_size=1, max_size=most_jobs)), key=lambda row: row[0])
    submit, run, overstated, slots = zip(*jobs, strict=True)
    requested = tuple(max(1, r + over) for r, over in zip(run, overstated, strict=True))
    return Case(submit, run, requested, slots, nodes, whole, deliveries=deliveries)


def random_case(seed, jobs, *, nodes, slots_per_node, load=1.2, longest=200, wide=0.1, deliveries=()):
    """`jobs` jobs that ask for `load` times the machine while they arrive; a share `wide` spans nodes."""
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
    submit = np.maximum.accumulate(submit)
    columns = (tuple(column.tolist()) for column in (submit, run, requested, slots))
    return Case(*columns, nodes, slots_per_node, deliveries=tuple(deliveries))
