"""Targets: what is drawn adds up to what was asked for, and the bursts that stay are a fair part of all."""

from dataclasses import replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest

from tests.unit.workloads.test_generate import DAYS, MODEL, START, jobs, kind, tenant
from workloads.synthetic import thinning
from workloads.synthetic.calendar import Ramp
from workloads.synthetic.distributions import Constant
from workloads.synthetic.generate import generate
from workloads.synthetic.model import ONE_BY_ONE, ArrayNumbers
from workloads.synthetic.target import Supply, TargetError, TargetNumbers, supply_from

DAY = 86_400
BEGIN = 9 * DAY  # the members of MODEL come on 10 January


def with_target(model=MODEL, **fields):
    return replace(model, target=TargetNumbers(**fields))


def work(table):
    return table.numbers("slots").astype(np.int64) * table.numbers("run_s")


@pytest.mark.parametrize("load", [0.02, 0.8, 3.0, 10.0])
def test_the_offered_load_is_met_to_within_a_job(load):
    table = jobs(with_target(offered_load_frac=load, slots=100))
    slot_seconds = 100 * (DAYS - BEGIN)
    missing = load * slot_seconds - work(table).sum()
    assert 0 <= missing < work(table).max()
    table.validate()


@pytest.mark.parametrize("rate", [0.5, 1.4])
def test_jobs_per_slot_and_day_are_met_to_within_a_burst(rate):
    table = jobs(with_target(jobs_per_slot_day=rate, slots=300))
    assert 0 <= rate * 300 * (DAYS - BEGIN) / DAY - len(table) < 3


def test_only_the_window_counts_and_what_lies_outside_is_thinned_alike():
    steady = tenant("firms", {"small": 1}, members=Ramp("steps", ((date(2020, 1, 1), 50.0),)))
    model = with_target(
        replace(MODEL, tenants=(steady,)),
        jobs_per_slot_day=2.0,
        slots=500,
        start=date(2021, 1, 11),
        until=date(2021, 1, 30),
    )
    submit_s = jobs(model).numbers("submit_s")
    within = (submit_s >= 10 * DAY) & (submit_s < 30 * DAY)
    assert 0 <= 2 * 500 * 20 - within.sum() < 3
    before, after = (submit_s < 10 * DAY).sum() / 10, (submit_s >= 30 * DAY).sum() / 30
    assert before == pytest.approx(1000, rel=0.1)
    assert after == pytest.approx(1000, rel=0.1)


def test_the_machine_may_grow_and_be_faster():
    steps = {date(2021, 1, 1): 0, date(2021, 2, 1): 50, date(2021, 2, 15): 150}
    supply = supply_from(steps, {"small": dict.fromkeys([1, 2, 4, 8, 16, 32, 64], 0.5)}, START)
    table = jobs(with_target(offered_load_frac=0.7), supply=supply)
    run_s = table.numbers("run_s") * np.where(table.frame["job_class"] == "small", 0.5, 1.0)
    reached = (table.numbers("slots") * np.maximum(np.rint(run_s), 1))[table.numbers("submit_s") >= 31 * DAY]
    wanted = 0.7 * (14 * 50 + 15 * 150) * DAY
    assert 0 <= wanted - reached.sum() < reached.max()


def test_proportions_of_tenants_and_classes_stay():
    model = with_target(jobs_per_slot_day=4.0, slots=1000)
    counts = jobs(model).frame.groupby(["tenant", "job_class"], observed=True).size()
    assert counts["school", "small"] / counts["school", "large"] == pytest.approx(3, rel=0.05)
    assert counts["firms", "large"] / counts["school"].sum() == pytest.approx(1, rel=0.15)


def test_the_level_of_the_rates_does_not_matter():
    """Ten times the rate, and the law of what is drawn is the same: as many jobs, as long, as bursty."""
    model = with_target(jobs_per_slot_day=1.0, slots=400)
    more = replace(model, tenants=tuple(replace(one, jobs_per_member_day=80.0) for one in model.tenants))
    here, there = jobs(model), jobs(more)
    assert abs(len(here) - len(there)) <= 3
    assert np.median(here.numbers("run_s")) == pytest.approx(np.median(there.numbers("run_s")), rel=0.05)


def test_bursts_and_arrays_stay_whole():
    arrays = kind("small", bursts=ONE_BY_ONE, array=ArrayNumbers(20.0))
    model = replace(MODEL, classes=(arrays, *MODEL.classes[1:]))
    table = jobs(with_target(model, jobs_per_slot_day=1.0, slots=200))
    first = table.frame[table.frame["array_id"] >= 0].groupby("array_id")
    assert first.size().mean() == pytest.approx(20, rel=0.2)
    assert (first["submit_s"].nunique() == 1).all()
    assert (first["user"].nunique() == 1).all()


