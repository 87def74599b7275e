"""Tables of a spreadsheet where decimals have commas: read, and said; what is wrong is said in our words."""

# ruff: noqa: E501 - a case is a line

import io

import pytest

from workloads.errors import LogError
from workloads.logs import recognised
from workloads.readers.csv_table import read_csv

TABLE = """job_id;submit_s;run_s;slots;requested_s
1;0;3600,5;8;7200
2;60;1800,25;16;7200
3;120;90,0;4;600
"""


def read(text, **options):
    return read_csv(io.BytesIO(text.encode()), **options)


def test_semicolons_and_decimal_commas_are_read_and_said():
    assert recognised(io.BytesIO(TABLE.encode())) == "jobtable-csv"
    jobs = read(TABLE)
    assert jobs.numbers("run_s").tolist() == [3601, 1800, 90]
    assert jobs.numbers("slots").tolist() == [8, 16, 4]
    assert [str(tally) for tally in jobs.remarks] == [
        "3 × values are cut at semicolons or tabs, and decimals have commas",
        "2 × run_s rounded to whole numbers",
    ]


def test_tabs_and_points():
    jobs = read(TABLE.replace(";", "\t").replace(",", "."))
    assert jobs.numbers("run_s").tolist() == [3601, 1800, 90]
    assert jobs.remarks[0].reason == "values are cut at semicolons or tabs"


def test_a_mark_between_thousands_is_no_decimal():
    with pytest.raises(LogError, match=r"numbers with commas \(run_s\) and with points \(submit_s\)"):
        read(TABLE.replace("60;1800", "1.060;1800"))


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("job_id,submit_s,run_s,slots\n1,0,9,4\n2,0,36,5,4\n", ":3: not a CSV table: 5 values, where the header has 4"),
        ("job_id,submit_s,run_s,slots\n1,0,9,4,6\n2,0,3,5\n", ":2: not a CSV table: 5 values, where the header has 4"),
        ('job_id,submit_s,run_s,slots,user\n1,0,9,4,"a\n2,0,3,5,b\n', ":2: not a CSV table: a quote that does not end"),
        (TABLE.replace("16;", "16;;"), ":3: not a CSV table: 6 values, where the header has 5"),
    ],
)  # fmt: skip
def test_a_table_that_breaks_is_described_in_our_words(text, what):
    with pytest.raises(LogError) as caught:
        read(text)
    assert what in str(caught.value)
    assert "index_col" not in str(caught.value)
