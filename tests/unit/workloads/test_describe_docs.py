"""The page about descriptions names every number there is, with its unit, and no other."""

import re
from pathlib import Path

import pytest

from workloads.describe.distances import DISTANCES, DISTRIBUTIONS, PROFILES
from workloads.describe.measures import METRICS, SECTIONS

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "describe.md").read_text("utf-8")


def rows(heading):
    after = PAGE.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    return [
        [cell.strip() for cell in line.strip("|").split(" | ")]
        for line in re.findall(r"^\| `.*$", after, re.M)
    ]


WORDS = {"zone": "text", "resource": "text"}


@pytest.mark.parametrize("section", SECTIONS)
def test_every_number_of_a_section_is_defined_in_its_words(section):
    title = SECTIONS[section]
    found = {
        name.strip("`"): (unit, label.partition(":")[0], text)
        for name, unit, label, text in rows(title.capitalize())
    }
    wanted = {
        name: (metric.unit or WORDS.get(name, "date"), metric.label, metric.definition)
        for name, metric in METRICS.items()
        if metric.section == section
    }
    assert found == wanted


def test_every_distance_is_defined():
    found = {name.strip("`"): text for name, text in rows("Side by side")}
    assert found == {**DISTANCES, **DISTRIBUTIONS, **PROFILES}
