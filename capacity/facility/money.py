"""What electricity costs."""

from capacity.facility.energy import Number

J_PER_KWH = 3.6e6


def electricity_cost(energy_j: Number, price_per_kwh: float) -> Number:
    """Return what energy at the meter [J] costs at a flat price [a currency/kWh] in that currency.

    Examples
    --------
    One megawatt of computing at a PUE of 1.35 for a year, in bn KRW. A load that runs day and night pays 97.3
    KRW/kWh by KEPCO's industrial tariff (을), 고압A, option II, over the calendar of 2021:

    >>> round(electricity_cost(1e6 * 1.35 * 365 * 86400, 97.3) / 1e9, 2)
    1.15
    """
    return energy_j / J_PER_KWH * price_per_kwh
