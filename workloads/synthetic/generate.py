"""Turns a demand model into jobs: one stream per tenant and job class, merged in order of submission.

Everything is drawn in arrays, one per column and stream, in the smallest type that holds it; the streams are
put in order by one sort of whole numbers (second of submission, then position). 10⁶ jobs take well below a
second.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workloads.jobtable import STATES, JobTable, label_column, table_from
from workloads.synthetic.calendar import Clock, clock_of, rhythm_of
from workloads.synthetic.columns import NONE, Positions
from workloads.synthetic.model import DemandModel, JobClass, TenantNumbers
from workloads.synthetic.stream_jobs import StreamJobs, draw_stream, settle
from workloads.synthetic.streams import Streams, stream
from workloads.synthetic.target import Supply, TargetError, TargetNumbers
from workloads.synthetic.thinning import MOST_JOBS, Goal, draw_to_goal, goal_of
from workloads.synthetic.users import Membership, membership

HOURS_PER_WEEK = 168
MOST_MEMBERS = 1e7
FEW = 0.05
"""Of less than this part of a rate, the jobs of all of it are not drawn."""
SMALLEST_CV = 1e-6
"""Weeks that differ less are equal."""
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Rate:
    """How often one tenant submits jobs of one class.

    Attributes
    ----------
    streams : Streams
        Random numbers of the tenant and class.
    tenant, job_class : int
        Positions in the model.
    kind : JobClass
        The class.
    people : Membership
        The members of the tenant.
    base_per_hour : array, shape (n_hours,)
        Expected rate in each hour, before it is scaled. [1/h]
    scale : float
        How many times that rate it is.
    newcomers : Membership
        Who submits what is more.
    """

    streams: Streams
    tenant: int
    job_class: int
    kind: JobClass
    people: Membership
    base_per_hour: Floats
    scale: float
    newcomers: Membership

    @property
    def jobs_per_hour(self) -> Floats:
        """Return the expected rate in each hour [1/h]."""
        return self.base_per_hour * self.scale

    def draw(self, clock: Clock, *, times: float | Floats = 1.0, bursts: bool = False) -> StreamJobs:
        """Return the jobs at so many times the rate, not settled yet."""
        rate = self.jobs_per_hour * times
        where = {"tenant": self.tenant, "job_class": self.job_class}
        return draw_stream(self.streams, clock.edges_s, rate, self.people, self.kind, **where, bursts=bursts)

    def settled(self, clock: Clock, horizon_s: int) -> Iterator[StreamJobs]:
        """Yield the jobs, settled: those of the rate before it is scaled, some left out or others added.

        So demands that differ by 1 % have all but 1 % of their jobs in common, to the second.
        """
        if self.scale == 1 or self.scale < FEW:
            yield settle(self.draw(clock), self.kind, horizon_s)
            return
        yield self._part(clock, horizon_s, self.streams, self.people, 1.0, self.scale)
        begin = 1.0
        while begin < self.scale:
            more = Streams(self.streams.seed, self.streams.replication, (*self.streams.names, f"{begin:g}"))
            part = (self.scale - begin) / begin
            yield self._part(clock, horizon_s, more, self.newcomers, begin, part)
            begin *= 2

    def _part(
        self, clock: Clock, horizon_s: int, streams: Streams, people: Membership, times: float, kept: float
    ) -> StreamJobs:
        """Return this part of the bursts, settled, of those drawn at so many times the rate unscaled."""
        rate, where = self.base_per_hour * times, {"tenant": self.tenant, "job_class": self.job_class}
        drawn = draw_stream(streams, clock.edges_s, rate, people, self.kind, **where, bursts=kept < 1)
        marks = streams.named("scale").random(drawn.n_bursts) < kept if kept < 1 else None
        return settle(drawn, self.kind, horizon_s, kept=marks)


def generate(
    model: DemandModel,
    *,
    start: datetime,
    horizon_s: int,
    seed: int,
    replication: int = 0,
    supply: Supply | None = None,
) -> JobTable:
    """Return the jobs submitted within a horizon.

    Parameters
    ----------
    model : DemandModel
        Who runs what, when.
    start : datetime.datetime
        Beginning of the horizon, with the site's time zone.
    horizon_s : int
        Length of the horizon. [s]
    seed : int
        The same seed gives the same jobs, to the last byte.
    replication : int
        Another replication is another, equally likely course of events.
    supply : Supply, optional
        The machine; only a target without a number of slots of its own needs it.

    Raises
    ------
    TargetError
        The model has a target that cannot be met.

    Notes
    -----
    Streams are named by tenant and class. Changing one class, or adding one, leaves all other jobs as they
    are (but for their running number), and so does a longer horizon. Of tenants or classes that are scaled,
    jobs are left out or added, and the others stay. With a target neither holds: which
    bursts are kept depends on all of them.
    """
    if start.tzinfo is None:
        message = "start needs a time zone: demand follows the hours of the day"
        raise ValueError(message)
    clock = clock_of(model.profile, start, horizon_s)
    rates = [*_rates(model, clock, seed, replication)]
    if model.target is None:
        _check_size(rates, clock)
        draws = [jobs for rate in rates for jobs in rate.settled(clock, horizon_s)]
    else:
        rng = stream(seed, replication, "", "target", "weeks")
        draws = _to_target(model.target, supply, rates, clock, start, rng)
    return _merge(model, draws, start)


def _check_size(rates: Sequence[_Rate], clock: Clock) -> None:
    """Refuse a demand of more jobs than can be held, before memory runs out."""
    hours = np.diff(clock.edges_s) / 3600
    expected = math.fsum(float((rate.jobs_per_hour * hours).sum()) for rate in rates)
    if expected > MOST_JOBS:
        message = f"a demand of {expected:.2g} jobs is more than can be held, {MOST_JOBS:.0e}"
        raise TargetError(message)


def jobs_per_hour(
    model: DemandModel, clock: Clock, *, seed: int, replication: int = 0
) -> Iterator[tuple[int, int, Floats]]:
    """Yield how many jobs are expected in each hour, by position of tenant and class in the model [1/h].

    The luck of the weeks is in it, that of single jobs is not; a target is not.
    """
    for number, _, expected in _people(model, clock, seed, replication):
        for job_class, rate in _by_class(model, model.tenants[number], clock, expected):
            yield number, job_class, rate * model.tenants[number].scale * model.classes[job_class].scale


def _people(
    model: DemandModel, clock: Clock, seed: int, replication: int
) -> Iterator[tuple[int, Floats, Floats]]:
    """Yield for each tenant that has any its position, its members, and what they submit an hour [1/h]."""
    admitted = model.admitted.at(clock.days) if model.admitted else 1.0
    for number, tenant in enumerate(model.tenants):
        members = tenant.members.at(clock.days) * admitted
        if members.any():
            submitted = members * (tenant.jobs_per_member_day / 24) * _weeks(tenant, clock, seed, replication)
            yield number, members, submitted * clock.season


def _by_class(
    model: DemandModel, tenant: TenantNumbers, clock: Clock, submitted: Floats
) -> Iterator[tuple[int, Floats]]:
    """Yield the position of each class that a tenant works on, and the rate of its jobs [1/h]."""
    total = sum(tenant.class_mix.values())
    for name, share in tenant.class_mix.items():
        kind = model.job_class(name)
        rhythm = _rhythm(model, kind, clock)
        yield model.classes.index(kind), submitted * (share / total) * (1 + kind.rhythm_frac * (rhythm - 1))


def _rates(model: DemandModel, clock: Clock, seed: int, replication: int) -> Iterator[_Rate]:
    for number, members, submitted in _people(model, clock, seed, replication):
        tenant = model.tenants[number]
        most = members.max() * max(1.0, tenant.scale)
        if most > MOST_MEMBERS:
            message = f"{most:.2g} members of {tenant.name} are more than can be held, {MOST_MEMBERS:.0e}"
            raise TargetError(message)
        rng = stream(seed, replication, tenant.name, "members")
        people = membership(rng, clock.edges_s, members, tenant.activity_sigma, times=max(1.0, tenant.scale))
        newcomers = people.newcomers(max(1.0, tenant.scale))
        if model.target is not None:  # whose bursts are chosen anew anyway
            people = replace(newcomers, without=None)
        for job_class, rate in _by_class(model, tenant, clock, submitted):
            kind = model.classes[job_class]
            streams = Streams(seed, replication, (tenant.name, kind.name))
            scale = tenant.scale * kind.scale
            yield _Rate(streams, number, job_class, kind, people, rate, scale, newcomers)


def _to_target(
    target: TargetNumbers,
    supply: Supply | None,
    rates: Sequence[_Rate],
    clock: Clock,
    start: datetime,
    rng: np.random.Generator,
) -> list[StreamJobs]:
    """Return the jobs of all streams, settled, with as many bursts as meet the target."""
    hours = np.diff(clock.edges_s) / 3600
    jobs = sum((rate.jobs_per_hour for rate in rates), np.zeros(len(hours))) * hours
    goal = goal_of(target, supply, clock.edges_s, jobs, origin=start, rng=rng)
    level = _level_of_hours(goal, clock)
    by_place = {(rate.tenant, rate.job_class): rate for rate in rates}

    def rate_of(draw: StreamJobs) -> _Rate:
        return by_place[draw.tenant, draw.job_class]

    thinned = draw_to_goal(
        goal,
        float(jobs.sum()),
        lambda times: [rate.draw(clock, times=times * level, bursts=True) for rate in rates],
        lambda draw: rate_of(draw).streams.named("marks").random(draw.n_bursts),
        lambda draw: rate_of(draw).kind.name,
    )
    horizon_s = round(clock.edges_s[-1])
    return [
        settle(draw, rate_of(draw).kind, horizon_s, kept=kept)
        for draw, kept in zip(thinned.streams, thinned.kept, strict=True)
    ]


def _level_of_hours(goal: Goal, clock: Clock) -> Floats:
    """Return how busy each hour is because of its week, shape ``(n_hours,)``; 1 where weeks do not differ."""
    level = np.ones(len(clock.edges_s) - 1)
    if goal.level is not None:
        week = goal.week_of(clock.edges_s[:-1])
        level[week >= 0] = goal.level[week[week >= 0]]
    return level


def _rhythm(model: DemandModel, kind: JobClass, clock: Clock) -> Floats:
    """Return the rhythm of a class: that of all, or its own hours and weekdays with the calendar of all."""
    own = kind.series.profile if kind.series else None
    if own is None:
        return clock.rhythm
    profile = replace(model.profile, hours=own.hours, weekend_hours=own.weekend_hours, weekdays=own.weekdays)
    return rhythm_of(profile, clock.wall_s)


def _weeks(tenant: TenantNumbers, clock: Clock, seed: int, replication: int) -> NDArray[np.float64]:
    """Return how much busier than usual each hour's week is; 1 on average."""
    week = np.arange(len(clock.days)) // HOURS_PER_WEEK
    if tenant.weekly_cv < SMALLEST_CV:
        return np.ones(len(week))
    shape = tenant.weekly_cv**-2
    rng = stream(seed, replication, tenant.name, "weeks")
    return (rng.standard_gamma(shape, int(week[-1]) + 1) / shape)[week]


