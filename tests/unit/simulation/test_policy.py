"""What a scenario says of the running of a site reaches the batch system, in SI and in the right rows."""

from collections import Counter
from datetime import timedelta

import numpy as np
import pytest

from capacity.inputs.reading.loader import load_scenario
from capacity.measure.findings import labels
from capacity.measure.measure import job_outcomes, measure
from capacity.scheduling.site.rules import FOREVER_S, UNLIMITED
from capacity.simulation.build import build
from capacity.simulation.calendar import calendar_of
from capacity.simulation.failures.reliability import Hazards
from capacity.simulation.policy import account_names, core_of, rules_of, site_rules_of
from capacity.study.files.tables import jobs_table
from tests.support.small_site import simulate_small, write_small
from workloads.jobtable import UNKNOWN
from workloads.synthetic.streams import stream

DAY_S = 86_400


def scenario_of(folder, *overrides):
    return load_scenario(write_small(folder), overrides=overrides).scenario


def jobs_under(folder, *overrides):
    """The jobs of the small site, and the table they were made of."""
    scenario = scenario_of(folder, *overrides)
    built = build(scenario, seed=7, replication=0)
    return built.site.batch.jobs, built.table, scenario


def test_a_plain_scenario_has_plain_jobs_and_no_site(tmp_path):
    jobs, _, scenario = jobs_under(tmp_path)
    assert site_rules_of(scenario) is None
    assert core_of(scenario) == "queue"
    assert jobs.account is jobs.qos is jobs.pool_set is jobs.patience_s is jobs.checkpoint_s is None
    assert build(scenario, seed=7, replication=0).site.hazards == Hazards()


def test_the_rules_of_the_queue_arrive_in_si(tmp_path):
    words = {"backfill_order": "saf", "backfill_depth": 7, "estimates": "exact", "overrun": "allow"}
    times = {"cycle": "30 s", "recompute": "1 h"}
    given = [f"policy.{key}={value}" for key, value in (words | times).items()]
    rules = rules_of(scenario_of(tmp_path, *given, "policy.reservations=3"), seed=7, replication=0)
    assert {key: getattr(rules, key) for key in words} == words
    assert (rules.cycle_s, rules.recompute_s, rules.reservations) == (30, 3600, 3)


def test_random_placement_has_numbers_of_its_own(tmp_path):
    scenario = scenario_of(tmp_path, "policy.placement=random")
    seeds = [rules_of(scenario, seed=s, replication=r).seed for s, r in ((7, 0), (7, 0), (7, 1), (8, 0))]
    assert seeds[0] == seeds[1] == stream(7, 0, "policy", "placement").integers(1 << 32)
    assert len(set(seeds)) == 3


def test_accounts_stand_below_their_parents_and_tenants_without_words_have_a_share(tmp_path):
    tree = "policy.accounts={lab: {parent: uni, shares: 3, limits: {running_jobs: 9}}, uni: {shares: 2}}"
    scenario = scenario_of(tmp_path, tree, "policy.user_limits.running_slots=8")
    site = site_rules_of(scenario)
    assert account_names(scenario) == ["uni", "lab", "firm"] == [a.name for a in site.accounts]
    assert [(a.shares, a.parent) for a in site.accounts] == [(2.0, -1), (3.0, 0), (1.0, -1)]
    assert [a.limits.running_jobs for a in site.accounts] == [UNLIMITED, 9, UNLIMITED]
    assert site.user_limits.running_slots == 8


def test_every_job_has_the_account_of_its_tenant_and_the_qos_of_its_class(tmp_path):
    qos = (
        "policy.qos={normal: {}, high: {priority: 80 %, preempts: [low], grace: 1 min}, low: {mode: cancel}}"
    )
    jobs, table, scenario = jobs_under(tmp_path, qos, "workload.classes.large.qos=low")
    site = site_rules_of(scenario)
    high = site.qos[1]
    assert (high.name, high.priority, high.preempts, high.grace_s) == ("high", 0.8, (2,), 60)
    assert site.qos[2].mode == "cancel"
    for name, words in (("tenant", [a.name for a in site.accounts]), ("job_class", ["normal", "low"])):
        codes, labels = table.labels(name)
        written = np.array(labels)[codes]
        if name == "tenant":
            assert (np.array(words)[jobs.account] == written).all()
        else:
            found = np.array([q.name for q in site.qos])[jobs.qos]
            assert Counter(zip(written, found, strict=True)).keys() == {("small", "normal"), ("large", "low")}


def test_a_maintenance_comes_again_at_the_same_hour_until_the_end(tmp_path):
    weekly = (
        "site.maintenance={w: {pool: hpc, nodes: 1-2, start: 2021-01-25T08:00, duration: 6 h, every: 7 day}}"
    )
    windows = site_rules_of(scenario_of(tmp_path, weekly)).windows
    assert [w.start_s for w in windows] == [5 * DAY_S + 8 * 3600 + n * 7 * DAY_S for n in range(7)]
    assert {(w.pool, w.first, w.nodes, w.end_s - w.start_s, w.account, w.requeue) for w in windows} == {
        (1, 1, 2, 6 * 3600, -1, False)
    }


