"""Names of rules, keys of queue orders, and what the records at the door refuse."""

import itertools

import numpy as np
import pytest

from capacity.errors import InputError
from capacity.registry import (
    BACKFILLING,
    CHANGING,
    CONSERVATIVE,
    ESTIMATES,
    ORDERS,
    OVERRUN,
    PLACEMENTS,
    TIES,
    contradictions,
)
from capacity.scheduling.batch import batch_system
from capacity.scheduling.core.machine import state as k
from capacity.scheduling.jobs import Jobs
from capacity.scheduling.orders import keys_of
from capacity.scheduling.pools import rule_numbers
from capacity.scheduling.pools.pool import PoolSpec
from capacity.scheduling.rules import Rules

SUBMIT = np.array([0, 1, 100, 10_000])
REQUESTED = np.array([1, 100, 3_600, 86_400])
SLOTS = np.array([1, 4, 16, 9])


@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ("fcfs", [0, 1, 100, 10_000]),
        ("sjf", [1, 100, 3_600, 86_400]),
        ("ljf", [-1, -100, -3_600, -86_400]),
        ("smallest", [1, 4, 16, 9]),
        ("largest", [-1, -4, -16, -9]),
        ("saf", [1, 400, 57_600, 777_600]),
        ("f1", [0, 8, np.log10(3_600) * 16 + 870 * 2, np.log10(86_400) * 9 + 870 * 4]),
        ("f2", [1, 40, 960 + 25_600 * 2, np.sqrt(86_400) * 9 + 25_600 * 4]),
        ("f3", [1, 400, 57_600 + 6_860_000 * 2, 777_600 + 6_860_000 * 4]),
        ("f4", [1, 200, 14_400 + 530_000 * 2, 259_200 + 530_000 * 4]),
        ("wfp3", [0, 0, 0, 0]),  # those that change have their values at submission
        ("unicef", [0, 0, 0, 0]),
        ("expansion", [-1, -1, -1, -1]),
    ],
)
def test_keys_follow_the_published_formulas(name, keys):
    np.testing.assert_allclose(keys_of(name, SUBMIT, REQUESTED, SLOTS), keys, rtol=1e-14)


@pytest.mark.parametrize("name", list(ORDERS))
def test_every_registered_order_gives_one_finite_key_per_job(name):
    keys = keys_of(name, SUBMIT, REQUESTED, SLOTS)
    assert keys.shape == SUBMIT.shape
    assert keys.dtype == np.float64
    assert np.isfinite(keys).all()


@pytest.mark.parametrize(
    ("names", "said"),
    [
        ({"order": "sfj"}, "sjf"),
        ({"backfill": "esay"}, "easy"),
        ({"ties": "pys"}, "pyss"),
        ({"placement": "bestfit"}, "best-fit"),
    ],
)
def test_an_unknown_name_is_refused_with_the_nearest_one(names, said):
    with pytest.raises(InputError, match=said):
        Rules(**names)


def test_every_name_of_the_page_is_there():
    assert set(BACKFILLING) >= {"none", "easy"}
    assert set(TIES) == {"instant", "event", "pyss"}
    assert set(PLACEMENTS) == {"best-fit", "worst-fit", "first-fit", "random"}
    assert CHANGING == {"wfp3": k.WFP3, "unicef": k.UNICEF, "expansion": k.EXPANSION}
    assert Rules() == Rules("fcfs", "easy", "instant", "best-fit", 1)


def test_wide_jobs_occupy_whole_nodes():
    slots = np.array([1, 7, 8, 9, 16, 17])
    assert PoolSpec("p", 4, 8, counted=False).need(slots).tolist() == [1, 7, 8, 16, 16, 24]
    assert PoolSpec("p", 4, 8).need(slots).tolist() == slots.tolist()
    assert PoolSpec("p", 4, deliveries=((5, 2), (9, 3))).most_nodes == 9


GOOD = {"submit_s": [0, 5, 5], "run_s": [1, 2, 3], "requested_s": [1, 2, 3], "slots": [1, 1, 2]}


