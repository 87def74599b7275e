"""What of a log is not used, as a part of its work: each reason with its share, refused when it is much."""

from typing import Final

from workloads.errors import LogError
from workloads.jobtable import JobTable, Tally

MOST_FRAC: Final = 0.1
"""A log of which more of the work is left out is not that log any more, unless somebody allows it."""
REMEDIES: Final = {
    "no requested time": "--missing-request partition|longest|run keeps them",
    "larger than the machine": "--slots says how large the machine was",
}
"""Options that keep the jobs of a reason, by how it begins."""


def share_of(tally: Tally, table: JobTable) -> float:
    """Return the part of the work of a log that these rows are, as far as it is known."""
    whole = table.kept_slot_s + sum(one.slot_s for one in table.dropped)
    return tally.slot_s / whole if whole else 0.0


def check_kept(table: JobTable, *, allowed: bool) -> None:
    """Refuse a log of which too much of the work is left out, unless that is `allowed`.

    Raises
    ------
    LogError
        More than `MOST_FRAC` of the work is not in the table.
    """
    if allowed or table.left_out_frac <= MOST_FRAC:
        return
    large = sorted((one for one in table.dropped if one.slot_s > 0), key=lambda one: -one.slot_s)
    reasons = "; ".join(f"{one}: {share_of(one, table):.1%}" for one in large)
    fixes = [fix for begin, fix in REMEDIES.items() if any(one.reason.startswith(begin) for one in large)]
    what = f"{table.left_out_frac:.1%} of the work is left out: {reasons}"
    raise LogError.whole_file(table.source, what, "; ".join([*fixes, "--lenient goes on without it"]))
