"""Rules by which a storage tier makes room: what it purges and what it moves."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Literal, Self

from pydantic import model_validator

from capacity.errors import nearest
from capacity.inputs.fields.record import Complaint, Fraction, Name, Seconds, SourcedPart, refusal

if TYPE_CHECKING:
    from capacity.inputs.storage.tiers import Tier

WhenFull = Literal["fail", "wait", "turn-away"]


class Purge(SourcedPart):
    """When a site deletes data of its own accord."""

    unread: Seconds | None = None
    """Deleted when nobody has read them for so long; never if not given."""
    when_full: Seconds | None = None
    """At the fill limit the oldest are deleted, down to those that nobody has read for so long; never if not
    given."""

    @model_validator(mode="after")
    def _does_something(self) -> Self:
        if self.unread is None and self.when_full is None:
            raise refusal(Complaint("when is what purged?", "add 'unread: 90 day', or 'when_full: 30 day'"))
        if self.unread is not None and self.when_full is not None and self.when_full > self.unread:
            fix = "'when_full' is the shorter one: what is purged in an emergency only"
            raise refusal(Complaint("nothing is left to purge when full", fix, ("when_full",)))
        return self


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

    @model_validator(mode="after")
    def _does_something(self) -> Self:
        if (self.above is None) != (self.down_to is None):
            given, other = ("above", "down_to")[:: 1 if self.down_to is None else -1]
            raise refusal(Complaint(f"'{given}' without '{other}'", f"add '{other}: …'", (given,)))
        if self.above is not None and self.down_to is not None and self.down_to >= self.above:
            raise refusal(Complaint("it has to be less than 'above'", at=("down_to",)))
        if self.unread is None and self.above is None:
            fix = "add 'unread: 30 day', or 'above: 80 %' and 'down_to: 70 %'"
            raise refusal(Complaint("when does what move?", fix))
        return self


def rule_complaints(tiers: "Mapping[str, Tier]") -> Iterator[Complaint]:
    """Say which rules of a site's tiers cannot be followed."""
    for name, tier in tiers.items():
        at = ("storage", name)
        rule = tier.migrate
        if rule is None:
            continue
        if rule.to not in tiers:
            what = f"there is no tier '{rule.to}'"
            yield Complaint(what, nearest(rule.to, list(tiers)), (*at, "migrate", "to"))
        elif round_trip := _round_trip(name, tiers):
            what = f"data would go round for ever: {' to '.join(round_trip)}"
            yield Complaint(what, "let the last of them keep what it has", (*at, "migrate", "to"))
        if rule.above is not None and rule.above > tier.fill_limit:
            what = f"the tier counts as full at {tier.fill_limit:.4g}, and never gets there"
            yield Complaint(what, "'above' is no more than 'fill_limit'", (*at, "migrate", "above"))


def _round_trip(name: str, tiers: "Mapping[str, Tier]") -> list[str]:
    """Return the way from a tier back to itself; empty if there is none."""
    path = [name]
    while (rule := tiers[path[-1]].migrate) is not None and rule.to in tiers:
        path.append(rule.to)
        if rule.to == name:
            return path
        if rule.to in path[:-1]:
            return []  # a circle further on: the tiers in it say so
    return []
