"""Storage, power and cost against the closed numbers of the domain facts."""

import pytest

from capacity.facility.energy import site_power_w
from capacity.facility.money import electricity_cost
from capacity.facility.storage.usable import fillable_bytes, raw_bytes, usable_bytes, usable_frac

YEAR_S = 365 * 86_400


@pytest.mark.parametrize(
    ("data", "parity", "bare", "chain", "filled"),
    [
        (8, 2, 0.80, 0.753, 0.640),
        (8, 3, 0.727, 0.684, 0.582),
        (10, 2, 0.833, 0.784, 0.666),
        (1, 2, 0.333, 0.314, 0.267),
    ],
)
def test_the_chain_from_raw_to_fillable(data, parity, bare, chain, filled):
    assert usable_frac(data, parity, 0.0, 0.0) == pytest.approx(bare, abs=5e-4)
    assert usable_frac(data, parity, 0.03, 0.03) == pytest.approx(chain, abs=5e-4)
    usable = usable_bytes(1e15, data, parity, 0.03, 0.03)
    assert fillable_bytes(usable, 0.85) == pytest.approx(filled * 1e15, abs=5e11)
    assert raw_bytes(usable, data, parity, 0.03, 0.03) == pytest.approx(1e15)


def test_the_nearest_twin_lies_inside_the_chain():
    """ALCF Grand: 100 PB usable on 8,480 drives of 16 TB, between EC 8+3 and EC 8+2 with spares."""
    twin = 100e15 / (8_480 * 16e12)
    assert twin == pytest.approx(0.737, abs=5e-4)
    assert usable_frac(8, 3, 0.03, 0.03) < twin < usable_frac(8, 2, 0.03, 0.03)


def test_a_megawatt_year_costs_1_15_billion_won():
    """KEPCO industrial tariff in KRW/kWh over the 2021 calendar: 85.9 for energy and 11.4 for demand."""
    energy = site_power_w(1e6, 1.35) * YEAR_S
    assert electricity_cost(energy, 85.9 + 11.4) == pytest.approx(1.15e9, rel=1e-3)
    assert electricity_cost(energy, 0.0) == 0.0