def _merge(model: DemandModel, draws: Sequence[StreamJobs], start: datetime) -> JobTable:
    """Put the jobs of all streams in order of submission; within a second, in order of the streams."""
    lengths = [draw.n for draw in draws]
    tenants, classes = [draw.tenant for draw in draws], [draw.job_class for draw in draws]
    pools = sorted({kind.pool for kind in model.classes})
    submit_s = _joined(draws, "submit_s")
    order = _order(submit_s)

    def spread(codes: Sequence[int]) -> NDArray[np.int32]:
        return np.repeat(np.array(codes, dtype=np.int32), lengths)[order]

    def ordered(name: str) -> NDArray[np.signedinteger[Any]]:
        return _joined(draws, name)[order]

    users, first_user = _users(model, draws)
    return table_from(
        {
            "job_id": np.arange(1, len(order) + 1),
            "submit_s": submit_s[order],
            "run_s": ordered("run_s"),
            "requested_s": ordered("requested_s"),
            "slots": ordered("slots"),
            "user": label_column(ordered("member") + spread([first_user[code] for code in tenants]), users),
            "tenant": label_column(spread(tenants), [tenant.name for tenant in model.tenants]),
            "job_class": label_column(spread(classes), [kind.name for kind in model.classes]),
            "pool": label_column(spread([pools.index(model.classes[code].pool) for code in classes]), pools),
            "state": label_column(ordered("state"), STATES),
            **_links(model, draws, order),
        },
        origin=start,
        source=model.name,
    )


