"""What jobs save while they run: how often, how much, where to."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Final, Literal

from pydantic import ValidatorFunctionWrapHandler, WrapValidator

from capacity.errors import nearest
from capacity.inputs.fields.complaints import Complaint, describe, one_alone, refusal, two_ways
from capacity.inputs.fields.numbers import Bounds, PlainNumber, Quantity, ReadBy
from capacity.inputs.fields.quantities import (
    LONGEST_S,
    Name,
    PositiveCount,
    PositiveSeconds,
    PositiveWholeSeconds,
    WholeSeconds,
)
from capacity.inputs.fields.record import SourcedPart
from capacity.inputs.fields.sourced import unwrap

RULES: Final = ("young", "daly")
BytesPerSlot = Annotated[float, Quantity("bytes_per_slot", "12 GB/slot", bounds=Bounds(above=True))]
Parameters = Annotated[float, PlainNumber("7e9", bounds=Bounds(high=1e16, above=True))]
PositiveBytes = Annotated[float, Quantity("bytes", "14 B", bounds=Bounds(high=1e6, above=True))]
_INTERVAL: Final = Quantity("seconds", "1 h", bounds=Bounds(low=1.0, high=LONGEST_S))


def _interval_or_rule(raw: object) -> Any:  # noqa: ANN401  # whole seconds, or a word
    """Read a time between checkpoints, ``1 h``, or the rule that says it, ``young`` or ``daly``."""
    value = unwrap(raw)
    if isinstance(value, str) and value.isalpha():
        if value not in RULES:
            fix = f"{nearest(value, RULES)}; or a time, 1 h"
            raise refusal(Complaint(f"there is no rule {describe(value)} for checkpoints", fix))
        return value
    return float(round(_INTERVAL.read(raw)))


_EVERY = ReadBy(_interval_or_rule, {"type": "string", "examples": ["1 h", *RULES]}, "s")


class Checkpoint(SourcedPart):
    """What jobs save while they run, so that one that is interrupted goes on from there."""

    every: Annotated[float | Literal["young", "daly"], _EVERY]
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

    def _complaints(self) -> Iterable[Complaint]:
        if found := [*one_alone(self, "parameters", "bytes_per_parameter")]:
            return found
        if found := [*two_ways(self, "size", "parameters")]:
            return found
        if not self.has_size and isinstance(self.every, str):
            what = f"'{self.every}' weighs failures against the time that a checkpoint takes to write"
            return [Complaint(what, "add 'size: 12 GB/slot'", ("every",))]
        for word in sorted(self.unused()):
            if word in self.model_fields_set and getattr(self, word) is not None:
                return [Complaint(f"'{word}' without 'size'", "add 'size: 12 GB/slot'", (word,))]
        return []

    def unused(self) -> frozenset[str]:
        """Return what has nothing to say of checkpoints that take no room."""
        return frozenset() if self.has_size else frozenset({"tier", "keep_last", "keep"})

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
    value = unwrap(raw)
    if not (isinstance(value, str) and value.isalpha()):
        return Checkpoint.model_construct(every=_interval_or_rule(raw))
    rule: Checkpoint = handler({"every": raw})
    return rule


Checkpointing = Annotated[
    Checkpoint, WrapValidator(_from_duration, json_schema_input_type=PositiveWholeSeconds | Checkpoint)
]
"""A record, or the interval alone."""
