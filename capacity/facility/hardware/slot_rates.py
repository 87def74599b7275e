"""How much longer work takes on other hardware: the rates of one slot, and what of a run time follows which.

First order in each part: the same code on both, every part of its run time bound by one rate, nothing
overlapped. What one side does not state is taken to be equal on both.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from capacity.errors import InputError, Problem
from capacity.facility.hardware.compute import rate_with_fallback
from capacity.facility.hardware.scaling import StrongScaling

Floats = npt.NDArray[np.float64]

PARTS: Final = ("compute", "memory", "network", "local_storage", "storage", "host")
"""What a part of a run time can be bound by."""


@dataclass(frozen=True, slots=True)
class SlotRates:
    """What one slot computes, moves and reads.

    Attributes
    ----------
    peaks : mapping of str to float
        Dense peak per precision. [FLOP/s]
    achievable : mapping of str to float
        Part of each peak that well-tuned codes reach; 1 where it is not stated.
    slots_per_node : int
        Slots of a node.
    memory, link, network, local_storage, storage : float or None
        Bandwidth of its memory, to the other slots of its node, its part of the network of its node, of the
        drives of its node and of the storage that all share; None if not stated. [B/s]
    host : float
        Speed of one thread of the host, relative to the same part everywhere.
    """

    peaks: Mapping[str, float]
    achievable: Mapping[str, float]
    slots_per_node: int = 1
    memory: float | None = None
    link: float | None = None
    network: float | None = None
    local_storage: float | None = None
    storage: float | None = None
    host: float = 1.0

    def compute(self, precision: str) -> float:
        """Return what well-tuned codes reach at a precision, or at what stands in for it [FLOP/s]."""
        peak, used = rate_with_fallback(self.peaks, precision)
        return peak * self.achievable.get(used, 1.0)

    def between_slots(self, slots: Floats) -> Floats:
        """Return the rate at which jobs of so many slots exchange data, NaN where not stated [B/s]."""
        inside, outside = (np.nan if rate is None else rate for rate in (self.link, self.network))
        alone = np.nan if self.slots_per_node == 1 else inside
        rates: Floats = np.where(slots <= self.slots_per_node, alone, outside)
        return rates


def runtime_factor(
    reference: SlotRates,
    here: SlotRates,
    precision: str,
    shares: Mapping[str, float],
    slots: npt.ArrayLike,
    *,
    scaling: StrongScaling | None = None,
) -> Floats:
    """Return the run time on some hardware over that on the reference hardware, by the slots of a job.

    Parameters
    ----------
    reference, here : SlotRates
        Where run times hold, and where the job runs.
    precision : str
        The precision the work asks for; each side uses its own peak at it, or at what stands in for it.
    shares : mapping of str to float
        Part of the run time on the reference bound by each of `PARTS`; they add up to 1.
    slots : array_like of int, shape (n,)
        Slots of the job, the same on both.
    scaling : StrongScaling, optional
        Splits the run time by slots into a serial part (follows the host), an exchange of data (follows the
        links, or the network beyond a node) and the rest, which `shares` split. Without it all is the rest.

    Returns
    -------
    ndarray of float64, shape (n,)
        Factor; below 1 on faster hardware.

    Raises
    ------
    InputError
        One side can do the work at no precision, or a share names no part.

    Examples
    --------
    >>> a100 = SlotRates({"bf16": 312e12}, {}, memory=1.555e12)
    >>> h100 = SlotRates({"bf16": 989.4e12}, {}, memory=3.35e12)
    >>> runtime_factor(a100, h100, "bf16", {"compute": 0.6, "memory": 0.4}, [8]).round(3)
    array([0.375])
    """
    if wrong := sorted(set(shares) - set(PARTS)):
        raise InputError(Problem(f"nothing is bound by {wrong[0]!r}", fix=f"one of {', '.join(PARTS)}"))
    n = np.asarray(slots, np.float64)
    between = reference.between_slots(n) / here.between_slots(n)
    net: Floats = np.where(np.isnan(between), 1.0, between)
    compute = reference.compute(precision) / here.compute(precision)
    ratios: dict[str, float | Floats] = {"compute": compute, "network": net}
    for part in ("memory", "local_storage", "storage", "host"):
        was, now = getattr(reference, part), getattr(here, part)
        ratios[part] = 1.0 if was is None or now is None else was / now
    parallel: Floats = np.zeros_like(n)
    for part, share in shares.items():
        parallel = parallel + share * ratios[part]
    if scaling is None:
        return parallel
    whole = scaling.over_one(n)
    serial = scaling.serial_frac / whole
    exchange = scaling.communication_frac * (1 - 1 / n) / whole
    found: Floats = serial * ratios["host"] + exchange * net + (1 - serial - exchange) * parallel
    return found