def test_the_same_seed_gives_the_same_bytes():
    model = with_target(offered_load_frac=0.5, slots=100)
    pd.testing.assert_frame_equal(jobs(model).frame, jobs(model).frame)
    assert not jobs(model, seed=2).frame.equals(jobs(model).frame)


@pytest.mark.parametrize("level", [1e-9, 1e9])
def test_any_level_of_the_rates_leads_there(level):
    few = replace(
        with_target(offered_load_frac=0.5, slots=10),
        tenants=tuple(replace(one, jobs_per_member_day=level) for one in MODEL.tenants),
    )
    table = jobs(few)
    assert 0 <= 0.5 * 10 * (DAYS - BEGIN) - work(table).sum() < work(table).max()


@pytest.mark.parametrize(
    ("fields", "supply", "what"),
    [
        ({"jobs_per_slot_day": 1.0}, None, "how many slots"),
        ({"jobs_per_slot_day": 1.0}, Supply(()), "no slot is in service"),
        ({"jobs_per_slot_day": 1.0}, Supply(((0.0, 0.0),)), "no slot is in service"),
        ({"jobs_per_slot_day": 1.0, "slots": 5, "until": date(2021, 1, 5)}, None, "no slot is in service"),
        (
            {"jobs_per_slot_day": 1.0, "slots": 5, "start": date(2021, 1, 2), "until": date(2021, 1, 5)},
            None,
            "nobody submits",
        ),
        ({"jobs_per_slot_day": 1e9, "slots": 5}, None, "more than can be held"),
        ({"jobs_per_slot_day": 1.0, "slots": 5, "start": date(2022, 1, 1)}, None, "no slot is in service"),
    ],
)
def test_what_cannot_be_met_is_refused(fields, supply, what):
    with pytest.raises(TargetError, match=what):
        jobs(with_target(**fields), supply=supply)


def test_nobody_at_all_is_refused():
    with pytest.raises(TargetError, match="no slot is in service in the window"):
        jobs(with_target(jobs_per_slot_day=1.0, slots=5), horizon_s=DAY)


def test_what_is_kept_is_a_poisson_process_of_the_wanted_rate():
    """Counts per hour of single jobs: variance over mean 1, as for Poisson, and no trend over the horizon."""
    steady = tenant(
        "firms", {"one": 1}, members=Ramp("steps", ((date(2020, 1, 1), 50.0),)), activity_sigma=0.0
    )
    model = with_target(
        replace(
            MODEL,
            tenants=(steady,),
            classes=(kind("one", bursts=ONE_BY_ONE, run_s=Constant(60), rhythm_frac=0.0),),
        ),
        jobs_per_slot_day=1.0,
        slots=2000,
    )
    table = generate(model, start=datetime(2021, 1, 1, tzinfo=ZoneInfo("UTC")), horizon_s=DAYS, seed=4)
    counts = np.bincount(table.numbers("submit_s") // 3600, minlength=DAYS // 3600)
    assert counts.var() / counts.mean() == pytest.approx(1, abs=0.13)
    assert counts[:720].mean() / counts[720:].mean() == pytest.approx(1, abs=0.02)


def test_the_smallest_marks_are_kept_and_the_gap_is_filled():
    amounts, marks = np.array([5.0, 100.0, 4.0, 0.0, 3.0, 0.0]), np.array([0.1, 0.3, 0.5, 0.2, 0.6, 0.9])
    assert thinning.keep(amounts, marks, 9.5).tolist() == [True, False, True, True, False, False]
    assert thinning.keep(amounts, marks, 111.0).tolist() == [True, True, True, True, False, False]
    assert thinning.keep(amounts, marks, 2.0).tolist() == [False] * 6


@pytest.mark.parametrize(
    ("steps", "from_s", "until_s", "expected"),
    [
        (((0, 10), (100, 30)), 0, 100, 1000),
        (((-50, 10), (100, 30)), 90, 110, 400),
        (((20, 10),), 0, 30, 100),
        (((20, 10), (30, 0)), 0, 1000, 100),
        ((), 0, 10, 0),
    ],
)
def test_slot_seconds_of_a_window(steps, from_s, until_s, expected):
    assert Supply(tuple(steps)).slot_seconds(from_s, until_s) == expected
