"""Limits and advance reservations beside a queue that waits: small cases worked out by hand."""

import pytest

import capacity
from capacity.scheduling.pools.pool import PoolSpec
from capacity.scheduling.rules import Rules
from capacity.scheduling.site.rules import AccountNumbers, LimitNumbers, SiteRules, WindowNumbers
from tests.support.site_case import SiteCase, core_fates
from tests.support.site_definition import schedule

TEN = (PoolSpec("gpu", 10, 1, counted=True),)
DAY_S = 86_400


def starts(case):
    """Starts by the core, which must be those by definition."""
    found = [fate.start_s for fate in core_fates(case)]
    assert found == [fate.start_s for fate in schedule(case).fates]
    return found


def test_a_start_takes_the_head_to_the_limit_of_its_user():
    """Job 2 leaves user 1 no room for the head, so nobody waits for it: job 3 starts, and outlasts job 0."""
    case = SiteCase(
        TEN, submit=(0, 1, 2, 3), run=(100, 100, 50, 1_000), requested=(100, 100, 50, 1_000),
        slots=(6, 9, 2, 2), user=(0, 1, 1, 2), site=SiteRules(user_limits=LimitNumbers(running_slots=9)),
    )  # fmt: skip
    assert starts(case) == [0, 1_003, 2, 3]


@pytest.mark.parametrize("backfill", ["easy", "conservative"])
def test_a_newcomer_takes_the_head_to_the_limit_of_its_account(backfill):
    """Account A may have 8 slots; job 3 of A starts, and the head, 8 slots of A, is passed over."""
    accounts = (AccountNumbers("A", limits=LimitNumbers(running_slots=8)), AccountNumbers("B"))
    case = SiteCase(
        TEN, submit=(0, 1, 2, 3, 10), run=(1_000, 1_000, 2_000, 100, 500),
        requested=(1_000, 1_000, 2_000, 100, 500), slots=(4, 8, 5, 1, 1), account=(1, 0, 1, 0, 1),
        rules=Rules(backfill=backfill, conservative="replan"), site=SiteRules(accounts),
    )  # fmt: skip
    assert starts(case) == [0, 2_010, 10, 3, 103]


@pytest.mark.parametrize("counted", [True, False])
def test_what_runs_now_is_no_part_of_a_window_of_tomorrow(counted):
    """B has four slots for an hour; the four held for it tomorrow are kept from A all the same."""
    accounts = (AccountNumbers("A"), AccountNumbers("B"))
    window = WindowNumbers(0, DAY_S, DAY_S + 3_600, 0, 4, account=1)
    case = SiteCase(
        (PoolSpec("gpu", 10, 1, counted=counted),), submit=(0, 1, 2), run=(3_600, 2 * DAY_S, DAY_S + 7_200),
        requested=(3_600, 2 * DAY_S, DAY_S + 7_200), slots=(4, 6, 2), account=(1, 0, 0),
        rules=Rules(backfill="easy"), site=SiteRules(accounts, windows=(window,)),
    )  # fmt: skip
    assert starts(case) == [0, 1, DAY_S + 3_600]


def test_what_the_tenant_has_then_is_part_of_its_window():
    """B's job lasts into the window, on two of its four slots: two more are kept, and A may have six."""
    accounts = (AccountNumbers("A"), AccountNumbers("B"))
    window = WindowNumbers(0, 100, 200, 0, 4, account=1)
    case = SiteCase(
        TEN, submit=(0, 1, 2, 3), run=(150, 300, 300, 300), requested=(150, 300, 300, 300),
        slots=(2, 6, 1, 1), account=(1, 0, 0, 1), rules=Rules(backfill="easy"),
        site=SiteRules(accounts, windows=(window,)),
    )  # fmt: skip
    assert starts(case) == [0, 1, 200, 3]


def test_two_windows_of_a_tenant_at_once_are_owed_their_sum():
    """What B has on two slots counts once: of four and four slots six are still kept, and A has two."""
    accounts = (AccountNumbers("A"), AccountNumbers("B"))
    windows = (WindowNumbers(0, 100, 200, 0, 4, account=1), WindowNumbers(0, 100, 200, 4, 4, account=1))
    case = SiteCase(
        TEN, submit=(0, 1, 2), run=(300, 300, 300), requested=(300, 300, 300), slots=(2, 2, 1),
        account=(1, 0, 0), rules=Rules(backfill="easy"), site=SiteRules(accounts, windows=windows),
    )  # fmt: skip
    assert starts(case) == [0, 1, 200]


WORKLOAD = """\
kind: workload
title: Long wide jobs of a, short ones of b
source: assumption
as_of: 2024
why: Test case.
rhythm: {hours: [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]}
tenants:
  a: {title: A, members: 4, jobs_per_member: 0.2 job/user/day, works_on: {long: 100 %}}
  b: {title: B, members: 4, jobs_per_member: 20 job/user/day, works_on: {short: 100 %}}
classes:
  long: {title: Long, pool: gpu, slots: {8: 100 %}, run: {always: 23 h}, limit: 2 day, rhythm: 0 %,
         requested: {longest: 0 %, too_short: 0 %}}
  short: {title: Short, pool: gpu, slots: {1: 100 %}, run: {always: 25 min}, limit: 2 day, rhythm: 0 %,
          requested: {longest: 0 %, too_short: 0 %}}
"""
SITE = """\
kind: site
title: Ten slots
source: assumption
as_of: 2024
why: Test case.
timezone: UTC
pools: {gpu: {title: Slots, node: epyc-7742-2s, nodes: 10}}
pue: 1.3
currency: USD
electricity_price: 0.1 USD/kWh
"""
SCENARIO = """\
kind: scenario
title: A course on Tuesdays, 08 to 18 h, four slots
question: Are four slots kept for the course?
start: 2024-01-01
until: 2024-04-02
seed: 1
site: site.yaml
workload: workload.yaml
policy:
  backfill: easy
  advance_reservations:
    tuesday: {tenant: b, pool: gpu, nodes: 4, start: 2024-01-02T08:00, duration: 10 h, every: 1 week}
"""


@pytest.mark.parametrize("counted", ["true", "false"])
def test_on_every_tuesday_four_slots_are_kept_for_the_course(tmp_path, counted):
    for name, text in (("workload", WORKLOAD), ("site", SITE), ("scenario", SCENARIO)):
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
    scenario = tmp_path / "scenario.yaml"
    jobs = capacity.simulate(scenario, set=[f"site.pools.gpu.counted={counted}"], replications=1).jobs
    jobs = jobs[jobs["start_s"] >= 0]
    others = jobs[jobs["tenant"] == "a"]
    for week in range(13):
        begins = DAY_S * (1 + 7 * week) + 8 * 3_600
        for now in range(begins, begins + 10 * 3_600, 600):
            held = others[(others["start_s"] <= now) & (others["end_s"] > now)]
            assert held["slots"].sum() <= 6, f"Tuesday {week + 1}, {now - begins} s after it began"
    assert len(others) > 50
