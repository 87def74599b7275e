"""Random workloads full of ties: small ones that hypothesis can shrink, large ones from a seed."""

from hypothesis import Phase, settings
from hypothesis import strategies as st

from capacity.study.conformance.trials import OVERSTATED, random_columns
from tests.support.cases import Case


def examples(count: int) -> settings:
    """Try `count` random examples, however long each takes; explaining a failure would take a minute more."""
    phases = [phase for phase in Phase if phase is not Phase.explain]
    return settings(max_examples=count, deadline=None, phases=phases)


@st.composite
def cases(draw, *, most_jobs=24):
    """Up to `most_jobs` jobs of at most 20 s within 50 s, on up to six nodes and two deliveries.

    Four bytes make a job: drawing one string of them is ten times faster than drawing four numbers a job.
    """
    nodes, whole = draw(st.integers(1, 6)), draw(st.sampled_from([1, 2, 3, 4, 8]))
    latest, wide = draw(st.sampled_from([50, 8, 0])), draw(st.booleans())
    delivery = st.tuples(st.integers(0, 80), st.integers(1, 3))
    deliveries = tuple(sorted(draw(st.lists(delivery, max_size=2))))
    most = (nodes + sum(count for _, count in deliveries)) * whole
    text = draw(st.binary(min_size=4, max_size=4 * most_jobs))
    rows = [text[i : i + 4] for i in range(0, len(text) - 3, 4)]
    rows.sort(key=lambda row: row[0] % (latest + 1))
    run = tuple(row[1] % 21 for row in rows)
    return Case(
        submit=tuple(row[0] % (latest + 1) for row in rows),
        run=run,
        requested=tuple(max(0, r + OVERSTATED[row[2] % 7]) for r, row in zip(run, rows, strict=True)),
        slots=tuple(1 + row[3] % (most + 1 if wide and row[2] < 128 else whole) for row in rows),
        nodes=nodes,
        slots_per_node=whole,
        deliveries=deliveries,
    )


def random_case(seed, jobs, *, nodes, slots_per_node, load=1.2, longest=200, wide=0.1, deliveries=()):
    """`jobs` jobs that ask for `load` times the machine while they arrive; a share `wide` spans nodes."""
    drawn = random_columns(
        seed, jobs, nodes=nodes, slots_per_node=slots_per_node, load=load, longest=longest, wide=wide
    )
    columns = (tuple(column.tolist()) for column in drawn)
    return Case(*columns, nodes, slots_per_node, deliveries=tuple(deliveries))
