"""Tenants: projects and people, who does most of the work, and whose account it is."""

from datetime import date

import numpy as np
import pytest

from capacity.errors import InputError
from capacity.inputs.reading.loader import load_part, load_scenario
from capacity.simulation.build import build
from capacity.simulation.calendar import calendar_of
from capacity.simulation.hardware import Hardware
from capacity.simulation.policy import account_names, jobs_of, site_rules_of
from tests.support.job_statistics import top_share
from tests.support.plain_demand import WORKLOAD, changed, write_plain
from workloads.synthetic.calendar import EPOCH
from workloads.synthetic.generate import generate
from workloads.synthetic.streams import stream
from workloads.synthetic.users import membership, sigma_of_top

PROJECTS = "projects: {points: {2021-02-01: 4, 2021-02-11: 14}}\n    members_per_project: 3.5"
FIRM = """\
  firm:
    title: A firm
    members: 5
    jobs_per_member: 2 job/user/day
    works_on: {work: 100 %}
"""
FAIR = "policy={order: multifactor, multifactor: {fair_share: 1}}"


def tenant(text, tmp_path):
    write_plain(tmp_path, text)
    return load_part("workload", tmp_path / "plain.yaml").record.tenants["lab"]


def problems(load, *args, **options):
    with pytest.raises(InputError) as caught:
        load(*args, **options)
    return str(caught.value)


def test_projects_times_members_each(tmp_path):
    lab = tenant(changed(("members: 20", PROJECTS)), tmp_path)
    days = np.array([(date(2021, 2, day) - EPOCH).days for day in (1, 6, 11)], dtype=float)
    assert lab.ramp.at(days).tolist() == [14.0, 31.5, 49.0]
    assert lab.to_tenant("lab").members == lab.ramp


@pytest.mark.parametrize("share", [0.05, 0.3, 0.5, 0.95])
def test_the_most_active_have_the_share_that_was_asked_for(share):
    people = membership(stream(2, 0, "m"), np.array([0.0, 1.0]), np.array([400_000.0]), sigma_of_top(share))
    activity = np.sort(np.diff(people.activity, prepend=0.0))[::-1]
    assert activity[:20_000].sum() / activity.sum() == pytest.approx(share, abs=0.05)


def test_a_share_becomes_the_inequality_of_the_model(tmp_path):
    text = changed(("members: 20", "members: 2000\n    top_5_percent: 50 %"), ("2 job/user", "1 job/user"))
    scenario = load_scenario(write_plain(tmp_path, text)).scenario
    model = scenario.workload.to_model()
    assert model.tenants[0].activity_sigma == pytest.approx(1.645, abs=1e-3)
    equal = load_scenario(write_plain(tmp_path, changed(("top_5_percent: 50 %", "unequal: 0"), text=text)))
    drawn = [
        generate(one, start=calendar_of(scenario).start_time, horizon_s=20 * 86_400, seed=1)
        for one in (model, equal.scenario.workload.to_model())
    ]
    unequal, alike = (top_share(table, 0.05) for table in drawn)
    assert unequal > 2 * alike


def test_without_a_word_it_is_as_before(tmp_path):
    assert tenant(WORKLOAD, tmp_path).activity_sigma == 1.0


def accounts_of(path, *overrides):
    scenario = load_scenario(path, overrides=[FAIR, *overrides]).scenario
    built = build(scenario, seed=1, replication=0)
    rules = site_rules_of(scenario)
    jobs = jobs_of(scenario, built.table, rules, Hardware(scenario))
    names = account_names(scenario)
    codes, tenants = built.table.labels("tenant")
    return (
        rules,
        names,
        {tenants[code]: names[number] for code, number in zip(codes, jobs.account, strict=True)},
    )


def test_tenants_share_an_account_in_a_group(tmp_path):
    both = changed(("    title: A lab", "    account: state\n    group: all\n    title: A lab"))
    path = write_plain(tmp_path, both + FIRM + "    account: state\n    group: all\n")
    rules, names, account = accounts_of(path)
    assert names == ["all", "state"]
    assert account == {"lab": "state", "firm": "state"}
    assert [(one.name, one.parent) for one in rules.accounts] == [("all", -1), ("state", 0)]


def test_what_the_policy_says_of_an_account_goes_before(tmp_path):
    text = changed(("    title: A lab", "    group: research\n    title: A lab")) + FIRM
    more = "policy.accounts={lab: {shares: 7}, firm: {parent: business, shares: 2}, business: {}}"
    rules, names, account = accounts_of(write_plain(tmp_path, text), more)
    assert account == {"lab": "lab", "firm": "firm"}
    parents = {
        one.name: (one.shares, names[one.parent] if one.parent >= 0 else None) for one in rules.accounts
    }
    assert parents["lab"] == (7, "research")
    assert parents["firm"] == (2, "business")
    assert parents["research"] == (1, None)


@pytest.mark.parametrize(
    ("old", "new", "where", "what"),
    [
        ("    members: 20\n", "", "14:5", "how many are they?"),
        ("members: 20", f"members: 20\n    {PROJECTS}", "16:15", "two ways to say one thing"),
        ("members: 20", "projects: 4", "15:15", "'projects' without 'members_per_project'"),
        ("members: 20", "members: 20\n    members_per_project: 4", "16:26", "without 'projects'"),
        ("members: 20", "projects: 4\n    members_per_project: 0", "16:26", "too small"),
        ("members: 20", "projects: 4\n    members_per_project: -1", "16:26", "negative"),
        ("members: 20", "members: 20\n    top_5_percent: 4 %", "16:20", "too small"),
        ("members: 20", "members: 20\n    top_5_percent: 96 %", "16:20", "too large"),
        ("members: 20", "members: 20\n    unequal: 1\n    top_5_percent: 50 %", "17:20", "two ways"),
        ("members: 20", "members: 20\n    account: a\n    group: a", "17:12", "cannot be above itself"),
        ("members: 20", "members: 20\n    group: lab", "16:12", "not a group of accounts"),
        ("members: 20", "members: 20\n    account: A b", "16:14", "is no name"),
    ],
)
def test_what_makes_no_sense_is_refused_at_its_place(tmp_path, old, new, where, what):
    write_plain(tmp_path, changed((old, new)))
    message = problems(load_part, "workload", tmp_path / "plain.yaml")
    assert f"plain.yaml:{where}" in message
    assert what in message


def test_one_account_is_in_one_group(tmp_path):
    both = changed(("    title: A lab", "    account: state\n    group: all\n    title: A lab"))
    write_plain(tmp_path, both + FIRM + "    account: state\n    group: some\n")
    message = problems(load_part, "workload", tmp_path / "plain.yaml")
    assert "plain.yaml:26:12" in message
    assert "account 'state' is in group 'all' for another tenant" in message


def test_no_account_is_above_itself_by_policy_and_workload_together(tmp_path):
    path = write_plain(tmp_path, changed(("    title: A lab", "    group: research\n    title: A lab")))
    circle = "policy.accounts={research: {parent: lab}, lab: {}}"
    message = problems(load_scenario, path, overrides=[FAIR, circle])
    assert "plain.yaml:14:12" in message
    assert "above itself" in message


def test_an_account_of_the_policy_must_be_somebodys(tmp_path):
    path = write_plain(tmp_path, changed(("    title: A lab", "    account: state\n    title: A lab")))
    assert "there is no tenant 'lab'" in problems(
        load_scenario, path, overrides=[FAIR, "policy.accounts={lab: {}}"]
    )
    load_scenario(path, overrides=[FAIR, "policy.accounts={state: {shares: 2}}"])
