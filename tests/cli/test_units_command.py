"""``capacity units`` as a user types it."""

import json

import pytest

from capacity.cli.main import entry


def run(capsys, *args):
    code = entry(["units", *args])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_the_examples_of_the_issue(capsys):
    code, out, err = run(capsys, "88.5 PFLOPS * 30 day", "--to", "PF-day")
    assert (code, out) == (0, "2655  PF-day\n")
    assert "precision not said" in err
    code, out, _ = run(capsys, "107PB")
    assert code == 0
    assert "95.0350909079  PiB" in out
    assert "10경7000조" in out


def test_quotes_may_be_left_out(capsys):
    assert run(capsys, "88.5", "PFLOPS_fp64")[0] == 0


def test_json(capsys):
    _, out, err = run(capsys, "200 Gb/s", "--to", "GB/s", "--json")
    assert json.loads(out) == {
        "schema_version": 1,
        "expression": "200 Gb/s",
        "remark": "",
        "equivalents": [{"value": 25.0, "unit": "GB/s", "note": ""}],
    }
    assert err == ""


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["88.5 PFLOPS", "--to", "PFLOPS_fp64"], "without their precision"),
        (["88.5 PF", "--to", "PB"], "not sizes of storage"),
        (["1 B + 1"], "bare number"),
        (["24 kg"], "unknown unit 'kg'"),
        ([""], "empty"),
    ],
)
def test_what_makes_no_sense_is_three_with_the_reason(capsys, args, says):
    code, out, err = run(capsys, *args)
    assert (code, out) == (3, "")
    assert says in err
