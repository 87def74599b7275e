"""Draws the jobs of one tenant and class: when, who, how large, how long, how they end, what hangs on what.

First everything is drawn that the rate asks for, then the jobs are *settled*: bursts that a target leaves out
and jobs after the horizon go, and what remains is linked. So a draw for a longer horizon begins like a
shorter one.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workloads.synthetic.arrivals import draw_arrivals
from workloads.synthetic.columns import NONE, Columns, Positions
from workloads.synthetic.distributions import Choice
from workloads.synthetic.follow_ups import session_links, session_submissions, with_resubmissions
from workloads.synthetic.model import BurstNumbers, JobClass
from workloads.synthetic.series_draw import draw_series
from workloads.synthetic.streams import Streams
from workloads.synthetic.times import draw_times
from workloads.synthetic.users import Membership

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class StreamJobs:
    """The jobs of one tenant and class.

    Attributes
    ----------
    columns : dict of str to array, shape (n_jobs,)
        ``submit_s run_s requested_s slots state`` as in the JobTable, and ``member``, the number of the user
        within the tenant; where the class has such, ``array``, the number of its job array within the stream,
        and ``previous``, the position of the job it waits for; ``burst``, if asked for, the number of its
        burst. Merging takes them out one by one, so that no column is held twice for long.
    n : int
        How many jobs.
    n_bursts : int
        How many bursts.
    members : int
        Highest number of a member, plus 1.
    tenant, job_class : int
        Positions in the model.
    """

    columns: Columns
    n: int
    n_bursts: int
    members: int
    tenant: int
    job_class: int


def draw_stream(
    streams: Streams,
    edges_s: Floats,
    jobs_per_hour: Floats,
    people: Membership,
    kind: JobClass,
    *,
    tenant: int,
    job_class: int,
    bursts: bool = False,
) -> StreamJobs:
    """Return the jobs of one tenant and class as the rate asks for them, not settled yet.

    Parameters
    ----------
    streams : Streams
        Random numbers of this tenant and class.
    edges_s : array, shape (n_hours + 1,)
        Where each hour begins, and the last one ends. [s]
    jobs_per_hour : array, shape (n_hours,)
        Expected rate in each hour. [1/h]
    people : Membership
        Who may submit.
    kind : JobClass
        The class.
    tenant, job_class : int
        Positions in the model, to be handed on.
    bursts : bool
        Whether to add the column ``burst``.
    """
    for_arrivals, for_users, for_slots, for_times = (rng := streams.main()).spawn(4)
    columns: Columns
    if kind.series is not None:
        jobs = draw_series(for_arrivals, edges_s, jobs_per_hour, kind)
        arrivals = jobs.arrivals
        columns = {
            "run_s": jobs.run_s,
            "requested_s": jobs.requested_s,
            "slots": jobs.slots,
            "state": jobs.state,
        }
    else:
        arrivals = draw_arrivals(for_arrivals, edges_s, jobs_per_hour, _bursts(kind))
        choice = Choice.of([*kind.slots.values()]).draw(for_slots, len(arrivals.submit_s))
        slots = np.array([*kind.slots], dtype=np.int32)[choice]
        times = draw_times(for_times, kind, slots)
        columns = {
            "run_s": times.run_s,
            "requested_s": times.requested_s,
            "slots": slots,
            "state": times.state,
        }
    n, n_bursts = len(arrivals.submit_s), len(arrivals.sizes)
    member = people.draw(for_users, arrivals.burst_s).astype(np.int32)
    columns |= {"submit_s": arrivals.submit_s, "member": np.repeat(member, arrivals.sizes)}
    if kind.sessions is not None:
        columns["submit_s"] = session_submissions(
            streams.named("think"), arrivals.burst_s, arrivals.sizes, columns["run_s"], kind.sessions.think
        )
    if kind.array is not None:
        columns["array"] = np.repeat(np.arange(n_bursts), arrivals.sizes)
    if bursts:
        columns["burst"] = np.repeat(np.arange(n_bursts), arrivals.sizes)
    if kind.depends is not None:  # a fifth child, so that the other four stay as they are without it
        columns["waits"] = (rng.spawn(1)[0].random(n) < kind.depends.share).astype(np.int8)
    if kind.link and kind.depends is None:
        in_session = kind.sessions is not None and kind.sessions.linked
        columns["previous"] = session_links(arrivals.sizes) if in_session else np.full(n, NONE)
    if kind.resubmit is not None:
        columns = with_resubmissions(streams.named("resubmit"), columns, kind)
    members = int(member.max()) + 1 if n else 0
    return StreamJobs(columns, len(columns["submit_s"]), n_bursts, members, tenant, job_class)


def _bursts(kind: JobClass) -> BurstNumbers:
    """Return how submissions cluster; an array is a burst within a second, a session is spread out later."""
    if kind.sessions is not None:
        return BurstNumbers(kind.sessions.jobs, 0.0)
    return kind.bursts if kind.array is None else BurstNumbers(kind.array.tasks, 0.0)


def settle(
    jobs: StreamJobs, kind: JobClass, horizon_s: int, *, kept: NDArray[np.bool_] | None = None
) -> StreamJobs:
    """Return the jobs within the horizon, of the bursts that are kept, with their links.

    Parameters
    ----------
    jobs : StreamJobs
        As drawn.
    kind : JobClass
        Their class.
    horizon_s : int
        Jobs submitted later are left out. [s]
    kept : array of bool, shape (n_bursts,), optional
        Which bursts stay; all if not given.
    """
    columns = jobs.columns
    late = jobs.n and columns["submit_s"].max() >= horizon_s
    inside = columns["submit_s"] < horizon_s if late else None
    if kept is not None:
        of_kept = kept[columns.pop("burst")]
        inside = of_kept if inside is None else inside & of_kept
    if inside is not None:
        columns = {name: column[inside] for name, column in columns.items()}
        if "previous" in columns:  # what a job waits for is earlier, and in the same burst: it is there, too
            place = np.cumsum(inside) - 1
            columns["previous"] = np.where(columns["previous"] < 0, NONE, place[columns["previous"]])
    if kind.depends is not None:
        previous = previous_of(columns["submit_s"], columns["member"])
        columns["previous"] = np.where(columns.pop("waits"), previous, NONE)
    return StreamJobs(
        columns, len(columns["submit_s"]), jobs.n_bursts, jobs.members, jobs.tenant, jobs.job_class
    )


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
