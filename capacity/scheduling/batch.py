"""The batch system as the rest of the tool sees it: pools, jobs, a clock, and what became of each job."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

import numpy as np
import numpy.typing as npt

from capacity.scheduling.base import Rows
from capacity.scheduling.jobs import Jobs
from capacity.scheduling.outcome import Outcome
from capacity.scheduling.pools.pool import PoolSpec, PoolState
from capacity.scheduling.pools.rule_numbers import jobs_may_return
from capacity.scheduling.pools.system import PoolSystem
from capacity.scheduling.rules import Rules
from capacity.scheduling.site.rules import Restarts, SiteRules
from capacity.scheduling.site.system import SiteSystem


class BatchSystem(Protocol):
    """Pools that schedule jobs, advanced together to given times; `batch_system` makes one."""

    @property
    def specs(self) -> tuple[PoolSpec, ...]:
        """The machine."""

    @property
    def rules(self) -> Rules:
        """Order, backfilling, placement and the rest, the same for all pools."""

    @property
    def jobs(self) -> Jobs:
        """Everything that will be submitted."""

    @property
    def core(self) -> str:
        """Name of the compiled core these rules need, for `load_core`."""

    def advance(self, until_s: int) -> None:
        """Handle every job event before `until_s` [s] in every pool and set all clocks to it."""

    def deliver(self, pool: int) -> None:
        """Put the next known delivery of pool number `pool` into service now.

        Raises
        ------
        InputError
            Every known delivery of that pool has already come.
        """

    def run(self) -> None:
        """Bring in all known deliveries at their times, and run until every job has ended."""

    def states(self) -> dict[str, PoolState]:
        """Every pool as it is now, by name."""

    def ended_rows(self, seen: list[int]) -> npt.NDArray[np.integer]:
        """Rows of `jobs` that ended after running since the last look.

        Parameters
        ----------
        seen : list of int, one per pool
            What the last look left here; zeros before the first. It is brought up to date.
        """

    def running_rows(self) -> npt.NDArray[np.int64]:
        """Rows of `jobs` that run now, each once, in no order; the cost is that of those that run."""

    def hold(self, rows: Rows) -> None:
        """Keep jobs that are not yet submitted out of the queue when they are.

        They are submitted as ever, wait from then on and count as waiting in `outcome`, but not in the
        queue of `states`. Nothing happens to jobs that were submitted before.

        Raises
        ------
        InputError
            No such row, or rules under which only the site core lets jobs join the queue later.
        """

    def release(self, rows: Rows) -> None:
        """Let held jobs join the queue now, at the place they would have had, or later as if never held.

        Raises
        ------
        InputError
            No such row.
        """

    def held_rows(self) -> npt.NDArray[np.int64]:
        """Rows of jobs that have been submitted and are still held, in no order."""

    def stretch(self, rows: Rows, run_s: Rows, requested_s: Rows) -> None:
        """Give jobs that are not yet submitted other run and requested times; `jobs` has them from now on.

        Keys of orders that depend on the request are worked out again.

        Parameters
        ----------
        rows : sequence of int or ndarray, shape (n_rows,)
            Rows of `jobs`, each once.
        run_s, requested_s : sequence of int or ndarray, shape (n_rows,)
            The new times. [s]

        Raises
        ------
        InputError
            No such row, a job that has been submitted, columns of different lengths, or times that cannot
            be.
        """

    def fail(self, pool: int, node: int) -> None:
        """Let a node fail now: its jobs end, and are requeued as the rules say.

        Raises
        ------
        InputError
            No such node, or nobody said what becomes of its jobs.
        """

    def repair(self, pool: int, node: int) -> None:
        """Put a failed node back into service.

        Raises
        ------
        InputError
            No such node, or nobody said that nodes can fail.
        """

    def outcome(self) -> Outcome:
        """Return what became of every job by now."""


def batch_system(
    pools: Sequence[PoolSpec],
    rules: Rules,
    jobs: Jobs,
    *,
    site: SiteRules | None = None,
    restarts: Restarts | None = None,
    holds: bool = False,
    start_s: int = 0,
) -> BatchSystem:
    """Choose the batch system that knows what is asked for: pools by themselves, or a site.

    Parameters
    ----------
    pools : sequence of PoolSpec
        The machine.
    rules : Rules
        The same for all pools.
    jobs : Jobs
        Everything that will be submitted.
    site : SiteRules, optional
        Rules of a whole site; without them, and without columns of jobs that need them, every pool
        schedules by itself.
    restarts : Restarts, optional
        Nodes can fail, and this becomes of their jobs; it takes the place of what `site` says of that.
    holds : bool
        Jobs will be held (`hold`): the site core takes over where the queue core could not let them join.
    start_s : int
        Time at which the clock starts. [s]

    Raises
    ------
    InputError
        A job names a pool that is not there, or rules contradict each other.

    Examples
    --------
    Two slots, three jobs of one slot, 100 s each, submitted together:

    >>> import numpy as np
    >>> three = np.array([1, 1, 1])
    >>> jobs = Jobs(0 * three, 100 * three, 100 * three, three)
    >>> system = batch_system([PoolSpec("cpu", nodes=2)], Rules(), jobs)
    >>> system.run()
    >>> system.outcome().start_s.tolist()
    [0, 0, 100]
    """
    jobs_return = holds or restarts is not None  # long after their submission
    if site is not None or (jobs_return and not jobs_may_return(rules)) or _only_a_site(pools, rules, jobs):
        site = site or SiteRules()
        site = site if restarts is None else replace(site, restarts=restarts)
        return SiteSystem(pools, rules, site, jobs, start_s=start_s)
    return PoolSystem(pools, rules, jobs, restarts=restarts, start_s=start_s)


def _only_a_site(pools: Sequence[PoolSpec], rules: Rules, jobs: Jobs) -> bool:
    """Whether rules or columns of jobs ask for more than the cores that know one pool at a time have."""
    columns = (
        jobs.qos, jobs.pool_set, jobs.after, jobs.singleton, jobs.array, jobs.patience_s, jobs.deadline_s,
        jobs.pool_factor,
    )  # fmt: skip
    return (
        bool(jobs.pool_sets)
        or any(column is not None for column in columns)
        or rules.reservations > 1
        or rules.order == "multifactor"
        or (rules.backfill == "conservative" and not all(spec.counted for spec in pools))
    )
