"""Waits that mean what the reader thinks: of whom, cut off by the end of the run, of those who gave up."""

import math

import numpy as np
import pytest

import capacity
from capacity.measure.findings import Lookup
from capacity.measure.measure import job_outcomes
from capacity.measure.use import pool_load
from capacity.report.terminal.use import saturated
from capacity.simulation.build import build
from capacity.simulation.world import World
from capacity.statistics.bounds import AtLeast
from tests.support.erlang_site import write_erlang

PATIENCE = "workload.classes.job.patience=30 min"


@pytest.fixture(scope="module")
def erlang(tmp_path_factory):
    return write_erlang(tmp_path_factory.mktemp("erlang"))


def simulated(path, *overrides, until="2024-03-31", **options):
    return capacity.simulate(path, set=overrides, until=until, **options)


def look(run):
    return Lookup(run.result.findings)


def outcomes(loaded):
    scenario = loaded.scenario
    built = build(scenario, seed=scenario.seed, replication=0)
    return job_outcomes(scenario, built, World(built.site).run())


# --- Those who gave up ----------------------------------------------------------------------------


@pytest.mark.parametrize("nodes", [1, 10])
def test_who_gave_up_waited_at_least_as_long_as_they_would(erlang, nodes):
    """Without them a machine that 7,593 of 8,677 jobs left has shorter waits than one of ten nodes."""
    sets = PATIENCE, f"site.pools.gpu.nodes={nodes}"
    run = simulated(erlang, *sets, require=["p95_wait_s[pool=gpu] <= 30 min"])
    found = look(run)("p95_wait_s", pool="gpu", month="all")
    assert found.value == 1801
    assert found.censored
    assert run.judgements[0].verdict.standing != "shown"


def test_a_machine_that_people_leave_is_not_large_enough(erlang):
    """Ten erlang's worth of nodes turn few away, one node nearly all: patience must not hide it."""
    found = capacity.size(
        erlang, set=[PATIENCE], until="2024-03-31", vary=["site.pools.gpu.nodes=1..16"],
        require=["p50_wait_s[pool=gpu] <= 20 min"],
    )  # fmt: skip
    assert int(found.sizing.best.values["site.pools.gpu.nodes"]) >= 12


# --- Cut off by the end of the run ----------------------------------------------------------------

OVERLOADED = ("site.pools.gpu.nodes=7", "workload.tenants.all.members=110")


def test_a_quantile_that_waiting_jobs_could_move_is_a_lower_bound(erlang):
    found = look(simulated(erlang, *OVERLOADED))
    last, first = (found("p95_wait_s", pool="gpu", month=month) for month in ("2024-03", "2024-01"))
    assert last.censored
    assert not first.censored
    assert pool_load(found, "gpu", ["2024-01", "2024-02", "2024-03"]).state == "overloaded"


def test_running_on_tells_the_wait_and_it_is_no_less_than_the_bound(erlang):
    cut = look(simulated(erlang, *OVERLOADED))
    known = look(simulated(erlang, *OVERLOADED, "drain=90 day"))
    longer = look(simulated(erlang, *OVERLOADED, until="2024-06-29"))
    for month in ("2024-01", "2024-02", "2024-03"):
        for metric in ("p50_wait_s", "p95_wait_s", "mean_wait_s"):
            bound, found, true = (one(metric, pool="gpu", month=month) for one in (cut, known, longer))
            assert not found.censored
            assert found.value == true.value >= bound.value
    last = {"pool": "gpu", "month": "2024-03"}
    assert known.value("p95_wait_s", **last) > 1.2 * cut.value("p95_wait_s", **last)
    for metric in ("utilization", "jobs_unfinished", "jobs_submitted", "queue_length"):
        here = {"pool": "gpu", "month": "all"}
        assert cut.value(metric, **here) == known.value(metric, **here)


def test_what_is_marked_as_known_no_longer_run_moves(erlang):
    """The property behind the mark, over every label set: a value without it is what running on finds."""
    cut, longer = look(simulated(erlang, *OVERLOADED)), look(simulated(erlang, *OVERLOADED, "drain=120 day"))
    seen = {True: 0, False: 0}
    for metric in ("p50_wait_s", "p95_wait_s", "p95_wait_by_work_s"):
        for found in cut.of(metric):
            true = longer(metric, **dict(found.labels))
            if math.isnan(found.value):
                continue
            seen[found.censored] += 1
            assert true.value >= found.value
            if not found.censored:
                assert true.value <= 1.01 * found.value + 1
    assert min(seen.values()) > 20


