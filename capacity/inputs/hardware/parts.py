"""Parts one can buy: accelerators and nodes, what they compute, draw and cost, and from when on."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from capacity.inputs.fields.complaints import Complaint
from capacity.inputs.fields.money import Price, PricePerSlotHour
from capacity.inputs.fields.quantities import (
    Bytes,
    Count,
    Day,
    Efficiency,
    Name,
    PositiveBytesPerSecond,
    PositiveCount,
    PositiveFactor,
    Watts,
    flops_at,
)
from capacity.inputs.fields.record import Record, SourcedRecord
from capacity.quantities.precision import PRECISIONS


class Peaks(Record):
    """Peak rates by precision, dense: the sparse figures of data sheets are twice as large and never used."""

    fp64: Annotated[float, flops_at("fp64")] | None = None
    """Double precision, on vector units."""
    fp64_tensor: Annotated[float, flops_at("fp64_tensor")] | None = None
    """Double precision, on tensor or matrix units."""
    fp32: Annotated[float, flops_at("fp32")] | None = None
    """Single precision, on vector units."""
    tf32: Annotated[float, flops_at("tf32")] | None = None
    """TensorFloat-32."""
    fp16: Annotated[float, flops_at("fp16")] | None = None
    """Half precision, on tensor or matrix units."""
    bf16: Annotated[float, flops_at("bf16")] | None = None
    """Brain float, on tensor or matrix units."""
    fp8: Annotated[float, flops_at("fp8")] | None = None
    """8-bit float."""
    int8: Annotated[float, flops_at("int8")] | None = None
    """8-bit integer operations."""

    def _complaints(self) -> Iterable[Complaint]:
        if not self.by_precision():
            return [Complaint("no peak is given", f"give at least one of {', '.join(PRECISIONS)}")]
        return []

    def by_precision(self, *, times: int = 1) -> dict[str, float]:
        """Return the known peaks, times a count [FLOP/s]."""
        return {p: times * peak for p in PRECISIONS if (peak := getattr(self, p)) is not None}


class Achievable(Record):
    """The part of the dense peak that well-tuned codes reach, by precision; as in its family if not given."""

    fp64: Efficiency | None = Field(None, description="Double precision, on vector units.")
    fp64_tensor: Efficiency | None = Field(
        None, description="Double precision, on tensor or matrix units: HPL, for one."
    )
    fp32: Efficiency | None = Field(None, description="Single precision, on vector units.")
    tf32: Efficiency | None = Field(None, description="TensorFloat-32.")
    fp16: Efficiency | None = Field(None, description="Half precision, on tensor or matrix units.")
    bf16: Efficiency | None = Field(None, description="Brain float, on tensor or matrix units.")
    fp8: Efficiency | None = Field(None, description="8-bit float.")
    int8: Efficiency | None = Field(None, description="8-bit integer operations.")

    def by_precision(self) -> dict[str, float]:
        """Return the parts that are given."""
        return {p: part for p in PRECISIONS if (part := getattr(self, p)) is not None}

    def complaints(self, peak: Peaks) -> Iterator[Complaint]:
        """Say of which precisions there is no peak that one could reach a part of."""
        for precision in self.by_precision():
            if getattr(peak, precision) is None:
                what = f"there is no peak at {precision} to reach a part of"
                yield Complaint(
                    what, f"'peak' has {', '.join(peak.by_precision())}", ("achievable", precision)
                )


class PowerDraw(Record):
    """What a part draws doing nothing, while a job holds it, and at most."""

    idle: Watts
    """Switched on, doing nothing."""
    max: Watts
    """At full load."""
    typical: Watts | None = None
    """On average while jobs hold it; at full load if not given."""

    @property
    def held(self) -> float:
        """Draw while jobs hold it: what is typical, or at full load where nobody has measured that [W]."""
        return self.max if self.typical is None else self.typical

    def _complaints(self) -> Iterable[Complaint]:
        if self.idle > self.max:
            what = f"idle ({self.idle:g} W) is more than max ({self.max:g} W)"
            return [Complaint(what, at=("idle",))]
        if self.typical is not None and not self.idle <= self.typical <= self.max:
            between = f"idle ({self.idle:g} W) and max ({self.max:g} W)"
            return [Complaint(f"typical ({self.typical:g} W) is not between {between}", at=("typical",))]
        return []


class Accelerator(SourcedRecord):
    """A GPU or the like, as one buys it."""

    kind: Literal["accelerator"] = "accelerator"
    """What sort of record this is."""
    family: Name | None = None
    """Who makes it: nvidia, amd. What it does not state of `achievable` is the mean of that family."""
    launched: Day
    """The day it was announced or launched."""
    available_from: Day
    """The first day on which it could be had in volume."""
    sold_until: Day | None = None
    """The last day on which it could be ordered; not known if not given."""
    peak: Peaks
    """Dense peak rates by precision."""
    achievable: Achievable = Achievable()
    """The part of each peak that well-tuned codes reach."""
    memory: Bytes
    """Memory of one accelerator."""
    memory_bandwidth: PositiveBytesPerSecond
    """Bandwidth of that memory."""
    link_bandwidth: PositiveBytesPerSecond | None = None
    """To the other accelerators of its node, in one direction."""
    power: PowerDraw
    """Draw of one accelerator; nodes state their own, with everything in them."""
    price: Price | None = None
    """Price of one, where it is sold alone."""

    def _complaints(self) -> Iterable[Complaint]:
        if self.available_from < self.launched:
            what = f"available_from ({self.available_from}) is before launched ({self.launched})"
            return [Complaint(what, at=("available_from",))]
        return [*self.achievable.complaints(self.peak)]


class Node(SourcedRecord):
    """A server: accelerators with their host, or processors alone.

    A node with accelerators offers each as one slot; a node without is one slot. The peak of the host
    processors of an accelerated node is not counted: sums over unlike precisions mislead.
    """

    kind: Literal["node"] = "node"
    """What sort of record this is."""
    family: Name | None = None
    """Who makes the processors of a node without accelerators: intel, amd; see there."""
    accelerator: Accelerator | None = None
    """The accelerator inside; none for a node of processors alone."""
    accelerators: Count = 0
    """How many accelerators are inside."""
    cpu_cores: PositiveCount
    """Cores of the host processors."""
    memory: Bytes
    """Host memory."""
    peak: Peaks | None = None
    """Peak of the node, for a node of processors alone."""
    achievable: Achievable | None = None
    """The part of each peak that well-tuned codes reach, for a node of processors alone."""
    memory_bandwidth: PositiveBytesPerSecond | None = None
    """Bandwidth of the host memory, for a node of processors alone."""
    network_bandwidth: PositiveBytesPerSecond | None = None
    """All network ports of the node together, in one direction."""
    local_storage_bandwidth: PositiveBytesPerSecond | None = None
    """Reading from the drives of the node, all together."""
    host_speed: PositiveFactor = 1.0
    """Speed of one thread on the host processors; 1 is that of an EPYC 7742."""
    power: PowerDraw | None = None
    """Draw of the whole node, accelerators included; without it its energy is not known."""
    price: Price | None = None
    """Price of the whole node."""
    rent_price: PricePerSlotHour | None = None
    """What an hour of one of its slots costs elsewhere, of machines that are rented on demand."""
    available_from: Day
    """The first day on which it could be had in volume."""
    sold_until: Day | None = None
    """The last day on which it could be ordered; not known if not given."""

    def _complaints(self) -> Iterable[Complaint]:
        if (self.accelerator is None) != (self.accelerators == 0):
            fix = "give 'accelerator' and 'accelerators: 8' together, or neither"
            return [Complaint("an accelerator and a number of them belong together", fix)]
        if (self.accelerator is None) == (self.peak is None):
            fix = "give 'accelerator', or 'peak' for a node of processors alone"
            return [Complaint("a node computes with accelerators or with its own peak", fix)]
        return [*self._host_complaints()]

    def _host_complaints(self) -> Iterator[Complaint]:
        for word in ("achievable", "memory_bandwidth") if self.accelerator is not None else ():
            if getattr(self, word) is not None:
                what = f"'{word}' belongs to a node of processors alone"
                yield Complaint(what, f"state '{word}' of the accelerator inside", (word,))
        if self.peak is not None and self.achievable is not None:
            yield from self.achievable.complaints(self.peak)

    @property
    def slots(self) -> int:
        """What the batch system hands out of one node: accelerators, or the node itself."""
        return self.accelerators or 1

    @property
    def slot_memory_bytes(self) -> float:
        """Memory of one slot: of its accelerator, or of the node where it is one slot [B]."""
        return self.accelerator.memory if self.accelerator is not None else self.memory / self.slots

    @property
    def peaks(self) -> Mapping[str, float]:
        """Peak of the node by precision [FLOP/s]."""
        if self.accelerator is not None:
            return self.accelerator.peak.by_precision(times=self.accelerators)
        return self.peak.by_precision() if self.peak is not None else {}

    @property
    def slot_peaks(self) -> Mapping[str, float]:
        """Peak of one slot by precision [FLOP/s]."""
        return {precision: peak / self.slots for precision, peak in self.peaks.items()}

    @property
    def achievable_fracs(self) -> Mapping[str, float]:
        """Part of each peak that well-tuned codes reach, as far as it is stated."""
        stated = self.accelerator.achievable if self.accelerator is not None else self.achievable
        return stated.by_precision() if stated is not None else {}

    @property
    def slot_memory_bandwidth(self) -> float | None:
        """Memory bandwidth of one slot, None if it is not stated [B/s]."""
        if self.accelerator is not None:
            return self.accelerator.memory_bandwidth
        return None if self.memory_bandwidth is None else self.memory_bandwidth / self.slots

    @property
    def buyable_from(self) -> date:
        """The first day on which the node and what is inside could be had."""
        inside = self.accelerator.available_from if self.accelerator else self.available_from
        return max(self.available_from, inside)

    @property
    def buyable_until(self) -> date | None:
        """The last day on which the node and what is inside could be ordered; None if that is not known."""
        inside = self.accelerator.sold_until if self.accelerator else None
        return min((day for day in (self.sold_until, inside) if day is not None), default=None)
