"""What jobs save while they run: how often, how much, where to."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal, Self

from pydantic import GetJsonSchemaHandler, ValidatorFunctionWrapHandler, WrapValidator, model_validator
from pydantic_core import CoreSchema

from capacity.errors import nearest
from capacity.inputs.fields.complaints import describe
from capacity.inputs.fields.numbers import Bounds, FieldReader, PlainNumber, Quantity
from capacity.inputs.fields.quantities import LONGEST_S
from capacity.inputs.fields.record import (
    Complaint,
    Name,
    PositiveCount,
    PositiveSeconds,
    PositiveWholeSeconds,
    SourcedPart,
    WholeSeconds,
    refusal,
)
from capacity.inputs.fields.sourced import sourced_schema, unwrap

RULES: Final = ("young", "daly")
BytesPerSlot = Annotated[float, Quantity("bytes_per_slot", "12 GB/slot", bounds=Bounds(above=True))]
Parameters = Annotated[float, PlainNumber("7e9", bounds=Bounds(high=1e16, above=True))]
PositiveBytes = Annotated[float, Quantity("bytes", "14 B", bounds=Bounds(high=1e6, above=True))]
_INTERVAL: Final = Quantity("seconds", "1 h", bounds=Bounds(low=1.0, high=LONGEST_S))


@dataclass(frozen=True, slots=True)
class IntervalOrRule(FieldReader):
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
    parameters: Parameters | None = None
    """Instead of the size: how many parameters the model of a job has; with `bytes_per_parameter`."""
    bytes_per_parameter: PositiveBytes | None = None
    """What a checkpoint holds of each: 2 B of weights in bf16, 12 to 16 B with the state of the optimizer."""
    keep_last: PositiveCount = 1
    """How many lie on the tier while the job runs."""
    keep: PositiveSeconds | None = None
    """The last one stays so long after the end of the job; it goes with the job if not given."""
    tier: Name | None = None
    """The storage tier they go to; the one that is written fastest if not given."""
    restart: WholeSeconds = 0.0
    """From the new start to the first new work, beside reading the checkpoint."""

    @model_validator(mode="after")
    def _says_how_large(self) -> Self:
        if (self.parameters is None) != (self.bytes_per_parameter is None):
            given, other = ("parameters", "bytes_per_parameter")[:: 1 if self.parameters is not None else -1]
            raise refusal(Complaint(f"'{given}' without '{other}'", f"add '{other}: …'", (given,)))
        if self.size is not None and self.parameters is not None:
            what = "'size' and 'parameters' are two ways to say one thing"
            fix = "remove one, with 'size: null' where another file gives it"
            raise refusal(Complaint(what, fix, ("parameters",)))
        if not self.has_size and isinstance(self.every, str):
            what = f"'{self.every}' weighs failures against the time that a checkpoint takes to write"
            raise refusal(Complaint(what, "add 'size: 12 GB/slot'", ("every",)))
        for word in ("tier", "keep_last", "keep"):
            if not self.has_size and word in self.model_fields_set and getattr(self, word) is not None:
                raise refusal(Complaint(f"'{word}' without 'size'", "add 'size: 12 GB/slot'", (word,)))
        return self

    @property
    def has_size(self) -> bool:
        """Whether it says how large a checkpoint is."""
        return self.size is not None or self.parameters is not None

    @property
    def bytes_per_job(self) -> float:
        """What a job writes whatever its slots; 0 if the size is by slot [B]."""
        return (self.parameters or 0.0) * (self.bytes_per_parameter or 0.0)

    def slot_bytes(self, slots: int) -> float:
        """Return what each slot of a job of so many writes; 0 if a checkpoint takes no room [B/slot]."""
        return (self.size or 0.0) + self.bytes_per_job / slots


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
