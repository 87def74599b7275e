"""What of a log is not used, as a part of its work: each reason with its share, refused when it is much."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from workloads.errors import LogError
from workloads.jobtable import JobTable, Tally

MOST_FRAC: Final = 0.1
"""A log of which more of the work is left out is not that log any more, unless somebody allows it."""
WORTH_A_WARNING_FRAC: Final = 0.01
"""Work that is left out or cut off is good to know; from this part of a log on it should not pass unread."""
CUT: Final = "ran past the requested time"
"""How remarks on jobs begin whose run time was cut; their `slot_s` is what was cut off."""
UNREADABLE: Final = "malformed"
"""How reasons begin of rows whose work nobody knows: each counts as a job like the others."""
REMEDIES: Final = {
    "no requested time": "--missing-request partition|longest|run keeps them",
    "larger than the machine": "--slots says how large the machine was",
    CUT: "--overrun allow of `capacity replay` lets them run on",
}
"""Options that keep the jobs of a reason, by how it begins."""


@dataclass(frozen=True, slots=True)
class Loss:
    """Rows that are left out, or jobs that are cut, and how much that is.

    Attributes
    ----------
    tally : Tally
        Why, and which.
    frac : float
        Their part of the work of the log, as far as it is known; of its rows where they could not be read.
    warns : bool
        Together with the others it is more than should pass unread.
    """

    tally: Tally
    frac: float
    warns: bool


def losses(table: JobTable, remarks: Sequence[Tally] | None = None) -> list[Loss]:
    """Return everything that a table lacks of its log: rows left out, and run times that were cut.

    Parameters
    ----------
    table : JobTable
        What is left of a log.
    remarks : sequence of Tally, optional
        Instead of those of the table, where a batch system cuts jobs itself.
    """
    cut = [one for one in (table.remarks if remarks is None else remarks) if one.reason.startswith(CUT)]
    whole = table.kept_slot_s + sum(one.slot_s for one in table.dropped)
    rows = len(table) + sum(one.count for one in table.dropped if one.reason.startswith(UNREADABLE))
    fracs = [
        one.count / rows if one.reason.startswith(UNREADABLE) and not one.slot_s
        else one.slot_s / whole if whole else 0.0
        for one in (*table.dropped, *cut)
    ]  # fmt: skip
    much = math.fsum(fracs) >= WORTH_A_WARNING_FRAC
    return [
        Loss(one, frac, much and frac > 0) for one, frac in zip((*table.dropped, *cut), fracs, strict=True)
    ]


def check_kept(table: JobTable, *, allowed: bool, remarks: Sequence[Tally] | None = None) -> None:
    """Refuse a log of which too much of the work is left out or cut off, unless that is `allowed`.

    Raises
    ------
    LogError
        More than `MOST_FRAC` of the work is not there.
    """
    found = [one for one in losses(table, remarks) if one.frac > 0]
    gone = math.fsum(one.frac for one in found)
    if allowed or gone <= MOST_FRAC:
        return
    large = sorted(found, key=lambda one: -one.frac)
    reasons = "; ".join(f"{one.tally}: {one.frac:.1%}" for one in large)
    why = [one.tally.reason for one in large]
    fixes = [fix for begin, fix in REMEDIES.items() if any(reason.startswith(begin) for reason in why)]
    what = f"{gone:.1%} of the work is left out: {reasons}"
    raise LogError.whole_file(table.source, what, "; ".join([*fixes, "--lenient goes on without it"]))


def check_held(table: JobTable, fit: JobTable, form: str, *, allowed: bool) -> float:
    """Return the part of the work of a table that a format cannot hold; refuse it if it is much.

    Parameters
    ----------
    table, fit : JobTable
        A table, and what the format holds of it.
    form : str
        Name of the format.
    allowed : bool
        However much it is.

    Raises
    ------
    LogError
        More than `MOST_FRAC` of the work cannot be written, and that is not `allowed`.
    """
    whole = table.kept_slot_s
    gone = 1 - fit.kept_slot_s / whole if whole else 0.0
    if gone > MOST_FRAC and not allowed:
        fix = "write jobtable-parquet, which holds everything; --lenient goes on without it"
        raise LogError.whole_file(table.source, f"{gone:.1%} of the work cannot be written as {form}", fix)
    return max(gone, 0.0)