@pytest.mark.parametrize(
    ("column", "values", "said"),
    [
        ("submit_s", [0, 5, 4], "sorted"),
        ("submit_s", [-1, 5, 5], "row 1: submission is -1"),
        ("run_s", [1, -2, 3], "row 2: run time is -2"),
        ("requested_s", [1, 2, -3], "row 3: requested time is -3"),
        ("slots", [1, 0, 2], "row 2: slots is 0"),
    ],
)
def test_jobs_that_cannot_be_are_refused(column, values, said):
    columns = {name: np.array(value) for name, value in {**GOOD, column: values}.items()}
    with pytest.raises(InputError, match=said):
        Jobs(**columns)


@pytest.mark.parametrize("column", list(GOOD))
def test_columns_of_different_lengths_are_refused(column):
    """The compiled core trusts the lengths: a short column would be read beyond its end."""
    columns = {name: np.array(value[:2] if name == column else value) for name, value in GOOD.items()}
    with pytest.raises(InputError):
        Jobs(**columns)


def test_a_time_beyond_the_clock_is_refused():
    """The core packs time into 39 bits; a log in milliseconds since 1970 must not lose its jobs silently."""
    now_ms = 1_600_000_000_000
    columns = {name: np.array(value) for name, value in GOOD.items()}
    with pytest.raises(InputError):
        Jobs(**{**columns, "submit_s": np.array([now_ms] * 3)})


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"nodes": -1}, "pool gpu: -1 nodes"),
        ({"slots_per_node": 0}, "pool gpu: 0 slots per node"),
        ({"deliveries": ((9, 1), (5, 1))}, "pool gpu: its deliveries are not in order"),
        ({"deliveries": ((5, 0),)}, "pool gpu: a delivery without nodes"),
    ],
)
def test_a_pool_that_cannot_be_is_refused(wrong, said):
    with pytest.raises(InputError, match=said):
        PoolSpec(**{"name": "gpu", "nodes": 1, **wrong})


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ({"order": "multifactor"}, "rules of a site"),
        ({"backfill": "easy-sjbf", "backfill_order": "largest"}, "not in the order largest"),
        ({"cycle_s": 30, "ties": "event"}, "grid"),
        ({"overrun": "allow", "ties": "pyss"}, "share its slots"),
        ({"overrun": "allow", "backfill": "easy++"}, "corrects predictions"),
    ],
)
def test_rules_that_contradict_each_other_are_refused(rules, said):
    with pytest.raises(InputError, match=said):
        rule_numbers.check(Rules(**rules), counted=True)


@pytest.mark.parametrize("counted", [True, False])
@pytest.mark.parametrize("reservations", [1, 2])
def test_what_files_and_commands_let_pass_can_be_built(counted, reservations):
    """The table of contradictions and the cores refuse the same."""
    jobs = Jobs(SUBMIT, REQUESTED, REQUESTED, SLOTS.astype(np.int32), user=np.zeros(4, np.int32))
    fields = {
        "order": ("fcfs", "sjf", "wfp3"), "backfill": BACKFILLING, "ties": TIES,
        "backfill_order": ("queue", "sjf", "saf", "wfp3", "multifactor"), "conservative": CONSERVATIVE,
        "estimates": ESTIMATES, "overrun": OVERRUN, "cycle_s": (0, 30),
    }  # fmt: skip
    built = 0
    for values in itertools.product(*fields.values()):
        rules = Rules(**dict(zip(fields, values, strict=True)), reservations=reservations)
        on_nodes = rules.backfill == "conservative" and not counted
        beside = "several" if reservations > 1 else "nodes" if on_nodes else ""
        wrong = [*contradictions(rules, beside=beside)]
        try:
            batch_system([PoolSpec("gpu", 4, 4, counted=counted)], rules, jobs)
        except InputError as error:
            assert wrong, (rules, str(error))
        else:
            assert not wrong, rules
            built += 1
    assert built > 50


def test_every_contradiction_is_named_at_once():
    with pytest.raises(InputError) as caught:
        rule_numbers.check(Rules("multifactor", ties="pyss", cycle_s=5, overrun="allow"), counted=True)
    assert len(caught.value.problems) == 3
