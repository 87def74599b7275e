"""Names of `capacity.registry` in a record: ours, or those of other packages; others are told the nearest."""

from dataclasses import dataclass
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema

from capacity.errors import nearest
from capacity.inputs.fields.complaints import Complaint, describe, refusal
from workloads.registry import Named, Registry


@dataclass(frozen=True, slots=True)
class NameIn:
    """pydantic calls `read`; the JSON Schema lists the names known when it is made.

    Attributes
    ----------
    registry : Registry
        Where the names are.
    also, without : tuple of str
        Further words that are allowed, and names that are not.
    """

    registry: Registry[Named]
    also: tuple[str, ...] = ()
    without: tuple[str, ...] = ()

    @property
    def words(self) -> list[str]:
        """All that may be written."""
        return [*self.also, *(name for name in self.registry if name not in self.without)]

    def read(self, raw: object) -> str:
        """Return the name, or raise a refusal."""
        if isinstance(raw, str) and (raw in self.also or (raw not in self.without and raw in self.registry)):
            return raw
        raise refusal(Complaint(f"{describe(raw)} is not allowed", nearest(str(raw), self.words)))

    def __get_pydantic_core_schema__(self, _source: object, _handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self.read)

    def __get_pydantic_json_schema__(
        self, _schema: CoreSchema, _handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {"enum": self.words, "type": "string"}
