"""What a planner says about one kind of work: how large, how long, how it ends, what it leaves behind."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Literal

from pydantic import Field

from capacity.facility.hardware.compute import rate_with_fallback
from capacity.inputs.demand.series import AtLeastOne, Series
from capacity.inputs.failures.checkpoint import Checkpointing
from capacity.inputs.fields.complaints import Complaint, one_alone, two_ways
from capacity.inputs.fields.numbers import Bounds, Quantity, WholeNumber
from capacity.inputs.fields.quantities import (
    Efficiency,
    Factor,
    Fraction,
    Name,
    PositiveCount,
    PositiveFactor,
    PositiveWholeSeconds,
    Seconds,
    Text,
)
from capacity.inputs.fields.record import Record, SourcedPart
from capacity.inputs.fields.run_time import RunTime, shares_complaints
from capacity.inputs.hardware.parts import Node
from capacity.inputs.hardware.work import Bound, Scaling, Work
from capacity.inputs.storage.tiers import DataLife
from capacity.quantities.precision import Precision
from workloads.synthetic import model
from workloads.synthetic.distributions import Distribution

LONGEST_S = 366 * 86400
BytesPerSlotSecond = Annotated[float, Quantity("bytes_per_slot_s", "2 GB/slot/h")]
BytesPerSlot = Annotated[float, Quantity("bytes_per_slot", "30 GB/slot")]
BytesPerJob = Annotated[float, Quantity("bytes_per_job", "5 GB/job")]
RunLimit = Annotated[float, Quantity("seconds", "2 day", bounds=Bounds(low=60.0, high=LONGEST_S))]
Slots = Annotated[int, Field(ge=1, le=2**31 - 1)]


class Requested(Record, model.RequestNumbers):
    """How long people say their jobs will run: the run time, generously, up to the next round number."""

    longest: Fraction = 0.3
    """Share of jobs that ask for the longest time allowed."""
    too_short: Fraction = 0.01
    """Share of jobs that ask for less than they need, and are killed for it."""

    def _complaints(self) -> Iterable[Complaint]:
        if self.longest + self.too_short > 1:
            return [Complaint("the shares add up to more than 100 %")]
        return []


class Fate(Record, model.FateNumbers):
    """One way jobs end."""

    share: Fraction
    """Share of the jobs."""
    run_factor: PositiveFactor = 1.0
    """How long they run beside the other fates: 2 beside 1 means twice as long. The mean stays."""


After = Literal["afterok", "afterany"]
Ending = Literal["completed", "failed", "cancelled"]
_ALL_COMPLETE: Mapping[Ending, Fate] = {"completed": Fate(share=1.0)}


class Bursts(Record, model.BurstNumbers):
    """How submissions cluster: a person sits down and submits several jobs."""

    jobs: AtLeastOne
    """Jobs in one go, on average."""
    apart: Seconds
    """Time between them, on average."""


class Array(Record, model.ArrayNumbers):
    """Jobs submitted together as one job array."""

    tasks: AtLeastOne
    """Tasks of an array on average; the numbers are geometric."""
    at_once: PositiveCount | None = None
    """How many of them may run at once, as in Slurm's --array=0-99%10; without limit if not given."""


class Depends(Record, model.DependsNumbers):
    """Jobs that wait for the job that the same person submitted before in this class."""

    share: Fraction
    """Share of the jobs that do."""
    on: After = "afterok"
    """Whether that job must have completed, or only ended."""


class Input(SourcedPart):
    """What jobs read from one storage tier when they start."""

    tier: Name
    """The tier of the site."""
    per_slot: BytesPerSlot | None = None
    """Read for each slot; nothing if not given."""
    per_job: BytesPerJob | None = None
    """Read once by each job; nothing if not given."""
    again: bool = True
    """Whether a job that is run again after a failure or preemption reads it again."""


class Sessions(Record, model.SessionNumbers):
    """A person submits a job, waits for its end, thinks, and submits the next."""

    jobs: AtLeastOne
    """Jobs of a session, on average; the numbers are geometric."""
    think: Seconds
    """From the end of one to the next, on average; exponential."""
    linked: bool = False
    """Whether the next waits for the one before also when that had to queue."""


