"""Delimited text logs: what is read, what is an error with its line, what is counted."""

import gzip
import io
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from workloads.errors import LogError
from workloads.readers.delimited import reader as delimited
from workloads.readers.delimited.reader import MISSING_TIME, Delimited, Field, Layout, read_delimited
from workloads.readers.instants import local_to_utc

JOB = Field("job", "integer", least=0)
USER = Field("user", "label", blank=True)
RUN = Field("run", "number", least=0, blank=True)
AT = Field("at", "time", blank=True)
LAYOUT = Layout((JOB, USER, RUN, AT), missing=("NULL", "None"))
HEAD = b"job,user,run,at\n"


def read(data: bytes, layout: object = LAYOUT, *, lenient: bool = False) -> Delimited:
    return read_delimited(io.BytesIO(data), layout, lenient=lenient)  # type: ignore[arg-type]


def problems(data: bytes, layout: object = LAYOUT) -> list[tuple[int | None, str]]:
    with pytest.raises(LogError) as caught:
        read(data, layout)
    return [(problem.line, problem.what) for problem in caught.value.problems]


def test_columns_come_in_any_order_and_further_ones_are_remarked() -> None:
    log = read(b"at,extra,RUN,user,job\n2021-05-01 00:00:00,x,1.5,lee,7\n,y,,NULL,8\n")
    assert log.numbers("job").tolist() == [7, 8]
    assert [*log.labels("user")] == ["lee", ""]
    assert log.numbers("run")[0] == 1.5
    assert np.isnan(log.numbers("run")[1])
    assert log.numbers("at").tolist() == [1619827200, MISSING_TIME]
    assert [str(remark) for remark in log.remarks] == ["1 × column that no job table has is left out (extra)"]


def test_optional_columns_may_be_absent_and_required_ones_not() -> None:
    layout = Layout((JOB, Field("pool", required=False)))
    assert "pool" not in read(b"job\n1\n", layout)
    assert problems(b"a,b\n1,2\n", layout) == [(1, "column job is missing")]


def test_another_spelling_is_taken_when_the_first_is_absent() -> None:
    layout = Layout((Field("job", "integer", also=("id",)),))
    assert read(b"id\n1\n", layout).numbers("job").tolist() == [1]
    assert read(b"id,job\n1,2\n", layout).numbers("job").tolist() == [2]


def test_a_column_there_twice_is_an_error() -> None:
    assert problems(b"job,user,run,at,job\n1,a,1,,1\n") == [(1, "column job is there 2 times")]


@pytest.mark.parametrize("block_bytes", [7, 40, 1 << 20])
def test_lines_are_numbered_through_comments_blanks_and_blocks(
    monkeypatch: pytest.MonkeyPatch, block_bytes: int
) -> None:
    monkeypatch.setattr(delimited, "BLOCK_BYTES", block_bytes)
    rows = [b"# one, two, three, four", b"", b"job,user,run,at"]
    expected = []
    for number in range(4, 60):
        if number % 7 == 0:
            rows.append(b"")
        elif number % 11 == 0:
            rows.append(b"# a,b,c,d")
        elif number % 13 == 0:
            rows.append(b"too,few")
        else:
            rows.append(b"%d,u%d,1," % (number, number % 3))
            expected.append(number)
    log = read(b"\n".join(rows) + b"\n", lenient=True)
    assert log.lines.tolist() == log.numbers("job").tolist() == expected
    assert log.dropped[0].count == len([n for n in range(4, 60) if n % 13 == 0 and n % 7 and n % 11])
    assert log.dropped[0].examples[0] == "line 13: 2 columns, not 4"


