"""The demand model: who uses the site, what they run, when, and what it leaves behind. Plain numbers in SI.

A planner writes it as YAML with units; that record makes this model. Shares are fractions, times seconds.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from workloads.synthetic.calendar import Profile, Ramp
from workloads.synthetic.distributions import Distribution
from workloads.synthetic.series import Series
from workloads.synthetic.target import Target


@dataclass(frozen=True, slots=True)
class Requests:
    """How long people say their jobs will run.

    Attributes
    ----------
    maximum_frac : float
        Share of jobs that ask for the longest time allowed.
    short_frac : float
        Share of jobs that ask for less than they need, and are killed for it.
    """

    maximum_frac: float = 0.3
    short_frac: float = 0.01


@dataclass(frozen=True, slots=True)
class Fate:
    """One way jobs of a class end.

    Attributes
    ----------
    share_frac : float
        Share of the jobs.
    run_factor : float
        How much longer these run than the others, as a proportion: 2 beside 1 means twice as long.
    """

    share_frac: float
    run_factor: float = 1.0


@dataclass(frozen=True, slots=True)
class Bursts:
    """How submissions cluster: a person sits down and submits several jobs.

    Attributes
    ----------
    mean_jobs : float
        Jobs per burst, on average (geometric), at least 1.
    gap_s : float
        Time between the jobs of a burst, on average (exponential). [s]
    """

    mean_jobs: float = 1.0
    gap_s: float = 60.0


@dataclass(frozen=True, slots=True)
class Array:
    """Jobs submitted together as one job array.

    Attributes
    ----------
    mean_tasks : float
        Tasks of an array, on average (geometric), at least 1.
    """

    mean_tasks: float


@dataclass(frozen=True, slots=True)
class Depends:
    """Jobs that wait for the job that the same person submitted before in the class.

    Attributes
    ----------
    share_frac : float
        Share of the jobs that do, of those that have one before them.
    on : str
        ``afterok`` if that job must have completed, ``afterany`` if it only must have ended.
    """

    share_frac: float
    on: str = "afterok"


@dataclass(frozen=True, slots=True)
class Sessions:
    """A person submits a job, waits for it to end, thinks, and submits the next.

    Attributes
    ----------
    mean_jobs : float
        Jobs per session, on average (geometric), at least 1.
    think_s : float
        From the end of one to the next, on average (exponential). [s]
    linked : bool
        Whether the next waits for the one before also when that had to queue.
    """

    mean_jobs: float
    think_s: float
    linked: bool = False


@dataclass(frozen=True, slots=True)
class Resubmit:
    """What failed is submitted again.

    Attributes
    ----------
    share_frac : float
        Share of the failed jobs that is.
    after_s : float
        From the end of the failed one to the next, on average (exponential). [s]
    at_most : int
        How often, at most.
    linked : bool
        Whether the next waits for the failed one also when that had to queue.
    """

    share_frac: float
    after_s: float
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
    array : Array or None
        Each burst is one array, all tasks submitted in the same second, instead of `bursts`.
    depends : Depends or None
        Which jobs wait for the one before.
    series : Series or None
        Its jobs come in series of equal ones, instead of `bursts` and `array`; `requests` do not count then,
        and `run_s` is the typical run time of a series.
    sessions : Sessions or None
        Each job follows the end of the one before, instead of `bursts`.
    resubmit : Resubmit or None
        What becomes of failed jobs; the rate does not count what is submitted again.
    """

    name: str
    title: str
    slots: Mapping[int, float]
    run_s: Distribution
    longest_s: int
    pool: str = ""
    longer_by_slots: Mapping[int, float] = field(default_factory=dict)
    requests: Requests = field(default_factory=Requests)
    fates: Mapping[str, Fate] = field(default_factory=lambda: {"completed": Fate(1.0)})
    bursts: Bursts = field(default_factory=Bursts)
    rhythm_frac: float = 1.0
    array: Array | None = None
    depends: Depends | None = None
    series: Series | None = None
    sessions: Sessions | None = None
    resubmit: Resubmit | None = None

    @property
    def link(self) -> str:
        """How its jobs wait for others: ``afterok``, ``afterany``, or empty if none does."""
        if self.depends is not None:
            return self.depends.on
        linked = any(one is not None and one.linked for one in (self.sessions, self.resubmit))
        return "afterany" if linked else ""


@dataclass(frozen=True, slots=True)
class Ingest:
    """Data that comes to the site without a job: test cars, meters, scanners.

    Attributes
    ----------
    sources : Ramp
        How many sources there are.
    bytes_per_source_s : float
        What one source produces. [B/s]
    kept_frac : float
        Share that is stored after selection.
    initial_bytes : float
        Brought along at the first point of `sources`. [B]
    keep_s : float or None
        Deleted after this time; None means kept for good. [s]
    """

    name: str
    title: str
    tier: str
    sources: Ramp
    bytes_per_source_s: float
    kept_frac: float = 1.0
    initial_bytes: float = 0.0
    keep_s: float | None = None


@dataclass(frozen=True, slots=True)
class Tenant:
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
    """

    name: str
    title: str
    members: Ramp
    jobs_per_member_day: float
    class_mix: Mapping[str, float]
    activity_sigma: float = 1.0
    weekly_cv: float = 0.0
    ingests: tuple[Ingest, ...] = ()


@dataclass(frozen=True, slots=True)
class DemandModel:
    """All tenants and all kinds of work of a site.

    Attributes
    ----------
    reference : str
        The accelerator the run times hold for; empty if they hold on any.
    admitted : Ramp or None
        Share of the members that the centre lets in; None for all.
    target : Target or None
        What the jobs are to add up to; then only the proportions of the rates count.
    """

    name: str
    reference: str
    tenants: tuple[Tenant, ...]
    classes: tuple[JobClass, ...]
    profile: Profile = field(default_factory=Profile)
    admitted: Ramp | None = None
    target: Target | None = None

    def job_class(self, name: str) -> JobClass:
        """Return a job class by name."""
        return next(kind for kind in self.classes if kind.name == name)
