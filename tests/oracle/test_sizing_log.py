"""The machine that sizing finds for a real log is what trying every size finds: KTH-SP2, 100 slots."""

import pytest

from capacity.errors import InputError
from capacity.scheduling.rules import Rules
from capacity.study.requirements import read_requirement
from capacity.study.size.answer import answer
from capacity.study.size.axes import Axis, read_axis
from capacity.study.size.demand_served import WIDEST, refusal
from capacity.study.size.logs import BELOW, UNITS, LogJudge, LogQuestion, sizes_of, widest_job
from capacity.study.size.search import Search
from tests.data import need_data
from workloads.logs import read_log

SIZES = read_axis("slots=64..300")


@pytest.fixture(scope="module")
def log():
    return read_log(need_data("swf/KTH-SP2-1996-2.1-cln.swf.gz"))


@pytest.fixture(scope="module")
def replayed():
    """Return what was measured on each size, so that each is replayed once by all tests together."""
    return {}


def judge_of(log, replayed, *texts, axis=SIZES, per_node=None):
    read = tuple(read_requirement(text, metrics=UNITS) for text in texts)
    judge = LogJudge(LogQuestion(log, Rules(), None, axis, per_node, read, 0.8, 0.95))
    judge._values = replayed
    return judge


@pytest.mark.parametrize(
    "requirements",
    [
        ["mean_wait_s <= 1 h"],
        ["mean_wait_s <= 15 min"],
        ["mean_wait_s <= 1 min"],
        ["p95_wait_s <= 4 h"],
        ["p95_wait_s <= 1 h"],
        ["p95_wait_s <= 5 min"],
        ["p50_wait_s <= 0"],
        ["mean_bounded_slowdown <= 20"],
        ["mean_bounded_slowdown <= 3"],
        ["utilization <= 50 %"],
        ["p95_wait_s <= 2 h", "mean_bounded_slowdown <= 15", "utilization <= 60 %"],
    ],
    ids=" and ".join,
)
def test_the_smallest_machine_is_found(log, replayed, requirements):
    judge = judge_of(log, replayed, *requirements)
    found = Search([SIZES], judge, below=BELOW).run()
    every = (judge.trial((place,)) for place in range(len(SIZES.values)))
    expected = next(trial for trial in every if trial.standing == "shown")
    assert found.best.values == expected.values
    assert found.best == expected
    assert len(found.trials) < 60, "of 237"
    sizing = answer([SIZES], found, objective="size", share=0.8, confidence=0.95)
    assert sizing.main.interval == (expected.values["slots"],) * 2
    assert sizing.binding or sizing.main.next_smaller.refused


def test_a_machine_smaller_than_the_widest_job_is_refused(log):
    assert widest_job(log) == 100
    judge = judge_of(log, {}, "mean_wait_s <= 1e9")
    small = judge.trial((99 - 64,))
    assert small.refused == (refusal(WIDEST, 100, 99, n=0),)
    assert (small.standing, small.replications) == ("shown not", 0)
    found = Search([SIZES], judge, below=BELOW).run()
    assert found.best.values == {"slots": "100"}, "however long one may wait"


def test_nothing_is_enough(log, replayed):
    found = Search([SIZES], judge_of(log, replayed, "max_bounded_slowdown <= 1")).run()
    assert found.best is None
    assert [trial.values for trial in found.trials] == [{"slots": "300"}]


def test_the_log_says_what_is_searched(log):
    assert sizes_of(log, None) == "slots=100..100"
    assert sizes_of(log, 8) == "nodes=13..13"
    assert sizes_of(log, 128) == "nodes=1..1"


def test_nodes_of_several_slots(log):
    """As many slots in nodes are never better than loose ones for a job that fits on no single node."""
    axis = read_axis("nodes=20..60")
    judge = judge_of(log, {}, "mean_wait_s <= 15 min", axis=axis, per_node=4)
    found = Search([axis], judge, below=BELOW).run()
    assert found.best.standing == "shown"
    place = found.best.point[0]
    assert all(judge.trial((lower,)).standing == "shown not" for lower in range(place))
    assert axis.values[place] == str(judge.size(found.best.point))


@pytest.mark.parametrize("values", [("0",), ("-1",), ("1.5",), ("easy",), ("4 PB",), ("5", str(2**31))])
def test_what_is_no_size_is_refused(log, values):
    with pytest.raises(InputError, match="is no size of a machine"):
        judge_of(log, {}, "mean_wait_s <= 1 h", axis=Axis("slots", values, ordered=True))
