"""``capacity compare``: the same demand on several sites, side by side."""

import csv
import io
import json
import re

import pytest

from capacity.cli.main import entry
from tests.support.small_site import write_small


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A scenario, the same with fewer nodes, and the same with V100."""
    folder = tmp_path_factory.mktemp("cases")
    write_small(folder)
    scarce = (
        "kind: scenario\nextends: ./small.yaml\ntitle: Scarce\nseed: 99\nsite: {pools: {gpu: {nodes: 3}}}\n"
    )
    (folder / "scarce.yaml").write_text(scarce)
    write_small(folder / "v100", renamed={"dgx-a100": "dgx-2"})
    (folder / "v100" / "site.yaml").rename(folder / "old-site.yaml")
    write_small(folder / "twin")
    return folder


@pytest.fixture
def compare(capsys, folder, monkeypatch):
    monkeypatch.chdir(folder)

    def call(*args):
        code = entry(["compare", *args])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return call


def submitted(case):
    return [
        f["value"]
        for f in case["findings"]
        if f["metric"] == "jobs_submitted" and f["labels"]["month"] == "all"
    ]


def test_scenarios_are_compared_in_json(compare):
    code, out, _ = compare("./small.yaml", "./scarce.yaml", "--json")
    assert code == 0
    document = json.loads(out)
    assert list(document) == ["schema_version", "seed", "scenarios"]
    assert document["seed"] == 7
    assert [case["scenario"] for case in document["scenarios"]] == ["small", "scarce"]
    assert list(document["scenarios"][0]) == ["scenario", "hash", "replications", "findings"]
    first, second = document["scenarios"]
    assert submitted(first) == submitted(second)
    assert first["hash"] != second["hash"]


def test_sites_are_compared_on_one_demand(compare):
    code, out, _ = compare("./small.yaml", "--site", "./site.yaml", "--site", "./old-site.yaml", "--json")
    assert code == 0
    cases = json.loads(out)["scenarios"]
    assert [case["scenario"] for case in cases] == ["site", "old-site"]
    assert submitted(cases[0]) == submitted(cases[1])


def test_all_cases_see_the_seed_of_the_first_or_the_one_given(compare):
    for seed, args in ((7, []), (11, ["--seed", "11"])):
        document = json.loads(compare("./small.yaml", "./scarce.yaml", "--json", *args)[1])
        assert document["seed"] == seed
        assert submitted(document["scenarios"][0]) == submitted(document["scenarios"][1])


def test_the_table_has_a_column_for_each(compare):
    code, out, _ = compare("./small.yaml", "./scarce.yaml")
    assert code == 0
    assert "\x1b" not in out
    assert not re.search("[\u2500-\u257f]", out)
    assert out.splitlines()[0].split() == ["small", "scarce"]
    assert "small: run times as on the reference." in out
    assert "What became of the slot-hours delivered\n" in out
    assert compare("./small.yaml", "./scarce.yaml", "-n")[1].splitlines()[0] == "Site and parts"


def test_csv_carries_numbers(compare):
    code, out, _ = compare("./small.yaml", "./scarce.yaml", "--format", "csv")
    assert code == 0
    rows = list(csv.DictReader(io.StringIO(out)))
    assert set(rows[0]) == {
        *("section", "metric", "labels", "unit"),
        *("small", "small_low", "small_high", "scarce", "scarce_low", "scarce_high"),
    }
    slots = next(
        row for row in rows if (row["metric"], row["labels"]) == ("capacity_slots", "pool=gpu month=all")
    )
    assert (float(slots["small"]), float(slots["scarce"])) == (24, 16)
    for row in rows:
        assert all(value == "" or float(value) is not None for value in (row["small"], row["scarce"]))


def test_two_files_of_one_name_are_told_apart(compare):
    code, out, _ = compare("./small.yaml", "./twin/small.yaml", "--json")
    assert code == 0
    assert [case["scenario"] for case in json.loads(out)["scenarios"]] == [
        "./small.yaml",
        "./twin/small.yaml",
    ]
    header = compare("./small.yaml", "./twin/small.yaml")[1].splitlines()[0]
    assert header.split() == ["./small.yaml", "./twin/small.yaml"]


@pytest.mark.parametrize(
    ("args", "code", "says"),
    [
        ([], 2, "SCENARIOS"),
        (["./small.yaml"], 2, "nothing to compare"),
        (["./small.yaml", "--site", "./site.yaml"], 2, "nothing to compare"),
        (["./small.yaml", "./small.yaml"], 2, "twice"),
        (["./small.yaml", "./scarce.yaml", "--site", "./site.yaml"], 2, "one scenario"),
        (["./small.yaml", "nowhere"], 3, "nowhere"),
        (["./small.yaml", "./scarce.yaml", "--until", "2020-01-01"], 3, "before the start"),
        (["./small.yaml", "--site", "./site.yaml", "--site", "gwangju-cpv"], 3, "gwangju-cpu"),
        (["./small.yaml", "./scarce.yaml", "-o", "x"], 2, "-o"),
    ],
)
def test_bad_input_is_refused_before_anything_runs(compare, args, code, says):
    got, out, err = compare(*args)
    assert (got, out) == (code, "")
    assert says in err
    assert "Traceback" not in err
