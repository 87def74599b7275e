"""Distances between two tables of jobs, worked out by hand."""

import numpy as np
import pytest

from tests.unit.workloads.test_describe_numbers import MONDAY, states, table, words
from workloads.describe.distances import distances


def found(one, other):
    return {(d.kind, d.of, d.label): d.value for d in distances(one, other)}


def test_a_table_is_at_no_distance_from_itself():
    jobs = table(
        [0, 10, 500_000],
        [1, 2, 3],
        [1, 2, 4],
        requested_s=[5, 5, 5],
        origin=MONDAY,
        job_class=words("a", "b", "a"),
        state=states("failed", "completed", "failed"),
    )
    values = found(jobs, jobs)
    assert set(values.values()) == {0.0}
    assert len(values) == 5 * 2 + 8 + 2 * 2


def test_distributions():
    slow, fast = table([0, 1], [np.e**3, np.e**4]), table([0, 10], [1, np.e**4])
    values = found(slow, fast)
    assert values["ks", "run_s", ""] == 0.5
    # Whole seconds: e^3 and e^4 are 20 and 54.
    assert values["wasserstein_ln", "run_s", ""] == pytest.approx(np.log(20) / 2)
    assert values["wasserstein_ln", "gap_s", ""] == pytest.approx(np.log(10))
    assert values["ks", "slots", ""] == 0


def test_jobs_of_0_s_count_as_1_s_in_logarithms():
    assert found(table([0], [0]), table([0], [1]))["wasserstein_ln", "run_s", ""] == 0


def test_shares():
    one = table([0, 3600], [100, 300], job_class=words("a", "b"), state=states("completed", "failed"))
    other = table([0, 3600], [100, 100], job_class=words("a", "c"), state=states("completed", "completed"))
    values = found(one, other)
    assert values["total_variation", "state_jobs", ""] == 0.5
    assert values["total_variation", "state_work", ""] == 0.75
    assert values["total_variation", "class_jobs", ""] == 0.5
    assert values["difference", "class_work", "a"] == -0.25
    assert values["difference", "class_work", "b"] == 0.75
    assert values["difference", "class_work", "c"] == -0.5
    assert values["total_variation", "hour", ""] is None


def test_unknown_states_are_no_state_to_compare():
    one = table([0, 1], [10, 10], state=states("unknown", "completed"))
    assert found(one, table([0], [10], state=states("completed")))["total_variation", "state_jobs", ""] == 0
