"""How likely erasure-coded data are lost: drives fail and are rebuilt, independently of each other.

A stripe's group of k + m drives loses data when m + 1 are out at once. With exponential times to failure and
to rebuild the number of drives out is a birth-death chain, and the mean time until it first reaches m + 1 has
a closed form (doi:10.1145/50202.50214 for one failure; the chain in general is in Karlin and Taylor, A First
Course in Stochastic Processes, chapter 4).

**Valid as** an upper bound of safety only: latent errors, failures that come together (a batch of drives, a
rack, a controller, a mistake of a person) and rebuilds that take longer as drives grow are not in it.
"""

from math import ceil, expm1, inf

from capacity.facility.failures import YEAR_S


def mttdl_s(data: int, parity: int, failure_rate: float, rebuild_s: float) -> float:
    """Return the mean time until a group of k `data` and m `parity` drives loses data [s].

    Given how often a drive fails [1/s], and the mean time to rebuild one [s]. Every drive that is out is
    rebuilt at the same time as the others.

    Examples
    --------
    Two parities at 1.01 % a year and a day to rebuild; a third makes it ten thousand times as long:

    >>> [f"{mttdl_s(8, m, 0.0101 / YEAR_S, 86_400) / YEAR_S:.2g}" for m in (2, 3)]
    ['3.6e+08', '3.5e+12']
    """
    if failure_rate <= 0:
        return inf
    total = step = 0.0
    for out in range(parity + 1):
        failing = (data + parity - out) * failure_rate
        # From `out` to one more: a failure, or a rebuild first and then all the way back.
        step = 1.0 / failing + (out / rebuild_s / failing * step if out else 0.0)
        total += step
    return total


def groups(usable_bytes: float, data: int, drive_bytes: float) -> int:
    """Return how many groups of drives hold so much of users' data [B].

    Examples
    --------
    >>> groups(107e15, 8, 16e12)
    836
    """
    return ceil(usable_bytes / (data * drive_bytes) - 1e-9)


def yearly_loss_probability(
    usable_bytes: float, drive_bytes: float, data: int, parity: int, failure_rate: float, rebuild_s: float
) -> float:
    """Return the probability that any group loses data within a year, a lower bound of the true one.

    Given what users can write and the size of a drive [B], and the arguments of `mttdl_s`.

    Examples
    --------
    >>> f"{yearly_loss_probability(107e15, 16e12, 8, 2, 0.0101 / YEAR_S, 86_400):.2g}"
    '2.3e-06'
    """
    mean = mttdl_s(data, parity, failure_rate, rebuild_s)
    return -expm1(-groups(usable_bytes, data, drive_bytes) * YEAR_S / mean)
