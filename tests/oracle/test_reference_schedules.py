"""Schedules of public simulators on six logs: every start under the rules they name, to the second."""

import csv

import pytest

from capacity.scheduling.rules import Rules
from tests.data import shared_data
from tests.support.published import assert_same_starts, figures, read_reference, replay

INDEX = shared_data("reference/metrics.csv")

RULES = {
    ("fcfs", "F"): [Rules("fcfs", "none", ties) for ties in ("instant", "event", "pyss")],
    ("easy", "E-batch"): [Rules("fcfs", "easy", "instant")],
    ("easy", "E-event"): [Rules("fcfs", "easy", "event")],
    ("easy", "E-pyss"): [Rules("fcfs", "easy", "pyss")],
    ("sjf", "P-event"): [Rules("sjf", "none", "event")],
    ("sjf+easy", "P-event"): [Rules("sjf", "easy", "event")],
    ("f1+easy", "P-event"): [Rules("f1", "easy", "event")],
    ("wfp3+easy", "P-event"): [Rules("wfp3", "easy", "event", recompute_s=0)],
}
"""By policy and semantics of the index. Conservative schedules have rules of their own."""


def rows() -> list[dict[str, str]]:
    if INDEX is None:
        return []
    with INDEX.open(newline="") as handle:
        return [row for row in csv.DictReader(handle) if (row["policy"], row["semantics"]) in RULES]


@pytest.mark.parametrize("row", rows(), ids=lambda row: row["file"].removesuffix(".csv.gz"))
def test_every_start_is_the_reference(row):
    published = read_reference(row["log"], row["file"], int(row["processors"]))
    assert len(published.start_s) == int(row["jobs"])
    for rules in RULES[row["policy"], row["semantics"]]:
        start = replay(published, rules)
        assert_same_starts(start, published.start_s)
    wait, slowdown = figures(published.jobs, start)
    assert wait == pytest.approx(float(row["mean_wait_s"]), abs=0.0051)
    assert slowdown == pytest.approx(float(row["mean_bounded_slowdown_tau10"]), abs=0.000051)


def test_the_index_is_there():
    """Without the data the test above has no rows and would vanish in silence."""
    if INDEX is None:
        pytest.skip("../shared/data/reference is not on this machine")
    assert len(rows()) == 30
