"""What both batch systems do alike: deliveries, the run to the end, new run times, checks of rows."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from capacity.errors import InputError
from capacity.scheduling.jobs import Jobs, with_own_times
from capacity.scheduling.pools.pool import LONGEST_S, Pool, PoolSpec, PoolState
from capacity.scheduling.rules import Rules
from capacity.scheduling.site.rules import FOREVER_S

Rows: TypeAlias = Sequence[int] | npt.NDArray[np.integer]
Ints: TypeAlias = npt.NDArray[np.int64]


class BaseSystem(ABC):
    """A `BatchSystem` but for what depends on the core."""

    pools: Sequence[Pool]  # the machine as the core has it

    def __init__(self, specs: Sequence[PoolSpec], rules: Rules, jobs: Jobs) -> None:
        self.specs, self.rules, self.jobs = tuple(specs), rules, jobs
        self._delivered = [0] * len(self.specs)
        self._times_are_own = False
        if jobs.pool is not None and len(jobs.pool):
            low, high = int(jobs.pool.min()), int(jobs.pool.max())
            if low < 0 or high >= len(self.specs):
                message = f"a job names pool number {low if low < 0 else high}"
                raise InputError(message, fix=f"pools are numbered 0 to {len(self.specs) - 1}")

    @abstractmethod
    def advance(self, until_s: int) -> None:
        """Handle every job event before `until_s` [s] and set the clock to it."""

    @abstractmethod
    def _put_in_service(self, pool: int) -> None:
        """Put the next delivery of a pool, which there is, into service now."""

    @abstractmethod
    def _submitted(self, rows: Ints) -> int:
        """How many of these jobs have been submitted."""

    @abstractmethod
    def _take_times(self, rows: Ints, run_s: Ints, requested_s: Ints) -> None:
        """Tell the core the new times of jobs not yet submitted, which `jobs` has already [s]."""

    def deliver(self, pool: int) -> None:
        """Put the next known delivery of pool number `pool` into service now."""
        if self._delivered[pool] >= len(self.specs[pool].deliveries):
            message = f"pool {self.specs[pool].name}: no delivery left"
            raise InputError(message)
        self._delivered[pool] += 1
        self._put_in_service(pool)

    def run(self) -> None:
        """Bring in all known deliveries at their times, and run until every job has ended."""
        left = [spec.deliveries[come:] for spec, come in zip(self.specs, self._delivered, strict=True)]
        for time, pool in sorted((time, pool) for pool, later in enumerate(left) for time, _ in later):
            self.advance(max(time, *(state.now_s for state in self.states().values())))  # or late
            self.deliver(pool)
        self.advance(FOREVER_S)

    def states(self) -> dict[str, PoolState]:
        """Every pool as it is now, by name."""
        return {spec.name: pool.state() for spec, pool in zip(self.specs, self.pools, strict=True)}

    def stretch(self, rows: Rows, run_s: Rows, requested_s: Rows) -> None:
        """Give jobs that are not yet submitted other run and requested times [s]."""
        chosen = self._existing(rows)
        run, requested = np.asarray(run_s, np.int64), np.asarray(requested_s, np.int64)
        if not len(chosen) == len(run) == len(requested):
            message = f"{len(chosen)} jobs get {len(run)} run times and {len(requested)} requests"
            raise InputError(message, fix="one of each for every row")
        for name, values in (("run time", run), ("requested time", requested)):
            if len(values) and not (values.min() >= 0 and values.max() <= LONGEST_S):
                message = f"a job gets the {name} {values[(values < 0) | (values > LONGEST_S)][0]} s"
                raise InputError(message, fix=f"0 to {LONGEST_S} s")
        if late := self._submitted(chosen):
            message = f"{late} of {len(chosen)} jobs that are to last longer have been submitted already"
            raise InputError(message, fix="rows of jobs whose submission is still to come")
        if not self._times_are_own:
            self._times_are_own = True
            self.jobs = with_own_times(self.jobs)
        self.jobs.run_s[chosen], self.jobs.requested_s[chosen] = run, requested
        self._take_times(chosen, run, requested)

    def _existing(self, rows: Rows) -> Ints:
        """Return rows as an array, all of which are there."""
        chosen = np.asarray(rows, np.int64).reshape(-1)
        if len(chosen) and not (chosen.min() >= 0 and chosen.max() < len(self.jobs.submit_s)):
            message = f"rows {chosen.min()} to {chosen.max()} are named"
            raise InputError(message, fix=f"rows of jobs are numbered 0 to {len(self.jobs.submit_s) - 1}")
        return chosen
