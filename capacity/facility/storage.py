"""What is left of the disks that were bought: from raw capacity to what may be filled.

Three kinds of capacity are kept apart everywhere: raw (what vendors sell), usable (what users can write), and
fillable (what operators let them write before performance falls).
"""

from typing import TypeVar

import numpy as np
import numpy.typing as npt

Bytes = TypeVar("Bytes", float, npt.NDArray[np.float64])
"""An amount of data [B]: one number or an array of them."""


def usable_frac(data: int, parity: int, spare_frac: float, filesystem_frac: float) -> float:
    """Return the part of raw capacity that users can write.

    Parameters
    ----------
    data, parity : int
        Data and parity units of a stripe; three replicas are 1 and 2.
    spare_frac : float
        Part of the raw capacity kept empty for rebuilding.
    filesystem_frac : float
        Part of the rest that metadata and formatting take.

    Examples
    --------
    >>> round(usable_frac(8, 2, 0.03, 0.03), 3), round(usable_frac(8, 3, 0.03, 0.03), 3)
    (0.753, 0.684)
    """
    return data / (data + parity) * (1.0 - spare_frac) * (1.0 - filesystem_frac)


def usable_bytes(
    raw_bytes: Bytes, data: int, parity: int, spare_frac: float, filesystem_frac: float
) -> Bytes:
    """Return what users can write of `raw_bytes` [B]; see `usable_frac` for the other arguments."""
    return raw_bytes * usable_frac(data, parity, spare_frac, filesystem_frac)


def raw_bytes(
    usable_bytes: Bytes, data: int, parity: int, spare_frac: float, filesystem_frac: float
) -> Bytes:
    """Return what must be bought for `usable_bytes` [B]; see `usable_frac` for the other arguments.

    Examples
    --------
    >>> f"{raw_bytes(107e15, 8, 3, 0.03, 0.03):.3g}"
    '1.56e+17'
    """
    return usable_bytes / usable_frac(data, parity, spare_frac, filesystem_frac)


def fillable_bytes(usable_bytes: Bytes, fill_limit_frac: float) -> Bytes:
    """Return what may be written before the fill limit [B].

    Parameters
    ----------
    usable_bytes : float or ndarray
        Usable capacity. [B]
    fill_limit_frac : float
        Part of it that operators let users fill; file systems slow down and balance badly above 80 to 90 %.
    """
    return usable_bytes * fill_limit_frac
