"""What the benchmark compares is what it says: peers have the same schedule, rules act, aims are judged."""

import json
from dataclasses import replace
from importlib import import_module

import numpy as np
import pytest

from benchmarks import accasim_peer, accasim_run, adversary, columns, site_cases
from benchmarks.__main__ import PIECES
from benchmarks.children import python, run
from benchmarks.engine import starts
from benchmarks.plain_python import PlainPython
from benchmarks.plain_simpy import PlainEasy
from benchmarks.row import Row, skipped, table
from benchmarks.site_features import assert_same_starts
from benchmarks.workload import SLOTS, generate
from capacity.scheduling.site.rules import SiteRules
from workloads.readers.swf.reader import read_swf

FEW, MANY = 1_500, 12_000
BUSY = generate(FEW, 1.2)


@pytest.mark.parametrize("name", PIECES)
def test_every_piece_can_be_asked_for_rows(name):
    assert callable(import_module(PIECES[name]).rows)


def test_plain_python_and_plain_simpy_have_the_schedule_of_the_core():
    alone, joined = PlainPython(BUSY, SLOTS), PlainEasy(BUSY, SLOTS)
    alone.run()
    joined.env.run()
    core = starts(BUSY)
    assert np.any(core > BUSY.submit_s)
    assert alone.start == core.tolist()
    assert joined.start == core.tolist()


def acts(case):
    """Outcome of a case, and of the same run without its rule."""
    with_rule, without = case.ready(), case.plain()
    case.drive(with_rule)
    without.run()
    return with_rule.outcome(), without.outcome()


def test_a_tenth_is_killed_and_nobody_starts_at_another_time():
    changed, plain = acts(site_cases.kills(FEW))
    assert 0.08 < changed.killed.mean() < 0.12
    assert not plain.killed.any()
    assert changed.start_s.tolist() == plain.start_s.tolist()


@pytest.mark.parametrize("make", [site_cases.failures, site_cases.preemption])
def test_jobs_are_requeued(make):
    changed, plain = acts(make(FEW))
    assert changed.attempts.max() > 1
    assert changed.lost_s.sum() > 0
    assert plain.attempts.max() == 1


@pytest.mark.parametrize(
    "make", [site_cases.fair_share, site_cases.limits, site_cases.windows, site_cases.pools]
)
def test_the_rule_changes_some_starts_and_loses_no_job(make):
    changed, plain = acts(make(MANY))
    assert np.any(changed.start_s != plain.start_s)
    assert changed.start_s.min() >= 0


def test_different_starts_are_no_figure():
    one, other = (site_cases.system(site_cases.COUNTED, BUSY, site) for site in (None, SiteRules()))
    assert_same_starts("both cores", one, other)
    late = site_cases.system(site_cases.COUNTED, replace(BUSY, requested_s=7 * BUSY.requested_s), None)
    with pytest.raises(AssertionError, match="both cores"):
        assert_same_starts("both cores", one, late)


def test_in_the_adversarial_queue_nobody_narrow_is_short():
    jobs = adversary.generate(1_000)
    wide = jobs.slots > SLOTS // 8
    assert jobs.requested_s[wide].max() < jobs.requested_s[~wide].min()
    assert 0.4 < wide.mean() < 0.6


def test_one_more_job_takes_at_least_its_start_and_what_came_in():
    assert 28 <= columns.bytes_per_job(2_000) < columns.bytes_per_job(2_000, site=SiteRules())


# AccaSim, without AccaSim


def test_the_log_for_accasim_says_what_the_jobs_say(tmp_path):
    accasim_peer.write_log(BUSY, tmp_path / "log.swf")
    back = read_swf(tmp_path / "log.swf")
    for name in ("submit_s", "run_s", "requested_s", "slots"):
        assert back.numbers(name).tolist() == getattr(BUSY, name).tolist()


def test_the_machine_for_accasim_is_one_node(tmp_path):
    accasim_peer.write_machine(7, tmp_path / "machine.json")
    machine = json.loads((tmp_path / "machine.json").read_text())
    assert (machine["groups"], machine["resources"]) == ({"all": {"core": 7}}, {"all": 1})


def test_a_plan_of_accasim_is_read():
    line = "{};1;1970-01-01 00:00:22__1;1#1;1#__{};1970-01-02 00:00:00;2;2;NA;900;\n"
    plan = line.format(12, "1970-01-01 00:01:40") + line.format(3, "1970-01-02 00:00:01")
    assert accasim_run.starts(plan) == {"12": 100, "3": 86_401}


# Children and lines


def test_a_child_that_fails_or_hangs_says_so():
    with pytest.raises(RuntimeError, match="no such luck"):
        run(python("-c", "raise SystemExit('no such luck')"))
    with pytest.raises(RuntimeError, match=r"longer than 0\.2 s"):
        run(python("-c", "import time; time.sleep(30)"), within_s=0.2)


def test_aims_are_judged_on_what_they_are_for():
    assert Row("a", 3.0, "s", 1.2, "b", most=1.3, on_ratio=True).met
    assert Row("a", 3.0, "s", 1.2, "b", most=1.3).met is False
    assert Row("a", 3.0, "s", 120.0, "b", least=100, on_ratio=True).met
    assert Row("a", 3.0, "s").met is None
    assert skipped("a", "why").met is None
    text = table([Row("a", 3.0, "s", 1.4, "b", most=1.3, on_ratio=True), skipped("c", "why")])
    assert "MISSED" in text
    assert "skipped" in text
    assert "why" in text
