"""What `capacity verify` compares with is what was published: files, figures, and its own small planner."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from capacity.scheduling.jobs import Jobs
from capacity.scheduling.pools.pool import PoolSpec
from capacity.scheduling.rules import Rules
from capacity.study.conformance.check import run_checks
from capacity.study.conformance.published import (
    ANSWERS,
    BY_FIGURES,
    KNOWN,
    checks,
    compare_figures,
    figures,
    starts,
)
from capacity.study.conformance.published_files import read_answers, read_index, read_schedule
from capacity.study.conformance.reservations_kept import broken_promises, exact_plan_broken
from capacity.study.conformance.trials import RandomTrial
from tests.data import need_data

CURIE = "swf/CEA-Curie-predictsim-easy-295k"


def data() -> Path:
    return need_data("reference/metrics.csv").parents[1]


def first(published, count):
    jobs = published.jobs
    columns = (column[:count] for column in (jobs.submit_s, jobs.run_s, jobs.requested_s, jobs.slots))
    return Jobs(*columns), published.start_s[:count]


def outcome_of(tried, start):
    """The outcome that a published schedule would be."""
    return replace(tried.run(), start_s=start, end_s=start + tried.effective_run_s)


def entry(log, policy, semantics):
    found = read_index(data() / "reference" / "metrics.csv")
    return next(one for one in found if (one.log, one.policy, one.semantics) == (log, policy, semantics))


def test_every_file_of_the_folders_is_compared():
    names = {check.name for check in checks(data())}
    files = {path.name for path in (data() / "reference").glob("*.csv.gz")}
    schedules = {f"reference/{name.removesuffix('.csv.gz')}" for name in files if ".jobs." not in name}
    answers = {f"oracle/{path.name.removesuffix('.swf.gz')}" for path in (data() / "oracle").iterdir()}
    assert names == schedules | answers | {CURIE, f"{CURIE}.easy-plus-plus-clairvoyant"}


def test_easy_plus_plus_that_knows_the_run_times_is_the_published_schedule_of_curie():
    """By figures of all its jobs; easy-sjbf, which makes no pass for who does not fit, has others."""
    [check] = [check for check in checks(data()) if check.name == f"{CURIE}.easy-plus-plus-clairvoyant"]
    need_data(f"{CURIE}.swf.gz")
    assert check.run().verdict.standing == "shown"
    published = read_answers(need_data(f"{CURIE}.swf.gz"))
    said = BY_FIGURES[f"{CURIE}.swf.gz"][1]
    rules = Rules("fcfs", "easy-sjbf", "pyss", estimates="exact")
    assert compare_figures(published, rules, said).verdict.standing == "shown not"


def test_easy_plus_plus_that_knows_the_run_times_is_shortest_first_that_does():
    published = read_answers(need_data("oracle/KTH-SP2.easy-sjbf-clairvoyant.swf.gz"))
    assert (starts(published, ANSWERS["easy-plus-plus-clairvoyant"]) == published.start_s).all()


@pytest.mark.parametrize("name", KNOWN)
def test_the_figures_are_those_of_the_waits_in_the_file(name):
    published = read_answers(need_data(name))
    found = figures(published, published.start_s)
    assert (f"{found.mean_wait_s:.4f}", f"{found.mean_bounded_slowdown:.4f}") == KNOWN[name]


@pytest.mark.parametrize("log", ["KTH-SP2", "Theta"])
def test_what_is_first_come_first_served_or_easy_passes(log):
    chosen = [check for check in checks(data()) if check.name.startswith(f"reference/{log}.")]
    plain = [check for check in chosen if check.name.split(".")[1] in ("fcfs", "easy", "sjf_easy", "f1_easy")]
    assert len(plain) >= 5
    assert [done.check.name for done in run_checks(plain) if done.result.verdict.standing != "shown"] == []


def test_the_planner_of_the_invariant_plans_as_pyss_does_with_exact_requests():
    """Lublin-256 has no requested times, so its conservative schedule is the plan itself."""
    published = read_schedule(data() / "reference", entry("lublin_256", "conservative", "C-sticky"))
    jobs, start = first(published, 500)
    tried = RandomTrial(PoolSpec("m", published.slots), Rules("fcfs", "none"), jobs)
    assert not len(exact_plan_broken(tried, outcome_of(tried, start)))
    greedy = read_schedule(data() / "reference", entry("lublin_256", "easy", "E-batch"))
    assert len(exact_plan_broken(tried, outcome_of(tried, first(greedy, 500)[1]))) > 100


@pytest.mark.parametrize(
    ("semantics", "ties"), [("E-batch", "instant"), ("E-event", "event"), ("E-pyss", "pyss")]
)
def test_published_easy_schedules_keep_their_promises(semantics, ties):
    published = read_schedule(data() / "reference", entry("KTH-SP2", "easy", semantics))
    jobs, start = first(published, 3_000)
    tried = RandomTrial(PoolSpec("m", published.slots), Rules("fcfs", "easy", ties), jobs)
    assert not len(broken_promises(tried, outcome_of(tried, start)))
    shorter = read_schedule(data() / "reference", entry("KTH-SP2", "sjf+easy", "P-event"))
    assert len(broken_promises(tried, outcome_of(tried, first(shorter, 3_000)[1]))) > 10


def test_figures_of_the_index_have_a_form_that_can_be_compared():
    for found in read_index(data() / "reference" / "metrics.csv"):
        assert set(found.figures) == {"mean_wait_s", "mean_bounded_slowdown", "makespan_s", "utilization"}
        assert np.isfinite([float(text) for text in found.figures.values()]).all()
