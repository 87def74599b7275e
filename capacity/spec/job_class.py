"""What a planner says about one kind of work: how large, how long, how it ends, what it leaves behind."""

from collections.abc import Mapping
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
from capacity.spec.run_time import RunTime, shares_complaints
from workloads.synthetic import model

LONGEST_S = 366 * 86400
BytesPerSlotSecond = Annotated[float, Quantity("bytes_per_slot_s", "2 GB/slot/h")]
BytesPerJob = Annotated[float, Quantity("bytes_per_job", "5 GB/job")]
AtLeastOne = Annotated[float, PlainNumber("4.0", bounds=Bounds(low=1.0, high=1e6))]
RunLimit = Annotated[float, Quantity("seconds", "2 day", bounds=Bounds(low=60.0, high=LONGEST_S))]
Slots = Annotated[int, Field(ge=1, le=2**31 - 1)]


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


Ending = Literal["completed", "failed", "cancelled"]
_ALL_COMPLETE: Mapping[Ending, Fate] = {"completed": Fate(share=1.0)}


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
    fates: Mapping[Ending, Fate] = Field(default_factory=lambda: _ALL_COMPLETE)
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
