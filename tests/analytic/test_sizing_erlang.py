"""Sizing finds the number of servers that Erlang's C formula asks for, and the waits are as the formula says.

Erlang C gives the mean wait in an M/M/c queue, see tests/support/mmc.py; those who wait do so for an
exponential time of mean service / (c - offered).
"""

import math
from contextlib import ExitStack

import pytest

from capacity.inputs.reading.loader import load_scenario
from capacity.measure.findings import labels
from capacity.statistics.intervals import t_interval
from capacity.study.executors.interface import run_all
from capacity.study.executors.local import LocalExecutor
from capacity.study.requirements import read_requirement
from capacity.study.run import result_of, tasks_of
from capacity.study.size.answer import answer
from capacity.study.size.axes import read_axis
from capacity.study.size.search import Search
from capacity.study.size.sites import SMALLEST, Question, SiteJudge
from capacity.study.store import ResultStore, StoredExecutor
from tests.support.mmc import OFFERED, SERVICE_S, erlang_c_wait_s, write_mmc

NODES = "site.pools.main.nodes"


@pytest.fixture(scope="module")
def queue(tmp_path_factory):
    return write_mmc(tmp_path_factory.mktemp("mmc"))


@pytest.fixture(scope="module")
def executor(tmp_path_factory):
    """Return one that simulates each size once for all tests here."""
    with ExitStack() as stack:
        yield StoredExecutor(LocalExecutor(1, stack), ResultStore(tmp_path_factory.mktemp("store")))


def p_wait(servers):
    """Return how likely one waits at all."""
    return erlang_c_wait_s(servers) * (servers - OFFERED) / SERVICE_S


def wait_quantile_s(servers, part):
    """Return a quantile of the wait, which is exponential for those who wait. [s]"""
    waits = p_wait(servers)
    return max(0.0, math.log(waits / (1 - part)) * SERVICE_S / (servers - OFFERED))


def size(queue, executor, requirement, axis=f"{NODES}=17..30"):
    axes = (read_axis(axis),)
    question = Question(queue, (), {}, axes, (read_requirement(requirement),), SMALLEST, 0.8, 0.95, 14)
    judge = SiteJudge(question, executor)
    found = Search(axes, judge).run()
    return answer(axes, found, objective=SMALLEST, share=0.8, confidence=0.95)


def test_the_formula_of_the_support_module():
    """M/M/1 at half load waits one service time; of two servers at half load every third customer waits."""
    assert erlang_c_wait_s(1, 0.5, 1.0) == pytest.approx(1.0)
    assert erlang_c_wait_s(2, 1.0, 1.0) == pytest.approx(1 / 3)


@pytest.mark.parametrize(
    "servers", [20, *(pytest.param(servers, marks=pytest.mark.slow) for servers in (18, 22))]
)
def test_the_mean_wait_asks_for_so_many_servers(queue, executor, servers):
    """The limit lies midway between the wait with so many servers and that with one fewer."""
    limit_s = math.sqrt(erlang_c_wait_s(servers) * erlang_c_wait_s(servers - 1))
    found = size(queue, executor, f"mean_wait_s <= {limit_s!r}")
    assert found.best.values == {NODES: str(servers)}
    assert found.main.next_smaller.values == {NODES: str(servers - 1)}
    assert found.main.next_smaller.standing == "shown not"
    assert found.main.interval == (str(servers), str(servers))
    assert found.not_monotone == ()
    assert len(found.trials) <= 6, "of 14 candidates"


def test_the_p95_wait_asks_for_so_many_servers(queue, executor):
    limit_s = math.sqrt(wait_quantile_s(19, 0.95) * wait_quantile_s(18, 0.95))
    found = size(queue, executor, f"p95_wait_s[pool=main] <= {limit_s!r}")
    assert found.main.interval == ("19", "19")


def test_no_number_of_servers_up_to_seventeen_is_enough(queue, executor):
    found = size(queue, executor, f"mean_wait_s <= {erlang_c_wait_s(18)!r}", f"{NODES}=16..17")
    assert found.best is None
    assert [trial.values[NODES] for trial in found.trials] == ["17"]


@pytest.mark.parametrize("servers", [18, 20])
def test_the_waits_are_those_of_the_formula(queue, executor, servers):
    """Twelve years: mean wait, use and p95 wait lie within their intervals of 99.9 %."""
    loaded = load_scenario(queue, overrides=[f"{NODES}={servers}"])
    runs = run_all(executor, tasks_of(loaded, seed=11, numbers=range(12)))
    assert result_of(loaded, runs, seed=11).findings
    for metric, expected in (
        ("mean_wait_s", erlang_c_wait_s(servers)),
        ("p95_wait_s", wait_quantile_s(servers, 0.95)),
        ("utilization", OFFERED / servers),
    ):
        known = [run.values[metric, labels(pool="main", month="all")] for run in runs]
        interval = t_interval(known, confidence=0.999)
        assert interval.low <= expected <= interval.high, metric
        assert interval.high - interval.low < 0.5 * expected, "and that says something"
