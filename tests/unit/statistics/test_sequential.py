"""Looks at a growing number of replications: how many, and that the error they spend adds up."""

from hypothesis import given
from hypothesis import strategies as st

from capacity.statistics.sequential import FIRST_LOOK, looks


@given(st.integers(1, 500), st.floats(0.5, 0.999))
def test_the_looks_spend_the_error_allowed_and_no_more(most, confidence):
    found = looks(most, confidence)
    assert [look.count for look in found] == sorted({look.count for look in found})
    assert (found[0].count, found[-1].count) == (min(FIRST_LOOK, most), most)
    assert abs(sum(1 - look.confidence for look in found) - (1 - confidence)) < 1e-9
    assert all(look.confidence >= confidence - 1e-9 for look in found)
