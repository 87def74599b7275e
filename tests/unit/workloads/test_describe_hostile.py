"""Tables that say little, or absurd things: never NaN, never -1, and a reason where there is no number."""

import math
import warnings
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workloads.describe.describe import describe
from workloads.describe.distances import DISTRIBUTIONS, PROFILES, distances
from workloads.describe.measures import METRICS, why_unknown
from workloads.errors import LogError
from workloads.jobtable import STATES, label_column, table_from

SIGNED = {
    "gap_burstiness",
    "run_ln_skew",
    "count_autocorrelation",
    "size_run_correlation",
    "hour_run_correlation",
}
ORIGINS = (None, datetime(2020, 1, 1, tzinfo=UTC), datetime(2020, 3, 1, tzinfo=ZoneInfo("Europe/Berlin")))


def check(found):
    """Whatever the table, what must hold of its description."""
    assert list(dict.fromkeys(m.name for m in found.measures)) == [
        name for name in METRICS if any(m.name == name for m in found.measures)
    ], "in the order of METRICS"
    for measure in found.measures:
        assert METRICS[measure.name].section not in found.absent
        if measure.label and METRICS[measure.name].values:
            assert why_unknown(measure.key) is None, measure.key
        if measure.value is None:
            assert measure.note, measure.key
        elif isinstance(measure.value, float):
            assert math.isfinite(measure.value), measure.key
            assert measure.value >= 0 or measure.name in SIGNED, measure
            assert (
                measure.value <= 1.000001
                or not measure.name.endswith("_frac")
                or "used" in measure.name
                or (measure.name == "offered_load_frac")
            ), measure
        else:
            assert isinstance(measure.value, str)


SMALL = {
    "one job": {"submit_s": [5], "run_s": [9], "slots": [2]},
    "one second": {"submit_s": [7] * 3, "run_s": [5, 6, 7], "slots": [1, 2, 3], "requested_s": [9, 9, 9]},
    "nothing known": {"submit_s": [0, 5], "run_s": [-1, -1], "slots": [-1, -1]},
    "no slots": {"submit_s": [0, 5], "run_s": [4, 0], "slots": [-1, 0]},
    "all of 0 s": {"submit_s": [0, 5], "run_s": [0, 0], "slots": [2, 4], "requested_s": [5, -1]},
    "no job knows both": {"submit_s": [0, 5], "run_s": [-1, 3], "slots": [2, -1], "requested_s": [5, -1]},
    "sums over 64 bits": {
        "submit_s": [0, 5],
        "run_s": [2**62] * 2,
        "slots": [2**31 - 1] * 2,
        "requested_s": [2**62] * 2,
    },
    "a clock that jumps": {"submit_s": [0, 5, 2**62], "run_s": [1, 2, 3], "slots": [1, 1, 1]},
    "a clock from before": {"submit_s": [-(2**60), 0], "run_s": [1, 2], "slots": [1, 1]},
}


@pytest.mark.parametrize("origin", ORIGINS, ids=["no date", "UTC", "Berlin"])
@pytest.mark.parametrize("name", SMALL)
def test_little_is_said_plainly(name, origin):
    columns = {"job_id": np.arange(len(SMALL[name]["submit_s"])), **SMALL[name]}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        table = table_from(columns, origin=origin, max_slots=4)
        check(describe(table))
        for one in distances(table, table):
            assert one.value in (None, 0.0)
            assert one.value is not None or one.note


@st.composite
def tables(draw):
    n = draw(st.integers(1, 12))

    def column(low, high):
        return draw(st.lists(st.integers(low, high), min_size=n, max_size=n))

    def labels(words):
        return label_column(np.array(column(0, len(words) - 1)), words)

    columns = {
        "job_id": np.arange(n),
        "submit_s": column(0, draw(st.sampled_from([1, 5000, 3_000_000]))),
        "run_s": column(-1, draw(st.sampled_from([1, 100_000]))),
        "requested_s": column(-1, 1000),
        "slots": column(-1, draw(st.sampled_from([1, 100]))),
        "user": labels(["", "a", "b"]),
        "tenant": labels(["", "t"]),
        "job_class": labels(["", "c", "d.e"]),
        "state": labels(STATES),
    }
    return table_from(
        columns, origin=draw(st.sampled_from(ORIGINS)), max_slots=draw(st.sampled_from([None, 8]))
    )


@settings(max_examples=150, deadline=None)
@given(tables(), tables())
def test_any_table_can_be_described_and_compared(one, other):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = describe(one)
        check(found)
        for section, prefix in (("sizes", "size_jobs_frac"), ("fates", "state_jobs_frac")):
            parts = [m.value for m in found.measures if m.name == prefix and m.value is not None]
            assert section in found.absent or sum(parts) == pytest.approx(1)
        for distance in distances(one, other):
            assert distance.value is None or math.isfinite(distance.value)
            assert distance.of in DISTRIBUTIONS or distance.of in PROFILES


def test_an_empty_table_is_refused_by_name():
    empty = table_from({"job_id": [], "submit_s": [], "run_s": [], "slots": []}, source="empty.swf")
    with pytest.raises(LogError, match=r"empty\.swf: there is no job to describe"):
        describe(empty)


def test_sections_that_nobody_can_fill_say_so():
    found = describe(table_from({"job_id": [1], "submit_s": [0], "run_s": [1], "slots": [1]}))
    assert set(found.absent) == {"requests", "fates", "users", "classes", "tenants"}
    assert found.absent["users"] == "not in the log: no job has a user"


@pytest.mark.parametrize(
    ("key", "wrong"),
    [
        ("run_p50", "no metric is called 'run_p50'"),
        ("run_p50_s.a", "run_p50_s has no 'a'"),
        ("state_jobs_frac", "needs a state: state_jobs_frac.completed"),
        ("state_jobs_frac.lost", "there is no state 'lost'"),
        ("class_jobs", "needs a class: class_jobs.NAME"),
        ("class_jobs.notebook", None),
        ("gap_cv", None),
    ],
)
def test_names_of_numbers_are_checked(key, wrong):
    assert (why_unknown(key) or "").startswith(wrong or "")
    assert (why_unknown(key) is None) == (wrong is None)
