"""``--precision``: how many replications it took, and what is not known so well; and the store of runs."""

import json

import pytest

from capacity.cli.main import entry
from tests.support.small_site import write_small

SHORT = ("--until", "2021-01-24", "-j", "1", "--json")


@pytest.fixture
def call(capsys, tmp_path, monkeypatch):
    write_small(tmp_path)
    more = "kind: scenario\nextends: ./small.yaml\ntitle: More\nsite: {pools: {gpu: {nodes: 5}}}\n"
    (tmp_path / "more.yaml").write_text(more)
    monkeypatch.chdir(tmp_path)

    def run(*args):
        code = entry(list(args))
        captured = capsys.readouterr()
        assert "Traceback" not in captured.err
        return code, captured.out, captured.err

    return run


@pytest.fixture
def compare(call):
    return lambda *args: call("compare", "./small.yaml", "./more.yaml", *SHORT, *args)


@pytest.fixture
def simulate(call):
    return lambda *args: call("simulate", "./small.yaml", *SHORT, *args)


def replications(out):
    return [case["replications"] for case in json.loads(out)["scenarios"]]


def test_what_is_not_known_is_said(compare):
    code, out, err = compare("--precision", "0.001", "-r", "12")
    assert code == 0
    assert replications(out) == [12, 12]
    for name in ("small", "more"):
        assert f"warning: {name}: " in err
    assert "after 12 replications, not to ±0.1" in err


def test_more_precise_is_the_same_runs_and_more(compare):
    """The first replications are those of a comparison without a precision."""
    plain, asked = compare("-r", "12")[1], compare("--precision", "0.1 %", "-r", "12")[1]
    assert plain == asked


@pytest.mark.parametrize("text", ["0", "1", "100 %", "-5 %", "nan", "5 h", "", "much", "1e999"])
def test_what_is_no_fraction_is_refused(compare, text):
    code, out, err = compare("--precision", text)
    assert (code, out) == (3, "")
    assert "--precision" in err


def test_a_run_that_was_there_is_found(simulate, tmp_path, monkeypatch):
    """Also one that more replications are asked of; and with --fresh none."""
    monkeypatch.setenv("CAPACITY_STORE", str(tmp_path / "store"))

    def files():
        return {path.name: path.stat().st_ino for path in (tmp_path / "store").glob("??/*")}

    first = simulate("-r", "3")[1]
    three = files()
    assert len(three) == 3
    assert simulate("-r", "3")[1] == first
    assert files() == three
    simulate("-r", "4")
    four = files()
    assert len(four) == 4
    assert {name: four[name] for name in three} == three
    assert simulate("-r", "3", "--fresh")[1] == first
    assert [name for name in three if files()[name] == three[name]] == []
    monkeypatch.setenv("CAPACITY_STORE", "off")
    assert simulate("-r", "3")[1] == first
