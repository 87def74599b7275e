"""Writing and reading back is the identity in every format; no line, however wild, crashes the reader."""

import io
from datetime import datetime

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from workloads.errors import LogError
from workloads.formats import FORMATS, fitted, reader, writer
from workloads.jobtable import OPTIONAL, STATES, label_column, table_from
from workloads.readers.swf.reader import read_swf
from workloads.zone_names import zone_named

WORD = st.one_of(
    st.integers(0, 10**6).map(str),
    st.text(st.characters(categories=["L", "N", "Pd"]), min_size=1, max_size=8),
    st.just(""),
)
SECONDS = st.integers(-1, 2**40)
SLOTS = st.integers(-1, 2**31 - 1)
AMOUNTS = {
    "int64": st.integers(-1, 2**50),
    "int32": st.integers(-1, 2**31 - 1),
    "float64": st.just(-1.0) | st.floats(0, 2.0**50),
}
HELD = ("job_id", "start_s", "run_s", "slots")
SWF_STATES = ("unknown", "completed", "failed", "cancelled")


@st.composite
def tables(draw, states=STATES):
    n = draw(st.integers(1, 12))

    def column(values):
        return draw(st.lists(values, min_size=n, max_size=n))

    def labels(words):
        chosen = sorted(set(column(words)))
        codes = column(st.integers(0, len(chosen) - 1))
        used = sorted(set(codes))
        return label_column(np.searchsorted(used, codes), [chosen[code] for code in used])

    state = column(st.sampled_from(states))
    allocated = np.array(column(SLOTS))
    slots = np.array(column(SLOTS))
    optional = {}
    for known in draw(st.lists(st.sampled_from(OPTIONAL), unique=True)):
        if known.dtype == "category":
            optional[known.name] = labels(WORD)
        else:
            optional[known.name] = np.array(column(AMOUNTS[known.dtype]))
            optional[known.name][0] = 7  # a column without any value is none
    held = [column(st.integers(0, 2**40)) for _ in range(4)]
    zone = draw(st.sampled_from(["Asia/Seoul", "UTC", "-03:30"]))
    return table_from(
        {
            **optional,
            "job_id": draw(st.lists(st.integers(0, 2**50), min_size=n, max_size=n, unique=True)),
            "submit_s": column(st.integers(-(2**40), 2**40)),
            "run_s": column(SECONDS),
            "requested_s": column(SECONDS),
            "wait_s": column(SECONDS),
            "slots": np.where(slots > 0, slots, allocated),
            "allocated_slots": allocated,
            **{name: labels(WORD) for name in ("pool", "tenant", "user", "job_class")},
            "state": label_column(np.array([STATES.index(word) for word in state]), STATES),
        },
        origin=datetime(2020, 7, 1, tzinfo=zone_named(zone)),
        zone=zone,
        zone_from="log",
        period_s=draw(st.none() | st.just((0, 86400))),
        attempts=draw(st.none() | st.just(pd.DataFrame(dict(zip(HELD, held, strict=True))))),
        max_slots=draw(st.none() | st.integers(1, 10**6)),
    )


def says_something(column):
    """Whether a column holds more than unknown values, as it may when the jobs that had some are gone."""
    return not column.isin([-1, ""]).all()


WRITABLE = [form.name for form in FORMATS.values() if form.writer]


@pytest.mark.parametrize("name", WRITABLE)
@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_what_was_written_is_read(name, data):
    jobs, _ = fitted(name, data.draw(tables(SWF_STATES if name == "swf" else STATES)))
    assume(len(jobs))
    stream = io.BytesIO()
    writer(name)(jobs, stream)
    first = stream.getvalue()
    again = reader(name)(io.BytesIO(first))
    left = [column for column in jobs.frame if column in again.frame or says_something(jobs.frame[column])]
    pd.testing.assert_frame_equal(again.frame.astype(object), jobs.frame[left].astype(object))
    assert (again.origin, again.max_slots) == (jobs.origin, jobs.max_slots)
    assert again.origin.utcoffset() == jobs.origin.utcoffset()
    assert (again.zone, again.zone_from, again.period_s) == (jobs.zone, jobs.zone_from, jobs.period_s)
    assert (again.attempts is None) == (jobs.attempts is None)
    if jobs.attempts is not None:
        pd.testing.assert_frame_equal(again.attempts, jobs.attempts)
    twice = io.BytesIO()
    writer(name)(again, twice)
    assert reader(name)(io.BytesIO(twice.getvalue())).frame.equals(again.frame)


