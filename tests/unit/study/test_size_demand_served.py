"""Whether a candidate serves the demand: jobs rejected and data turned away, against the largest site."""

import pytest

from capacity.measure.findings import labels
from capacity.report.language import Language
from capacity.report.terminal.size import refusals
from capacity.study.requirements import read_requirement
from capacity.study.size.demand_served import DATA, JOBS, WAYS, WIDEST, refusal, turned_away, unserved
from capacity.study.size.trial import Trial

TB = 1e12
NOTHING = dict.fromkeys(WAYS, 0.0)


def values(jobs=0.0, disk=0.0, flash=0.0, over_quota=0.0, arrived=100 * TB):
    """Return one replication; what is of one month or one class must not be counted again."""
    of_tier = {"disk": (disk, over_quota), "flash": (flash, 0.0)}
    found = {
        ("jobs_rejected", labels(pool="gpu", month="all")): jobs,
        ("jobs_rejected", labels(pool="gpu", month="2021-05")): jobs,
        ("jobs_rejected", labels(pool="gpu", job_class="sweep", month="all")): jobs,
    }
    for tier, (refused, quota) in of_tier.items():
        found[("storage_refused_bytes", labels(tier=tier, month="all"))] = refused
        found[("storage_refused_bytes", labels(tier=tier, month="2021-05"))] = refused
        found[("storage_over_quota_bytes", labels(tier=tier, month="all"))] = quota
        found[("storage_arrived_bytes", labels(tier=tier, month="all"))] = arrived / 2
    return found


def test_what_is_turned_away_is_a_mean_over_tiers_and_replications():
    runs = [values(jobs=4, disk=3 * TB, flash=1 * TB, over_quota=2 * TB), values()]
    assert turned_away(runs) == {**NOTHING, JOBS: 2.0, DATA: 1 * TB}


def test_without_storage_there_are_only_jobs():
    run = {("jobs_rejected", labels(pool="gpu", month="all")): 3.0}
    assert turned_away([run]) == {**NOTHING, JOBS: 3.0}
    assert unserved([run], {JOBS: 3.0}) == ()


@pytest.mark.parametrize(
    ("run", "least", "found"),
    [
        (values(), (0, 0), None),
        (values(jobs=5, disk=9 * TB), (5, 9 * TB), None),
        (values(jobs=5), (7, 0), None),
        (values(jobs=5), (2, 0), (JOBS, 5, 2)),
        (values(disk=0.1 * TB), (0, 0), None),
        (values(disk=0.2 * TB), (0, 0), (DATA, 0.2 * TB, 0)),
        (values(flash=3 * TB, disk=2 * TB), (0, 1 * TB), (DATA, 5 * TB, 1 * TB)),
        (values(disk=9 * TB, over_quota=9 * TB), (0, 0), None),
    ],
)
def test_against_the_largest_site(run, least, found):
    assert unserved([run], dict(zip((JOBS, DATA), least, strict=True))) == (
        () if found is None else (refusal(*found, n=1),)
    )


@pytest.mark.parametrize(
    ("metric", "where", "lost", "let_pass"),
    [
        ("jobs_cancelled", {"pool": "gpu", "month": "all"}, 102, 100),
        ("storage_failed_jobs", {"tier": "disk"}, 12, 10),
    ],
)
def test_people_who_leave_and_jobs_that_fail_are_turned_away_too(metric, where, lost, let_pass):
    submitted = {("jobs_submitted", labels(pool="gpu", month="all")): 10_000.0}
    for amount, named in ((lost, [metric]), (let_pass, [])):
        run = values() | submitted | {(metric, labels(**where)): 1.0 + amount}
        assert [one.metric for one in unserved([run], {metric: 1.0})] == (named if amount == lost else [])


def test_a_refusal_says_by_how_much():
    one = refusal(DATA, 5 * TB, 1 * TB, n=6)
    assert (one.standing, one.by, one.by_unit) == ("shown not", 4 * TB, "B")
    assert one.asked == "no more data are turned away than on the largest site"


def test_what_is_required_of_it_takes_its_place():
    run = [values(jobs=1, disk=TB)]
    data = read_requirement("storage_refused_bytes[tier=disk] <= 2 TB")
    jobs = read_requirement("jobs_rejected[pool=gpu] <= 5")
    assert [one.metric for one in unserved(run, {})] == [JOBS, DATA]
    assert [one.metric for one in unserved(run, {}, [data])] == [JOBS]
    assert [one.metric for one in unserved(run, {}, [jobs])] == [DATA]
    assert unserved(run, {}, [data, jobs]) == ()


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_it_is_said_in_words(lang):
    refused = (
        refusal(JOBS, 5.5, 2, n=6), refusal(DATA, 5 * TB, 1 * TB, n=6), refusal(WIDEST, 64, 20, n=0)
    )  # fmt: skip
    text = refusals(Trial((0,), {}, (), refused, 6, 0.0), Language(lang))
    assert text.count("; ") == 2
    assert all(part in text for part in ("3.5", "4 TB", "64", "20"))
