"""What a planner says about one kind of work: how large, how long, how it ends, what it leaves behind."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from capacity.spec.base import (
    Complaint,
    Fraction,
    Name,
    PositiveFactor,
    PositiveSeconds,
    Precision,
    Record,
    Seconds,
    Text,
    refusal,
)
from capacity.spec.growth import SourcedPart
from capacity.spec.numbers import Bounds, PlainNumber, Quantity
from workloads.synthetic import distributions, model

LONGEST_S = 366 * 86400
BytesPerSlotSecond = Annotated[float, Quantity("bytes_per_slot_s", "2 GB/slot/h")]
BytesPerJob = Annotated[float, Quantity("bytes_per_job", "5 GB/job")]
AtLeastOne = Annotated[float, PlainNumber("4.0", bounds=Bounds(low=1.0, high=1e6))]
RunLimit = Annotated[float, Quantity("seconds", "2 day", bounds=Bounds(low=60.0, high=LONGEST_S))]
Slots = Annotated[int, Field(ge=1, le=2**31 - 1)]
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


class Requested(Record):
    """How long people say their jobs will run: the run time, generously, up to the next round number."""

    longest: Fraction = 0.3
    """Share of jobs that ask for the longest time allowed."""
    too_short: Fraction = 0.01
    """Share of jobs that ask for less than they need, and are killed for it."""

    @model_validator(mode="after")
    def _leaves_the_rest(self) -> Self:
        if self.longest + self.too_short > 1:
            raise refusal(Complaint("the shares add up to more than 100 %"))
        return self


class Fate(Record):
    """One way jobs end."""

    share: Fraction
    """Share of the jobs."""
    run_factor: PositiveFactor = 1.0
    """How long they run beside the other fates: 2 beside 1 means twice as long. The mean stays."""


class Bursts(Record):
    """How submissions cluster: a person sits down and submits several jobs."""

    jobs: AtLeastOne
    """Jobs in one go, on average."""
    apart: Seconds
    """Time between them, on average."""


class Output(SourcedPart):
    """What jobs write to one storage tier."""

    tier: Name
    """The tier of the site."""
    per_slot: BytesPerSlotSecond | None = None
    """Written for each slot and hour of running; nothing if not given."""
    per_job: BytesPerJob | None = None
    """Written once by each job; nothing if not given."""
    keep: PositiveSeconds | None = None
    """Deleted after this time; kept for good if not given."""
    unfinished: Fraction = 1.0
    """How much of it remains when a job does not complete."""

    def to_output(self) -> model.Output:
        """Return it as the demand model holds it."""
        return model.Output(
            tier=self.tier,
            bytes_per_slot_s=self.per_slot or 0.0,
            bytes_per_job=self.per_job or 0.0,
            keep_s=self.keep,
            unfinished_frac=self.unfinished,
        )


class WorkClass(SourcedPart):
    """One kind of work."""

    title: Text
    """One line that says what it is."""
    pool: Name
    """The pool of the site that it runs in."""
    precision: Precision
    """The arithmetic it spends its time in."""
    compute_share: Fraction
    """Part of the run time that shrinks on a faster accelerator; the rest is input, output and waiting."""
    slots: Annotated[Mapping[Slots, Fraction], Field(min_length=1, max_length=255)]
    """How many accelerators jobs ask for, with the share of the jobs."""
    run: RunTime
    """How long jobs run on the reference accelerator."""
    limit: RunLimit
    """The longest time one may ask for; longer jobs are killed there."""
    requested: Requested = Field(default_factory=Requested)
    """How long people say their jobs will run."""
    fates: Mapping[Literal["completed", "failed", "cancelled"], Fate] = Field(
        default_factory=lambda: {"completed": Fate(share=1.0)}
    )
    """How jobs end."""
    bursts: Bursts | None = None
    """How submissions cluster; one by one if not given."""
    rhythm: Fraction = 1.0
    """How much of it follows the rhythm of work: 100 % as people work, 0 % evenly around the clock."""
    writes: Mapping[Name, Output] = Field(default_factory=dict)
    """What it leaves on storage."""

    @model_validator(mode="after")
    def _shares_are_whole(self) -> Self:
        found = shares_complaints(self.slots.values(), "slots")
        found += shares_complaints((fate.share for fate in self.fates.values()), "fates")
        if found:
            raise refusal(*found)
        return self

    def to_job_class(self, name: str) -> model.JobClass:
        """Return it as the demand model holds it."""
        return model.JobClass(
            name=name,
            title=self.title,
            pool=self.pool,
            precision=self.precision,
            compute_share_frac=self.compute_share,
            slots=dict(self.slots),
            run_s=self.run.to_distribution(),
            longest_s=round(self.limit),
            requests=model.Requests(self.requested.longest, self.requested.too_short),
            fates={name: model.Fate(fate.share, fate.run_factor) for name, fate in self.fates.items()},
            bursts=model.Bursts(self.bursts.jobs, self.bursts.apart) if self.bursts else model.Bursts(),
            rhythm_frac=self.rhythm,
            outputs=tuple(output.to_output() for output in self.writes.values()),
        )
