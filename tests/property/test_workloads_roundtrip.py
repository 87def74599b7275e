"""Writing and reading back is the identity in every format; no line, however wild, crashes the reader."""

import io
from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from workloads.errors import LogError
from workloads.formats import FORMATS, fitted, reader, writer
from workloads.jobtable import STATES, label_column, table_from
from workloads.readers.swf.reader import read_swf

WORD = st.one_of(
    st.integers(0, 10**6).map(str),
    st.text(st.characters(categories=["L", "N", "Pd"]), min_size=1, max_size=8),
    st.just(""),
)
SECONDS = st.integers(-1, 2**40)
SLOTS = st.integers(-1, 2**31 - 1)
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
    return table_from(
        {
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
        origin=datetime(2020, 7, 1, tzinfo=ZoneInfo("Asia/Seoul")),
        max_slots=draw(st.none() | st.integers(1, 10**6)),
    )


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
    pd.testing.assert_frame_equal(again.frame.astype(object), jobs.frame.astype(object))
    assert (again.origin, again.max_slots) == (jobs.origin, jobs.max_slots)
    assert again.origin.tzinfo == jobs.origin.tzinfo
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
    for name in FORMATS:
        for prefix in (b"", b"\x1f\x8b", b"job_id,submit_s,run_s,slots\n", b"; MaxProcs: 5\n"):
            try:
                reader(name)(io.BytesIO(prefix + raw), lenient=True).validate()
            except LogError as error:
                assert error.problems
