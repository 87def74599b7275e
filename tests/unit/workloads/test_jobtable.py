"""The JobTable: its invariants, and the cleaning rule of the reference schedules."""

import pickle
from dataclasses import replace

import numpy as np
import pytest

from workloads.errors import LogError, LogProblem
from workloads.jobtable import COLUMNS, LABELS, STATES, label_column, table_from


def table(**columns):
    n = len(next(iter(columns.values())))
    base = {
        "job_id": np.arange(1, n + 1),
        "submit_s": np.arange(n),
        "run_s": np.full(n, 100),
        "requested_s": np.full(n, 200),
        "slots": np.full(n, 4),
    }
    return table_from({**base, **columns}, source="test")


def test_missing_columns_become_unknown():
    jobs = table(job_id=[7, 8])
    assert list(jobs.frame.columns) == [column.name for column in COLUMNS]
    assert jobs.numbers("wait_s").tolist() == [-1, -1]
    assert jobs.labels("state")[1] == list(STATES)
    assert set(jobs.frame["state"]) == {"unknown"}
    assert set(jobs.frame["pool"]) == {""}


def test_labels_do_not_depend_on_pyarrow():
    for label in LABELS:
        assert table(job_id=[1]).frame[label].cat.categories.dtype == object


def test_rows_are_sorted_by_submission_then_id_or_file():
    columns = {"job_id": [3, 2, 1], "submit_s": [5, 5, 0], "run_s": [1, 2, 3], "slots": [1, 1, 1]}
    assert table_from(columns).numbers("job_id").tolist() == [1, 2, 3]
    assert table_from(columns, ties="file").numbers("job_id").tolist() == [1, 3, 2]


def test_codes_use_the_smallest_integer():
    assert label_column(np.zeros(3, dtype=np.int64), ["a"]).codes.dtype == np.int8
    assert label_column(np.arange(300), [str(i) for i in range(300)]).codes.dtype == np.int16


@pytest.mark.parametrize(
    ("columns", "why"),
    [
        ({"run_s": [-2]}, "run_s below -1"),
        ({"state": label_column(np.zeros(1, int), ["done"])}, "state has words outside"),
        ({"user": label_column(np.array([-1]), ["a"])}, "user has rows without a value"),
    ],
)
def test_a_table_that_is_none_is_refused(columns, why):
    with pytest.raises(ValueError, match=why):
        table(**columns)


def test_validate_sees_wrong_order_and_columns():
    jobs = table(job_id=[1, 2])
    with pytest.raises(ValueError, match="order of submission"):
        jobs.take(np.array([1, 0])).validate()
    with pytest.raises(ValueError, match="columns are"):
        replace(jobs, frame=jobs.frame.drop(columns="slots")).validate()


def test_cleaning_counts_every_job_that_goes_once_and_in_order_of_the_rules():
    jobs = table(
        job_id=np.arange(1, 8),
        slots=[0, 200, 4, 4, 4, 4, 4],
        run_s=[0, 0, 0, 100, 100, 300, 100],
        requested_s=[200, 200, 200, 0, 200, 200, 200],
        submit_s=[-1, 0, 0, 0, -5, 0, 0],
    )
    clean = jobs.clean(max_slots=100)
    reasons = {tally.reason: (tally.count, tally.examples) for tally in clean.dropped}
    assert reasons == {
        "no slots": (1, ("job 1",)),
        "larger than the machine (100 slots)": (1, ("job 2",)),
        "no run time": (1, ("job 3",)),
        "no requested time": (1, ("job 4",)),
        "submitted before the log begins": (1, ("job 5",)),
    }
    assert clean.numbers("job_id").tolist() == [6, 7]
    assert clean.numbers("run_s").tolist() == [200, 100]
    assert str(clean.remarks[-1]) == "1 × ran past the requested time: cut there (job 6)"
    assert len(jobs) == len(clean) + sum(tally.count for tally in clean.dropped)
    clean.validate()


def test_the_allocated_slots_can_be_what_does_not_fit():
    jobs = table(slots=[4, 4], allocated_slots=[200, -1])
    assert jobs.clean(max_slots=100).numbers("job_id").tolist() == [2]


def test_a_log_without_requests_is_replayed_with_exact_ones():
    clean = table(run_s=[10, 20], requested_s=[-1, -1]).clean()
    assert clean.numbers("requested_s").tolist() == [10, 20]
    assert "no requested time in the whole log" in clean.remarks[0].reason


def test_nothing_left_is_an_error_that_says_why():
    with pytest.raises(LogError, match="no job is left") as caught:
        table(run_s=[0, -1]).clean()
    assert "2 × no run time (job 1, job 2)" in str(caught.value)


def test_errors_survive_a_worker_process():
    error = LogError([LogProblem("a.swf", 3, 7, "bad", "good")], more=4)
    again = pickle.loads(pickle.dumps(error))
    assert str(again) == str(error) == "a.swf:3:7: bad\n    good\n… and 4 more"
