"""The ground of every record: strict, frozen, documented, and never without a source for its numbers."""

from collections.abc import Iterable
from typing import Annotated, Final, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, model_validator

from capacity.inputs.fields.complaints import Complaint, refusal
from capacity.inputs.fields.quantities import Name, Text
from capacity.inputs.fields.sourced import source_complaints


def _as_text(value: object) -> object:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


AsOf = Annotated[str, BeforeValidator(_as_text, json_schema_input_type=str | int)]
"""The date a number held on, as exactly as it is known: 2020, 2020-05 or 2020-05-14."""


class Whole:
    """Marks a field of which only all means something: what extends its record replaces all of it."""


WHOLE: Final = Whole()


class Record(BaseModel):
    """What a person writes in YAML: no unknown keys, no changes after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True, allow_inf_nan=False)

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        found: list[Complaint] = []
        if isinstance(self, SourcedRecord | SourcedPart) and self.source is not None:
            found = source_complaints(self.source, self.as_of, self.why)
        if found := found or [*self._complaints()]:
            raise refusal(*found)
        return self

    def _complaints(self) -> Iterable[Complaint]:
        """Say what about its values does not fit together; records with such rules override this."""
        return ()

    def unused(self) -> frozenset[str]:
        """Return the fields that say nothing beside what is given: their defaults are not written out."""
        return frozenset()

    def warnings(self) -> tuple[str, ...]:
        """Say what is allowed but should not pass unread; records with such things override this."""
        return ()


class SourcedRecord(Record):
    """A record whose numbers come from `source`, as of `as_of`, unless a number says otherwise itself."""

    name: Name
    """The name to use in commands and references; the file's stem."""
    title: Text
    """One line that says what this is, for tables."""
    source: Text
    """Where the numbers come from, unless a number carries its own source; 'assumption' needs 'why'."""
    as_of: AsOf
    """The date the numbers held on: 2020, 2020-05 or 2020-05-14."""
    why: Text | None = None
    """Why this was assumed, or how it was worked out."""


class SourcedPart(Record):
    """A part of a record that may say where its own numbers come from."""

    source: Text | None = None
    """Where the numbers of this part come from; the source of the whole record if not given."""
    as_of: AsOf | None = None
    """The date they held on."""
    why: Text | None = None
    """Why this was assumed, or how it was worked out."""
