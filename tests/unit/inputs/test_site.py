"""The sums of a site: peaks, storage, power, price, steps of delivery, and what could be had by when."""

from datetime import date
from pathlib import Path

import pytest

from capacity.errors import InputError
from capacity.inputs.reading.loader import load_part
from capacity.inputs.site import Site
from tests.spec_files import SITE, write_site


def site_of(path: Path, *overrides: str) -> Site:
    record = load_part("site", path, overrides=overrides).record
    assert isinstance(record, Site)
    return record


def test_sums_of_a_site(tmp_path: Path) -> None:
    site = site_of(write_site(tmp_path))
    assert (site.nodes, site.slots) == (100, 100)
    assert site.peak_flops("fp64") == 200e12
    assert site.peak_flops("bf16") is None
    assert site.lacking("bf16") == ["main"]
    assert site.comparable_flops("bf16") == 200e12
    assert site.usable_bytes == 8e15
    assert site.raw_bytes == pytest.approx(10e15)
    assert site.it_power_max_w == pytest.approx(100 * 800 + 8000)
    assert site.power_max_w == pytest.approx(1.5 * 88_000)
    assert site.price == pytest.approx((100 * 10_000 + 8000 * 50) * 1000)


def test_a_price_that_is_not_known_is_not_zero(tmp_path: Path) -> None:
    site = site_of(write_site(tmp_path), "pools.main.node.price=null")
    assert site.price is None
    assert site.prices()["main"] is None


def test_steps_of_delivery(tmp_path: Path) -> None:
    site = site_of(write_site(tmp_path), "deliveries.first.storage.disk=50 %", "pools.main.nodes=90")
    first, rest = site.schedule(first_day=date(2020, 1, 1))
    assert (first.name, first.day, first.nodes, first.usable_bytes) == (
        "first", date(2021, 1, 1), {"main": 23}, {"disk": 4e15},
    )  # fmt: skip
    assert (rest.nodes, rest.usable_bytes) == ({"main": 90}, {"disk": 8e15})


def test_without_deliveries_everything_is_there_from_the_first_day(tmp_path: Path) -> None:
    site = site_of(write_site(tmp_path), "deliveries=null")
    (step,) = site.schedule(first_day=date(2020, 1, 1))
    assert (step.day, step.nodes) == (date(2020, 1, 1), {"main": 100})
    assert site.availability() == []


def test_what_could_be_had_in_time(tmp_path: Path) -> None:
    site = site_of(write_site(tmp_path), "pools.main.node.available_from=2021-06-01")
    found = [(a.place, a.delivery, a.ok) for a in site.availability()]
    assert found == [
        ("main", "first", False), ("disk", "first", True), ("main", "rest", True), ("disk", "rest", True),
    ]  # fmt: skip
    (warning,) = site.warnings()
    assert warning == (
        "site site: node (main) is to be in service on 2021-01-01 (first), "
        "but could not be had before 2021-06-01"
    )


def test_a_delivery_that_brings_nothing_needs_no_part(tmp_path: Path) -> None:
    site = site_of(
        write_site(tmp_path), "deliveries.first.pools.main=0 %", "pools.main.node.available_from=2021-06-01"
    )
    assert site.warnings() == ()


@pytest.mark.parametrize(
    ("declared", "gap"),
    [("200 TFLOPS", None), ("201.9 TFLOPS", None), ("198.1 TFLOPS", None), ("250 TFLOPS", "-20.0 %")],
)
def test_a_declared_total_that_the_parts_do_not_make(tmp_path: Path, declared: str, gap: str | None) -> None:
    stated = ["pools.main.node.achievable.fp64=80 %", f"declared={{precision: fp64, peak: {declared}}}"]
    said = load_part("site", write_site(tmp_path), overrides=stated).warnings
    if gap is None:
        assert said == ()
    else:
        assert said == (f"site site: all pools: declared {declared} fp64, the parts make 200 TFLOPS ({gap})",)


def test_declared_storage_is_compared_in_its_own_kind(tmp_path: Path) -> None:
    path = write_site(tmp_path)
    assert site_of(path, "declared={precision: fp64, storage: {raw: 10 PB}}").warnings() == ()
    (warning,) = site_of(path, "declared={precision: fp64, storage: {usable: 10 PB}}").warnings()
    assert "storage: declared 10 PB usable, the parts make 8 PB (-20.0 %)" in warning


