"""The shipped demand of Gwangju against the facts it was set to: load, sizes, lengths, ends, users, data.

The ranges are those of published GPU clusters (Helios, Philly, Seren) and of the plan, not of one random
draw: any seed should meet them.
"""

import hashlib
from datetime import date, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from capacity.inputs.reading.loader import load_part
from capacity.study.demand.described import of_demand
from capacity.study.demand.published_figures import hold_against, needless_departures
from tests.support.job_statistics import gap_cv, offered_load, share_by_label, top_share, work_by_size
from workloads.jobtable import LABELS, slot_seconds
from workloads.synthetic.calendar import EPOCH, clock_of, month_edges
from workloads.synthetic.data import ingest_bytes
from workloads.synthetic.generate import generate

SEOUL = ZoneInfo("Asia/Seoul")
START, END = datetime(2020, 7, 1, tzinfo=SEOUL), datetime(2023, 1, 1, tzinfo=SEOUL)
HORIZON_S = int(END.timestamp() - START.timestamp())
MONTHS = month_edges(START, HORIZON_S)


@pytest.fixture(scope="module")
def workload():
    return load_part("workload", "gwangju-research").record


@pytest.fixture(scope="module")
def model(workload):
    return workload.to_model()


@pytest.fixture(scope="module")
def jobs(model):
    return generate(model, start=START, horizon_s=HORIZON_S, seed=20200701)


@pytest.fixture(scope="module")
def site():
    return load_part("site", "gwangju-a100").record


@pytest.fixture(scope="module")
def load(jobs, site):
    return offered_load(jobs, site.slots, MONTHS)


def test_the_jobs_are_those_of_every_version_so_far(jobs):
    """Stored result of ours: what later versions add to the demand model must not move one byte of this."""
    digest = hashlib.sha256()
    for name in jobs.frame.columns:
        column = jobs.labels(name)[0] if name in LABELS else jobs.numbers(name)
        digest.update(name.encode())
        digest.update(column.tobytes())
    assert digest.hexdigest() == "57afaefbe46ce5fbdfddd7200c7906b6c952d74f04841fb5851709b65f095f1b"


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("workload", "gwangju-research"),
        ("workload", "gwangju-research-as-built"),
        ("scenario", "gwangju-plan"),
    ],
)
def test_every_published_figure_holds_or_is_departed_from_with_a_reason(kind, name):
    facts = load_part("reference", "facts").record.facts
    subject = of_demand(kind, name, slots=None, site=None, clean=False)
    held = hold_against(subject, facts)
    assert [one.name for one in held if one.fails or one.verdict.standing == "not shown"] == []
    assert needless_departures(subject, held) == []


def test_only_requests_depart_in_the_plan(model):
    departs = load_part("workload", model.name).record.departs
    assert set(departs) == {"nearly_all_used_frac", "round_requests_frac"}


@pytest.mark.parametrize(("day", "firms"), [(date(2021, 1, 1), 65), (date(2024, 3, 1), 470)])
def test_the_firms_are_those_that_came(day, firms):
    """65 were planned in January 2021, and over 470 had come by March 2024."""
    tenant = load_part("workload", "gwangju-research").record.tenants["ai-startups"]
    at = np.array([float((day - EPOCH).days)])
    assert tenant.projects.to_ramp().at(at)[0] == firms
    assert tenant.to_tenant("ai-startups").members.at(at)[0] == firms * tenant.members_per_project


def test_the_people_drawn_are_those_of_the_firms_let_in(model, jobs):
    """Who is not let in does not submit: at the end of 2022 36 % of the people of 320 firms."""
    names = jobs.labels("tenant")[1]
    of_firms = jobs.labels("tenant")[0] == names.index("ai-startups")
    last = of_firms & (jobs.numbers("submit_s") >= MONTHS["2022-12"][0])
    users = len(np.unique(jobs.labels("user")[0][last]))
    firms = 65 + (470 - 65) * (date(2022, 12, 31) - date(2021, 1, 1)) / (date(2024, 3, 1) - date(2021, 1, 1))
    assert 0.85 * 0.36 * 3 * firms < users <= np.ceil(0.36 * 3 * firms)


@pytest.mark.parametrize(
    ("first", "until", "step"), [("2022-04", "2022-09", 1), ("2022-10", "2022-12", 2)], ids=["half", "whole"]
)
def test_applications_are_two_to_five_times_the_half_and_the_whole(site, first, until, step):
    everyone = load_part("workload", "gwangju-research", overrides=["admitted=null"]).record.to_model()
    start = datetime.fromisoformat(f"{first}-01").replace(tzinfo=SEOUL)
    length_s = int(START.timestamp()) + MONTHS[until][1] - int(start.timestamp())
    applied = generate(everyone, start=start, horizon_s=length_s, seed=20200701)
    nodes = site.schedule(first_day=START.date())[step].nodes
    slots = sum(count * site.pools[pool].node.slots for pool, count in nodes.items())
    assert 2 < slot_seconds(applied).sum() / (slots * length_s) < 5


def quarter(load, *months):
    return np.mean([load[month] for month in months])


