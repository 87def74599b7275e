"""Sessions and resubmissions: what follows what, when, and that nothing else moves."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from tests.unit.workloads.test_generate import DAYS, MODEL, jobs, kind, rows
from workloads.jobtable import STATES
from workloads.synthetic.distributions import Constant, Lognormal
from workloads.synthetic.model import ONE_BY_ONE, ArrayNumbers, FateNumbers, ResubmitNumbers, SessionNumbers
from workloads.synthetic.target import TargetNumbers

FATES = {"completed": FateNumbers(0.6), "failed": FateNumbers(0.4, 0.5)}
SESSIONS = SessionNumbers(4.0, 600.0)
RESUBMIT = ResubmitNumbers(0.6, 1200.0, 3)


def with_small(**changes):
    return replace(MODEL, classes=(kind("small", **changes), *MODEL.classes[1:]))


def test_the_next_of_a_session_comes_after_the_end_and_a_thought():
    model = with_small(sessions=SessionNumbers(4.0, 600.0, linked=True), run_s=Constant(5000), longest_s=6000)
    frame = jobs(model).frame.set_index("job_id")
    linked = frame[frame["afterany_id"] >= 0]
    before = frame.loc[linked["afterany_id"]]
    pause_s = linked["submit_s"].to_numpy() - before["submit_s"].to_numpy() - before["run_s"].to_numpy()
    assert pause_s.min() >= -1
    assert pause_s.mean() == pytest.approx(600, rel=0.1)
    assert (linked["user"].to_numpy() == before["user"].to_numpy()).all()
    assert (linked.index.to_numpy() > linked["afterany_id"].to_numpy()).all()
    assert set(linked["job_class"]) == {"small"}
    small = frame[frame["job_class"] == "small"]
    assert len(small) / (small["afterany_id"] < 0).sum() == pytest.approx(4, rel=0.1)


def test_sessions_without_links_have_the_same_times_and_no_links():
    table = jobs(with_small(sessions=SESSIONS))
    assert "afterany_id" not in table.frame
    linked = jobs(with_small(sessions=replace(SESSIONS, linked=True)))
    assert np.array_equal(table.numbers("submit_s"), linked.numbers("submit_s"))
    table.validate()


def chains(table):
    """The jobs that follow a failed one, beside that one."""
    frame = table.frame.set_index("job_id")
    after = frame[frame["afterany_id"] >= 0]
    return after.reset_index(), frame.loc[after["afterany_id"]].reset_index()


def test_what_failed_comes_again_from_the_same_person_with_the_same_request():
    model = with_small(fates=FATES, resubmit=replace(RESUBMIT, linked=True))
    table = jobs(model)
    table.validate()
    after, before = chains(table)
    assert set(before["state"]) == {"failed"}
    for name in ("user", "slots", "requested_s", "job_class", "pool"):
        assert (after[name].astype(object) == before[name].astype(object)).all()
    assert (after["run_s"] <= after["requested_s"]).all()
    pause_s = after["submit_s"] - before["submit_s"] - before["run_s"]
    assert pause_s.min() >= -1
    assert pause_s.mean() == pytest.approx(1200, rel=0.1)
    assert (after["afterany_id"] < after["job_id"]).all()
    assert not np.array_equal(after["run_s"], before["run_s"])


def test_the_share_of_the_failed_comes_again_and_no_chain_is_longer_than_it_may_be():
    model = with_small(fates=FATES, resubmit=replace(RESUBMIT, linked=True), run_s=Lognormal(60, 90))
    table = jobs(model)
    frame = table.frame[table.frame["job_class"] == "small"].set_index("job_id")
    links = frame["afterany_id"]
    rounds = pd.Series(0, index=frame.index)
    for _ in range(5):
        rounds = pd.Series(np.where(links >= 0, links.map(rounds).fillna(0) + 1, 0), index=frame.index)
    assert rounds.max() == 3
    again = links[links >= 0]
    assert again.is_unique
    may = frame[(frame["state"] == "failed") & (rounds < 3)]
    assert len(again) / len(may) == pytest.approx(0.6, abs=0.04)


def test_what_is_submitted_again_may_be_killed_at_its_old_request():
    model = with_small(fates=FATES, resubmit=RESUBMIT, run_s=Lognormal(600, 36_000))
    small = jobs(model).frame.query("job_class == 'small'")
    timeouts = small[small["state"] == STATES[4]]
    assert (timeouts["run_s"] == timeouts["requested_s"]).all()
    assert len(timeouts)


FEATURES = [
    {"sessions": SESSIONS},
    {"sessions": replace(SESSIONS, linked=True)},
    {"fates": FATES, "resubmit": RESUBMIT},
    {"fates": FATES, "resubmit": replace(RESUBMIT, linked=True)},
    {"fates": FATES, "resubmit": replace(RESUBMIT, linked=True), "sessions": replace(SESSIONS, linked=True)},
    {
        "fates": FATES,
        "resubmit": replace(RESUBMIT, linked=True),
        "bursts": ONE_BY_ONE,
        "array": ArrayNumbers(8.0),
    },
]


@pytest.mark.parametrize("features", FEATURES)
def test_a_longer_horizon_only_adds_jobs(features):
    model = with_small(**features)
    short, long = jobs(model, horizon_s=45 * 86400 + 1800), jobs(model)
    n = len(short)
    pd.testing.assert_frame_equal(long.frame.iloc[:n], short.frame, check_categorical=False)
    assert long.numbers("submit_s")[n] >= 45 * 86400 + 1800
    long.validate()


@pytest.mark.parametrize("features", FEATURES)
def test_the_same_seed_gives_the_same_bytes_and_other_classes_stay(features):
    model = with_small(**features)
    pd.testing.assert_frame_equal(jobs(model).frame, jobs(model).frame)
    links = {"afterany_id", "array_id"}
    there = rows(jobs(model), job_class="large")
    there = there.drop(columns=[name for name in links if name in there])
    pd.testing.assert_frame_equal(rows(jobs(), job_class="large"), there)


@pytest.mark.parametrize("features", FEATURES)
def test_targets_count_what_follows_and_links_stay_valid(features):
    model = replace(with_small(**features), target=TargetNumbers(jobs_per_slot_day=1.0, slots=100))
    table = jobs(model)
    table.validate()
    largest = 200
    assert 0 <= 100 * (DAYS // 86400 - 9) - len(table) < largest
    if "afterany_id" in table.frame:
        linked = table.frame[table.frame["afterany_id"] >= 0]
        assert len(linked)
        assert set(linked["afterany_id"]) <= set(table.frame["job_id"])
        assert (linked["afterany_id"] < linked["job_id"]).all()


def test_tasks_of_an_array_come_again_one_by_one():
    model = with_small(
        fates=FATES, resubmit=replace(RESUBMIT, linked=True), bursts=ONE_BY_ONE, array=ArrayNumbers(8.0)
    )
    frame = jobs(model).frame
    assert (frame.loc[frame["afterany_id"] >= 0, "array_id"] == -1).all()
    tasks = frame[frame["array_id"] >= 0]
    assert (tasks.groupby("array_id")["submit_s"].nunique() == 1).all()


def test_a_resubmission_at_once_comes_when_the_job_ends():
    model = with_small(
        fates={"failed": FateNumbers(1.0)},
        resubmit=ResubmitNumbers(1.0, 0.0, 1, linked=True),
        run_s=Constant(100),
    )
    after, before = chains(jobs(model))
    assert (after["submit_s"] == before["submit_s"] + before["run_s"]).all()


def test_an_array_is_named_after_its_first_task_whatever_other_classes_do():
    model = with_small(bursts=ONE_BY_ONE, array=ArrayNumbers(8.0))
    frame = jobs(
        replace(model, classes=(model.classes[0], kind("large", array=ArrayNumbers(3.0)), kind("unused")))
    ).frame
    first = frame.groupby("array_id")["job_id"].min()
    assert (first.index == first).all()
    assert frame.groupby("array_id")["job_class"].nunique().max() == 1
