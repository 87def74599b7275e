"""A shorter limit in a workload with a target refills it, and says so; one of the policy keeps the people."""

import numpy as np
import pytest

from capacity.inputs.reading.loader import load_scenario
from capacity.measure.findings import Lookup
from capacity.simulation.build import build
from capacity.study.run import run
from tests.spec_files import write

SCENARIO = """
kind: scenario
title: A machine under a target
question: What does a shorter limit do?
start: 2024-01-01
until: 2024-03-31
site:
  name: counted
  title: Slots
  source: assumption
  as_of: 2024
  why: made up
  timezone: UTC
  pools: {main: {node: epyc-7742-2s, nodes: 40, counted: true}}
workload:
  name: people
  title: People
  source: assumption
  as_of: 2024
  why: made up
  target: {offered_load: 75 %, slots: 40}
  classes:
    work: {title: Work, slots: {1: 100 %}, run: {median: 5 h, mean: 20 h}, limit: 7 day}
  tenants:
    lab: {title: A laboratory, members: 50, jobs_per_member: 1 job/user/day, works_on: {work: 100 %}}
seed: 2
"""
REQUESTS_AS_NEEDED = "workload.classes.work.requested={longest: 0 %, too_short: 0 %}"


def scenario(folder, *sets):
    return load_scenario(write(folder, "target.yaml", SCENARIO), overrides=[REQUESTS_AS_NEEDED, *sets])


def load(built):
    return float(
        np.dot(
            np.minimum(built.table.numbers("run_s"), built.table.numbers("requested_s")),
            built.table.numbers("slots"),
        )
    )


def test_a_target_says_that_it_refills(tmp_path):
    (text,) = scenario(tmp_path).warnings
    assert text == (
        "workload people: its target scales all jobs to a load of 75 % for the slots of a machine of 40: "
        "shorter jobs or limits get more of them; 'longest_run' of the policy cuts jobs and keeps the people"
    )
    (text,) = scenario(tmp_path, "workload.target.slots=null").warnings
    assert "another site gets other jobs" in text


def test_a_shorter_limit_of_the_class_brings_jobs_and_one_of_the_policy_keeps_them(tmp_path):
    base, refilled, kept = (
        build(scenario(tmp_path, *sets).scenario, seed=2, replication=0)
        for sets in ((), ("workload.classes.work.limit=12 h",), ("policy.longest_run=12 h",))
    )
    assert len(refilled.table) > 1.5 * len(base.table)
    assert load(refilled) == pytest.approx(load(base), rel=0.05)
    for column in ("submit_s", "run_s", "slots"):
        np.testing.assert_array_equal(kept.table.numbers(column), base.table.numbers(column))
    assert kept.table.numbers("requested_s").max() == 12 * 3600
    assert load(kept) < 0.6 * load(base)


def test_jobs_that_are_cut_are_killed_and_not_completed(tmp_path):
    base, kept = (run(scenario(tmp_path, *sets)) for sets in ((), ("policy.longest_run=12 h",)))
    before, after = Lookup(base.findings), Lookup(kept.findings)
    cut = after.value("jobs_timeout", pool="main", month="all")
    assert before.value("jobs_timeout", pool="main", month="all") < 0.1 * cut
    ended = after.value("jobs_ended", pool="main", month="all")
    assert after.value("jobs_completed", pool="main", month="all") == ended - cut
    assert after.value("utilization", pool="main", month="all") < 0.6 * before.value(
        "utilization", pool="main", month="all"
    )


def test_a_limit_that_may_be_outrun_is_refused(tmp_path):
    with pytest.raises(Exception, match="outrun the longest run"):
        scenario(tmp_path, "policy={longest_run: 12 h, overrun: allow}")
