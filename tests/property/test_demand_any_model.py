"""Any demand model gives a table in order, with valid links, that begins like one of a longer horizon."""

from dataclasses import replace
from datetime import UTC, date, datetime

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from workloads.synthetic.calendar import Profile, Ramp, SeasonNumbers
from workloads.synthetic.distributions import Constant, Lognormal, Pareto
from workloads.synthetic.generate import generate
from workloads.synthetic.model import (
    ArrayNumbers,
    BurstNumbers,
    DemandModel,
    FateNumbers,
    JobClass,
    RequestNumbers,
    ResubmitNumbers,
    SessionNumbers,
    TenantNumbers,
)
from workloads.synthetic.target import TargetNumbers
from workloads.synthetic.thinning import keep

START = datetime(2020, 12, 20, tzinfo=UTC)
DAY = 86_400
shares = st.floats(0.0, 1.0)
runs = st.one_of(
    st.builds(Constant, st.floats(1, 1e6)),
    st.builds(Lognormal, st.just(600.0), st.floats(601, 1e5)),
    st.builds(Pareto, st.floats(1, 1000), st.floats(0.3, 3)),
)
clustered = st.one_of(
    st.builds(lambda jobs, gap: {"bursts": BurstNumbers(jobs, gap)}, st.floats(1, 50), st.floats(0, 1e4)),
    st.builds(lambda tasks: {"array": ArrayNumbers(tasks)}, st.floats(1, 50)),
    st.builds(
        lambda jobs, think, linked: {"sessions": SessionNumbers(jobs, think, linked)},
        st.floats(1, 20),
        st.floats(0, 1e5),
        st.booleans(),
    ),
)
followed = st.one_of(
    st.just({}),
    st.builds(
        lambda *fields: {"resubmit": ResubmitNumbers(*fields)},
        shares,
        st.floats(0, 1e5),
        st.integers(1, 5),
        st.booleans(),
    ),
)


@st.composite
def classes(draw, name):
    return JobClass(
        name=name,
        title=name,
        slots={draw(st.integers(1, 64)): 1.0, 65: draw(shares)},
        run_s=draw(runs),
        longest_s=draw(st.integers(60, 10 * DAY)),
        requests=RequestNumbers(draw(st.floats(0, 0.5)), draw(st.floats(0, 0.5))),
        fates={"completed": FateNumbers(0.5), "failed": FateNumbers(0.5, draw(st.floats(0.1, 3)))},
        rhythm_frac=draw(shares),
        **draw(clustered),
        **draw(followed),
    )


@st.composite
def models(draw):
    kinds = (draw(classes("a")), draw(classes("b")))
    season = SeasonNumbers(
        (draw(st.integers(1, 12)), draw(st.integers(1, 28))),
        (draw(st.integers(1, 12)), draw(st.integers(1, 28))),
        draw(st.floats(0, 3)),
    )
    return DemandModel(
        name="any",
        reference="",
        tenants=(
            TenantNumbers(
                "t",
                "t",
                Ramp("linear", ((date(2020, 12, 1), 5.0), (date(2021, 1, 3), draw(st.floats(1, 30))))),
                draw(st.floats(0.1, 8.0)),
                {"a": 1.0, "b": draw(st.floats(0.01, 5))},
                activity_sigma=draw(st.floats(0, 3)),
                weekly_cv=draw(st.floats(0, 1)),
            ),
        ),
        classes=kinds,
        profile=Profile(hours=(1.0, 0.0) * 12, seasons=(season,), country="KR"),
    )


def drawn(model, days):
    return generate(model, start=START, horizon_s=days * DAY, seed=1)


def check(table):
    table.validate()
    frame = table.frame
    assert frame["submit_s"].is_monotonic_increasing
    assert (frame["run_s"] >= 1).all()
    assert (frame["run_s"] <= frame["requested_s"]).all()
    if "afterany_id" in frame:
        linked = frame[frame["afterany_id"] >= 0]
        assert (linked["afterany_id"] < linked["job_id"]).all()
        before = frame.set_index("job_id").loc[linked["afterany_id"]]
        assert (before["user"].astype(object).to_numpy() == linked["user"].astype(object).to_numpy()).all()


@settings(max_examples=25, deadline=None)
@given(models(), st.integers(1, 14))
def test_a_shorter_horizon_is_the_beginning_of_a_longer_one(model, days):
    short, long = drawn(model, days), drawn(model, 15)
    check(short)
    check(long)
    pd.testing.assert_frame_equal(long.frame.iloc[: len(short)], short.frame, check_categorical=False)


@settings(max_examples=25, deadline=None)
@given(models(), st.floats(0.01, 2.0), st.integers(50, 500))
def test_a_target_is_met_from_below_to_within_the_largest_burst(model, load, slots):
    season = replace(model.profile.seasons[0], weight=1.0)
    model = replace(
        model,
        profile=replace(model.profile, seasons=(season,)),
        target=TargetNumbers(jobs_per_slot_day=load, slots=slots),
    )
    table = drawn(model, 14)
    check(table)
    assert len(table) <= load * slots * 14 + 1e-6


@given(
    st.lists(st.tuples(st.integers(0, 1000), st.floats(0, 1, exclude_max=True)), min_size=1, max_size=40),
    st.floats(0, 1),
)
def test_what_is_kept_leaves_no_room_for_what_is_not(bursts, part):
    amounts, marks = (np.array(column, dtype=np.float64) for column in zip(*bursts, strict=True))
    goal = part * amounts.sum()
    kept = keep(amounts, marks, goal)
    missing = goal - amounts[kept].sum()
    assert missing >= -1e-6
    left = amounts[~kept & (amounts > 0)]
    assert not len(left) or left.min() > missing - 1e-6
