"""A workload that says nothing of hardware, as one fitted to a log does, and a site with one pool for it."""

from pathlib import Path

from tests.spec_files import SITE, write, write_site

WORKLOAD = """\
kind: workload
title: As a log has it
source: assumption
as_of: 2021
why: For this test.
classes:
  work:
    title: Work
    slots: {1: 75 %, 8: 25 %}
    run: {median: 10 min, mean: 1 h}
    limit: 1 day
tenants:
  lab:
    title: A laboratory
    members: 20
    jobs_per_member: 2 job/user/day
    works_on: {work: 100 %}
"""

SCENARIO = """\
kind: scenario
title: A log's demand on one pool
question: Does it run?
start: 2021-02-01
until: 2021-03-14
site: ./site.yaml
workload: ./plain.yaml
seed: 3
"""


def changed(*pairs: tuple[str, str], text: str = WORKLOAD) -> str:
    """Return the workload with words replaced; each must be there."""
    for old, new in pairs:
        assert old in text, old
        text = text.replace(old, new)
    return text


MAIN = "  main: {node: ./node.yaml, nodes: 100}\n"


def write_plain(folder: Path, text: str = WORKLOAD, *, pools: str = MAIN, scenario: str = SCENARIO) -> Path:
    """Write workload, site and scenario, and return the path of the scenario."""
    write_site(folder, SITE.replace(MAIN, pools))
    write(folder, "plain.yaml", text)
    return write(folder, "asked.yaml", scenario)
