"""The sums of a site: peaks, storage, power, price, steps of delivery, and what could be had by when."""

from datetime import date
from pathlib import Path

import pytest

from capacity.inputs.reading.loader import load_part
from capacity.inputs.site import Site
from tests.spec_files import write_site


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
    assert site.price_krw == pytest.approx((100 * 10_000 + 8000 * 50) * 1000)


def test_a_price_that_is_not_known_is_not_zero(tmp_path: Path) -> None:
    site = site_of(write_site(tmp_path), "pools.main.node.price=null")
    assert site.price_krw is None
    assert site.prices_krw()["main"] is None


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
    said = load_part(
        "site", write_site(tmp_path), overrides=[f"declared={{precision: fp64, peak: {declared}}}"]
    ).warnings
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


def test_a_capacity_given_raw_becomes_usable_through_the_chain(tmp_path: Path) -> None:
    site = site_of(
        write_site(tmp_path),
        "storage.disk.capacity={raw: 10 PB}",
        "storage.disk.product.redundancy.spare=10 %",
    )
    assert site.usable_bytes == pytest.approx(10e15 * 0.8 * 0.9)
    assert site.raw_bytes == 10e15
