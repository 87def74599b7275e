"""A site of pools and nodes alone, without price, exchange rate and PUE: waits are answered all the same."""

import json

import pytest

from capacity.cli.main import entry
from tests.spec_files import write
from tests.support.small_site import SITE, write_small

ALONE = SITE[: SITE.index("pue:")]
MONEY = {"site_energy_j", "mean_power_w", "electricity_cost"}


@pytest.fixture
def capacity(capsys):
    """Run a command line and return code, stdout and stderr."""

    def call(*args):
        code = entry(list(args))
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return call


@pytest.fixture
def alone(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = write_small(tmp_path)
    write(tmp_path, "site.yaml", ALONE)
    return path.name


def test_it_is_valid_and_simulated(capacity, alone):
    assert capacity("validate", alone)[0] == 0
    code, out, _ = capacity("simulate", alone, "--json")
    found = {one["metric"] for one in json.loads(out)["findings"]}
    assert code == 0
    assert not MONEY & found
    assert {"p95_wait_s", "it_energy_j"} <= found
    assert "no PUE is given" in capacity("simulate", alone)[1]


def test_what_is_given_of_it_is_measured(capacity, alone):
    code, out, _ = capacity("simulate", alone, "--json", "--set", "site.pue=1.5")
    found = {one["metric"] for one in json.loads(out)["findings"]}
    assert code == 0
    assert found & MONEY == {"site_energy_j", "mean_power_w"}
    assert "no electricity price is given" in capacity("simulate", alone, "--set", "site.pue=1.5")[1]


def test_the_unit_of_money_is_the_currency_of_the_site(capacity, alone):
    paid = ("--set", "site.pue=1.5", "--set", "site.electricity_price=0.1 USD/kWh")
    code, out, _ = capacity("simulate", alone, "--json", *paid)
    units = {one["unit"] for one in json.loads(out)["findings"] if one["metric"] == "electricity_cost"}
    assert (code, units) == (0, {"USD"})
    said = capacity("simulate", alone, "--require", "electricity_cost <= 5 KRW", *paid)
    assert said[0] == 3
    assert "a limit in KRW, and the site reports in USD" in said[2]


def test_it_is_shown(capacity, alone):
    code, out, _ = capacity("show", "site.yaml", "--json")
    facts = json.loads(out)["site"]
    assert code == 0
    assert (facts["power_max_w"], facts["budget"], facts["currency"]) == (None, None, "USD")
    assert facts["price"] > 0
    assert "no PUE is given" in capacity("show", "site.yaml")[1]


def test_it_is_compared(capacity, alone):
    code, out, _ = capacity("compare", alone, "--policy", "fcfs", "--policy", "sjf", "-r", "2")
    assert code == 0
    assert "no electricity price is given" in out
    assert "energy of the site" not in out


NODE = """
kind: node
title: A server
source: a page
as_of: 2021
available_from: 2020-01-01
"""
INSIDE = "accelerator: a100-sxm4-40\naccelerators: 8\ncpu_cores: 128\nmemory: 1 TB\n"


def test_nodes_need_no_price_and_no_power(capacity, alone, tmp_path):
    write(tmp_path, "node.yaml", NODE + INSIDE)
    plain = ("--set", "site.pools.hpc.node=./node.yaml", "--set", "site.pue=1.5")
    code, out, _ = capacity("simulate", alone, "--json", *plain)
    found = [(one["metric"], one["labels"].get("pool")) for one in json.loads(out)["findings"]]
    assert code == 0
    assert ("it_energy_j", "gpu") in found
    assert ("it_energy_j", "hpc") not in found
    assert not MONEY & {metric for metric, _ in found}
    assert "no power is given of the nodes of hpc" in capacity("simulate", alone, *plain)[1]
    write(
        tmp_path, "poor.yaml", ALONE.replace("hpc: {node: dgx-a100", "hpc: {node: ./node.yaml") + "pue: 1.5\n"
    )
    code, out, _ = capacity("show", "poor.yaml")
    assert code == 0
    assert "not known for all nodes" in out
    code, _, err = capacity(
        "size", alone, *plain, "--vary", "site.pools.gpu.nodes=2..3", "-r", "14", "--minimize", "power_w",
        "--require", "p95_wait_s[pool=gpu] <= 9 d",
    )  # fmt: skip
    assert code == 3
    assert "the power of hpc is not known" in err


@pytest.mark.parametrize(
    ("objective", "lacks"),
    [("cost", "electricity_price"), ("power_w", "pue"), ("site_energy_j", "pue")],
)
def test_what_is_not_known_cannot_be_made_small(capacity, alone, objective, lacks):
    vary = ("--vary", "site.pools.gpu.nodes=2..3", "--require", "p95_wait_s[pool=gpu] <= 9 d")
    code, _, err = capacity("size", alone, *vary, "--minimize", objective, "-r", "14")
    assert code == 3
    assert f"'{lacks}'" in err


def test_it_is_reported(capacity, alone):
    assert capacity("simulate", alone, "-o", "run")[0] == 0
    assert capacity("report", "run", "--no-verify")[0] == 0
