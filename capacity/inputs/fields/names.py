"""Names in a record: those of `capacity.registry`, ours or other packages', and of measured numbers."""

from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import AfterValidator, GetCoreSchemaHandler, GetJsonSchemaHandler, StringConstraints
from pydantic_core import CoreSchema, core_schema

from capacity.errors import nearest
from capacity.inputs.fields.complaints import Complaint, describe, refusal
from workloads.describe.measures import METRICS, why_unknown
from workloads.registry import Named, Registry


@dataclass(frozen=True, slots=True)
class NameIn:
    """A name of a registry, or one of the words `also`, but not of those `without`; others get the nearest.

    pydantic calls `read`; the JSON Schema lists the names known when it is made.
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


def _known_metric(key: str) -> str:
    wrong = why_unknown(key)
    if wrong is not None:
        name = key.partition(".")[0]
        raise refusal(Complaint(wrong, "" if name in METRICS else nearest(name, list(METRICS))))
    return key


MetricKey = Annotated[str, StringConstraints(max_length=128), AfterValidator(_known_metric)]
"""The name of a number of a description: ``run_p50_s``, or with its label ``state_jobs_frac.failed``."""
