"""What docs/python.md and the notebook show does run, cell by cell, in a directory of its own."""

import ast
import json
import re
from pathlib import Path

import pandas as pd
import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "python.md"
NOTEBOOK = ROOT / "docs" / "notebook.ipynb"


def last_values(sources):
    """Run pieces of code one after the other, as a notebook does, and return what each ends in."""
    names: dict[str, object] = {}
    found = []
    for number, source in enumerate(sources):
        tree = ast.parse(source)
        last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, f"cell {number}", "exec"), names)
        value = (
            None
            if last is None
            else eval(compile(ast.Expression(last.value), f"cell {number}", "eval"), names)
        )
        found.append(value)
    return found


@pytest.fixture
def elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_page_does_what_it_shows(elsewhere):
    blocks = re.findall(r"^```python\n(.*?)^```$", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    jobs, report, each, _ = last_values(blocks)
    assert [*jobs.columns] == ["submit", "wait_s", "pool", "tenant"]
    assert (elsewhere / report).is_file()
    assert {"mean", "std"} == {*each.columns}
    series = pd.read_csv(elsewhere / "results" / "series.csv", parse_dates=["time"])
    assert {*series["labels"]} == {"gpu", "hpc"}
    assert str(series["time"].dt.tz) == "UTC"


def test_the_notebook_runs(elsewhere):
    document = json.loads(NOTEBOOK.read_text("utf-8"))
    assert (document["nbformat"], document["nbformat_minor"]) == (4, 5)
    code = ["".join(cell["source"]) for cell in document["cells"] if cell["cell_type"] == "code"]
    _, run, waits, jobs, queue, events, judged = last_values(code)
    assert len(run.result.runs) == 2
    assert "<table" in run._repr_html_()
    assert {*waits.columns} == {"gpu", "hpc"}
    assert [*waits.index] == ["2021-05", "2021-06", "2021-07", "2021-08"]
    assert len(jobs) == 5
    assert str(queue.index.tz) == "Asia/Seoul"
    assert "delivery" in events.index.get_level_values("kind")
    assert judged[0][0] == "p95_wait_s[pool=gpu] <= 4 h"


def test_the_notebook_is_kept_without_output():
    cells = json.loads(NOTEBOOK.read_text("utf-8"))["cells"]
    assert all(not cell["outputs"] for cell in cells if cell["cell_type"] == "code")
    assert len({cell["id"] for cell in cells}) == len(cells)
