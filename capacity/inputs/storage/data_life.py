"""What becomes of data once they lie on a tier: who deletes them when, and how long they are read."""

from collections.abc import Iterable
from math import log1p
from typing import Annotated, Final

from capacity.inputs.fields.complaints import Complaint
from capacity.inputs.fields.numbers import Bounds, Quantity
from capacity.inputs.fields.quantities import PositiveSeconds, Seconds
from capacity.inputs.fields.record import SourcedPart

YEAR_S: Final = 365 * 86_400
SharePerYear = Annotated[float, Quantity("share_per_s", "30 %/year", bounds=Bounds(above=True))]


class DataLife(SourcedPart):
    """What becomes of data."""

    keep: PositiveSeconds | None = None
    """Deleted after this time; kept for good if not given."""
    keep_at_least: Seconds = 0.0
    """Nobody may delete them before, by law or by contract."""
    deleted: SharePerYear | None = None
    """Share of what is left that its owners delete each year; nothing if not given."""
    read_for: Seconds = 0.0
    """Mean time from arrival to the last reading; rules of tiers count from then."""
    purged: bool = True
    """Whether the purge rules of tiers apply to them."""

    def _complaints(self) -> Iterable[Complaint]:
        if self.keep is not None and self.keep < self.keep_at_least:
            what = "they are deleted before they may be"
            fix = "'keep' is no shorter than 'keep_at_least'"
            return [Complaint(what, fix, ("keep",))]
        if self.deleted is not None and self.deleted * YEAR_S >= 1:
            what = f"of what is left, {self.deleted * YEAR_S:.3g} times as much is deleted in a year"
            fix = "less than 100 %/year; or give 'keep', the time until all of it is deleted"
            return [Complaint(what, fix, ("deleted",))]
        return []

    @property
    def deleted_per_s(self) -> float:
        """Rate at which owners delete what is left [1/s]."""
        return -log1p(-(self.deleted or 0.0) * YEAR_S) / YEAR_S
