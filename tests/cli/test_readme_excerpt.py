"""The README shows what `capacity simulate -r 10` prints today."""

import re
from pathlib import Path

import pytest

from capacity.cli.main import entry

README = Path(__file__).parents[2] / "README.md"
LEFT_OUT = slice(2, 10)
"""Columns of the pool that the README leaves out."""


def _cells(line):
    return re.split(r"\s{2,}", line.strip())


def _months(lines):
    """Return the cells of each month, and of the heading."""
    return {
        cells[0]: cells for line in lines if re.match(r"month |20\d\d-\d\d", line) for cells in [_cells(line)]
    }


@pytest.mark.slow
def test_the_excerpt_is_what_the_command_prints(capsys):
    text = README.read_text("utf-8")
    excerpt = re.search(r"<!-- excerpt: capacity simulate -->.*?```text\n(.*?)```", text, re.DOTALL)[1]
    shown = excerpt.splitlines()
    assert entry(["simulate", "-r", "10"]) == 0
    printed = capsys.readouterr().out.splitlines()
    of_month = _months(printed)
    assert len(_months(shown)) > 9
    for month, cells in _months(shown).items():
        del of_month[month][LEFT_OUT]
        assert cells == of_month[month]
    others = [line for line in shown if line and not re.match(r"month |20\d\d-\d\d", line)]
    assert len(others) > 12
    assert [line for line in others if line not in printed] == []
