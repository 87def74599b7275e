"""Purchase dates a planner can sign: what was answered wrongly once, and the right values."""

import re
from datetime import date, timedelta
from types import SimpleNamespace

import numpy as np
import pytest

import capacity
from capacity.cli.main import entry
from capacity.inputs.reading.loader import load_scenario
from capacity.report.language import Language
from capacity.report.sections.common import Source
from capacity.report.sections.deliveries import decisions
from capacity.report.terminal.deliveries import orders
from capacity.report.terminal.purchases import procurement, purchase_rows, purchase_sentences
from capacity.simulation.build import build, with_failed_for_room
from capacity.simulation.storage.ahead import LookAhead, follow
from capacity.simulation.world import World
from tests.spec_files import write
from tests.support.small_site import write_small

SITE = """
kind: site
title: Ten slots and a disk
source: assumption
as_of: 2024
why: made up
timezone: UTC
pools:
  gpu: {node: epyc-7742-2s, nodes: 10, lead_time: 100 day}
storage:
  disk: {product: object-ceph, capacity: {usable: 5 PB}, fill_limit: 85 %, lead_time: 274 day}
currency: USD
"""
WORKLOAD = """
kind: workload
title: Constant inflow
source: assumption
as_of: 2024
why: made up
tenants:
  a:
    title: A
    members: 1
    jobs_per_member: 0.5 job/user/day
    works_on: {j: 100 %}
    brings:
      feed: {title: Feed, tier: disk, sources: 1, per_source: 10 TB/day, brought: 1 PB}
classes:
  j: {title: One hour, pool: gpu, slots: {1: 100 %}, run: {always: 1 h}, limit: 1 day, rhythm: 0 %}
"""
SCENARIO = """
kind: scenario
title: Fill date
question: When is it full?
start: 2024-01-01
until: 2026-12-31
site: ./site.yaml
workload: ./workload.yaml
seed: 1
"""
TENANTS = "workload.tenants"
THRICE = (
    f"{TENANTS}.future-car.brings.test-cars.per_source=30 TB/day",
    f"{TENANTS}.future-car.brings.test-car-archive.per_source=30 TB/day",
    f"{TENANTS}.biomedical.brings.hospitals.per_source=1.5 TB/day",
)
SAY = Language("en")


@pytest.fixture(scope="module")
def constant(tmp_path_factory):
    folder = tmp_path_factory.mktemp("constant")
    for name, text in (("site.yaml", SITE), ("workload.yaml", WORKLOAD), ("it.yaml", SCENARIO)):
        path = write(folder, name, text)
    return path


def bought(scenario, **options):
    run = capacity.storage(scenario, **{"replications": 1, **options})
    return {row["tier"]: row for row in procurement(run.result)}, run


def simulated(scenario, replication=0):
    built = build(scenario, seed=scenario.seed, replication=replication)
    record = World(built.site).run()
    return with_failed_for_room(built, record), record


@pytest.mark.parametrize(("usable", "full"), [("5 PB", date(2024, 11, 22)), ("20 PB", date(2028, 5, 20))])
def test_a_full_tier_grows_by_what_arrives(constant, usable, full):
    """10 TB a day are 3.65 PB a year, 6.28 PB raw: of a tier that is full as of one that has room."""
    rows, _ = bought(constant, set=[f"site.storage.disk.capacity.usable={usable}"])
    disk = rows["disk"]
    assert disk["raw_bytes_per_year"] == pytest.approx(6.28e15, rel=1e-3)
    assert abs(disk["needed_by"] - full) <= timedelta(days=1)
    assert disk["order_by"] == disk["needed_by"] - timedelta(days=274)
    assert disk["beyond_horizon"] == (full > date(2026, 12, 31))


def test_growing_demand_fills_earlier_and_the_growth_stands_beside_the_date(constant):
    usable = ["site.storage.disk.capacity.usable=20 PB"]
    held, _ = bought(constant, set=usable)
    grown, _ = bought(constant, set=usable, growth="30 %/year")
    # 1 PB and 10 TB a day are 11.96 PB on 2026-12-31; then 10 TB/day * 365 / ln 1.3 * (1.3^t - 1) = 5.04 PB
    # after t = 1.178 years.
    assert abs(grown["disk"]["needed_by"] - date(2028, 3, 7)) <= timedelta(days=1)
    assert grown["disk"]["needed_by"] < held["disk"]["needed_by"]
    (row,) = purchase_rows([grown["disk"]], SAY)
    assert "2028-03-0" in row["full"]
    assert "with demand as planned to 2026-12-31, then changing by 30 % a year" in row["full"]


def test_a_tier_that_never_fills_has_no_date_but_says_how_far_it_was_followed(constant):
    usable = ["site.storage.disk.capacity.usable=100 PB"]
    rows, _ = bought(constant, set=usable, look_ahead="3 year")
    (row,) = purchase_rows([rows["disk"]], SAY)
    assert row["needed_by"] is row["order_by"] is None
    assert row["full"] == "not by 2029-12-30, with demand as planned to 2026-12-31, then unchanged"


def test_an_order_before_the_plan_begins_is_too_late(constant):
    rows, run = bought(constant, set=["site.storage.disk.lead_time=400 day"])
    disk = rows["disk"]
    assert disk["too_late"] and disk["order_by"] < disk["first_order"] == date(2024, 1, 1)
    (row,) = purchase_rows([disk], SAY)
    assert row["order"] == f"too late ({disk['order_by']})"
    short, late = purchase_sentences(run.loaded.scenario, [disk], SAY)
    assert short == (
        "disk: too small by up to 7.71 PB (13.3 PB raw) in 2024-11 to 2026-12; 7.71 PB are turned away in "
        "that time"
    )
    assert "before the plan begins on 2024-01-01, and ordered on that day it comes on 2025-02-04" in late


