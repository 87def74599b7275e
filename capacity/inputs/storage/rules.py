"""Rules by which a storage tier makes room: what it purges and what it moves."""

from collections.abc import Iterable
from typing import Literal

from capacity.inputs.fields.complaints import Complaint, one_alone
from capacity.inputs.fields.quantities import Fraction, Name, Seconds
from capacity.inputs.fields.record import SourcedPart

WhenFull = Literal["fail", "wait", "turn-away"]


class Purge(SourcedPart):
    """When a site deletes data of its own accord."""

    unread: Seconds | None = None
    """Deleted when nobody has read them for so long; never if not given."""
    when_full: Seconds | None = None
    """At the fill limit the oldest are deleted, down to those that nobody has read for so long; never if not
    given."""

    def _complaints(self) -> Iterable[Complaint]:
        if self.unread is None and self.when_full is None:
            return [Complaint("when is what purged?", "add 'unread: 90 day', or 'when_full: 30 day'")]
        if self.unread is not None and self.when_full is not None and self.when_full > self.unread:
            fix = "'when_full' is the shorter one: what is purged in an emergency only"
            return [Complaint("nothing is left to purge when full", fix, ("when_full",))]
        return []


class Migrate(SourcedPart):
    """When data move to another tier."""

    to: Name
    """The other tier."""
    unread: Seconds | None = None
    """Moved when nobody has read them for so long; never if not given."""
    above: Fraction | None = None
    """Moved, the oldest first, when so much of the usable capacity is used; with `down_to`."""
    down_to: Fraction | None = None
    """Until so much is used."""

    def _complaints(self) -> Iterable[Complaint]:
        if found := [*one_alone(self, "above", "down_to")]:
            return found
        if self.above is not None and self.down_to is not None and self.down_to >= self.above:
            return [Complaint("it has to be less than 'above'", at=("down_to",))]
        if self.unread is None and self.above is None:
            fix = "add 'unread: 30 day', or 'above: 80 %' and 'down_to: 70 %'"
            return [Complaint("when does what move?", fix)]
        return []
