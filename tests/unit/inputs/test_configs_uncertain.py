"""The assumptions of Gwangju: which have a range, which have none and why; ranges change no number."""

import re
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

from capacity.inputs.reading.loader import load_scenario
from capacity.inputs.uncertainty.applied import in_world
from capacity.inputs.uncertainty.corners import check_corners
from capacity.report.terminal.uncertainty.assumptions import uncertainty_facts

PAGE = Path(__file__).parents[3] / "docs" / "uncertainty.md"
OF_PLAN = ("gwangju-plan", "gwangju-as-built", "gwangju-operations")
OTHERS = ("gwangju-a100", "gwangju-budget", "gwangju-cpu", "gwangju-h100", "gwangju-v100")


@pytest.fixture(scope="module", params=[*OF_PLAN, *OTHERS])
def loaded(request):
    return load_scenario(request.param)


def section(heading):
    return PAGE.read_text("utf-8").split(heading)[1].split("\n##")[0]


def test_the_stated_world_is_the_scenario_to_the_last_digit(loaded):
    stated = {one.name: one.likely for one in loaded.assumptions}
    assert len(stated) >= 25
    assert in_world(loaded, loaded.assumptions, stated, world="as stated").sha256 == loaded.sha256


def test_every_corner_is_a_scenario(loaded):
    check_corners(loaded)


def test_every_assumption_says_what_it_is_by_whose_word_and_why(loaded):
    assert [
        one.name for one in loaded.assumptions if not (one.title and one.source and one.why and one.origin)
    ] == []
    assert len({one.title for one in loaded.assumptions}) == len(loaded.assumptions)


def test_no_cause_is_followed_by_one_alone(loaded):
    assert not any("alone follows" in text for text in loaded.warnings)


def test_what_came_true_is_uncertain_no_more():
    plan, built = ({one.name for one in load_scenario(name).assumptions} for name in OF_PLAN[:2])
    assert plan - built == {"site.building-late", "workload.admission"}
    assert built < plan


def test_no_decision_is_drawn(loaded):
    drawn = {".".join(map(str, path)) for one in loaded.assumptions for path in one.paths}
    decided = ("*.nodes", "*.spares", "*.usable", "*.product", "*.node", "policy.*", "site.budget")
    assert [path for path in drawn if any(fnmatchcase(path, one) for one in decided)] == []


def test_the_table_of_the_page_is_what_the_files_say():
    rows = []
    for one in uncertainty_facts(load_scenario("gwangju-operations"))["uncertain"]:
        low, high = one["low"], one["high"]
        if one["choices"]:
            low, high = (f"{name}: {100 * share:.0f} %" for name, share in one["choices"].items())
        strength = "" if one["strength"] == 1 else f" {one['strength']:g}" if one["follows"] else ""
        follows = f"{one['follows'] or '–'}{strength}"
        rows.append(f"| `{one['name']}` | {low} | {one['stated']} | {high} | {follows} | {one['title']} |")
    assert [
        line for line in section("## The ranges of Gwangju").splitlines() if line.startswith("| `")
    ] == rows


def assumed_without_range(name):
    """Return the paths of what has `source: assumption` of its own, is not fixed, and has no range."""
    loaded = load_scenario(name)
    ranged = [path for one in loaded.assumptions for path in one.paths]

    def below(data, path):
        items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
        near = any(path[: len(one)] == one or one[: len(path)] == path for one in ranged)
        mine = isinstance(data, dict) and data.get("source") == "assumption" and not data.get("fixed")
        if mine and not near and "uncertain" not in path:
            yield ".".join(map(str, path))
        for key, item in items:
            yield from below(item, (*path, key))

    return {*below(loaded.data, ())}


def test_what_has_no_range_is_listed_with_the_reason():
    patterns = [
        pattern
        for line in section("### Not given a range").splitlines()
        if line.startswith("| ")
        for pattern in re.findall(r"`([^`]+)`", line.split("|")[2])
    ]
    assumed = set().union(*(assumed_without_range(name) for name in OF_PLAN))
    assert len(assumed) > 50
    assert {path for path in assumed if not any(fnmatchcase(path, one) for one in patterns)} == set()
    assert [one for one in patterns if not any(fnmatchcase(path, one) for path in assumed)] == []