TOKEN = st.one_of(
    st.integers().map(str),
    st.floats().map(str),
    st.sampled_from(["-1", "nan", "inf", "1e400", "", ";", "\t", "\x00", "-", ".", "+5", "１"]),
    st.text(max_size=3),
)


@settings(deadline=None)
@given(st.lists(st.lists(TOKEN, max_size=22), max_size=6), st.booleans())
def test_no_line_crashes_the_reader(rows, lenient):
    text = "1 0 -1 5 1 -1 -1 1 9 -1 1 1 1 -1 1 1 -1 -1\n" + "\n".join(" ".join(row) for row in rows)
    try:
        jobs = read_swf(io.BytesIO(text.encode("utf-8", "surrogatepass")), lenient=lenient)
    except LogError as error:
        assert error.problems
    else:
        jobs.validate()
        assert len(jobs) >= 1


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_no_bytes_crash_any_reader(raw):
    for name in (name for name in FORMATS if "columns" not in FORMATS[name].options):
        for prefix in (b"", b"\x1f\x8b", b"job_id,submit_s,run_s,slots\n", b"; MaxProcs: 5\n"):
            try:
                reader(name)(io.BytesIO(prefix + raw), lenient=True).validate()
            except LogError as error:
                assert error.problems


NUMBER = st.one_of(st.integers(-2, 40).map(str), st.sampled_from(["1.5", "x", "1e400", "-1", "3000000000"]))
GOOD = st.tuples(
    st.integers(1, 4),
    st.integers(-1, 40),
    st.integers(1, 9),
    st.integers(1, 4),
    st.sampled_from([0, 1, 2, 3, 4, 5]),
).map(lambda row: "{} {} 0 {} {} -1 -1 -1 90 -1 {} 1 1 -1 1 1 -1 -1".format(*row))


@settings(deadline=None)
@given(
    st.lists(
        GOOD | st.lists(NUMBER, min_size=18, max_size=18).map(" ".join) | st.just("; Note: x"), max_size=9
    )
)
def test_every_line_is_read_or_left_out_with_its_reason(lines):
    text = "\n".join(["9 0 0 5 1 -1 -1 1 9 -1 1 1 1 -1 1 1 -1 -1", *lines])
    jobs = read_swf(io.BytesIO(text.encode()), lenient=True)
    rows = [line for line in text.splitlines() if not line.startswith(";")]
    assert len(jobs) + sum(tally.count for tally in jobs.dropped) == len(rows)
    assert all(tally.reason and tally.examples for tally in jobs.dropped)


@settings(deadline=None)
@given(st.lists(GOOD, max_size=9))
def test_the_work_of_all_lines_is_kept(lines):
    jobs = read_swf(
        io.BytesIO("\n".join(lines or ["1 0 0 1 1 -1 -1 -1 9 -1 1 1 1 -1 1 1 -1 -1"]).encode()), lenient=True
    )
    rows = [[int(field) for field in line.split()] for line in lines] or [[1, 0, 0, 1, 1, *[0] * 5, 1]]
    summed = {row[0] for row in rows if row[10] not in {2, 3, 4}}
    first = {row[0]: row[4] for row in reversed(rows) if row[0] not in summed}
    work = sum(
        row[3] * first.get(row[0], row[4]) for row in rows if row[0] not in summed or row[10] not in {2, 3, 4}
    )
    assert jobs.kept_slot_s + sum(tally.slot_s for tally in jobs.dropped) == work
