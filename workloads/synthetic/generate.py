"""Turns a demand model into jobs: one stream per tenant and job class, merged in order of submission.

Everything is drawn in arrays, one per column and stream, in the smallest type that holds it; the streams are
put in order by one sort of whole numbers (second of submission, then position). 10⁶ jobs take well below a
second.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workloads.jobtable import STATES, JobTable, label_column, table_from
from workloads.synthetic.arrivals import draw_arrivals
from workloads.synthetic.calendar import Clock, clock_of, rhythm_of
from workloads.synthetic.distributions import Choice
from workloads.synthetic.model import Bursts, DemandModel, JobClass, Tenant
from workloads.synthetic.series_draw import draw_series
from workloads.synthetic.streams import stream
from workloads.synthetic.times import draw_times
from workloads.synthetic.users import Membership, membership

HOURS_PER_WEEK = 168
NONE = -1
Positions = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class _Draw:
    """The jobs of one tenant and class.

    Attributes
    ----------
    columns : dict of str to array, shape (n_jobs,)
        ``submit_s run_s requested_s slots state`` as in the JobTable, and ``member``, the number of the user
        within the tenant; ``array``, the number of its job array within the stream, and ``previous``, the
        position of the job it waits for, if the class has such. Merging takes them out one by one, so that no
        column is held twice for long.
    n : int
        How many jobs.
    members : int
        Highest number of a member, plus 1.
    tenant, job_class : int
        Positions in the model.
    """

    columns: dict[str, NDArray[np.signedinteger[Any]]]
    n: int
    members: int
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
            rhythm = _rhythm(model, kind, clock)
            rate = jobs_per_hour * (share / total) * (1 + kind.rhythm_frac * (rhythm - 1))
            rng = stream(seed, replication, tenant.name, name)
            yield _draw(rng, clock, rate, people, kind, horizon_s, tenant=number, job_class=position)


def _rhythm(model: DemandModel, kind: JobClass, clock: Clock) -> NDArray[np.float64]:
    """Return the rhythm of a class: that of all, or its own hours and weekdays with the calendar of all."""
    own = kind.series.profile if kind.series else None
    if own is None:
        return clock.rhythm
    return rhythm_of(replace(own, months=model.profile.months, holidays=model.profile.holidays), clock.wall_s)


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
    columns: dict[str, NDArray[np.signedinteger[Any]]]
    if kind.series is not None:
        jobs = draw_series(for_arrivals, clock.edges_s, jobs_per_hour, kind)
        arrivals = jobs.arrivals
        columns = {
            "run_s": jobs.run_s,
            "requested_s": jobs.requested_s,
            "slots": jobs.slots,
            "state": jobs.state,
        }
    else:
        bursts = kind.bursts if kind.array is None else Bursts(kind.array.mean_tasks, 0.0)
        arrivals = draw_arrivals(for_arrivals, clock.edges_s, jobs_per_hour, bursts)
        choice = Choice.of([*kind.slots.values()]).draw(for_slots, len(arrivals.submit_s))
        times = draw_times(for_times, kind, len(arrivals.submit_s))
        columns = {
            "run_s": times.run_s,
            "requested_s": times.requested_s,
            "slots": np.array([*kind.slots], dtype=np.int32)[choice],
            "state": times.state,
        }
    n = len(arrivals.submit_s)
    member = people.draw(for_users, arrivals.burst_s).astype(np.int32)
    columns |= {"submit_s": arrivals.submit_s, "member": np.repeat(member, arrivals.sizes)}
    if kind.array is not None:
        columns["array"] = np.repeat(np.arange(len(arrivals.sizes)), arrivals.sizes)
    if kind.depends is not None:  # a fifth child, so that the other four stay as they are without it
        columns["waits"] = (rng.spawn(1)[0].random(n) < kind.depends.share_frac).astype(np.int8)
    if n and arrivals.submit_s.max() >= horizon_s:
        inside = arrivals.submit_s < horizon_s
        columns = {name: column[inside] for name, column in columns.items()}
    if kind.depends is not None:
        previous = previous_of(columns["submit_s"], columns["member"])
        columns["previous"] = np.where(columns.pop("waits"), previous, NONE)
    members = int(member.max()) + 1 if n else 0
    return _Draw(columns, len(columns["submit_s"]), members, tenant, job_class)


def previous_of(
    submit_s: NDArray[np.signedinteger[Any]], member: NDArray[np.signedinteger[Any]]
) -> Positions:
    """Return the position of what the same member submitted last before each job; -1 for nothing.

    Examples
    --------
    >>> previous_of(np.array([5, 9, 7]), np.array([1, 1, 1])).tolist()
    [-1, 2, 0]
    """
    order = np.lexsort((submit_s, member))
    same = member[order][1:] == member[order][:-1]
    previous = np.full(len(order), NONE, np.int64)
    previous[order[1:]] = np.where(same, order[:-1], NONE)
    return previous


def _merge(model: DemandModel, draws: Sequence[_Draw], start: datetime) -> JobTable:
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


def _links(model: DemandModel, draws: Sequence[_Draw], order: Positions) -> dict[str, Positions]:
    """Return the columns that say how jobs hang together, in order of submission; none where no job does."""
    number_of = np.empty(len(order), np.int64)
    number_of[order] = np.arange(1, len(order) + 1)
    found: dict[str, Positions] = {}
    first_row, first_array = 0, 1
    for draw in draws:
        kind = model.classes[draw.job_class]
        rows = slice(first_row, first_row + draw.n)
        if kind.array is not None:
            array = draw.columns["array"]
            found.setdefault("array_id", np.full(len(order), NONE))[rows] = array + first_array
            first_array += int(array.max(initial=0)) + 1
        if kind.depends is not None:
            previous = draw.columns["previous"]
            job = np.where(previous < 0, NONE, number_of[first_row + previous] if draw.n else previous)
            found.setdefault(f"{kind.depends.on}_id", np.full(len(order), NONE))[rows] = job
        first_row += draw.n
    return {name: column[order] for name, column in found.items()}


def _joined(draws: Sequence[_Draw], name: str) -> NDArray[np.signedinteger[Any]]:
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


def _users(model: DemandModel, draws: Sequence[_Draw]) -> tuple[list[str], list[int]]:
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