def test_a_tier_kept_down_by_purge_has_nothing_to_buy(tmp_path):
    overrides = ("site.storage.fast.capacity.usable=6 TB", "site.storage.fast.purge={when_full: 1 hour}")
    rows, run = bought(str(write_small(tmp_path)), set=overrides)
    fast = next(row for row in run.to_json()["fill_dates"] if row["tier"] == "fast")
    assert fast["kept_by"] == ["purge"] and fast["wanted_bytes"] > fast["limit_bytes"]
    assert rows["fast"]["needed_by"] is None and rows["fast"]["missing_raw_bytes"] == 0
    (row,) = purchase_rows([rows["fast"]], SAY)
    assert row["full"].startswith("not by 2031-03-08, with demand") and row["order"] == "–"


def test_nodes_have_an_order_by_date_and_parts_an_end_of_sale(constant):
    steps = "{one: {date: 2024-03-01, share: 50 %, source: x, as_of: 2024}, two: {date: 2025-03-01, share: 100 %, source: x, as_of: 2024}}"  # noqa: E501 - one override
    loaded = load_scenario(
        str(constant), overrides=[f"site.deliveries={steps}", "site.pools.gpu.node.sold_until=2024-06-30"]
    )
    gpu = [row for row in orders(loaded.scenario) if row["place"] == "gpu"]
    assert [(row["order_by"], row["more"], row["fault"]) for row in gpu] == [
        (date(2023, 11, 22), 5, "before_start"),
        (date(2024, 11, 21), 5, "no_longer_sold"),
    ]
    section = decisions(Source(SimpleNamespace(loaded=loaded, findings=()), SAY))
    assert [row["order_by"] for row in section.blocks[0].rows if row["place"] == "gpu"] == [
        "2023-11-22",
        "2024-11-21",
    ]
    said = "\n".join(loaded.warnings)
    assert (
        "epyc-7742-2s (gpu) is to be ordered by 2023-11-22 (one), before the plan begins on 2024-01-01"
        in said
    )
    assert "epyc-7742-2s (gpu) is to be ordered by 2024-11-21 (two), but is not sold after 2024-06-30" in said


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_the_page_says_the_demand_in_the_line_of_the_date(constant, capsys, lang):
    usable = "site.storage.disk.capacity.usable=20 PB"
    assert entry(["storage", str(constant), "-r", "3", "--lang", lang, "--set", usable]) == 0
    out = capsys.readouterr().out
    lines = [line for line in out.splitlines() if re.search(r"2028", line)]
    assert len(lines) == 2 and all("2026" in line for line in lines)


@pytest.mark.slow
def test_storage_followed_on_is_the_full_simulation_continued():
    """The tolerance that `capacity.simulation.storage.ahead` states."""
    scenario = load_scenario("gwangju-plan").scenario
    full = scenario.model_copy(update={"until": date(2023, 12, 31)})
    built, record = simulated(scenario)
    found = follow(scenario, built, record, LookAhead(days=366), seed=scenario.seed, replication=0)
    longer, _ = simulated(full)
    days, true = len(longer.site.storage.used), longer.site.storage.used
    within = len(built.site.day_edges_s)
    assert np.array_equal(found.used_bytes[:within], true[:within])
    assert found.used_bytes[days - 1] == pytest.approx(true[-1], rel=0.06)
    assert found.used_bytes[days - 1][1:] == pytest.approx(true[-1][1:], rel=0.02)


@pytest.mark.slow
def test_flash_of_the_plan_levels_off_and_tape_fills_first():
    """A line through the last 91 days had flash full on 2023-06-11 and the lake on 2026-10-30."""
    rows, run = bought("gwangju-plan")
    fills = {row["tier"]: row for row in run.to_json()["fill_dates"]}
    assert rows["flash"]["needed_by"] is None
    assert 0.62 < fills["flash"]["ahead_used_frac"] < 0.76
    assert abs(rows["tape"]["needed_by"] - date(2023, 11, 2)) <= timedelta(days=3)
    assert rows["disk"]["needed_by"] is None or rows["disk"]["needed_by"] >= date(2030, 1, 1)


@pytest.mark.slow
def test_a_gap_in_the_middle_is_named_with_its_months():
    """Three times the car and medical data: 4.16 PB refused, nothing missing at the end of the horizon."""
    rows, run = bought("gwangju-plan", set=THRICE, until="2022-06-30", look_ahead="1 year")
    disk, tape = rows["disk"], rows["tape"]
    assert abs(disk["needed_by"] - date(2021, 11, 12)) <= timedelta(days=1)
    assert abs(tape["needed_by"] - date(2021, 10, 7)) <= timedelta(days=1)
    assert disk["missing_raw_bytes"] == 0
    assert disk["short_bytes"] == pytest.approx(4.16e15, rel=0.01)
    assert (disk["short_from"], disk["short_until"]) == ("2021-11", "2022-03")
    assert disk["failed_jobs"] == pytest.approx(85_186, rel=0.05)
    assert disk["too_late"] and disk["first_order"] == date(2021, 5, 1)
    assert disk["first_order"] - disk["order_by"] == timedelta(days=78)
    sentences = purchase_sentences(run.loaded.scenario, [disk], SAY)
    assert "make that first delivery larger" in sentences[1]
