"""The price of parts that come late counts in full only where that is said, or for their time in service."""

from datetime import date

import pytest

from capacity.cli.main import entry
from capacity.inputs.reading.loader import load_part, load_scenario
from capacity.study.compare.pareto import cost, in_service_frac
from capacity.study.run import run
from tests.spec_files import write_site
from tests.support.small_site import write_small


def site_of(folder, *sets):
    return load_part("site", write_site(folder), overrides=sets).record


def test_the_price_of_a_delivery_counts_from_its_day(tmp_path):
    """A quarter is there from 2021-01-01, the rest from 2022-01-01."""
    site = site_of(tmp_path)
    served = site.served_price(date(2021, 1, 1), date(2022, 12, 31))
    assert served == pytest.approx(site.price * (0.25 * 730 + 0.75 * 365) / 730)
    assert site.served_price(date(2022, 1, 1), date(2022, 12, 31)) == pytest.approx(site.price)
    assert site.served_price(date(2020, 1, 1), date(2020, 12, 31)) == 0.0


def test_of_a_service_life_counts_what_lies_within_the_horizon(tmp_path):
    site = site_of(tmp_path, "deliveries={all: {date: 2022-10-02, share: 100 %}}")
    quarter = site.served_price(date(2020, 7, 1), date(2022, 12, 31), life_days=5 * 365)
    assert quarter == pytest.approx(site.price * 91 / (5 * 365))
    over = site.served_price(date(2020, 7, 1), date(2040, 12, 31), life_days=5 * 365)
    assert over == pytest.approx(site.price)
    old = site.served_price(date(2027, 1, 1), date(2027, 12, 31), life_days=5 * 365)
    assert old == pytest.approx(site.price * (5 * 365 - 1552) / (5 * 365))


def test_the_cost_that_is_weighed_follows(tmp_path):
    sets = ["until=2021-01-31", "simulate.storage=false"]
    plain = run(load_scenario(write_small(tmp_path), overrides=sets))
    off = run(load_scenario(tmp_path / "small.yaml", overrides=[*sets, "site.service_life=5 year"]))
    price = plain.loaded.scenario.site.price
    assert cost(plain, plain.runs[0]) > price
    assert cost(off, off.runs[0]) < 0.05 * price
    # half of the site through the 12 days of January that are simulated
    assert in_service_frac(plain) == pytest.approx(0.5, abs=0.01)


def test_compare_says_that_a_price_counts_in_full(tmp_path, capsys):
    path, sets = write_small(tmp_path), ["--set", "until=2021-01-31", "-r", "2"]
    ask = ["compare", str(path), "--policy", "fcfs", "--policy", "easy", *sets]
    assert entry(ask) == 0
    assert (
        "the price of all its parts counts in full, and they are in service for 50 %"
        in capsys.readouterr().out
    )
    assert entry([*ask, "--set", "site.service_life=5 year"]) == 0
    out = capsys.readouterr().out
    assert "counts what lies within the horizon of their service life" in out
    assert "counts in full" not in out