@pytest.mark.parametrize(
    ("row", "what"),
    [
        (b"x,a,1,", "column job is 'x', not a number"),
        (b"-1,a,1,", "column job is '-1', below 0"),
        (b",a,1,", "column job is empty"),
        (b"None,a,1,", "column job is 'None', missing"),
        (b"1,a,nan,", "column run is 'nan', not a finite number"),
        (b"1,a,-inf,", "column run is '-inf', not a finite number"),
        (b"1,a,1e400,", "column run is '1e400', not a finite number"),
        (b"1e17,a,1,", "column job is '1e17', too large"),
        (b"1,a,-0.5,", "column run is '-0.5', below 0"),
        (b"1,a,1,yesterday", "column at is 'yesterday', not a time"),
        (b"1,a,1,now", "column at is 'now', not a time"),
        (b"1,a,1,2021-02-30T00:00:00", "column at is '2021-02-30T00:00:00', not a time"),
        (b"1,a,1,1960-01-01", "column at is '1960-01-01', not between 1970 and 2200"),
        (b"1,a,1,,,", "6 columns, not 4"),
        (b"1,a", "2 columns, not 4"),
        (b'1,"a,1,', "a quote that does not end in its line"),
        (b'1,a"b,"1,', "a quote within a value"),
        (b"1,a\0,1,", "a zero byte: this is not text"),
        (b"1,a\rb,1,", "a carriage return within the line"),
    ],
)
@pytest.mark.parametrize("also", [b"", b"oops,b,1,\n"])
def test_a_malformed_row_is_named_or_counted(row: bytes, what: str, also: bytes) -> None:
    data = HEAD + b"1,a,1,\n" + also + row + b"\n2,b,2,\n"
    line = 3 + bool(also)
    assert (line, what) in problems(data)
    log = read(data, lenient=True)
    assert log.numbers("job").tolist() == [1, 2]
    assert log.lines.tolist() == [2, line + 1]
    assert [tally.count for tally in log.dropped] == [1 + bool(also)]
    assert f"line {line}: {what}" in log.dropped[0].examples


def test_no_more_than_twenty_problems_are_named() -> None:
    with pytest.raises(LogError, match="and 30 more") as caught:
        read(HEAD + b"x,a,1,\n" * 50)
    assert len(caught.value.problems) == 20


def test_a_log_of_malformed_rows_only_is_an_error_even_leniently() -> None:
    with pytest.raises(LogError, match="not a number"):
        read(HEAD + b"x,a,1,\n" * 3, lenient=True)


@pytest.mark.parametrize("data", [b"", b"\n\n", b"# nothing\n", HEAD, HEAD + b"\n"])
def test_an_empty_log_is_an_error(data: bytes) -> None:
    with pytest.raises(LogError, match="no job in this log"):
        read(data)


def test_one_row_without_a_line_end() -> None:
    assert read(HEAD + b"1,a,1,").lines.tolist() == [2]


def test_line_ends_and_byte_order_mark_do_not_matter() -> None:
    plain = HEAD + b"1,a,1,\n2,b,2,2021-05-01\n"
    for data in (plain.replace(b"\n", b"\r\n"), b"\xef\xbb\xbf" + plain, gzip.compress(plain)):
        log = read(data)
        assert log.numbers("job").tolist() == [1, 2]
        assert [*log.labels("user")] == ["a", "b"]
        assert log.lines.tolist() == [2, 3]


def test_korean_names_in_both_encodings_within_one_file() -> None:
    names = ["김철수", "이영희", "박민수"]
    rows = [f"1,{names[0]},1,\n".encode(), f"2,{names[1]},1,\n".encode("cp949"), b"3,\xff\xff,1,\n"]
    log = read(HEAD + b"".join(rows) + f"4,{names[2]},1,\n".encode())
    assert [*log.labels("user")] == [*names[:2], "ÿÿ", names[2]]
    assert [str(remark) for remark in log.remarks] == ["2 × not UTF-8: read as CP949 (line 3, line 4)"]


def test_a_quoted_value_may_hold_the_delimiter() -> None:
    assert [*read(HEAD + b'1,"lee, kim",1,\n2,"a ""b""",1,\n').labels("user")] == ["lee, kim", 'a "b"']


def test_a_truncated_gzip_file_is_an_error() -> None:
    whole = gzip.compress(HEAD + b"1,a,1,\n" * 1000)
    with pytest.raises(LogError, match="cut short"):
        read(whole[:-12], lenient=True)


def test_the_last_column_may_hold_the_delimiter() -> None:
    layout = Layout(
        (Field("job", "integer"), Field("name", "text", blank=True)),
        delimiter="|",
        header=False,
        quoted=False,
        open_end=True,
    )
    log = read(b'1|a\n2|b|c|"d\nx|\n4|\n', layout, lenient=True)
    assert log.texts("name").to_pylist() == ["a", 'b c "d', ""]
    assert log.lines.tolist() == [1, 2, 4]


def test_the_layout_may_depend_on_the_first_line() -> None:
    def layout(first: str) -> Layout:
        return Layout((Field("job", "integer"),), header=False, names=("job", *("x",) * first.count(",")))

    assert read(b"1,2,3\n4,5,6\n", layout).numbers("job").tolist() == [1, 4]


def test_fractions_in_whole_numbers_are_rounded_and_remarked() -> None:
    log = read(HEAD + b"1.5,a,1,\n2,a,1,\n")
    assert log.numbers("job").tolist() == [2, 2]
    assert [str(remark) for remark in log.remarks] == ["1 × job rounded to whole numbers"]


