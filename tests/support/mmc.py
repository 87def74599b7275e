"""A site that is an M/M/c queue: one-slot jobs at random times, exponential run times, nodes of one slot.

Its answer is known: Erlang's C formula says how long one waits for c servers.
"""

from pathlib import Path

from tests.spec_files import write

OFFERED = 16.0
"""Jobs at work on average, were there room for all. [Erlang]"""
SERVICE_S = 3600.0

NODE = """
kind: node
title: One server
source: a page
as_of: 2021
cpu_cores: 1
memory: 4 GB
peak: {fp64: 20 GFLOPS}
power: {idle: 20 W, max: 80 W}
price: 1000 USD
available_from: 2020-01-01
"""

SITE = """
kind: site
title: c servers
source: a page
as_of: 2021
timezone: UTC
pools:
  main: {node: ./node.yaml, nodes: 30, counted: true}
pue: 1.0
electricity_price: 100 KRW/kWh
currency: KRW
exchange_rates: {USD: 1000 KRW/USD}
"""

WORKLOAD = """
kind: workload
title: M/M
source: assumption
as_of: 2021
why: A queue with a known answer.
classes:
  work:
    title: A customer
    slots: {1: 100 %}
    run: {mean: 1 h, cv: 1}
    limit: 30 day
    requested: {longest: 100 %, too_short: 0 %}
tenants:
  customers:
    title: Customers
    members: 16
    jobs_per_member: 24 job/user/day
    works_on: {work: 100 %}
    unequal: 0
"""

SCENARIO = """
kind: scenario
title: M/M/c
question: How many servers are enough?
start: 2021-01-01
until: 2021-12-31
regime: steady
site: ./site.yaml
workload: ./work.yaml
policy: {order: fcfs, backfill: none}
simulate: {storage: false, failures: false, energy: false}
seed: 11
replications: 4
"""


def write_mmc(folder: Path, scenario: str = SCENARIO) -> Path:
    """Write the queue and return the path of the scenario."""
    write(folder, "node.yaml", NODE)
    write(folder, "site.yaml", SITE)
    write(folder, "work.yaml", WORKLOAD)
    return write(folder, "mmc.yaml", scenario)


def erlang_c_wait_s(servers: int, offered: float = OFFERED, service_s: float = SERVICE_S) -> float:
    """Return the mean wait in M/M/c [s]: Erlang's C over what the servers have to spare."""
    blocked = 1.0
    for n in range(1, servers + 1):  # Erlang's B by its recursion
        blocked = offered * blocked / (n + offered * blocked)
    use = offered / servers
    waits = blocked / (1 - use * (1 - blocked))
    return waits * service_s / (servers - offered)
