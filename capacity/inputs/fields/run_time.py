"""How long jobs run, as a planner states it: two numbers, a few quantiles, or a mixture of kinds.

Whatever lasts or is asked for can be stated so, not only run times.
"""

from collections.abc import Callable, Iterable, Mapping
from math import log
from typing import Any

from capacity.inputs.fields.complaints import Complaint
from capacity.inputs.fields.quantities import Fraction, Name, PositiveFactor, PositiveSeconds
from capacity.inputs.fields.record import Record
from workloads.synthetic import distributions

SUM_TOLERANCE = 0.001
LARGEST_SPREAD = 1000.0
LARGEST_CV = 100.0
MOST_PARTS = 60
SMALLEST_BODY = 1e-3
"""Of a body with a tail, at least this share has to lie below the tail."""


def shares_complaints(shares: Iterable[float], *at: str) -> list[Complaint]:
    """Check that shares add up to the whole."""
    total = sum(shares)
    wrong = abs(total - 1) > SUM_TOLERANCE
    return [Complaint(f"the shares add up to {total:.1%}, not to 100 %", at=at)] if wrong else []


def quantile_complaints(quantiles: Mapping[float, float], at: str) -> list[Complaint]:
    """Check that a table of quantiles goes from 0 % to 100 %, in order."""
    steps = [*quantiles.items()]
    if len(steps) < 2 or steps[0][0] != 0 or steps[-1][0] != 1:
        return [Complaint("the quantiles do not go from 0 % to 100 %", at=(at,))]
    values = [value for _, value in steps]
    if steps != sorted(steps) or values != sorted(values):
        return [Complaint("the quantiles are not in order", at=(at,))]
    return []


class RunTime(Record):
    """How long jobs run; which of the keys are given says which distribution it is."""

    median: PositiveSeconds | None = None
    """Lognormal, with mean or spread: half the jobs are shorter."""
    mean: PositiveSeconds | None = None
    """Lognormal, with median: more than the median; the larger their ratio, the heavier the tail.
    Gamma, with cv."""
    spread: PositiveFactor | None = None
    """Lognormal, with median: two thirds of the jobs lie between median / spread and median × spread."""
    cv: PositiveFactor | None = None
    """Gamma, with mean: standard deviation over mean; 1 is the exponential distribution."""
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
    shortest: PositiveSeconds | None = None
    """Log-uniform, with longest: as many jobs from 1 to 10 minutes as from 10 to 100."""
    longest: PositiveSeconds | None = None
    """Log-uniform, with shortest: no job is longer."""
    log_shape: PositiveFactor | None = None
    """Log-gamma, with log_scale: shape of the gamma that the natural logarithm of the seconds follows."""
    log_scale: PositiveFactor | None = None
    """Log-gamma, with log_shape: two of these in a mixture are Lublin and Feitelson's hyper-gamma."""
    quantiles: Mapping[Fraction, PositiveSeconds] | None = None
    """Read off a log: from 0 % to 100 %, in order."""
    mixture: "Mapping[Name, MixturePart] | None" = None
    """Several kinds of jobs in one class, each with its share."""
    tail: "Tail | None" = None
    """The longest jobs, beside any of the other distributions, which then only holds below them."""

    def _given(self) -> frozenset[str]:
        return frozenset(name for name in _KEYS if getattr(self, name) is not None)

    def _complaints(self) -> Iterable[Complaint]:
        given = self._given()
        if given not in _FAMILIES:
            what = f"{' and '.join(sorted(given)) or 'nothing'} is no distribution"
            return [Complaint(what, f"give {', or '.join(' and '.join(sorted(f)) for f in _FAMILIES)}")]
        wrong = _WRONG.get(given)
        return (wrong(self) if wrong else []) or _tail_complaints(self)

    def to_distribution(self) -> distributions.Distribution:
        """Return it as the demand model holds it."""
        if self.tail is None:
            return self._body()
        return distributions.Tailed(self._body(), self.tail.above, self.tail.exponent, self.tail.share)

    def _body(self) -> distributions.Distribution:
        return _FAMILIES[self._given()](self)


class MixturePart(RunTime):
    """One kind of jobs in a mixture."""

    share: Fraction
    """Its share of the jobs."""


class Tail(Record):
    """The longest jobs: a Pareto tail on top of another distribution."""

    above: PositiveSeconds
    """Where the tail begins; below it the other distribution holds."""
    exponent: PositiveFactor
    """How it falls: twice as long is 2 to this power rarer; up to 1, there is no mean but for the limit."""
    share: Fraction
    """Share of the jobs in the tail."""