def test_a_maintenance_of_all_pools_a_removal_and_a_reservation(tmp_path):
    rules = (
        "site.maintenance={all: {start: 2021-01-10, duration: 12 day, drain: requeue}, "
        "gone: {pool: gpu, nodes: 3-3, start: 2021-03-01}}",
        "policy.advance_reservations={course: {tenant: firm, pool: gpu, nodes: 2, start: 2021-02-01, "
        "duration: 1 day}}",
    )
    scenario = scenario_of(tmp_path, *rules)
    windows = site_rules_of(scenario).windows
    assert [(w.pool, w.start_s, w.end_s, w.requeue) for w in windows[:2]] == [
        (pool, 0, 2 * DAY_S, True)
        for pool in (0, 1)  # begun before the horizon: only its rest counts
    ]
    assert (windows[2].first, windows[2].nodes, windows[2].end_s) == (3, 1, FOREVER_S)
    held = windows[3]
    assert account_names(scenario)[held.account] == "firm"
    assert (held.start_s, held.end_s) == (12 * DAY_S, 13 * DAY_S)


def test_summer_time_moves_the_seconds_and_not_the_hour(tmp_path):
    path = write_small(tmp_path)
    daily = "site.maintenance={d: {start: 2021-03-27T08:00, duration: 1 h, every: 1 day}}"
    options = ["site.timezone=Europe/Berlin", "until=2021-04-01", daily]
    scenario = load_scenario(path, overrides=options).scenario
    starts = {w.start_s for w in site_rules_of(scenario).windows}
    hours = {(calendar_of(scenario).start_time + timedelta(0)).timestamp() + s for s in starts}
    assert len(starts) == 6
    assert sorted(np.diff(sorted(starts))) == [23 * 3600, *[DAY_S] * 4]
    assert all(moment % DAY_S in (6 * 3600, 7 * 3600) for moment in hours)


def test_jobs_that_may_choose_have_their_run_time_on_each_pool(tmp_path):
    choose = ["workload.classes.large.pool=null", "workload.classes.large.pools=[hpc, gpu]"]
    jobs, table, _ = jobs_under(tmp_path, *choose, "site.pools.gpu.node=hgx-h100")
    codes, names = table.labels("job_class")
    large = codes == names.index("large")
    assert jobs.pool is None
    assert {jobs.pool_sets[number] for number in jobs.pool_set[large]} == {(1, 0)}
    assert {jobs.pool_sets[number] for number in jobs.pool_set[~large]} == {(0,)}
    assert (jobs.pool_factor[large, 1] == 1).all()
    assert (jobs.pool_factor[large, 0] < 1).all(), "an H100 is faster than an A100"


def test_patience_and_deadline_are_those_of_the_class(tmp_path):
    jobs, table, _ = jobs_under(
        tmp_path,
        "workload.classes.small.patience=2 h",
        "workload.classes.large.start_deadline=1 day",
    )
    codes, names = table.labels("job_class")
    found = {(names[c], p, d) for c, p, d in zip(codes, jobs.patience_s, jobs.deadline_s, strict=True)}
    assert found == {("small", 7200, -1), ("large", -1, DAY_S)}


def test_array_tasks_come_in_one_second_and_share_a_limit(tmp_path):
    jobs, table, _ = jobs_under(tmp_path, "workload.classes.small.array={tasks: 6, at_once: 2}")
    array = table.numbers("array_id")
    assert (jobs.array >= 0).sum() == (array >= 0).sum() > 0
    for number in np.unique(array[array >= 0])[:50]:
        rows = np.flatnonzero(array == number)
        assert len(set(table.numbers("submit_s")[rows])) == 1
        assert len(set(jobs.array[rows])) == 1
        assert len(set(table.labels("user")[0][rows])) == 1
    assert (jobs.array_limit == 2).all()
    assert len(jobs.array_limit) == len(np.unique(array[array >= 0]))


def test_dependants_wait_for_the_last_job_of_the_same_person(tmp_path):
    jobs, table, _ = jobs_under(tmp_path, "workload.classes.small.depends={share: 40 %, on: afterany}")
    waits = np.flatnonzero(jobs.after >= 0)
    before = jobs.after[waits]
    users, classes = table.labels("user")[0], table.labels("job_class")[0]
    assert (before < waits).all()
    assert (users[before] == users[waits]).all()
    assert (classes[before] == classes[waits]).all()
    assert not jobs.after_ok.any()
    small = np.count_nonzero(classes == table.labels("job_class")[1].index("small"))
    assert 0.3 < len(waits) / small < 0.45
    for row, earlier in zip(waits[:200], before[:200], strict=True):
        between = np.flatnonzero((users == users[row]) & (classes == classes[row]))
        assert earlier == between[between < row][-1]


