"""Storage, power and cost against the closed numbers of the domain facts."""

import numpy as np
import pytest

from capacity.facility.energy import energy_j, it_power_w, site_power_w
from capacity.facility.money import electricity_cost
from capacity.facility.storage.usable import fillable_bytes, usable_frac

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
    usable = 1e15 * usable_frac(data, parity, 0.03, 0.03)
    assert fillable_bytes(usable, 0.85) == pytest.approx(filled * 1e15, abs=5e11)


def test_the_nearest_twin_lies_inside_the_chain():
    """ALCF Grand: 100 PB usable on 8,480 drives of 16 TB, between EC 8+3 and EC 8+2 with spares."""
    twin = 100e15 / (8_480 * 16e12)
    assert twin == pytest.approx(0.737, abs=5e-4)
    assert usable_frac(8, 3, 0.03, 0.03) < twin < usable_frac(8, 2, 0.03, 0.03)


@pytest.mark.parametrize(
    ("nodes", "max_w", "megawatts"), [(710, 10_000, 7.1), (568, 6_500, 3.7), (166, 10_200, 1.7)]
)
def test_power_of_the_candidates(nodes, max_w, megawatts):
    assert nodes * it_power_w(0.3 * max_w, max_w, 1.0) / 1e6 == pytest.approx(megawatts, abs=0.05)


def test_power_is_linear_between_idle_and_full():
    assert it_power_w(88.0, 400.0, 0.0) == 88.0
    np.testing.assert_allclose(it_power_w(88.0, 400.0, np.array([0.0, 0.25, 1.0])), [88.0, 166.0, 400.0])


def test_a_megawatt_year_costs_1_15_billion_won():
    energy = energy_j(site_power_w(1e6, 1.35), YEAR_S)
    assert electricity_cost(energy, 97.3) == pytest.approx(1.15e9, rel=1e-3)
    assert electricity_cost(energy, 0.0) == 0.0