def test_more_than_the_budget(tmp_path: Path) -> None:
    path = write_site(tmp_path)
    assert site_of(path, "budget=1.4e9 KRW").warnings() == ()
    assert "40 % more than the budget" in site_of(path, "budget=1e9 KRW").warnings()[0]


# --- Money in any currency ------------------------------------------------------------------------


PARTS = SITE[: SITE.index("pue:")]


def test_a_site_reports_in_the_currency_that_it_names(tmp_path: Path) -> None:
    krw = site_of(write_site(tmp_path))
    rates = "exchange_rates={USD: 0.8 EUR/USD, KRW: 1250 KRW/EUR}"
    eur = site_of(write_site(tmp_path), "currency=EUR", rates, "budget=1 MUSD")
    assert (krw.reporting_currency, eur.reporting_currency) == ("KRW", "EUR")
    assert eur.price == pytest.approx(0.8 * (100 * 10_000 + 8000 * 50))
    assert eur.prices()["main"] == pytest.approx(0.8 * 100 * 10_000)
    assert eur.amount(eur.electricity_price) == pytest.approx(100 / 1250), "a rate holds in both directions"
    assert "the parts cost 1.12 million EUR, 40 % more than the budget of 800,000 EUR" in eur.warnings()[0]


def test_without_a_word_it_reports_in_the_one_currency_of_its_prices(tmp_path: Path) -> None:
    site = site_of(write_site(tmp_path, PARTS))
    assert (site.reporting_currency, site.price) == ("USD", 100 * 10_000 + 8000 * 50)
    assert (site.power_max_w, site.electricity_price, site.warnings()) == (None, None, ())
    assert site.it_power_max_w > 0
    mixed = site_of(write_site(tmp_path, PARTS), "pools.main.node.price=7 MKRW")
    assert (mixed.reporting_currency, mixed.price, mixed.prices()) == (
        None,
        None,
        {"main": None, "disk": None},
    )
    free = ["pools.main.node.price=null", "storage.disk.product.price=null"]
    assert site_of(write_site(tmp_path, PARTS), *free).reporting_currency is None


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("currency: EUR\n",
         "site.exchange_rates: no exchange rate from USD to EUR for the price of main, disk\n"
         "    add 'USD: {value: … EUR/USD, source: …, as_of: …}'"),
        ("currency: USD\nbudget: 5 EUR\nexchange_rates: {KRW: 1180 KRW/USD}\n",
         "site.yaml:15:17: site.exchange_rates: no exchange rate from EUR to USD for the price of budget"),
        ("electricity_price: 9 KRW/kWh\n", "there are prices in KRW, USD: which of them does it report in?"),
        ("budget: 5 EUR\n", "there are prices in EUR, USD: which of them does it report in?"),
        ("currency: KRW\nexchange_rates: {EUR: 1180 KRW/USD}\n",
         "exchange_rates.EUR: a rate between KRW and USD under 'EUR'\n    write it under USD"),
        ("currency: KRW\nexchange_rates: {USD: 0 KRW/USD}\n", "must be more than 0"),
        ("currency: KRW\nexchange_rates: {USD: 1180 KRW}\n", "not an exchange rate"),
        ("currency: won\n", "unknown currency 'won'\n    write the code of ISO 4217"),
        ("currency: USD\nexchange_rates: {KWR: 1180 KRW/USD}\n", "unknown currency 'KWR'"),
    ],
)  # fmt: skip
def test_money_that_cannot_be_reported_is_an_error(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(InputError) as error:
        site_of(write_site(tmp_path, PARTS + text))
    assert says in str(error.value)


def test_a_capacity_given_raw_becomes_usable_through_the_chain(tmp_path: Path) -> None:
    site = site_of(
        write_site(tmp_path),
        "storage.disk.capacity={raw: 10 PB}",
        "storage.disk.product.redundancy.spare=10 %",
    )
    assert site.usable_bytes == pytest.approx(10e15 * 0.8 * 0.9)
    assert site.raw_bytes == 10e15
