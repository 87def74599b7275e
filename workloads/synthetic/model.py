"""The demand model: who uses the site, what they run, and when. Plain numbers in SI.

A planner writes it as YAML with units; that record makes this model. Shares are fractions, times seconds.
The classes without slots are those that a record of the same words is one of, by inheritance; they have no
default that such a record has not, because it would inherit it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from workloads.synthetic.calendar import Profile, Ramp
from workloads.synthetic.distributions import Distribution
from workloads.synthetic.series import SeriesNumbers
from workloads.synthetic.target import TargetNumbers


@dataclass(frozen=True)
class RequestNumbers:
    """How long people say their jobs will run.

    Attributes
    ----------
    longest : float
        Share of jobs that ask for the longest time allowed.
    too_short : float
        Share of jobs that ask for less than they need, and are killed for it.
    """

    longest: float = 0.3
    too_short: float = 0.01


@dataclass(frozen=True)
class FateNumbers:
    """One way jobs of a class end.

    Attributes
    ----------
    share : float
        Share of the jobs.
    run_factor : float
        How much longer these run than the others, as a proportion: 2 beside 1 means twice as long.
    """

    share: float
    run_factor: float = 1.0


@dataclass(frozen=True)
class BurstNumbers:
    """How submissions cluster: a person sits down and submits several jobs.

    Attributes
    ----------
    jobs : float
        Jobs per burst, on average (geometric), at least 1.
    apart : float
        Time between the jobs of a burst, on average (exponential). [s]
    """

    jobs: float
    apart: float


ONE_BY_ONE: Final = BurstNumbers(1.0, 60.0)


@dataclass(frozen=True)
class ArrayNumbers:
    """Jobs submitted together as one job array.

    Attributes
    ----------
    tasks : float
        Tasks of an array, on average (geometric), at least 1.
    """

    tasks: float


@dataclass(frozen=True)
class DependsNumbers:
    """Jobs that wait for the job that the same person submitted before in the class.

    Attributes
    ----------
    share : float
        Share of the jobs that do, of those that have one before them.
    on : str
        ``afterok`` if that job must have completed, ``afterany`` if it only must have ended.
    """

    share: float
    on: str = "afterok"


@dataclass(frozen=True)
class SessionNumbers:
    """A person submits a job, waits for it to end, thinks, and submits the next.

    Attributes
    ----------
    jobs : float
        Jobs per session, on average (geometric), at least 1.
    think : float
        From the end of one to the next, on average (exponential). [s]
    linked : bool
        Whether the next waits for the one before also when that had to queue.
    """

    jobs: float
    think: float
    linked: bool = False


@dataclass(frozen=True)
class ResubmitNumbers:
    """What failed is submitted again.

    Attributes
    ----------
    share : float
        Share of the failed jobs that is.
    after : float
        From the end of the failed one to the next, on average (exponential). [s]
    at_most : int
        How often, at most.
    linked : bool
        Whether the next waits for the failed one also when that had to queue.
    """

    share: float
    after: float
    at_most: int
    linked: bool = False


@dataclass(frozen=True, slots=True)
class JobClass:
    """One kind of work.

    Attributes
    ----------
    pool : str
        Partition the jobs go to; empty for any.
    slots : mapping of int to float
        How many slots jobs ask for, with weights.
    run_s : Distribution
        Run time on the reference hardware, if nothing cuts it short. [s]
    longer_by_slots : mapping of int to float
        Factor on `run_s` by the number of slots, for all of `slots`; empty for 1 everywhere.
    longest_s : int
        Longest time one may ask for; longer jobs are killed there. [s]
    rhythm_frac : float
        How much of it follows the working day: 1 as people work, 0 evenly around the clock.
    array : ArrayNumbers or None
        Each burst is one array, all tasks submitted in the same second, instead of `bursts`.
    depends : DependsNumbers or None
        Which jobs wait for the one before.
    series : SeriesNumbers or None
        Its jobs come in series of equal ones, instead of `bursts` and `array`; `requests` do not count then,
        and `run_s` is the typical run time of a series.
    sessions : SessionNumbers or None
        Each job follows the end of the one before, instead of `bursts`.
    resubmit : ResubmitNumbers or None
        What becomes of failed jobs; the rate does not count what is submitted again.
    scale : float
        How many times as many of its jobs as tenants submit.
    """

    name: str
    title: str
    slots: Mapping[int, float]
    run_s: Distribution
    longest_s: int
    pool: str = ""
    longer_by_slots: Mapping[int, float] = field(default_factory=dict)
    requests: RequestNumbers = field(default_factory=RequestNumbers)
    fates: Mapping[str, FateNumbers] = field(default_factory=lambda: {"completed": FateNumbers(1.0)})
    bursts: BurstNumbers = ONE_BY_ONE
    rhythm_frac: float = 1.0
    array: ArrayNumbers | None = None
    depends: DependsNumbers | None = None
    series: SeriesNumbers | None = None
    sessions: SessionNumbers | None = None
    resubmit: ResubmitNumbers | None = None
    scale: float = 1.0

    @property
    def link(self) -> str:
        """How its jobs wait for others: ``afterok``, ``afterany``, or empty if none does."""
        if self.depends is not None:
            return self.depends.on
        linked = any(one is not None and one.linked for one in (self.sessions, self.resubmit))
        return "afterany" if linked else ""


@dataclass(frozen=True, slots=True)
class TenantNumbers:
    """A group of users who grow together.

    Attributes
    ----------
    members : Ramp
        Active people.
    jobs_per_member_day : float
        Jobs per member and day, averaged over a year and over all members. [1/d]
    class_mix : mapping of str to float
        Share of the jobs by job class, with weights.
    activity_sigma : float
        How unequal members are: standard deviation of the logarithm of their activity; 0 is equal.
    weekly_cv : float
        How uneven the weeks are (deadlines, quiet spells): standard deviation of a week over its mean.
    scale : float
        How many times as many people as `members`; those who are more come with jobs of their own.
    """

    name: str
    title: str
    members: Ramp
    jobs_per_member_day: float
    class_mix: Mapping[str, float]
    activity_sigma: float = 1.0
    weekly_cv: float = 0.0
    scale: float = 1.0


@dataclass(frozen=True, slots=True)
class DemandModel:
    """All tenants and all kinds of work of a site.

    Attributes
    ----------
    reference : str
        The accelerator the run times hold for; empty if they hold on any.
    admitted : Ramp or None
        Share of the members that the centre lets in; None for all.
    target : TargetNumbers or None
        What the jobs are to add up to; then only the proportions of the rates count.
    """

    name: str
    reference: str
    tenants: tuple[TenantNumbers, ...]
    classes: tuple[JobClass, ...]
    profile: Profile = field(default_factory=Profile)
    admitted: Ramp | None = None
    target: TargetNumbers | None = None

    def job_class(self, name: str) -> JobClass:
        """Return a job class by name."""
        return next(kind for kind in self.classes if kind.name == name)
