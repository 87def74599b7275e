"""The house is the grid of docs/architecture.md: one name for one thing, one table of metrics."""

import ast
import re
from collections import defaultdict
from functools import cache
from pathlib import Path

import pytest

from capacity.measure.metrics import EVERY

ROOT = Path(__file__).resolve().parents[2]
CODE = sorted(path for room in ("capacity", "workloads") for path in (ROOT / room).rglob("*.py"))
MOST_FILES = 20
MOST_CLASS_LINES = 300
MOST_SHARED_NAMES = 8
A_SET_OF_METRICS = 3
"""So many names of metrics in one literal are a table of metrics."""


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def place(path: Path) -> str:
    return str(path.relative_to(ROOT))


def table(page: str, heading: str) -> list[list[str]]:
    """Cells of the first table after a heading, without its head."""
    after = (ROOT / page).read_text("utf-8").split(heading, 1)[1]
    rows = re.search(r"^\|.*\n\|[-| :]+\|\n((?:\|.*\n)+)", after, re.MULTILINE)
    assert rows, f"{page}: no table after {heading!r}"
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in rows[1].splitlines()]


def children(floor: Path) -> set[str]:
    """Names of the files and folders of a floor."""
    return {
        path.stem
        for path in floor.iterdir()
        if (path.suffix == ".py" and path.stem != "__init__") or (path.is_dir() and any(path.rglob("*.py")))
    }


def test_every_floor_and_subject_is_in_the_grid():
    rows = {
        row[0].strip("`"): set(re.findall(r"`([\w]+)`", row[1]))
        for row in table("docs/architecture.md", "## The grid")
    }
    floors = {
        path.name for path in (ROOT / "capacity").iterdir() if path.is_dir() and any(path.rglob("*.py"))
    }
    assert set(rows) == floors
    assert rows == {floor: children(ROOT / "capacity" / floor) for floor in floors}


def floors_of(subject: str) -> set[str]:
    """Floors on which a file or folder has exactly this name; of what people read, those of its two forms."""
    places = [*(ROOT / "capacity").glob("*/*"), *(ROOT / "capacity" / "report").glob("*/*")]
    found = (path for path in places if path.stem == subject and (path.suffix == ".py" or path.is_dir()))
    return {path.relative_to(ROOT / "capacity").parts[0] for path in found}


def test_a_subject_has_one_name_on_every_floor():
    drawn = {row[0]: set(row[1].split(", ")) for row in table("docs/architecture.md", "## Subjects")}
    assert len(drawn) >= 13
    assert drawn == {subject: floors_of(subject) for subject in drawn}


def test_no_folder_is_crowded():
    counts = defaultdict(int)
    for path in CODE:
        counts[place(path.parent)] += 1
    assert {folder: count for folder, count in counts.items() if count > MOST_FILES} == {}


def test_no_class_is_a_house_of_its_own():
    long = {
        f"{place(path)}: {node.name}": lines
        for path in CODE
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.ClassDef)
        and (lines := (node.end_lineno or 0) - node.lineno + 1) > MOST_CLASS_LINES
    }
    assert long == {}


def shared_class_names() -> dict[str, list[str]]:
    """Public names of classes that stand in several modules."""
    found = defaultdict(list)
    for path in CODE:
        for node in tree_of(path).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                found[node.name].append(place(path))
    return {name: paths for name, paths in found.items() if len(paths) > 1}


def test_a_class_name_means_one_thing_or_says_why_not():
    shared = shared_class_names()
    assert len(shared) <= MOST_SHARED_NAMES
    assert set(shared) == {
        row[0].strip("`") for row in table("CONTRIBUTING.md", "class names stand in two modules")
    }


def metric_names_in(node: ast.AST) -> set[str]:
    """Names of metrics that a literal holds itself, not in what is nested in it."""
    items = (
        node.keys
        if isinstance(node, ast.Dict)
        else node.elts
        if isinstance(node, (ast.Tuple, ast.List, ast.Set))
        else []
    )
    return {item.value for item in items if isinstance(item, ast.Constant) and item.value in EVERY}


@pytest.mark.parametrize("path", [path for path in CODE if path.is_relative_to(ROOT / "capacity")], ids=place)
def test_metrics_stand_in_one_table(path):
    if place(path) == "capacity/measure/metrics.py":
        return
    crowds = {
        node.lineno: sorted(names)
        for node in ast.walk(tree_of(path))
        if len(names := metric_names_in(node)) >= A_SET_OF_METRICS
    }
    assert crowds == {}, f"{place(path)}: ask capacity/measure/metrics.py"


@pytest.mark.parametrize("row", table("CONTRIBUTING.md", "## Where is"), ids=lambda row: row[0])
def test_what_a_newcomer_asks_for_is_where_the_table_says(row):
    _, path, name = (cell.strip("`") for cell in row)
    node: ast.AST = tree_of(ROOT / path)
    for part in name.split("."):
        body = node.body  # type: ignore[attr-defined]
        known = {n.name: n for n in body if isinstance(n, (ast.ClassDef, ast.FunctionDef))}
        known |= {
            t.id: n
            for n in body
            if isinstance(n, (ast.Assign,))
            for t in n.targets
            if isinstance(t, ast.Name)
        }
        known |= {
            n.target.id: n for n in body if isinstance(n, ast.AnnAssign) and isinstance(n.target, ast.Name)
        }
        assert part in known, f"{path} has no {part}"
        node = known[part]
