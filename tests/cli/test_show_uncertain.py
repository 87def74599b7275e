"""``capacity show`` and ``validate`` on what is uncertain."""

import json

import pytest

from capacity.cli.main import entry
from tests.spec_files import SITE, write_site
from tests.support.plain_demand import changed, write_plain

DOUBT = "uncertain:\n  doubt: {title: How many jobs, of: [tenants.*.jobs_per_member], factor: [%s]}\n"


def shown(capsys, *arguments):
    code = entry(["show", *map(str, arguments)])
    return code, *capsys.readouterr()


def test_what_is_uncertain_is_listed_as_people_wrote_it(tmp_path, capsys):
    text = changed(("limit: 1 day", "limit: {value: 1 day, range: [12 h, 2 day], follows: people}"))
    path = write_plain(
        tmp_path, text + (DOUBT % "0.5, 2").replace("factor", "follows: people, strength: 0.5, factor")
    )
    code, out, _ = shown(capsys, path)
    assert code == 0
    rows = [
        line
        for line in out.splitlines()
        if "doubt)" in line or line.startswith("workload.classes.work.limit ")
    ]
    assert "× 0.5" in rows[1] and "× 2" in rows[1] and "plain.yaml:20" in rows[1]
    assert "0.5 day" in rows[0] and "1 day" in rows[0] and "2 day" in rows[0]
    assert "people is shared by workload.classes.work.limit and workload.doubt (0.5)." in out
    assert "of the slots in service comes in" in out


def test_json_has_names_ends_causes_and_the_work_that_comes_in(tmp_path, capsys):
    path = write_plain(tmp_path, changed() + DOUBT % "0.5, 2")
    _, out, err = shown(capsys, path, "--json")
    found = json.loads(out)
    (one,) = found["uncertain"]
    assert (one["name"], one["title"], one["low"], one["high"]) == (
        "workload.doubt",
        "How many jobs",
        "× 0.5",
        "× 2",
    )
    assert (one["source"], one["where"].endswith("plain.yaml:20:32")) == ("assumption", True)
    load = found["offered_load"]
    assert load["low_frac"] == pytest.approx(0.5 * load["stated_frac"], rel=0.03)
    assert load["high_frac"] == pytest.approx(2 * load["stated_frac"], rel=0.03)
    assert not load["is_wide"] and "multiply" not in err


def test_doubts_that_multiply_are_a_warning(tmp_path, capsys):
    path = write_plain(tmp_path, changed() + DOUBT % "0.4, 2.5")
    _, _, err = shown(capsys, path)
    assert "warning: the ends of the work that comes in lie 6.2 times apart" in err


def test_nothing_is_said_where_nothing_is_uncertain(tmp_path, capsys):
    _, out, _ = shown(capsys, write_plain(tmp_path))
    assert "uncertain" not in out
    _, out, _ = shown(capsys, tmp_path / "asked.yaml", "--json")
    assert (json.loads(out)["uncertain"], json.loads(out)["offered_load"]) == ([], None)


@pytest.mark.parametrize("command", ["show", "validate"])
def test_a_corner_that_is_no_site_is_an_error_at_its_line(tmp_path, capsys, command):
    entry_of = "uncertain:\n  cooling: {of: [pue], factor: [0.6, 1.6], source: assumption, why: So.}\n"
    assert entry([command, str(write_site(tmp_path, SITE + entry_of))]) == 3
    err = capsys.readouterr().err
    assert "site.yaml:18:18: at the low end (0.5 %), with cooling = × " in err
    assert "too small" in err
