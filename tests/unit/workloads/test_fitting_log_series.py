"""Series in small logs, counted by hand; the classes made of them, their names, and who submits."""

import re

import numpy as np
import pytest

from tests.support.logs_to_fit import random_log, table_of
from workloads.fitting.bands import SMALLEST_CLASS, classes_by, classes_in
from workloads.fitting.log_series import SESSION_GAP_S, series_in
from workloads.fitting.names import names_of
from workloads.fitting.users import FEW, people

NAME = re.compile(r"^[a-z0-9][a-z0-9_-]{0,63}$")  # of capacity.inputs.fields.quantities.Name


def test_a_small_log_by_hand():
    """Job by job: first; exactly 20 min later; a second more; another size, request, user."""
    found = series_in(
        table_of(
            submit_s=[100, 1300, 2501, 2502, 2503, 2504],
            run_s=[10, 20, 30, 40, 50, 60],
            requested_s=[100, 100, 100, 100, 200, 100],
            slots=[2, 2, 2, 4, 2, 2],
            user=["ann", "ann", "ann", "ann", "ann", "bob"],
        )
    )
    assert sorted(found.count.tolist()) == [1, 1, 1, 1, 2]
    pair = int(np.argmax(found.count))
    rows = found.row[found.first[pair] : found.first[pair] + 2]
    assert rows.tolist() == [0, 1]
    assert found.gap_s[found.first[pair] : found.first[pair] + 2].tolist() == [0, SESSION_GAP_S]
    assert found.start_s[pair] == 0
    assert found.work[pair] == 2 * (10 + 20)
    assert found.log_run[pair] == pytest.approx(np.log(10 * 20) / 2)
    assert sorted(found.start_s.tolist()) == [0, 2401, 2402, 2403, 2404]
    assert sorted(found.row.tolist()) == list(range(6))
    assert found.weight.sum() == pytest.approx(3)


def test_what_lies_between_two_jobs_of_another_kind_does_not_part_them():
    found = series_in(
        table_of(submit_s=[0, 10, 20], run_s=[5] * 3, requested_s=[9] * 3, slots=[1, 8, 1], user=["a"] * 3)
    )
    assert sorted(found.count.tolist()) == [1, 2]


def test_the_same_name_in_two_groups_is_two_people():
    found = series_in(
        table_of(
            submit_s=[0, 1],
            run_s=[5, 5],
            requested_s=[9, 9],
            slots=[1, 1],
            user=["a", "a"],
            tenant=["x", "y"],
        )
    )
    assert found.count.tolist() == [1, 1]


def test_exact_requests_part_nothing():
    """A log without requests has them equal to its run times, which say nothing about who wants the same."""
    columns = {"submit_s": [0, 1, 2], "run_s": [5, 6, 7], "slots": [1, 1, 1], "user": ["a"] * 3}
    assert series_in(table_of(**columns, requested_s=[5, 6, 7])).count.tolist() == [3]
    assert series_in(table_of(**columns, requested_s=[5, 6, 8])).count.tolist() == [1, 1, 1]


def test_jobs_and_work_are_those_of_the_table():
    table = random_log(2000, 3)
    found = series_in(table)
    work = table.numbers("slots").astype(np.int64) * table.numbers("run_s")
    assert found.count.sum() == len(table)
    assert found.work.sum() == work.sum()
    assert (np.bincount(found.of_job) == found.count).all()
    assert (found.gap_s <= SESSION_GAP_S).all()
    for column in ("slots", "requested_s"):
        assert (table.numbers(column)[found.row] == getattr(found, column)[found.of_job]).all()


@pytest.mark.parametrize("size", [50, 300, 5000])
def test_bands_part_all_series_and_have_names_of_their_own(size):
    found = series_in(random_log(size, size))
    bands = classes_in(found)
    assert (sum(band.members.astype(int) for band in bands) == 1).all()
    assert len({band.name for band in bands}) == len({band.title for band in bands}) == len(bands)
    assert all(NAME.match(band.name) for band in bands)
    by_size: dict[str, list[int]] = {}
    for band in bands:
        by_size.setdefault(band.name.split("-slot")[0], []).append(int(band.members.sum()))
    # Few series are only left to themselves where a size has no more than these.
    assert all(min(counts) >= SMALLEST_CLASS or len(counts) == 1 for counts in by_size.values())


def test_names_of_bands_say_which_jobs_are_in_them():
    found = series_in(random_log(5000, 2))
    for band in classes_in(found):
        match = re.match(r"(\d+)(?:-(\d+))?-slots?-", band.name)
        assert match is not None
        low, high = int(match[1]), int(match[2] or match[1])
        assert low <= found.slots[band.members].min() <= found.slots[band.members].max() <= high
        over = re.search(r"over-(\d+)-h$", band.name)
        if over:
            assert found.log_run[band.members].min() > np.log(3600 * int(over[1]))


def test_equal_jobs_are_one_band_of_any_length_or_two():
    found = series_in(
        table_of(submit_s=np.arange(60) * 9000, run_s=[60] * 60, requested_s=[90] * 60, slots=[1] * 60)
    )
    (band,) = classes_in(found)
    assert band.members.all()
    assert band.name.startswith("1-slot-")


ODD = [
    "Big Jobs",
    "big-jobs",
    "big_jobs",
    "",
    "학습",
    "추론",
    "other",
    "-",
    '#1: "x"\n',
    "1",
    "x" * 200,
    "x" * 201,
]


def test_odd_labels_get_names_that_differ_and_are_allowed():
    names = names_of(ODD, nameless="none")
    assert len(set(names)) == len(ODD)
    assert all(NAME.match(name) for name in names)
    assert names[:6] == ["big-jobs", "big-jobs-2", "big-jobs-3", "none", "none-2", "none-3"]


def test_a_number_behind_a_name_may_itself_be_taken():
    assert names_of(["a-2", "a", "a"], nameless="none") == ["a-2", "a", "a-3"]


def test_classes_by_label():
    rows = [word for word in ODD for _ in range(SMALLEST_CLASS)] + ["rare", "rarer", "rarer"]
    words = [*dict.fromkeys(rows)]
    bands = classes_by(np.array([words.index(word) for word in rows]), words)
    assert (sum(band.members.astype(int) for band in bands) == 1).all()
    assert len({band.name for band in bands}) == len(bands) == len(ODD) + 1
    assert all(NAME.match(band.name) for band in bands)
    assert bands[-1].title == "all other queues"
    assert bands[-1].members.sum() == 3


def test_people_few_and_equal():
    assert people(np.repeat(np.arange(5), 7)) == (5, 0.0)
    assert people(np.array([3, 3, 3])) == (1, 0.0)
    count, sigma = people(np.repeat([0, 1], [1, 100]))
    assert (count, sigma) == (2, round(np.log(100) / 2, 2))


def test_codes_that_nobody_has_are_no_people():
    assert people(np.array([7, 7, 900, 900]))[0] == 2


@pytest.mark.parametrize("sigma", [0.5, 1.0, 1.5])
def test_people_whose_activity_is_lognormal(sigma):
    activity = np.exp(np.random.default_rng(1).normal(0, sigma, 20_000))
    users = np.repeat(np.arange(20_000), np.rint(20 * activity).astype(int) + 1)
    count, found = people(users)
    assert count == 20_000
    assert found == pytest.approx(sigma, abs=0.12)


def test_people_one_of_whom_does_nearly_all():
    count, sigma = people(np.repeat(np.arange(FEW + 5), [10**6] + [1] * (FEW + 4)))
    assert count == FEW + 5
    assert 3 < sigma <= 4