def test_nothing_is_submitted_before_the_lease(jobs, load):
    assert all(load[month] == 0 for month in MONTHS if month < "2021-05")
    assert 1e6 < len(jobs) < 3e6


def test_the_lease_is_busy_in_2021_and_too_small_in_the_winter(load):
    assert 0.07 < quarter(load, "2021-05", "2021-06", "2021-07") < 0.10
    assert 0.10 < quarter(load, "2022-01", "2022-02", "2022-03") < 0.15


def test_the_half_relieves_and_fills(load):
    assert 0.18 < quarter(load, "2022-04", "2022-05", "2022-06") < 0.30
    assert 0.40 < load["2022-09"] < 0.62


def test_the_whole_is_three_quarters_used_at_the_end(load):
    assert 0.62 < quarter(load, "2022-11", "2022-12") < 0.90
    assert 0.60 < load["2022-12"] < 0.92


@pytest.mark.parametrize("pool", ["hpc", "gpu"])
def test_both_pools_fill_alike(jobs, site, pool):
    load = offered_load(jobs, site.pools[pool].slots, MONTHS, pool=pool)
    assert 0.50 < quarter(load, "2022-11", "2022-12") < 0.95


def test_no_job_is_larger_than_its_pool_under_the_lease(jobs, site):
    for pool in ("hpc", "gpu"):
        leased = site.schedule(first_day=START.date())[0].nodes[pool] * 8
        assert jobs.frame.loc[jobs.frame["pool"] == pool, "slots"].max() <= leased


def test_jobs_are_short_by_count_and_long_by_work(jobs):
    run_s = jobs.numbers("run_s")
    assert 3 * 60 < np.median(run_s) < 20 * 60
    assert 1.5 * 3600 < run_s.mean() < 5 * 3600
    assert 12 < slot_seconds(jobs).sum() / 3600 / len(jobs) < 15.5


def test_jobs_are_small_by_count_and_large_by_work(jobs):
    slots = jobs.numbers("slots")
    assert 0.6 < (slots == 1).mean() < 0.95
    one, up_to_4, up_to_8, larger = work_by_size(jobs, [1, 4, 8])
    assert 0.03 < one < 0.12
    assert 0.07 < up_to_4 < 0.25
    assert up_to_8 + larger > 0.6


def test_half_the_work_or_more_does_not_complete(jobs):
    by_jobs, by_work = (share_by_label(jobs, "state", of_work=of_work) for of_work in (False, True))
    assert 0.55 < by_jobs["completed"] < 0.70
    assert 0.12 < by_jobs["failed"] < 0.20
    assert 0.01 < by_jobs["timeout"] < 0.04
    assert 0.49 < 1 - by_work["completed"] < 0.79


def test_few_people_do_most_of_the_work(jobs):
    assert 0.42 < top_share(jobs, 0.05) < 0.62


def test_submissions_are_bursty_and_follow_the_week(jobs):
    assert 2.5 < gap_cv(jobs) < 15
    last = jobs.numbers("submit_s")[jobs.numbers("submit_s") > HORIZON_S - 84 * 86400]
    days = np.bincount((last - last[0]) // 86400, minlength=84)[:84].reshape(12, 7).sum(axis=0)
    assert days.max() / days.min() > 1.5


def test_jobs_per_accelerator_and_day_at_the_end(jobs, site):
    last = (jobs.numbers("submit_s") >= MONTHS["2022-11"][0]).sum()
    assert 1.0 < last / 61 / site.slots < 1.7


def test_people_ask_for_more_than_they_need(jobs):
    used = jobs.numbers("run_s") / jobs.numbers("requested_s")
    assert 0.05 < np.median(used) < 0.45
    assert 0.15 < used.mean() < 0.50


def test_the_data_lake_gets_tight_under_the_lease_and_stays_open_after(workload, model, jobs, site):
    kinds, names = jobs.labels("job_class")
    states, words = jobs.labels("state")
    clock = clock_of(model.profile, START, HORIZON_S)
    lease_end, end = MONTHS["2022-03"][1], HORIZON_S
    used = {lease_end: 0.0, end: 0.0}
    for until in used:
        for name, kind in workload.classes.items():
            rows = (kinds == names.index(name)) & (jobs.numbers("submit_s") < until)
            done = states[rows] == words.index("completed")
            slots, run_s = jobs.numbers("slots")[rows], jobs.numbers("run_s")[rows]
            for output in workload.classes[kind.name].writes.values():
                if output.tier == "disk":
                    whole = (output.per_job or 0.0) + (output.per_slot_hour or 0.0) * slots * run_s
                    used[until] += (whole * np.where(done, 1.0, output.unfinished)).sum()
        for data in (data for tenant in workload.tenants.values() for data in tenant.brings.values()):
            if data.tier == "disk":
                rate = data.per_source * data.kept
                arrived = ingest_bytes(data.sources.to_ramp(), rate, data.brought or 0.0, clock)
                used[until] += arrived[until // 3600]
    steps = site.schedule(first_day=START.date())
    assert 0.65 < used[lease_end] / steps[0].usable_bytes["disk"] < 1.0
    assert 0.15 < used[end] / steps[-1].usable_bytes["disk"] < 0.45