def _links(model: DemandModel, draws: Sequence[StreamJobs], order: Positions) -> dict[str, Positions]:
    """Return the columns that say how jobs hang together, in order of submission; none where no job does."""
    number_of = np.empty(len(order), np.int64)
    number_of[order] = np.arange(1, len(order) + 1)
    found: dict[str, Positions] = {}
    first_row = 0
    for draw in draws:
        kind = model.classes[draw.job_class]
        rows = slice(first_row, first_row + draw.n)
        if kind.array is not None:
            arrays = _array_ids(draw.columns["array"], number_of[rows])
            found.setdefault("array_id", np.full(len(order), NONE))[rows] = arrays
        if kind.link:
            previous = draw.columns["previous"]
            job = np.where(previous < 0, NONE, number_of[first_row + previous] if draw.n else previous)
            found.setdefault(f"{kind.link}_id", np.full(len(order), NONE))[rows] = job
        first_row += draw.n
    return {name: column[order] for name, column in found.items()}


def _array_ids(array: NDArray[np.signedinteger[Any]], job_id: Positions) -> Positions:
    """Return the number of the first task of each job's array, as Slurm names arrays; -1 for no array."""
    begins = np.ones(len(array), np.bool_)
    begins[1:] = array[1:] != array[:-1]
    first = np.maximum.accumulate(np.where(begins, np.arange(len(array)), 0))
    return np.where(array < 0, NONE, job_id[first])


def _joined(draws: Sequence[StreamJobs], name: str) -> NDArray[np.signedinteger[Any]]:
    """Take a column out of all streams and return it whole."""
    return np.concatenate([np.empty(0, np.int8), *(draw.columns.pop(name) for draw in draws)])


def _order(submit_s: NDArray[np.signedinteger[Any]]) -> NDArray[np.int64]:
    """Return the stable order of submission, by sorting whole numbers that hold second and position."""
    bits = max(len(submit_s) - 1, 1).bit_length()
    keys = submit_s.astype(np.int64) << bits
    keys |= np.arange(len(submit_s))
    keys.sort()
    keys &= (1 << bits) - 1
    return keys


def _users(model: DemandModel, draws: Sequence[StreamJobs]) -> tuple[list[str], list[int]]:
    """Return the names of all users, ``firm-0001`` for a tenant's first, and where each tenant's begin."""
    most = [0] * len(model.tenants)
    for draw in draws:
        most[draw.tenant] = max(most[draw.tenant], draw.members)
    names = [
        f"{tenant.name}-{number:04d}"
        for tenant, count in zip(model.tenants, most, strict=True)
        for number in range(1, count + 1)
    ]
    return names, [sum(most[:position]) for position in range(len(most))]
