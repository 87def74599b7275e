"""Turns a demand model into jobs: one stream per tenant and job class, merged in order of submission.

Everything is drawn in arrays, one per column and stream, in the smallest type that holds it; the streams are
put in order by one sort of whole numbers (second of submission, then position). 10⁶ jobs take well below a
second.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from workloads.jobtable import STATES, JobTable, label_column, table_from
from workloads.synthetic.arrivals import draw_arrivals
from workloads.synthetic.calendar import Clock, clock_of
from workloads.synthetic.distributions import Choice
from workloads.synthetic.model import DemandModel, JobClass, Tenant
from workloads.synthetic.streams import stream
from workloads.synthetic.times import draw_times
from workloads.synthetic.users import Membership, membership

HOURS_PER_WEEK = 168


@dataclass(frozen=True, slots=True)
class _Draw:
    """The jobs of one tenant and class.

    Attributes
    ----------
    submit_s, run_s, requested_s, slots : arrays of int32, shape (n_jobs,)
    user : array of int32, shape (n_jobs,)
        Number of the member within the tenant.
    state : array of int8, shape (n_jobs,)
    tenant, job_class : int
        Positions in the model.
    """

    submit_s: NDArray[np.int32]
    run_s: NDArray[np.int32]
    requested_s: NDArray[np.int32]
    slots: NDArray[np.int32]
    user: NDArray[np.int32]
    state: NDArray[np.int8]
    tenant: int
    job_class: int


def generate(
    model: DemandModel, *, start: datetime, horizon_s: int, seed: int, replication: int = 0
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

    Notes
    -----
    Streams are named by tenant and class. Changing one class, or adding one, leaves all other jobs as they
    are (but for their running number), and so does a longer horizon.
    """
    if start.tzinfo is None:
        message = "start needs a time zone: demand follows the hours of the day"
        raise ValueError(message)
    clock = clock_of(model.profile, start, horizon_s)
    draws = [*_draws(model, clock, horizon_s, seed, replication)]
    return _merge(model, draws, start)


def _draws(model: DemandModel, clock: Clock, horizon_s: int, seed: int, replication: int) -> Iterator[_Draw]:
    admitted = model.admitted.at(clock.days) if model.admitted else 1.0
    for number, tenant in enumerate(model.tenants):
        members = tenant.members.at(clock.days) * admitted
        if not members.any():
            continue
        people = membership(
            stream(seed, replication, tenant.name, "members"), clock.edges_s, members, tenant.activity_sigma
        )
        jobs_per_hour = members * (tenant.jobs_per_member_day / 24) * _weeks(tenant, clock, seed, replication)
        total = sum(tenant.class_mix.values())
        for name, share in tenant.class_mix.items():
            kind = model.job_class(name)
            position = model.classes.index(kind)
            rate = jobs_per_hour * (share / total) * (1 + kind.rhythm_frac * (clock.rhythm - 1))
            rng = stream(seed, replication, tenant.name, name)
            yield _draw(rng, clock, rate, people, kind, horizon_s, tenant=number, job_class=position)


def _weeks(tenant: Tenant, clock: Clock, seed: int, replication: int) -> NDArray[np.float64]:
    """Return how much busier than usual each hour's week is; 1 on average."""
    week = np.arange(len(clock.days)) // HOURS_PER_WEEK
    if not tenant.weekly_cv:
        return np.ones(len(week))
    shape = tenant.weekly_cv**-2
    rng = stream(seed, replication, tenant.name, "weeks")
    return (rng.standard_gamma(shape, int(week[-1]) + 1) / shape)[week]


def _draw(
    rng: np.random.Generator,
    clock: Clock,
    jobs_per_hour: NDArray[np.float64],
    people: Membership,
    kind: JobClass,
    horizon_s: int,
    *,
    tenant: int,
    job_class: int,
) -> _Draw:
    for_arrivals, for_users, for_slots, for_times = rng.spawn(4)
    arrivals = draw_arrivals(for_arrivals, clock.edges_s, jobs_per_hour, kind.bursts)
    n = len(arrivals.submit_s)
    user = np.repeat(people.draw(for_users, arrivals.burst_s).astype(np.int32), arrivals.sizes)
    choice = Choice.of([*kind.slots.values()]).draw(for_slots, n)
    slots = np.array([*kind.slots], dtype=np.int32)[choice]
    times = draw_times(for_times, kind, n)
    inside: slice | NDArray[np.bool_] = slice(None)
    if n and arrivals.submit_s.max() >= horizon_s:
        inside = arrivals.submit_s < horizon_s
    return _Draw(
        submit_s=arrivals.submit_s[inside],
        run_s=times.run_s[inside],
        requested_s=times.requested_s[inside],
        slots=slots[inside],
        user=user[inside],
        state=times.state[inside],
        tenant=tenant,
        job_class=job_class,
    )


def _merge(model: DemandModel, draws: Sequence[_Draw], start: datetime) -> JobTable:
    """Put the jobs of all streams in order of submission; within a second, in order of the streams."""
    lengths = [len(draw.submit_s) for draw in draws]
    total = sum(lengths)
    order = _order(np.concatenate([np.empty(0, np.int32), *(draw.submit_s for draw in draws)]))

    def ordered(name: str) -> NDArray[np.int32]:
        parts = [getattr(draw, name) for draw in draws]
        return np.concatenate([np.empty(0, np.int32), *parts])[order]

    def labels(codes: Sequence[int], words: Sequence[str]) -> object:
        return label_column(np.repeat(np.array(codes, dtype=np.int8), lengths)[order], words)

    tenants, classes = [draw.tenant for draw in draws], [draw.job_class for draw in draws]
    pools = sorted({kind.pool for kind in model.classes})
    return table_from(
        {
            "job_id": np.arange(1, total + 1),
            "submit_s": ordered("submit_s"),
            "run_s": ordered("run_s"),
            "requested_s": ordered("requested_s"),
            "slots": ordered("slots"),
            "user": _users(model, draws, lengths, ordered("user"), order),
            "tenant": labels(tenants, [tenant.name for tenant in model.tenants]),
            "job_class": labels(classes, [kind.name for kind in model.classes]),
            "pool": labels([pools.index(model.classes[code].pool) for code in classes], pools),
            "state": label_column(ordered("state"), STATES),
        },
        origin=start,
        source=model.name,
    )


def _order(submit_s: NDArray[np.int32]) -> NDArray[np.int64]:
    """Return the stable order of submission, by sorting whole numbers that hold second and position."""
    bits = max(len(submit_s) - 1, 1).bit_length()
    keys = submit_s.astype(np.int64) << bits
    keys |= np.arange(len(submit_s))
    keys.sort()
    keys &= (1 << bits) - 1
    return keys


def _users(
    model: DemandModel,
    draws: Sequence[_Draw],
    lengths: Sequence[int],
    member: NDArray[np.int32],
    order: NDArray[np.int64],
) -> object:
    """Return the user column: ``tenant-0001`` for the first member of a tenant."""
    most = np.zeros(len(model.tenants), dtype=np.int32)
    for draw in draws:
        if len(draw.user):
            most[draw.tenant] = max(most[draw.tenant], draw.user.max() + 1)
    before = np.cumsum(most) - most
    words = [
        f"{tenant.name}-{number:04d}"
        for tenant, count in zip(model.tenants, most, strict=True)
        for number in range(1, count + 1)
    ]
    offset = np.repeat(before[[draw.tenant for draw in draws]].astype(np.int32), lengths)
    return label_column(member + offset[order], words)
