"""Whether a candidate serves the demand: jobs rejected and data turned away, against the largest site."""

import pytest

from capacity.study.findings import labels
from capacity.study.requirements import read_requirement
from capacity.study.sizing.serving import turned_away, unserved

TB = 1e12


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
    assert turned_away(runs) == (2.0, 1 * TB)


def test_without_storage_there_are_only_jobs():
    run = {("jobs_rejected", labels(pool="gpu", month="all")): 3.0}
    assert turned_away([run]) == (3.0, 0.0)
    assert unserved([run], (3.0, 0.0)) == ""


@pytest.mark.parametrize(
    ("run", "least", "said"),
    [
        (values(), (0, 0), ""),
        (values(jobs=5, disk=9 * TB), (5, 9 * TB), ""),
        (values(jobs=5), (7, 0), ""),
        (values(jobs=5), (2, 0), "3 more jobs are rejected than on the largest site"),
        (values(disk=0.1 * TB), (0, 0), ""),
        (values(disk=0.2 * TB), (0, 0), "200 GB more data are turned away than on the largest site"),
        (values(flash=3 * TB, disk=2 * TB), (0, 1 * TB), "4 TB more data are turned away"),
        (values(disk=9 * TB, over_quota=9 * TB), (0, 0), ""),
    ],
)
def test_against_the_largest_site(run, least, said):
    found = unserved([run], least)
    assert found == said or (said and said in found)


def test_both_are_said():
    assert unserved([values(jobs=1, disk=TB)], (0, 0)).count("turned away") == 1
    assert "; " in unserved([values(jobs=1, disk=TB)], (0, 0))


def test_what_is_required_of_it_takes_its_place():
    run = [values(jobs=1, disk=TB)]
    data = read_requirement("storage_refused_bytes[tier=disk] <= 2 TB")
    jobs = read_requirement("jobs_rejected[pool=gpu] <= 5")
    assert "data" not in unserved(run, (0, 0), [data])
    assert "jobs are rejected" not in unserved(run, (0, 0), [jobs])
    assert unserved(run, (0, 0), [data, jobs]) == ""
