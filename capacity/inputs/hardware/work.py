"""What binds a kind of work to hardware: the rates its run time follows, how it scales, its operations."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import log
from typing import Annotated

from capacity.facility.hardware.scaling import StrongScaling
from capacity.inputs.fields.complaints import Complaint
from capacity.inputs.fields.numbers import Bounds, ReadBy, precision_of, si_value, written_number
from capacity.inputs.fields.quantities import Fraction, PositiveCount, PositiveFactor
from capacity.inputs.fields.record import Record
from capacity.inputs.fields.run_time import mean_complaints, shares_complaints, spread_complaints
from capacity.quantities.precision import Precision
from workloads.synthetic.distributions import Constant, Lognormal

_MORE_THAN_ZERO = Bounds(above=True)


class Bound(Record):
    """Which part of the run time on the reference is bound by what; a part not named is none."""

    compute: Fraction = 0.0
    """Arithmetic at the precision of the class."""
    memory: Fraction = 0.0
    """Bandwidth of the memory of its slots."""
    network: Fraction = 0.0
    """Links between accelerators, or the network where a job is larger than a node."""
    local_storage: Fraction = 0.0
    """Reading from the drives of its nodes."""
    storage: Fraction = 0.0
    """Reading from the storage that all share."""
    host: Fraction = 0.0
    """Processors of the host, and what hardly any hardware speeds up."""

    def _complaints(self) -> Iterable[Complaint]:
        return shares_complaints(self.shares.values())

    @property
    def shares(self) -> dict[str, float]:
        """Part of the run time by what binds it."""
        return {name: getattr(self, name) for name in type(self).model_fields}


class Scaling(Record):
    """How the run time of one problem changes with the slots it gets."""

    serial: Fraction = 0.0
    """Part of the time on one slot that no further slot shortens."""
    communication: Fraction = 0.0
    """Time that exchanging data takes on very many slots, over the time on one slot."""
    at: PositiveCount = 1
    """Number of slots that `mfu` holds for."""

    def _complaints(self) -> Iterable[Complaint]:
        if self.serial + self.communication >= 1:
            what = f"serial and communication are {self.serial + self.communication:.0%} together"
            fix = "with 100 % or more a job is never faster on more slots: less is needed"
            return [Complaint(what, fix, ("serial",))]
        return []

    def to_scaling(self) -> StrongScaling:
        """Return it as the formulas hold it."""
        return StrongScaling(self.serial, self.communication)

    def mfu_complaints(self, mfu: float, most: float, slots: int) -> Iterator[Complaint]:
        """Check the part of peak of the smallest jobs: fewer slots waste less, so theirs is the largest."""
        highest = self.to_scaling().mfu(mfu, self.at, slots)
        if mfu > most:
            yield Complaint(f"mfu ({mfu:.3g}) is above mfu_at_most ({most:.3g})", "", ("mfu",))
        elif highest > most * (1 + 1e-9):
            what = f"{mfu:.1%} of peak at {self.at} slots are {highest:.1%} at {slots}, above {most:.1%}"
            yield Complaint(what, "less scaling loss, or a lower mfu", ("mfu",))


@dataclass(frozen=True, slots=True)
class Operations:
    """A count of operations [FLOP], with the precision of its unit: bf16 in ``3 EFLOP_bf16``, or None."""

    flop: float
    precision: Precision | None


def _operations(raw: object) -> Operations:
    if isinstance(raw, Operations):
        return raw
    written = written_number(raw, _LIKE)
    precision = precision_of(written)
    return Operations(
        _MORE_THAN_ZERO.check(si_value(written, "flop", precision=precision), written), precision
    )


_LIKE = "3 EFLOP_bf16"
Flop = Annotated[Operations, ReadBy(_operations, {"type": "string", "examples": [_LIKE]})]
"""A number of operations; the precision of its unit is kept, to be held against that of the class."""


class Work(Record):
    """How many operations a job is, whatever it runs on; the keys given say which distribution."""

    median: Flop | None = None
    """Lognormal, with mean or spread: half the jobs are less."""
    mean: Flop | None = None
    """Lognormal, with median: more than the median."""
    spread: PositiveFactor | None = None
    """Lognormal, with median: two thirds of the jobs lie between median / spread and median × spread."""
    always: Flop | None = None
    """All jobs are equally much."""

    def _complaints(self) -> Iterable[Complaint]:
        given = {name for name in type(self).model_fields if getattr(self, name) is not None}
        if given not in ({"median", "mean"}, {"median", "spread"}, {"always"}):
            what = f"{' and '.join(sorted(given)) or 'nothing'} is no distribution"
            return [Complaint(what, "give mean and median, or median and spread, or always")]
        mean, median = (None if value is None else value.flop for value in (self.mean, self.median))
        return mean_complaints(mean, median, "FLOP", "large") or spread_complaints(self.spread)

    def precision_complaints(self, precision: Precision | None) -> Iterator[Complaint]:
        """Say which amounts are written at another precision than that of the class."""
        for word in ("median", "mean", "always"):
            amount: Operations | None = getattr(self, word)
            if amount is not None and amount.precision not in (None, precision):
                what = f"the work is in FLOP_{amount.precision}, and the class computes at {precision}"
                yield Complaint(what, f"write it in FLOP_{precision}, counted at that", ("work", word))

    def to_distribution(self, flops: float) -> Constant | Lognormal:
        """Return how long it takes at a rate [FLOP/s], in seconds."""
        if self.always is not None:
            return Constant(self.always.flop / flops)
        assert self.median is not None
        if self.mean is not None:
            return Lognormal(self.median.flop / flops, self.mean.flop / flops)
        assert self.spread is not None
        return Lognormal.of(log(self.median.flop / flops), log(self.spread))
