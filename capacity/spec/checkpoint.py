"""What jobs save while they run: how often, how much, where to."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal, Self

from pydantic import GetJsonSchemaHandler, ValidatorFunctionWrapHandler, WrapValidator, model_validator
from pydantic_core import CoreSchema

from capacity.errors import nearest
from capacity.spec.base import Complaint, Name, PositiveWholeSeconds, SourcedPart, WholeSeconds, refusal
from capacity.spec.complaints import describe
from capacity.spec.numbers import Bounds, Quantity, Reader
from capacity.spec.quantities import LONGEST_S
from capacity.spec.sourced import sourced_schema, unwrap

RULES: Final = ("young", "daly")
BytesPerSlot = Annotated[float, Quantity("bytes_per_slot", "12 GB/slot", bounds=Bounds(above=True))]
_INTERVAL: Final = Quantity("seconds", "1 h", bounds=Bounds(low=1.0, high=LONGEST_S))


@dataclass(frozen=True, slots=True)
class IntervalOrRule(Reader):
    """A time between checkpoints, ``1 h``, or the rule that says it, ``young`` or ``daly``."""

    def read(self, raw: object) -> Any:  # noqa: ANN401  # seconds or a word
        """Return whole seconds, or the word."""
        value = unwrap(raw)
        if isinstance(value, str) and value.isalpha():
            if value not in RULES:
                fix = f"{nearest(value, RULES)}; or a time, 1 h"
                raise refusal(Complaint(f"there is no rule {describe(value)} for checkpoints", fix))
            return value
        return float(round(_INTERVAL.read(raw)))

    def plain_schema(self) -> dict[str, Any]:
        """Describe the plain form."""
        return {"type": "string", "examples": ["1 h", *RULES]}

    def __get_pydantic_json_schema__(
        self, _schema: CoreSchema, _handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return sourced_schema(self.plain_schema())


class Checkpoint(SourcedPart):
    """What jobs save while they run, so that one that is interrupted goes on from there."""

    every: Annotated[float | Literal["young", "daly"], IntervalOrRule()]
    """Work between checkpoints: a time; or young or daly, from the MTBF of the job and the time to write."""
    size: BytesPerSlot | None = None
    """What each slot writes; checkpoints take no time if not given."""
    tier: Name | None = None
    """The storage tier they go to; the one that is written fastest if not given."""
    restart: WholeSeconds = 0.0
    """From the new start to the first new work, beside reading the checkpoint."""

    @model_validator(mode="after")
    def _says_how_large(self) -> Self:
        if self.size is None and isinstance(self.every, str):
            what = f"'{self.every}' weighs failures against the time that a checkpoint takes to write"
            raise refusal(Complaint(what, "add 'size: 12 GB/slot'", ("every",)))
        if self.size is None and self.tier is not None:
            raise refusal(Complaint("'tier' without 'size'", "add 'size: 12 GB/slot'", ("tier",)))
        return self


def _from_duration(raw: Any, handler: ValidatorFunctionWrapHandler) -> Checkpoint:  # noqa: ANN401
    """Read a duration alone, with or without a source, as the interval of checkpoints that cost nothing."""
    if isinstance(raw, Checkpoint) or (isinstance(raw, Mapping) and "value" not in raw):
        found: Checkpoint = handler(raw)
        return found
    if _is_time(raw):
        return Checkpoint.model_construct(every=IntervalOrRule().read(raw))
    rule: Checkpoint = handler({"every": raw})
    return rule


def _is_time(raw: object) -> bool:
    value = unwrap(raw)
    return not (isinstance(value, str) and value.isalpha())


Checkpointing = Annotated[
    Checkpoint, WrapValidator(_from_duration, json_schema_input_type=PositiveWholeSeconds | Checkpoint)
]
"""A record, or the interval alone."""
