"""The computers of a site: pools of identical nodes, and what it is said to have beside what they make."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from capacity.facility.hardware.compute import rate_with_fallback
from capacity.inputs.failures.nodes import Failures
from capacity.inputs.fields.numbers import Bounds, Quantity
from capacity.inputs.fields.quantities import PositiveCount, Seconds, Text
from capacity.inputs.fields.record import Record
from capacity.inputs.hardware.parts import Node
from capacity.inputs.storage.tiers import Capacity
from capacity.quantities.precision import Precision
from capacity.quantities.writing import format_si

Flops = Annotated[float, Quantity("flops", "88.5 PFLOPS", bounds=Bounds(above=True))]


class Declared(Record):
    """What the site is said to have, to be compared with what its parts add up to."""

    precision: Precision
    """The precision of the PFLOPS figures; without one they mean nothing."""
    peak: Flops | None = None
    """Peak of the whole site at that precision."""
    storage: Capacity | None = None
    """Storage of all tiers together."""


TOLERANCE_FRAC = 0.01


@dataclass(frozen=True, slots=True)
class DeclaredGap:
    """The declared total of a pool, all pools or the storage beside the computed one [SI unit].

    The dimension is ``flops`` or ``bytes``; the kind is the precision or kind of capacity, if there is one.
    """

    what: str
    dimension: str
    declared: float
    computed: float
    kind: str = ""

    @property
    def gap_frac(self) -> float:
        """By how much the parts exceed the declared total."""
        return self.computed / self.declared - 1.0

    @property
    def agrees(self) -> bool:
        """Whether the two are within 1 %."""
        return abs(self.gap_frac) <= TOLERANCE_FRAC

    @property
    def sentence(self) -> str:
        """Both totals and the gap, in words."""
        declared, computed = (format_si(x, self.dimension) for x in (self.declared, self.computed))
        kind, gap = f" {self.kind}" if self.kind else "", f"{100 * self.gap_frac:+.1f} %"
        return f"{self.what}: declared {declared}{kind}, the parts make {computed} ({gap})"


class Pool(Record):
    """Identical nodes that the batch system sees as one partition."""

    title: Text | None = None
    """One line for tables."""
    node: Node
    """What it is built of."""
    nodes: PositiveCount
    """How many nodes it has when complete."""
    declared: Flops | None = None
    """What the pool is said to have, at the declared precision of the site."""
    precision: Precision | None = None
    """The precision its users compare rates at; the site's declared one if not given."""
    counted: bool = False
    """Whether any free slots will do, as if the pool were one large node."""
    lead_time: Seconds | None = None
    """From an order for its nodes to service."""
    failures: Failures | None = None
    """How often its nodes fail; never if not given. Of a counted pool any node's worth of slots fails."""

    @property
    def slots(self) -> int:
        """What the batch system hands out when complete."""
        return self.nodes * self.node.slots

    @property
    def peaks(self) -> Mapping[str, float]:
        """Peak of the pool by precision [FLOP/s]."""
        return {precision: self.nodes * peak for precision, peak in self.node.peaks.items()}

    def comparable_flops(self, precision: Precision) -> float:
        """Return the peak at a precision, or at the one that stands in for it [FLOP/s]."""
        return rate_with_fallback(self.peaks, precision)[0]

    @property
    def power_max_w(self) -> float | None:
        """Draw at full load, None if its nodes do not say theirs [W]."""
        return None if self.node.power is None else self.nodes * self.node.power.max