def test_dependencies_leave_all_other_columns_as_they_are(tmp_path):
    _, plain, _ = jobs_under(tmp_path)
    _, linked, _ = jobs_under(tmp_path, "workload.classes.small.depends={share: 40 %}")
    assert list(linked.frame.columns) == [*plain.frame.columns, "afterok_id"]
    assert linked.frame[plain.frame.columns].equals(plain.frame)
    assert (plain.links("afterok_id") == UNKNOWN).all()


def test_singletons_are_numbered_by_person_and_class(tmp_path):
    jobs, table, _ = jobs_under(tmp_path, "workload.classes.large.singleton=true")
    codes, names = table.labels("job_class")
    large = codes == names.index("large")
    assert (jobs.singleton[~large] == -1).all()
    pairs = set(zip(table.labels("user")[0][large], jobs.singleton[large], strict=True))
    assert len(pairs) == len({user for user, _ in pairs}) == len({number for _, number in pairs})


FAILING = "site.pools.gpu.failures={per_1000_node_days: 200, repair: 12 h}"


@pytest.fixture(scope="module")
def operated(tmp_path_factory):
    """The small site with nearly everything that may happen to it."""
    return simulate_small(
        tmp_path_factory.mktemp("operated"),
        FAILING,
        "site.maintenance={m: {pool: hpc, start: 2021-02-15T08:00, duration: 12 h}}",
        "policy.qos={normal: {}, high: {preempts: [normal]}}",
        "workload.classes.small.patience=6 h",
        "workload.classes.large.checkpoint=1 h",
        "policy.order=multifactor",
        "policy.multifactor={fair_share: 1000}",
        "policy.requeue_delay=1 min",
    )


def test_what_happens_to_nodes_is_recorded(operated):
    kinds = Counter(event.kind for event in operated.record.events)
    assert kinds["node_failure"] >= kinds["node_repair"] > 5
    assert kinds["maintenance_start"] == kinds["maintenance_end"] == 1
    assert list(operated.record.events) == sorted(operated.record.events, key=lambda event: event.time_s)


def test_nobody_runs_during_the_maintenance(operated):
    outcome = operated.record.outcome
    begin = next(e.time_s for e in operated.record.events if e.kind == "maintenance_start")
    inside = (outcome.start_s >= begin) & (outcome.start_s < begin + 12 * 3600)
    across = (
        (outcome.start_s >= 0) & (outcome.start_s < begin) & ((outcome.end_s > begin) | (outcome.end_s < 0))
    )
    once = outcome.attempts == 1
    assert not ((inside | across) & (outcome.pool == 1) & once).any()


def test_failures_cost_work_and_never_more_than_a_job_held(operated):
    outcome = operated.record.outcome
    again = outcome.attempts > 1
    assert again.any()
    assert (outcome.lost_s <= outcome.ran_s).all()
    assert (outcome.lost_s[~again & ~outcome.node_fail] == 0).all()
    large = operated.built.site.batch.jobs.checkpoint_s > 0
    failures = np.maximum(outcome.attempts - 1, 0)
    assert (outcome.lost_s[large] < 3600 * np.maximum(failures[large], 1)).all()


def test_measured_jobs_and_tables_add_up(operated):
    values = measure(
        operated.scenario, job_outcomes(operated.scenario, operated.built, operated.record), operated.record
    )
    outcome, batch = operated.record.outcome, operated.built.site.batch
    for pool in ("gpu", "hpc"):
        where = labels(pool=pool, month="all")
        parts = ("jobs_ended", "jobs_unfinished", "jobs_rejected", "jobs_cancelled")
        assert values["jobs_submitted", where] == sum(values[part, where] for part in parts)
        assert 0 <= values["lost_slot_hours", where] <= values["delivered_slot_hours", where]
    gpu = labels(pool="gpu", month="all")
    assert values["requeues", gpu] > 0
    assert values["jobs_cancelled", gpu] > 0
    shares = [value for (metric, _), value in values.items() if metric == "tenant_share"]
    assert sum(shares) == pytest.approx(1)
    assert values["p95_wait_s", labels(month="all", qos="normal")] >= 0
    frame = jobs_table(job_outcomes(operated.scenario, operated.built, operated.record)).to_pandas()
    assert (frame["attempts"] == outcome.attempts).all()
    assert (frame["lost_s"] == outcome.lost_s).all()
    gave_up = (frame["state"] == "cancelled") & (frame["start_s"] < 0)
    assert gave_up.sum() == sum(values["jobs_cancelled", labels(pool=p, month="all")] for p in ("gpu", "hpc"))
    ended = frame["end_s"] >= 0
    assert (frame["run_s"][ended] == outcome.ran_s[ended]).all()
    held = batch.states()
    busy = sum(state.busy_slot_s for state in held.values())
    assert np.dot(outcome.ran_s, outcome.held_slots.astype(np.int64)) <= busy
