"""Whatever stands in a log, the command ends with 0 or 3 and a message, and counts every row once."""

import json
import re
from contextlib import redirect_stderr, redirect_stdout
from io import BytesIO, StringIO
from types import SimpleNamespace
from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st

from capacity.cli.main import entry

NUMBERS = st.one_of(
    st.integers(-2, 12),
    st.integers(-(2**70), 2**70),
    st.floats(),
    st.sampled_from(["", "-", "nan", "1e3", "ㅎ"]),
)
SANE = st.integers(1, 12)


def row(run, slots, requested):
    return st.tuples(SANE, st.integers(0, 99), st.just(-1), run, slots, SANE, SANE, slots, requested).map(
        lambda fields: " ".join(map(str, (*fields, *[-1] * 9)))
    )


ROWS = st.one_of(row(SANE, SANE, SANE), row(NUMBERS, NUMBERS, NUMBERS), st.text(max_size=20))
LOGS = st.lists(ROWS, max_size=12).map(lambda rows: "; MaxProcs: 8\n" + "\n".join(rows) + "\n")


def replayed(data, *options):
    """Return exit code, stdout and stderr of a replay of standard input."""
    out, err = StringIO(), StringIO()
    with (
        patch("sys.stdin", SimpleNamespace(buffer=BytesIO(data))),
        redirect_stdout(out),
        redirect_stderr(err),
    ):
        code = entry(["replay", "-", "--json", *options])
    return code, out.getvalue(), err.getvalue()


@settings(max_examples=60, deadline=None)
@given(st.one_of(LOGS.map(str.encode), st.binary(max_size=300)))
def test_any_bytes_are_replayed_or_refused_with_a_message(data):
    code, out, err = replayed(data)
    assert code in (0, 3), err
    assert "this is a bug" not in err
    assert (code == 0) == bool(out)
    assert code == 0 or err.startswith("error: ")


@settings(max_examples=60, deadline=None)
@given(st.lists(row(st.integers(-1, 20), st.integers(-1, 12), st.integers(-1, 20)), min_size=1, max_size=12))
def test_every_row_is_replayed_or_counted_as_left_out(rows):
    data = ("; MaxProcs: 8\n" + "\n".join(rows) + "\n").encode()
    code, out, err = replayed(data, "--lenient")
    if code == 3:
        assert "no job is left" in err
        left_out = sum(int(count) for count in re.findall(r"(\d+) ×", err))
        assert left_out == len(rows)
        return
    document = json.loads(out)
    left_out = sum(tally["count"] for tally in document["dropped"])
    assert document["jobs"] + left_out == len(rows)
    assert (replayed(data, "--lenient", "--strict")[0] == 3) == bool(
        document["dropped"] or document["remarks"]
    )
