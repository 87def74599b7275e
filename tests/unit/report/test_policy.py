"""What a report says of QOS, requeues and shares: made of hand-written findings."""

import math

import pytest

from capacity.inputs.policy.accounts import Account
from capacity.inputs.reading.loader import load_scenario
from capacity.measure.findings import Finding, Lookup, labels
from capacity.measure.metrics import UNITS
from capacity.report.language import Language
from capacity.report.terminal.policy import entitled, operation
from tests.support.small_site import write_small

TREE = {
    "research": Account(shares=40),
    "industry": Account(shares=60),
    "school": Account(shares=2, parent="research"),
    "partners": Account(shares=1, parent="research"),
    "cars": Account(shares=1, parent="industry"),
}


def test_shares_multiply_on_the_way_up():
    found = entitled(TREE, ["school", "partners", "cars"])
    assert found == pytest.approx({"school": 0.4 * 2 / 3, "partners": 0.4 / 3, "cars": 0.6})


def test_a_group_without_tenants_owns_nothing_and_one_without_account_has_a_share():
    assert entitled(TREE, ["school", "partners"]) == pytest.approx({"school": 2 / 3, "partners": 1 / 3})
    assert entitled({}, ["a", "b"]) == pytest.approx({"a": 0.5, "b": 0.5})


def test_work_undone_is_said_beside_what_was_delivered(tmp_path):
    scenario = load_scenario(write_small(tmp_path)).scenario
    values = {
        "requeues": 12,
        "jobs_node_fail": 1,
        "jobs_cancelled": 3,
        "lost_slot_hours": 50,
        "delivered_slot_hours": 1000,
    }
    nan = math.nan
    look = Lookup(
        [Finding(m, labels(pool="gpu", month="all"), v, nan, nan, UNITS[m], 1) for m, v in values.items()]
    )
    (said,) = operation(scenario, look, ["gpu"], Language("en"))
    assert "Requeued 12 times" in said
    assert "undid 50 slot-hours, 5.0 % of those delivered" in said
    assert "1 jobs ended for good with a failed node, 3 were given up" in said
    assert list(operation(scenario, Lookup([]), ["gpu"], Language("en"))) == []
