"""Declared totals against the sum of the parts: announcements round, plan and forget."""

from dataclasses import dataclass

from capacity.quantities.writing import format_si

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
