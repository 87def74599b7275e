"""An assumption about many numbers at once, or about when something comes: an entry of ``uncertain``.

A range beside a number says what else that number may be. What has no number of its own to stand beside (the
run times of two classes, all dates of delivery, one of two rules) is stated here, by a name.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field

from capacity.inputs.fields.complaints import Complaint, describe, refusal
from capacity.inputs.fields.numbers import Bounds, FieldReader, PlainNumber, Quantity
from capacity.inputs.fields.quantities import Text
from capacity.inputs.fields.ranges import Possible, Spread, follows_complaints, spread_of
from capacity.inputs.fields.record import SourcedPart

_FACTOR = PlainNumber("1.0", bounds=Bounds(above=True))
_LATER = Quantity("seconds", "3 month")
_WAYS = ("factor", "later", "choices")


@dataclass(frozen=True, slots=True)
class SpreadReader(FieldReader):
    """Reads a range: ``[low, high]``, or a mapping with ``low``, ``likely``, ``high`` and so on."""

    of: FieldReader
    limits_at: Possible
    likely: float | None = None

    def read(self, raw: object) -> Spread:
        """Return the distribution, in SI."""
        if isinstance(raw, list | tuple):
            raw = {"range": raw}
        if not isinstance(raw, Mapping):
            fix = "write [low, high], or {low: …, likely: …, high: …}"
            raise refusal(Complaint(f"{describe(raw)} is no range", fix))
        return spread_of(raw, lambda one: float(self.of.read(one)), self.limits_at, likely=self.likely)

    def checked(self, raw: object) -> Spread:
        """Return the same: what is read is itself the range."""
        return self.read(raw)

    def plain_schema(self) -> dict[str, Any]:
        """Describe the plain form."""
        return {"type": ["array", "object"]}


@dataclass(frozen=True, slots=True)
class ChoicesReader(FieldReader):
    """Reads choices with their shares."""

    def read(self, raw: object) -> Spread:
        """Return the choices."""
        return spread_of({"choices": raw}, lambda _: 0.0, Possible(0.0, 0.0))

    def checked(self, raw: object) -> Spread:
        """Return the same: what is read is itself the range."""
        return self.read(raw)

    def plain_schema(self) -> dict[str, Any]:
        """Describe the plain form."""
        return {"type": ["array", "object"]}


class StatedUncertainty(SourcedPart):
    """One assumption about one or more places, drawn once for all of them."""

    title: Text | None = None
    """One line that says what it is."""
    of: Annotated[tuple[Text, ...], Field(min_length=1, max_length=200)]
    """Paths within this file's record; * stands for every name: tenants.*.jobs_per_member."""
    factor: Annotated[Spread, SpreadReader(_FACTOR, Possible(0.0, float("inf")), likely=1.0)] | None = None
    """How many times as much: of a curve all its values, of run times all of them; of a share the others of
    its whole make up for it. What is stated, 1, is exceeded as often as not if nothing else is `likely`."""
    later: Annotated[Spread, SpreadReader(_LATER, Possible(0.0, float("inf")))] | None = None
    """How much later a day comes: [0 month, 12 month]."""
    choices: Annotated[Spread, ChoicesReader()] | None = None
    """One of several values, with shares: {dates: 50 %, service: 50 %}; 'as stated' leaves what stands."""
    follows: Text | None = None
    """A cause that it shares with other assumptions, or the name of one of them."""
    strength: float | None = None
    """How closely it follows, from -1 to 1; 1 if not given."""

    @property
    def spread(self) -> tuple[str, Spread]:
        """Which of the three it is, and the distribution."""
        return next((way, found) for way in _WAYS if (found := getattr(self, way)) is not None)

    def _complaints(self) -> Iterable[Complaint]:
        given = [way for way in _WAYS if getattr(self, way) is not None]
        if len(given) != 1:
            what = f"'{given[0]}' and '{given[1]}' are two assumptions" if given else "what else may it be?"
            return [Complaint(what, "give one of 'factor', 'later' and 'choices'", tuple(given[1:2]))]
        said = {"follows": self.follows, "strength": self.strength}
        return follows_complaints({key: value for key, value in said.items() if value is not None})


Uncertainties = Annotated[
    Mapping[Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")], StatedUncertainty],
    Field(default_factory=dict, exclude=True),
]
"""What is uncertain beside single numbers, by name; it changes nothing but what is drawn."""
