"""Conservative backfilling on six logs: every start of two public simulators, to the second."""

import csv

import pytest

from capacity.scheduling.rules import Rules
from tests.data import shared_data
from tests.support.published import assert_same_starts, figures, read_reference, replay

INDEX = shared_data("reference/metrics.csv")

RULES = {
    "C-sticky": Rules(backfill="conservative", ties="pyss", conservative="sticky"),
    "C-replan": Rules(backfill="conservative", ties="event", conservative="replan"),
}


def rows() -> list[dict[str, str]]:
    if INDEX is None:
        return []
    with INDEX.open(newline="") as handle:
        return [row for row in csv.DictReader(handle) if row["policy"] == "conservative"]


@pytest.mark.parametrize("row", rows(), ids=lambda row: row["file"].removesuffix(".csv.gz"))
def test_every_start_is_the_reference(row):
    published = read_reference(row["log"], row["file"], int(row["processors"]))
    assert len(published.start_s) == int(row["jobs"])
    start = replay(published, RULES[row["semantics"]])
    assert_same_starts(start, published.start_s)
    wait, slowdown = figures(published.jobs, start)
    assert wait == pytest.approx(float(row["mean_wait_s"]), abs=0.0051)
    assert slowdown == pytest.approx(float(row["mean_bounded_slowdown_tau10"]), abs=0.000051)


def test_the_index_is_there():
    """Without the data the test above has no rows and would vanish in silence."""
    if INDEX is None:
        pytest.skip("../shared/data/reference is not on this machine")
    assert len(rows()) == 7
    assert {row["semantics"] for row in rows()} == set(RULES)


def test_the_two_kinds_and_the_dialects_are_different_schedules():
    """So that none of the comparisons above could pass with another's rules."""
    published = read_reference("KTH-SP2", "KTH-SP2.conservative.pyss.csv.gz", 100)
    event = replay(published, Rules(backfill="conservative", ties="event"))
    instant = replay(published, Rules(backfill="conservative"))
    replan = replay(published, Rules(backfill="conservative", conservative="replan"))
    assert (replan != published.start_s).sum() > 1_000
    for start in (event, instant):
        assert figures(published.jobs, start)[0] == pytest.approx(7_313.7, rel=0.02)
