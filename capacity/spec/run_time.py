"""How long jobs run, as a planner states it: two numbers, a few quantiles, or a mixture of kinds."""

from collections.abc import Iterable, Mapping
from typing import Self

from pydantic import model_validator

from capacity.spec.base import Complaint, Fraction, Name, PositiveFactor, PositiveSeconds, Record, refusal
from workloads.synthetic import distributions

SUM_TOLERANCE = 0.001


def shares_complaints(shares: Iterable[float], at: str) -> list[Complaint]:
    """Check that shares add up to the whole."""
    total = sum(shares)
    if abs(total - 1) <= SUM_TOLERANCE:
        return []
    return [Complaint(f"the shares add up to {total:.1%}, not to 100 %", at=(at,))]


class RunTime(Record):
    """How long jobs run; which of the keys are given says which distribution it is."""

    median: PositiveSeconds | None = None
    """Lognormal, with mean: half the jobs are shorter."""
    mean: PositiveSeconds | None = None
    """Lognormal, with median: more than the median; the larger their ratio, the heavier the tail."""
    always: PositiveSeconds | None = None
    """All jobs run equally long."""
    scale: PositiveSeconds | None = None
    """Weibull, with shape: 63 % of the jobs are shorter."""
    shape: PositiveFactor | None = None
    """Weibull, with scale: below 1 the tail is heavier than exponential."""
    minimum: PositiveSeconds | None = None
    """Pareto, with exponent: no job is shorter."""
    exponent: PositiveFactor | None = None
    """Pareto, with minimum: the smaller, the heavier the tail."""
    quantiles: Mapping[Fraction, PositiveSeconds] | None = None
    """Read off a log: from 0 % to 100 %, in order."""
    mixture: "Mapping[Name, MixturePart] | None" = None
    """Several kinds of jobs in one class, each with its share."""

    @model_validator(mode="after")
    def _is_one_distribution(self) -> Self:
        given = frozenset(name for name in _KEYS if getattr(self, name) is not None)
        if given not in _FAMILIES:
            what = f"{' and '.join(sorted(given)) or 'nothing'} is no distribution"
            raise refusal(Complaint(what, f"give {', or '.join(' and '.join(sorted(f)) for f in _FAMILIES)}"))
        found = _FAMILIES[given](self)
        if found:
            raise refusal(*found)
        return self

    def to_distribution(self) -> distributions.Distribution:
        """Return it as the demand model holds it."""
        if self.median is not None and self.mean is not None:
            return distributions.Lognormal(self.median, self.mean)
        if self.scale is not None and self.shape is not None:
            return distributions.Weibull(self.scale, self.shape)
        if self.minimum is not None and self.exponent is not None:
            return distributions.Pareto(self.minimum, self.exponent)
        if self.quantiles is not None:
            return distributions.Empirical(tuple(self.quantiles.items()))
        if self.mixture is not None:
            parts = ((part.share, part.to_distribution()) for part in self.mixture.values())
            return distributions.Mixture(tuple(parts))
        assert self.always is not None
        return distributions.Constant(self.always)


class MixturePart(RunTime):
    """One kind of jobs in a mixture."""

    share: Fraction
    """Its share of the jobs."""


def _lognormal_complaints(run: RunTime) -> list[Complaint]:
    if run.mean is not None and run.median is not None and run.mean <= run.median:
        what = f"mean ({run.mean:g} s) is not more than median ({run.median:g} s)"
        return [Complaint(what, "a few long jobs always pull the mean up", ("mean",))]
    return []


def _quantile_complaints(run: RunTime) -> list[Complaint]:
    steps = [*(run.quantiles or {}).items()]
    if len(steps) < 2 or steps[0][0] != 0 or steps[-1][0] != 1:
        return [Complaint("the quantiles do not go from 0 % to 100 %", at=("quantiles",))]
    if steps != sorted(steps) or [*zip(*steps, strict=True)][1] != tuple(sorted(value for _, value in steps)):
        return [Complaint("the quantiles are not in order", at=("quantiles",))]
    return []


def _mixture_complaints(run: RunTime) -> list[Complaint]:
    return shares_complaints((part.share for part in (run.mixture or {}).values()), "mixture")


def _no_complaints(_run: RunTime) -> list[Complaint]:
    return []


_FAMILIES = {
    frozenset({"median", "mean"}): _lognormal_complaints,
    frozenset({"quantiles"}): _quantile_complaints,
    frozenset({"mixture"}): _mixture_complaints,
    frozenset({"scale", "shape"}): _no_complaints,
    frozenset({"minimum", "exponent"}): _no_complaints,
    frozenset({"always"}): _no_complaints,
}
_KEYS = frozenset().union(*_FAMILIES)
