"""Demand before the first delivery, that stops growing, or is let in whatever comes: said, with numbers."""

from datetime import date

import numpy as np
import pytest

from capacity.inputs.reading.loader import load_scenario
from capacity.simulation.build import build
from tests.spec_files import write
from tests.support.small_site import write_small
from workloads.synthetic.calendar import EPOCH

SITE = """
kind: site
title: A site that comes in two steps
source: assumption
as_of: 2021
why: made up
timezone: UTC
pools: {gpu: {node: dgx-a100, nodes: 10}}
deliveries:
  tenth: {date: 2021-03-01, share: 10 %}
  whole: {date: 2022-01-01, share: 100 %}
"""
SCENARIO = """
kind: scenario
title: Steps
question: Who comes when?
start: 2021-01-01
until: 2022-03-31
site: ./steps-site.yaml
workload:
  name: people
  title: People
  source: assumption
  as_of: 2021
  why: made up
  admitted: {growth: steps, points: {2021-03-01: 10 %, 2022-01-01: 100 %}}
  classes:
    work: {title: Work, slots: {1: 100 %}, run: {median: 1 h, mean: 2 h}, limit: 1 day}
  tenants:
    lab:
      title: A laboratory
      members: {points: {2021-01-01: 100, 2021-02-01: 100}}
      jobs_per_member: 1 job/user/day
      works_on: {work: 100 %}
seed: 1
"""


def steps(folder, *sets):
    write(folder, "steps-site.yaml", SITE)
    return load_scenario(write(folder, "steps.yaml", SCENARIO), overrides=sets)


def said(loaded, word):
    return [text for text in loaded.warnings if word in text]


def test_nothing_is_said_where_people_come_with_the_machine(tmp_path):
    assert steps(tmp_path).warnings == ()


def test_jobs_before_the_first_delivery_are_said_with_their_number(tmp_path):
    early = "workload.admitted.points={2021-01-11: 10 %, 2022-01-01: 100 %}"
    (text,) = said(steps(tmp_path, early), "nothing is in service there")
    # 49 days from 11 January to 28 February, 100 people at 10 % and one job each
    assert text == (
        "lab: jobs for gpu come from 2021-01-11 on, about 490 until then, and nothing is in service there "
        "before 2021-03-01"
    )


def test_data_before_their_tier_are_said(tmp_path):
    delayed = "site.deliveries={all: {date: 2021-02-10, share: 100 %}}"
    (text,) = said(load_scenario(write_small(tmp_path), overrides=[delayed]), "data come")
    assert text == "lab.camera: data come from 2021-01-20 on, and lake is not there before 2021-02-10"


def test_a_curve_that_stops_growing_before_the_horizon_ends_is_said(tmp_path):
    text = "workload.tenants.lab.members.points={2021-01-01: 50, 2021-02-01: 100}"
    (found,) = said(steps(tmp_path, text), "stops growing")
    assert found == (
        "demand stops growing before the horizon ends on 2022-03-31: members of lab on 2021-02-01; "
        "at the end 100 jobs come a day"
    )
    assert not said(steps(tmp_path, text, "until=2021-04-30"), "stops growing")


def test_gwangju_frozen_for_years_is_said():
    assert not said(load_scenario("gwangju-plan"), "stops growing")
    (found,) = said(load_scenario("gwangju-plan", until=date(2030, 12, 31)), "stops growing")
    assert "admitted, sources of joint-research.shared-data-sets on 2022-12-31" in found
    assert "members of ai-startups on 2025-07-01" in found


LATE = "site.deliveries={tenth: {date: 2021-03-01, share: 10 %}, whole: {date: 2022-03-01, share: 100 %}}"


def test_an_admission_that_keeps_its_dates_while_deliveries_move_is_said(tmp_path):
    (found,) = said(steps(tmp_path, LATE), "keeps its own dates")
    # a tenth of the site is 8 slots: 10 jobs a day until December, 100 in January and February
    assert found.startswith("admitted keeps its own dates: from 2022-01-01 to 2022-02-28 12 jobs a day")
    assert "10.0 times as many as from 2021-03-01 on" in found
    assert not said(load_scenario("gwangju-plan"), "keeps its own dates")


def test_shares_that_follow_the_service_move_with_the_deliveries(tmp_path):
    follows = "workload.admitted={growth: steps, points: {2021-03-01: 100 %}, follows: service}"
    assert said(steps(tmp_path, LATE, follows), "keeps") == []
    on_time, late = steps(tmp_path, follows).scenario, steps(tmp_path, LATE, follows).scenario
    days = np.array([(date(*day) - EPOCH).days + 0.5 for day in ((2021, 6, 1), (2022, 2, 1), (2022, 3, 2))])
    shares = [one.workload.admitted.on_site(one.slots_by_day()).at(days).tolist() for one in (on_time, late)]
    assert shares == [[0.1, 1.0, 1.0], [0.1, 0.1, 1.0]]


@pytest.mark.parametrize("growth", ["linear", "steps"])
def test_jobs_follow_the_service_too(tmp_path, growth):
    follows = f"workload.admitted={{growth: {growth}, points: {{2021-03-01: 100 %}}, follows: service}}"
    table = build(steps(tmp_path, LATE, follows).scenario, seed=1, replication=0).table
    day = table.numbers("submit_s") // 86_400
    per_day = [
        np.count_nonzero((day >= first) & (day < last)) / (last - first)
        for first, last in ((59, 423), (425, 454))
    ]
    assert per_day[0] == pytest.approx(10, rel=0.2)
    assert per_day[1] == pytest.approx(100, rel=0.25)


def test_shares_that_follow_the_service_grow_in_known_ways(tmp_path):
    with pytest.raises(Exception, match="linear or in steps"):
        steps(tmp_path, "workload.admitted={growth: logistic, points: {2021-03-01: 1 %}, follows: service}")
