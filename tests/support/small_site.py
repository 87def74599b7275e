"""A site small enough to simulate within a test: fifty days, two pools, two tiers, some thousand jobs.

Part of it is in service before the first day, part comes within the horizon and part after it. Some jobs fit
only after that last step, and some never.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace

from capacity.inputs.reading.loader import load_scenario
from capacity.simulation.build import build
from capacity.simulation.world import World
from tests.spec_files import write

SITE = """
kind: site
title: A small site
source: a page
as_of: 2021
timezone: Asia/Seoul
pools:
  gpu: {node: dgx-a100, nodes: 4}
  hpc: {node: dgx-a100, nodes: 4}
storage:
  fast: {product: flash-lustre, capacity: {usable: 20 TB}, fill_limit: 85 %}
  lake: {product: object-ceph, capacity: {usable: 160 TB}, fill_limit: 85 %}
deliveries:
  before: {date: 2021-01-01, share: 25 %}
  early: {date: 2021-01-15, share: 50 %}
  within: {date: 2021-02-10, share: 75 %}
  after: {date: 2021-04-01, share: 100 %}
pue: 1.5
electricity_price: 100 KRW/kWh
currency: KRW
exchange_rates: {USD: 1000 KRW/USD}
"""

WORKLOAD = """
kind: workload
title: What a small site is used for
source: assumption
as_of: 2021
why: made up
reference: dgx-a100
classes:
  small:
    title: Anything on a part of a node
    pool: gpu
    precision: tf32
    bound: {compute: 50 %, host: 50 %}
    slots: {1: 60 %, 2: 30 %, 8: 10 %}
    run: {median: 20 min, mean: 100 min}
    limit: 12 h
    requested: {longest: 30 %, too_short: 5 %}
    fates:
      completed: {share: 70 %}
      failed: {share: 20 %, run_factor: 0.5}
      cancelled: {share: 10 %}
    reads:
      images: {tier: lake, per_job: 1 GB/job}
    writes:
      scratch: {tier: fast, per_slot_hour: 5 GB/slot/h, keep: 3 day}
      results: {tier: lake, per_job: 2 GB/job, unfinished: 20 %}
  large:
    title: Whole nodes; four of them never fit within the horizon, five never at all
    pool: hpc
    precision: fp64_tensor
    bound: {compute: 60 %, host: 40 %}
    slots: {8: 55 %, 16: 35 %, 32: 6 %, 40: 4 %}
    run: {median: 2 h, mean: 5 h}
    limit: 1 day
    writes:
      fields: {tier: lake, per_slot_hour: 2 GB/slot/h}
tenants:
  lab:
    title: A laboratory
    members: {points: {2021-01-20: 12}}
    jobs_per_member: 6 job/user/day
    works_on: {small: 90 %, large: 10 %}
    unequal: 1.0
    uneven_weeks: 0.2
    brings:
      camera:
        title: A camera
        tier: lake
        sources: {points: {2021-01-20: 1}}
        per_source: 1 TB/day
        brought: 5 TB
        keep: 10 day
  firm:
    title: A firm that comes later
    members: {points: {2021-02-01: 10}}
    jobs_per_member: 5 job/user/day
    works_on: {small: 80 %, large: 20 %}
"""

SCENARIO = """
kind: scenario
title: Fifty days of a small site
question: Does it all add up?
start: 2021-01-20
until: 2021-03-10
site: ./site.yaml
workload: ./workload.yaml
seed: 7
"""


def write_small(folder: Path, *, renamed: Mapping[str, str] | None = None) -> Path:
    """Write scenario, site and workload, some words replaced, and return the path of the scenario."""
    words = {**(renamed or {})}
    for name, text in (("site.yaml", SITE), ("workload.yaml", WORKLOAD), ("small.yaml", SCENARIO)):
        path = write(folder, name, re.sub(r"[\w-]+", lambda found: words.get(found[0], found[0]), text))
    return path


def simulate_small(
    folder: Path, *overrides: str, replication: int = 0, renamed: Mapping[str, str] | None = None
) -> SimpleNamespace:
    """Simulate it once and return ``scenario``, ``built`` and ``record``."""
    scenario = load_scenario(write_small(folder, renamed=renamed), overrides=overrides).scenario
    built = build(scenario, seed=scenario.seed, replication=replication)
    return SimpleNamespace(scenario=scenario, built=built, record=World(built.site).run())