def test_a_comparison_does_not_judge_waits_that_are_cut_off(erlang):
    def last_month(*more):
        found = capacity.compare(
            erlang, policies=["fcfs", "easy"], set=[*OVERLOADED, *more], until="2024-03-31", replications=4
        )
        wait = {"metric": "p95_wait_s", "labels": {"pool": "gpu", "month": "2024-03"}}
        rows = [one.to_json() for one in found.comparison.differences]
        return next(row for row in rows if {key: row[key] for key in wait} == wait)

    cut, known = last_month(), last_month("drain=120 day")
    assert (cut["censored"], cut["standing"], cut["p_value"]) == (True, "not shown", None)
    assert not known["censored"]
    assert known["p_value"] is not None


# --- Of whom --------------------------------------------------------------------------------------


def test_jobs_of_an_hour_are_told_apart_from_trials(erlang):
    run = simulated(erlang)
    jobs = outcomes(run.loaded)
    rows = jobs.waited & (jobs.run_time_s >= 3600) & (jobs.submit_s < jobs.months["2024-01"][1])
    wait_s = np.sort(jobs.wait_s[rows])
    where = {"pool": "gpu", "month": "2024-01", "width": "1", "length": ">=1h"}
    assert look(run).value("p95_wait_s", **where) == wait_s[math.ceil(0.95 * len(wait_s)) - 1]
    assert look(run).value("waits_counted", **where) == len(wait_s)


def test_the_wait_of_one_user_on_so_many_slots_is_one_requirement(erlang):
    jobs = outcomes(capacity.load(erlang, until="2024-03-31"))
    codes, names = jobs.codes("user")
    user = names[int(codes[0])]
    rows = jobs.waited & (codes == codes[0]) & (jobs.run_time_s >= 3600) & (jobs.slots == 1)
    wait_s = np.sort(jobs.wait_s[rows])
    late_s = wait_s[math.ceil(0.95 * len(wait_s)) - 1]
    asked = f"p95_wait_s[user={user},slots=1,length=>=1h,tenant=all] <= {late_s} s"
    (judgement,) = simulated(erlang, require=[asked]).judgements
    assert judgement.verdict.found == late_s
    assert judgement.verdict.standing == "shown"


def test_waits_of_tenants_classes_and_users_are_findings(erlang):
    found = look(simulated(erlang))
    for where in ({"tenant": "all", "month": "2024-02"}, {"job_class": "job", "month": "2024-02"}):
        assert found("p95_wait_s", **where) is not None
    users = {dict(one.labels)["user"] for one in found.of("p95_wait_s") if "user" in dict(one.labels)}
    assert len(users) > 50


def test_what_counts_by_work_is_not_ruled_by_short_jobs(erlang):
    """Weighted by slot-hours a quantile is that of the jobs repeated by their length."""
    run = simulated(erlang)
    jobs = outcomes(run.loaded)
    order = np.argsort(jobs.wait_s, kind="stable")
    work = np.cumsum(jobs.run_time_s[order])
    place = int(np.searchsorted(work, 0.95 * work[-1]))
    found = look(run).value("p95_wait_by_work_s", pool="gpu", month="all")
    assert found == jobs.wait_s[order][place]
    assert not isinstance(found, AtLeast)


def test_a_full_machine_is_saturated_though_most_jobs_start_at_once(gwangju_2023):
    """96-97 % used in most months of 2023, and p95 of 8 GPUs of more than two weeks at its end."""
    found, months = gwangju_2023
    spells = saturated(found, "gpu", months)
    late = [month for month in months if month >= "2023-04"]
    full = [month for month in late if any(first <= month <= last for first, last in spells)]
    assert len(full) >= 8


@pytest.fixture(scope="module")
def gwangju_2023():
    found = look(capacity.simulate("gwangju-plan", until="2023-12-31"))
    months = sorted({dict(one.labels)["month"] for one in found.of("backlog_s")} - {"all"})
    return found, months


def test_the_worst_month_of_eight_gpus_is_told_and_not_the_mean_over_trials(gwangju_2023):
    """Planned through 2022: weeks in the winter before the second half comes, where the mix says hours."""
    found, months = gwangju_2023
    waits = {
        month: found.value("p95_wait_s", pool="gpu", month=month, slots="8", length=">=1h")
        for month in months
        if month < "2023"
    }
    known = {month: wait_s for month, wait_s in waits.items() if not math.isnan(wait_s)}
    assert max(known, key=lambda month: known[month]) in {"2021-12", "2022-01", "2022-02"}
    assert max(known.values()) > 40 * 86_400
