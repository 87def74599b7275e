"""What is left of the disks that were bought: from raw capacity to what may be filled.

Three kinds of capacity are kept apart everywhere: raw (what vendors sell), usable (what users can write), and
fillable (what operators let them write before performance falls).
"""

from typing import NamedTuple

from capacity.facility.energy import Number


def usable_frac(data: int, parity: int, spare_frac: float, filesystem_frac: float) -> float:
    """Return the part of raw capacity that users can write.

    A stripe has `data` and `parity` units (three replicas are 1 and 2); `spare_frac` of the raw capacity is
    kept empty for rebuilding, metadata and formatting take `filesystem_frac` of the rest.

    Examples
    --------
    >>> round(usable_frac(8, 2, 0.03, 0.03), 3), round(usable_frac(8, 3, 0.03, 0.03), 3)
    (0.753, 0.684)
    """
    return data / (data + parity) * (1.0 - spare_frac) * (1.0 - filesystem_frac)


class CapacityStep(NamedTuple):
    """One step from raw to fillable: what takes a part, and what is left after it [B]."""

    what: str
    left_bytes: float


def steps(
    raw_bytes: float,
    *,
    data: int,
    parity: int,
    spare_frac: float,
    filesystem_frac: float,
    fill_limit_frac: float,
) -> tuple[CapacityStep, ...]:
    """Return the way from raw, the sum of the media as sold, to fillable, step by step [B].

    Arguments as in `usable_frac` and `fillable_bytes`.

    Examples
    --------
    >>> [f"{step.what} {step.left_bytes / 1e15:.1f}" for step in steps(
    ...     135.68e15, data=8, parity=2, spare_frac=.04, filesystem_frac=.04, fill_limit_frac=.85)]
    ['raw 135.7', 'spare space 130.3', '8+2 104.2', 'file system 100.0', 'fill limit 85.0']
    """
    after_spare = raw_bytes * (1.0 - spare_frac)
    after_code = after_spare * data / (data + parity)
    usable = after_code * (1.0 - filesystem_frac)
    code = f"{data}+{parity}" if data > 1 else f"{parity + 1} replicas" if parity else "one copy"
    return (
        CapacityStep("raw", raw_bytes),
        CapacityStep("spare space", after_spare),
        CapacityStep(code, after_code),
        CapacityStep("file system", usable),
        CapacityStep("fill limit", fillable_bytes(usable, fill_limit_frac)),
    )


def fillable_bytes(usable_bytes: Number, fill_limit_frac: float) -> Number:
    """Return what may be written of a usable capacity before the fill limit [B].

    The limit is the part of it that operators let users fill; file systems slow down and balance badly above
    80 to 90 %.
    """
    return usable_bytes * fill_limit_frac
