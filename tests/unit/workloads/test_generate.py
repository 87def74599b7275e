"""Generated demand: the same seed gives the same bytes, and one change moves only what it concerns."""

from dataclasses import replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest

from tests.support.job_statistics import gap_cv, offered_load, share_by_label, top_share, work_by_size
from workloads.jobtable import LABELS
from workloads.synthetic.calendar import Profile, Ramp, month_edges
from workloads.synthetic.distributions import Constant, Lognormal
from workloads.synthetic.generate import generate
from workloads.synthetic.model import BurstNumbers, DemandModel, JobClass, TenantNumbers

START = datetime(2021, 1, 1, tzinfo=ZoneInfo("Asia/Seoul"))
DAYS = 60 * 86400


def kind(name, **changes):
    fields = {
        "title": name, "pool": "gpu",
        "slots": {1: 0.75, 8: 0.25}, "run_s": Lognormal(600, 3600), "longest_s": 86400,
        "bursts": BurstNumbers(3.0, 20.0),
    }  # fmt: skip
    return JobClass(name=name, **{**fields, **changes})


def tenant(name, mix, **changes):
    fields = {"members": Ramp("linear", ((date(2021, 1, 10), 10.0), (date(2021, 2, 20), 30.0)))}
    return TenantNumbers(name, name, jobs_per_member_day=8.0, class_mix=mix, **{**fields, **changes})


MODEL = DemandModel(
    name="two-tenants",
    reference="a100",
    tenants=(tenant("school", {"small": 3, "large": 1}, weekly_cv=0.3), tenant("firms", {"large": 1})),
    classes=(kind("small"), kind("large", pool="hpc", run_s=Constant(7200)), kind("unused")),
    profile=Profile(hours=(0.5,) * 12 + (1.5,) * 12),
)


def jobs(model=MODEL, horizon_s=DAYS, seed=1, **options):
    return generate(model, start=START, horizon_s=horizon_s, seed=seed, **options)


def rows(table, **where):
    frame = table.frame.drop(columns="job_id").astype(dict.fromkeys(LABELS, object))
    for column, value in where.items():
        frame = frame[frame[column] == value]
    return frame.reset_index(drop=True)


def test_the_same_seed_gives_the_same_bytes():
    first, second = jobs(), jobs()
    pd.testing.assert_frame_equal(first.frame, second.frame)
    assert not jobs(seed=2).frame.equals(first.frame)
    assert not jobs(replication=1).frame.equals(first.frame)


def test_the_table_is_in_order_and_says_where_it_comes_from():
    table = jobs()
    table.validate()
    assert table.numbers("job_id").tolist() == list(range(1, len(table) + 1))
    assert table.origin == START
    assert table.source == "two-tenants"
    assert table.numbers("submit_s").min() >= 9 * 86400
    assert table.numbers("submit_s").max() < DAYS
    assert set(table.frame["pool"]) == {"gpu", "hpc"}
    assert (table.numbers("run_s") <= table.numbers("requested_s")).all()
    assert table.clean(max_slots=8).frame.equals(table.frame)
    assert set(table.frame["user"].str.rsplit("-", n=1).str[0]) == {"school", "firms"}


def test_changing_a_class_leaves_all_others_as_they_were():
    small, large, unused = MODEL.classes
    other = replace(MODEL, classes=(replace(small, run_s=Constant(60), slots={4: 1.0}), large, unused))
    before, after = jobs(), jobs(other)
    pd.testing.assert_frame_equal(rows(before, job_class="large"), rows(after, job_class="large"))
    arrivals = ["submit_s", "user"]
    pd.testing.assert_frame_equal(
        rows(before, job_class="small")[arrivals], rows(after, job_class="small")[arrivals]
    )


def test_adding_a_tenant_leaves_all_others_as_they_were():
    other = replace(MODEL, tenants=(tenant("new", {"unused": 1}), *MODEL.tenants))
    pd.testing.assert_frame_equal(rows(jobs(), tenant="firms"), rows(jobs(other), tenant="firms"))


def test_a_longer_horizon_only_adds_jobs():
    short, long = jobs(horizon_s=45 * 86400 + 1800), jobs()
    n = len(short)
    pd.testing.assert_frame_equal(long.frame.iloc[:n], short.frame, check_categorical=False)
    assert long.numbers("submit_s")[n] >= 45 * 86400 + 1800


def test_the_rate_is_members_times_jobs_per_member():
    steady = tenant("firms", {"large": 1}, members=Ramp("steps", ((date(2020, 1, 1), 100.0),)))
    table = jobs(replace(MODEL, tenants=(steady,)))
    expected = 100 * 8 * 60
    assert abs(len(table) - expected) < 4 * np.sqrt(expected * 5)


def test_admission_scales_the_members():
    half = replace(MODEL, admitted=Ramp("linear", ((date(2021, 1, 1), 0.5),)))
    assert len(jobs(half)) / len(jobs()) == pytest.approx(0.5, abs=0.05)


def test_nobody_there_is_an_empty_table():
    table = jobs(horizon_s=86400)
    assert len(table) == 0
    table.validate()


def test_a_start_without_a_time_zone_is_refused():
    with pytest.raises(ValueError, match="time zone"):
        generate(MODEL, start=datetime(2021, 1, 1), horizon_s=10, seed=1)


def test_statistics_agree_with_sums_by_hand():
    table = jobs()
    frame = table.frame
    work = frame["slots"].astype("int64") * frame["run_s"]
    months = month_edges(START, DAYS)
    load = offered_load(table, 100, months)
    by_hand = work[frame["submit_s"] < 31 * 86400].sum() / (100 * 31 * 86400)
    assert load["2021-01"] == pytest.approx(by_hand)
    pools = [offered_load(table, 100, months, pool=pool)["2021-02"] for pool in ("gpu", "hpc", "none")]
    assert sum(pools) == pytest.approx(load["2021-02"])
    assert pools[2] == 0
    assert work_by_size(table, [1, 4]).tolist() == pytest.approx(
        [work[frame["slots"] == 1].sum() / work.sum(), 0, work[frame["slots"] == 8].sum() / work.sum()]
    )
    users = work.groupby(frame["user"], observed=True).sum().sort_values(ascending=False)
    assert top_share(table, 0.1) == pytest.approx(users.iloc[: round(len(users) * 0.1)].sum() / work.sum())
    assert share_by_label(table, "job_class")["unused"] == 0
    assert sum(share_by_label(table, "tenant", of_work=False).values()) == pytest.approx(1)
    assert gap_cv(table) > 1


def test_weeks_that_hardly_differ_are_equal():
    """A coefficient of variation of 1e-200 has no gamma distribution that a computer could draw from."""
    steady = replace(MODEL, tenants=tuple(replace(one, weekly_cv=0.0) for one in MODEL.tenants))
    nearly = replace(MODEL, tenants=tuple(replace(one, weekly_cv=1e-200) for one in MODEL.tenants))
    pd.testing.assert_frame_equal(jobs(steady).frame, jobs(nearly).frame)