class Resubmit(Record, model.ResubmitNumbers):
    """Failed jobs that the same person submits again, with the same size and the same request."""

    share: Fraction
    """Share of the failed jobs that is submitted again."""
    after: Seconds
    """From the end of the failed one to the next, on average; exponential."""
    at_most: Annotated[int, WholeNumber(1, 100)] = 3
    """How often one job is submitted again, at most."""
    linked: bool = False
    """Whether the next waits for the failed one also when that had to queue."""


class Output(DataLife):
    """What jobs write to one storage tier."""

    tier: Name
    """The tier of the site."""
    per_slot_hour: BytesPerSlotSecond | None = None
    """Written for each slot and hour of running; nothing if not given."""
    per_job: BytesPerJob | None = None
    """Written once by each job; nothing if not given."""
    unfinished: Fraction = 1.0
    """How much of it remains when a job does not complete."""


_ALONE = (
    ("array", "job arrays", ("bursts", "depends")),
    ("series", "series", ("bursts", "array", "depends", "requested")),
    ("sessions", "sessions", ("bursts", "array", "depends", "series")),
    ("resubmit", "resubmit", ("depends", "series")),
)
"""What says when jobs come, and the fields that then have nothing to say beside it."""


class WorkClass(SourcedPart):
    """One kind of work."""

    title: Text
    """One line that says what it is."""
    scale: Factor = 1.0
    """How many times as many of its jobs people submit as their tenants state: 1.3 is 30 % more."""
    pool: Name | None = None
    """The pool of the site that it runs in; the workload's, or the only one of the site, if not given."""
    pools: Annotated[tuple[Name, ...], Field(min_length=1, max_length=63)] | None = None
    """Instead: the pools that it may run in, the preferred one first."""
    precision: Precision | None = None
    """The arithmetic it spends its time in; without it and `bound`, run times are the same anywhere."""
    bound: Bound | None = None
    """Which parts of the run time on the reference follow which rates of the hardware."""
    mfu: Efficiency | None = None
    """Operations it needs over what the dense peak of its slots could do in its run time on the reference;
    without it, nobody knows how many operations it is."""
    mfu_at_most: Efficiency | None = None
    """No hardware reaches more of its dense peak than this."""
    scaling: Scaling | None = None
    """How its run time changes with the slots; without it, all of it is bound as `bound` says."""
    memory: BytesPerSlot | None = None
    """What each slot must have: of pools with less it can use none; any will do if not given."""
    slots: Annotated[Mapping[Slots, Fraction], Field(min_length=1, max_length=255)]
    """How many accelerators jobs ask for, with the share of the jobs."""
    run: RunTime | None = None
    """How long jobs run on the reference."""
    work: Work | None = None
    """Instead of `run`: how many operations a job is, at its precision."""
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
    reads: Mapping[Name, Input] = Field(default_factory=dict)
    """What it reads from storage, by data set."""
    qos: Name | None = None
    """Its quality of service, where the policy has any; the first one if not given."""
    array: Array | None = None
    """Its jobs are submitted as job arrays; one by one, or in bursts, if not given."""
    depends: Depends | None = None
    """Which of its jobs wait for the one before; none if not given."""
    series: Series | None = None
    """Its jobs come in series of equal ones, and `run` is the typical run time of a series; instead of
    `bursts`, `array` and `requested`."""
    sessions: Sessions | None = None
    """Each job is submitted after the one before ended, instead of bursts; none if not given."""
    resubmit: Resubmit | None = None
    """What becomes of its failed jobs; nothing if not given."""
    singleton: bool = False
    """Whether each person's jobs of this class run one after the other, as Slurm's singleton."""
    patience: PositiveWholeSeconds | None = None
    """People cancel a job that has waited longer; never if not given."""
    start_deadline: PositiveWholeSeconds | None = None
    """The site rejects a job that it could not start within this time; never if not given."""
    checkpoint: Checkpointing | None = None
    """What its jobs save, from which one that is run again goes on: the run time between checkpoints, or also
    their size; nothing if not given."""

    def _complaints(self) -> Iterable[Complaint]:
        found = [*self._pool_complaints(), *self._hardware_complaints(), *self._submission_complaints()]
        shares = shares_complaints(self.slots.values(), "slots")
        shares += shares_complaints((fate.share for fate in self.fates.values()), "fates")
        return found or shares

    def unused(self) -> frozenset[str]:
        """Return what has nothing to say beside the way in which jobs come."""
        return frozenset(
            other for word, _, others in _ALONE if getattr(self, word) is not None for other in others
        )

    def _submission_complaints(self) -> Iterator[Complaint]:
        for word, title, others in _ALONE:
            for other in others if getattr(self, word) is not None else ():
                if other not in self.model_fields_set or getattr(self, other) is None:
                    continue
                fix = "give one of them"
                if other == "requested":
                    fix = "'series' has a 'requested' of its own"
                elif other == "depends" and word in ("sessions", "resubmit"):
                    fix = "'linked: true' makes jobs wait"
                yield Complaint(f"{title} have no {other} beside them", fix, (other,))
        if self.resubmit is not None and not ("failed" in self.fates and self.fates["failed"].share):
            yield Complaint("no job of this class fails", "add 'failed' to its fates", ("resubmit",))

    def _pool_complaints(self) -> Iterator[Complaint]:
        yield from two_ways(self, "pool", "pools")
        for place, name in enumerate(self.pools or ()):
            if name in (self.pools or ())[:place]:
                yield Complaint(f"'{name}' is named twice", "", ("pools", place))

    def _hardware_complaints(self) -> Iterator[Complaint]:
        both = "or leave out both if run times do not follow the hardware"
        yield from one_alone(self, "precision", "bound", precision=both, bound=both)
        for word in ("mfu", "scaling"):
            if getattr(self, word) is not None and self.precision is None:
                yield Complaint(f"'{word}' without 'precision' and 'bound'", "add both", (word,))
        if self.mfu_at_most is not None and self.mfu is None:
            fix = "add 'mfu: …', which it is a bound of"
            yield Complaint("'mfu_at_most' without 'mfu'", fix, ("mfu_at_most",))
        if self.mfu is not None:
            scaling = self.scaling or Scaling()
            yield from scaling.mfu_complaints(self.mfu, self.mfu_at_most or 1.0, min(self.slots))
        if (self.run is None) == (self.work is None):
            what = "how long do its jobs run?" if self.run is None else "'run' and 'work' say one thing twice"
            at = () if self.run is None else ("work",)
            yield Complaint(what, "give 'run', or 'work' with 'mfu'; remove one with 'run: null'", at)
        if self.work is not None:
            if self.mfu is None:
                fix = "add 'mfu: …', the part of peak it reaches"
                yield Complaint("'work' without 'mfu'", fix, ("work",))
            yield from self.work.precision_complaints(self.precision)

    @property
    def named_pools(self) -> tuple[str, ...]:
        """The pools that it names, the preferred one first; empty if it names none."""
        return self.pools or (() if self.pool is None else (self.pool,))

    def _run(self, reference: Node | None) -> tuple[Distribution, dict[int, float]]:
        """Return how long jobs run on the reference, and how much longer by their slots.

        Work is turned into time by what one slot does of it: the run time on n slots is
        W · τ(n) / (P · mfu · τ(at) · at), with the peak P of a slot of the reference.
        """
        if self.run is not None:
            return self.run.to_distribution(), {}
        assert self.work is not None and self.mfu is not None
        assert reference is not None and self.precision is not None
        scaling = self.scaling or Scaling()
        peak, _ = rate_with_fallback(reference.slot_peaks, self.precision)
        strong, at = scaling.to_scaling(), float(scaling.at)
        one_slot = self.work.to_distribution(peak * self.mfu * strong.over_one(at) * at)
        return one_slot, {slots: strong.over_one(float(slots)) for slots in self.slots}

    def to_job_class(self, name: str, *, pool: str = "", reference: Node | None = None) -> model.JobClass:
        """Return it as the demand model holds it; in `pool`, or in the one it names first if empty.

        A class that states its `work` needs the reference, whose speed turns it into time.
        """
        run_s, longer = self._run(reference)
        return model.JobClass(
            name=name,
            title=self.title,
            pool=pool or (self.named_pools[0] if self.named_pools else ""),
            slots=dict(self.slots),
            run_s=run_s,
            longer_by_slots=longer,
            longest_s=round(self.limit),
            requests=self.requested,
            fates=dict(self.fates.items()),
            bursts=self.bursts or model.ONE_BY_ONE,
            array=self.array,
            depends=self.depends,
            series=self.series.to_series() if self.series else None,
            sessions=self.sessions,
            resubmit=self.resubmit,
            rhythm_frac=self.rhythm,
            scale=self.scale,
        )