@pytest.mark.parametrize(
    ("text", "seconds", "naive"),
    [
        (b"2021-05-01T12:00:00", 1619870400, True),
        (b"2021-05-01 12:00:00", 1619870400, True),
        (b"2021-05-01 12:00:00.999", 1619870400, True),
        (b"2021-05-01 12:00:00.123456789", 1619870400, True),
        (b"2021-05-01T12:00:00Z", 1619870400, False),
        (b"2021-05-01 12:00:00 UTC", 1619870400, False),
        (b"2021-05-01T21:00:00+09:00", 1619870400, False),
        (b"2021-05-01 21:00:00+0900", 1619870400, False),
        (b"1619870400", 1619870400, False),
        (b"1619870400.7", 1619870400, False),
        (b"1619870400123", 1619870400, False),
    ],
)
def test_times(text: bytes, seconds: int, naive: bool) -> None:
    for other in (b"", b"1,a,1,1619870400\n"):  # with a bare number the fast way is left
        log = read(HEAD + b"1,a,1," + text + b"\n2,a,1,None\n" + other)
        assert log.numbers("at")[:2].tolist() == [seconds, MISSING_TIME]
        assert ("at" in log.without_zone) == naive


def test_wall_clock_times_become_instants() -> None:
    zone = ZoneInfo("America/Los_Angeles")
    wall = np.array(
        ["2017-10-09T07:00:00", "2017-11-05T01:30:00", "2017-03-12T02:30:00"], "datetime64[s]"
    ).astype(np.int64)
    instants, unclear = local_to_utc(wall, zone)
    assert instants.astype("datetime64[s]").astype(str).tolist() == [
        "2017-10-09T14:00:00",
        "2017-11-05T08:30:00",
        "2017-03-12T10:00:00",
    ]
    assert unclear == 2


def test_a_line_of_ten_megabytes_is_read_or_refused_like_any_other() -> None:
    long = b"x" * 10_000_000
    assert read(HEAD + b"1," + long + b",1,\n2,b,1,\n").labels("user")[1] == "b"
    assert problems(HEAD + long + b"\n") == [(2, "1 columns, not 4")]


def test_a_delimiter_may_be_of_any_length_where_nothing_is_quoted() -> None:
    layout = Layout((JOB, USER), delimiter="::", quoted=False)
    log = read(b"job::user\n1::a\x1fb\n2::c:d\n", layout)
    assert [*log.labels("user")] == ["a b", "c:d"]
    assert problems(b"job::user\n1::a::b\n", layout) == [
        (2, "3 columns, not 2: a value holds the '::' between values")
    ]


def test_a_word_must_fit_its_pattern_and_a_whole_number_be_whole() -> None:
    layout = Layout(
        (Field("span", pattern=r"^\d+:\d+$", sort="a span", blank=True), Field("n", "integer", whole=True)),
        missing=("None",),
    )
    assert problems(b"span,n\n1:2,1.0\nNone,2\n2h,3\n 1:2 ,4.5\n", layout) == [
        (4, "column span is '2h', not a span"),
        (5, "column n is '4.5', not a whole number"),
    ]


@pytest.mark.parametrize("block_bytes", [7, 1 << 20])
def test_the_header_line_again_is_no_row(monkeypatch: pytest.MonkeyPatch, block_bytes: int) -> None:
    monkeypatch.setattr(delimited, "BLOCK_BYTES", block_bytes)
    log = read(HEAD + b"1,a,1,\n" + HEAD.replace(b"\n", b"\r\n") + b"2,a,1,\n" + HEAD)
    assert log.lines.tolist() == [2, 4]
    assert [(tally.reason, tally.count) for tally in log.remarks] == [("the header line again: no job", 2)]


def test_what_stands_above_the_header_line_is_remarked_and_a_first_row_is_not_skipped() -> None:
    def layout(first: str) -> Layout:
        if first == "job,user":
            return Layout((JOB, USER))
        raise LogError.whole_file("", "no header")

    log = read(b"module loaded\n\njob,user\n1,a\n", layout)
    assert log.lines.tolist() == [4]
    assert str(log.remarks[0]) == "2 × stands above the header line: no job (line 1, line 2)"
    assert problems(b"x\n" * 30 + b"job,user\n1,a\n", layout) == [(1, "no header")]


def test_words_of_a_row_that_is_left_out_are_none_of_the_log() -> None:
    log = read(HEAD + b"1,lee,1,\nx,kim,1,\n2,lee,1,\n", lenient=True)
    assert [*log.labels("user").categories] == ["lee"]