def mean_complaints(mean: float | None, median: float | None, unit: str, what: str) -> list[Complaint]:
    """Check that the mean of a lognormal distribution is more than its median."""
    if mean is None or median is None or mean > median:
        return []
    wrong = f"mean ({mean:g} {unit}) is not more than median ({median:g} {unit})"
    return [Complaint(wrong, f"a few {what} jobs always pull the mean up", ("mean",))]


def spread_complaints(spread: float | None, of: str = "") -> list[Complaint]:
    """Check that the spread of a lognormal distribution is one."""
    if spread is None or 1 < spread <= LARGEST_SPREAD:
        return []
    wrong = f"a spread of {spread:g} is not between 1 and {LARGEST_SPREAD:g}"
    return [Complaint(wrong, f"3 means: two thirds within a factor of 3{of}", ("spread",))]


def _cv_complaints(run: RunTime) -> list[Complaint]:
    least, most = 1 / LARGEST_CV, LARGEST_CV
    if run.cv is None or least <= run.cv <= most:
        return []
    what = f"a coefficient of variation of {run.cv:g} is not between {least:g} and {most:g}"
    return [Complaint(what, "1 is the exponential distribution", ("cv",))]


def _bounds_complaints(run: RunTime) -> list[Complaint]:
    if run.shortest is None or run.longest is None or run.longest > run.shortest:
        return []
    what = f"longest ({run.longest:g} s) is not more than shortest ({run.shortest:g} s)"
    return [Complaint(what, "`always` states jobs of one length", ("longest",))]


def _mixture_complaints(run: RunTime) -> list[Complaint]:
    parts = run.mixture or {}
    if len(parts) > MOST_PARTS:
        what = f"a mixture of {len(parts)} kinds is more than {MOST_PARTS}"
        return [Complaint(what, "`quantiles` can follow any shape", ("mixture",))]
    return shares_complaints((part.share for part in parts.values()), "mixture")


def _tail_complaints(run: RunTime) -> list[Complaint]:
    if run.tail is None:
        return []
    if run.always is not None or run.minimum is not None:
        return [Complaint("this distribution takes no tail", "leave it out, or give another one", ("tail",))]
    if not 0 < run.tail.share < 1:
        what = f"a tail with {run.tail.share:.0%} of the jobs is none"
        return [Complaint(what, "more than 0 % and less than 100 %", ("tail", "share"))]
    if float(run._body().cdf(run.tail.above)) < SMALLEST_BODY:
        what = f"hardly a job of the rest is below {run.tail.above:g} s"
        return [Complaint(what, "the tail begins where the rest ends", ("tail", "above"))]
    return []


_FAMILIES: dict[frozenset[str], Callable[[Any], distributions.Distribution]] = {
    frozenset({"median", "mean"}): lambda run: distributions.Lognormal(run.median, run.mean),
    frozenset({"median", "spread"}): lambda run: distributions.Lognormal.of(log(run.median), log(run.spread)),
    frozenset({"mean", "cv"}): lambda run: distributions.Gamma.of(run.mean, run.cv),
    frozenset({"quantiles"}): lambda run: distributions.Empirical(tuple(run.quantiles.items())),
    frozenset({"mixture"}): lambda run: distributions.Mixture(
        tuple((part.share, part.to_distribution()) for part in run.mixture.values())
    ),
    frozenset({"scale", "shape"}): lambda run: distributions.Weibull(run.scale, run.shape),
    frozenset({"minimum", "exponent"}): lambda run: distributions.Pareto(run.minimum, run.exponent),
    frozenset({"shortest", "longest"}): lambda run: distributions.LogUniform(run.shortest, run.longest),
    frozenset({"log_shape", "log_scale"}): lambda run: distributions.LogGamma(run.log_shape, run.log_scale),
    frozenset({"always"}): lambda run: distributions.Constant(run.always),
}
"""How each distribution is made of the numbers that state it."""
_KEYS = frozenset().union(*_FAMILIES)
_WRONG: dict[frozenset[str], Callable[[RunTime], list[Complaint]]] = {
    frozenset({"median", "mean"}): lambda run: mean_complaints(run.mean, run.median, "s", "long"),
    frozenset({"median", "spread"}): lambda run: spread_complaints(run.spread, " of the median"),
    frozenset({"mean", "cv"}): _cv_complaints,
    frozenset({"quantiles"}): lambda run: quantile_complaints(run.quantiles or {}, "quantiles"),
    frozenset({"mixture"}): _mixture_complaints,
    frozenset({"shortest", "longest"}): _bounds_complaints,
}
"""What can be wrong with those numbers."""
