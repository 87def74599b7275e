"""The fast reader of delimited text against a slow one that looks at one line at a time."""

import csv
import io
import re

from hypothesis import given, settings
from hypothesis import strategies as st

from workloads.errors import LogError
from workloads.readers.delimited.reader import Field, Layout, read_delimited

LAYOUT = Layout(
    (Field("id", "integer", least=0), Field("name", "text", blank=True), Field("group", "label", blank=True)),
    missing=("NULL",),
)
NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?")
CELL = st.one_of(
    st.integers(0, 99).map(str),
    st.sampled_from(
        ["", "NULL", "nan", "-1", "1.5", "1e3", " 7 ", "+4", "x", '"a,b"', '"a ""b"""', "#", "광주", "1e99"]
    ),
    st.text('ab,"\r\0# 7', max_size=4),
)
LINE = st.one_of(
    st.lists(CELL, min_size=3, max_size=3).map(",".join),
    st.lists(CELL, max_size=5).map(",".join),
    st.sampled_from(["", "   ", "# comment", "#,,", "\r"]),
)


def is_good(line: str) -> tuple[int, str, str] | None:
    """Return the row in a line, or None if it is malformed."""
    if "\0" in line or "\r" in line or line.count('"') % 2:
        return None
    cells = next(csv.reader([line]))
    text = cells[0].strip() if cells else ""
    if len(cells) != 3 or not NUMBER.fullmatch(text) or not 0 <= float(text) < 2**53:
        return None
    group = cells[2].strip()
    return int(float(text) + 0.5), cells[1], "" if group == "NULL" else group


def has_stray_quote(line: str) -> bool:
    """Whether a quote stands within a value, which readers take in different ways."""
    value = r'(?:"(?:[^"]|"")*"|[^",]*)'
    return '"' in line and not re.fullmatch(f"{value}(?:,{value})*", line)


@settings(max_examples=300, deadline=None)
@given(
    lines=st.lists(LINE.filter(lambda line: "\n" not in line), max_size=12),
    end=st.sampled_from(["\n", "\r\n"]),
    korean=st.sampled_from(["utf-8", "cp949"]),
)
def test_the_fast_reader_agrees_with_a_slow_one(lines: list[str], end: str, korean: str) -> None:
    lines = [line.rstrip("\r") for line in lines if not has_stray_quote(line.rstrip("\r"))]
    data = b"id,name,group" + end.encode() + b"".join(line.encode(korean) + end.encode() for line in lines)
    said = {number: line for number, line in enumerate(lines, 2) if line.strip() and not line.startswith("#")}
    rows = {number: row for number, line in said.items() if (row := is_good(line))}
    try:
        log = read_delimited(io.BytesIO(data), LAYOUT, lenient=True)
    except LogError:
        assert not rows
        return
    assert log.lines.tolist() == [*rows]
    assert log.numbers("id").tolist() == [row[0] for row in rows.values()]
    assert log.texts("name").to_pylist() == [row[1] for row in rows.values()]
    assert [*log.labels("group")] == [row[2] for row in rows.values()]
    assert sum(tally.count for tally in log.dropped) == len(said) - len(rows)


@settings(max_examples=200, deadline=None)
@given(lines=st.lists(st.text('a",7 ', max_size=8), max_size=12))
def test_no_quote_moves_the_number_of_a_line(lines: list[str]) -> None:
    whole = [f"{number},a,b" for number in range(2, 2 * len(lines) + 2, 2)]
    text = "".join(f"{good}\n{line}\n" for good, line in zip(whole, lines, strict=True))
    log = read_delimited(io.BytesIO(f"id,name,group\n{text}0,last,\n".encode()), LAYOUT, lenient=True)
    kept = dict(zip(log.lines.tolist(), log.numbers("id").tolist(), strict=True))
    assert all(kept[number] == number for number in range(2, 2 * len(lines) + 2, 2))
    assert kept[2 * len(lines) + 2] == 0
