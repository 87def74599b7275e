"""The README shows what `capacity simulate` prints today."""

import re
from pathlib import Path

from capacity.cli.main import entry

README = Path(__file__).parents[2] / "README.md"
LEFT_OUT = "hpc "
"""Columns of the pool that the README leaves out begin with this."""


def _cells(line):
    return re.split(r"\s{2,}", line.strip())


def _table(lines):
    """Return the cells of each month by the names of the columns."""
    head = next(_cells(line) for line in lines if line.startswith("month "))
    rows = (_cells(line) for line in lines if re.match(r"20\d\d-\d\d", line))
    return {cells[0]: dict(zip(head, cells, strict=True)) for cells in rows}


def test_the_excerpt_is_what_the_command_prints(capsys):
    text = README.read_text("utf-8")
    shown = re.search(r"<!-- excerpt: capacity simulate -->.*?```text\n(.*?)```", text, re.DOTALL)[
        1
    ].splitlines()
    assert entry(["simulate"]) == 0
    printed = capsys.readouterr().out.splitlines()
    of_month = _table(printed)
    assert len(_table(shown)) > 5
    for month, cells in _table(shown).items():
        kept = {name: cell for name, cell in of_month[month].items() if not name.startswith(LEFT_OUT)}
        assert cells == kept
    sentences = [line for line in shown if line and not re.match(r"month |20\d\d-\d\d", line)]
    assert len(sentences) > 5
    assert [line for line in sentences if line not in printed] == []
