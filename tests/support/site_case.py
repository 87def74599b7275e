"""One question to the rules of a site as a plain record, and the compiled core's answer to it."""

from collections.abc import Iterator
from dataclasses import dataclass, field, fields, replace
from itertools import groupby

import numpy as np

from capacity.scheduling.batch import BatchSystem, batch_system
from capacity.scheduling.jobs import Jobs
from capacity.scheduling.pools.pool import PoolSpec
from capacity.scheduling.rules import Rules
from capacity.scheduling.site.rules import SiteRules

NUMBERS = {
    "user": 0, "account": 0, "qos": 0, "pool_set": 0, "after": -1, "singleton": -1, "array": -1,
    "patience": -1, "deadline": -1, "checkpoint": 0, "restart": 0, "unservable": False, "after_ok": False,
}  # fmt: skip
"""Columns that may be left out, with what then stands in every row."""

IN_SECONDS = {"patience": "patience_s", "deadline": "deadline_s", "checkpoint": "checkpoint_s",
              "restart": "restart_s"}  # fmt: skip


@dataclass(frozen=True)
class SiteCase:
    """Jobs, pools, rules, and what is done to the machine from outside.

    Columns are tuples, one entry a job; an empty one stands for its value in `NUMBERS` everywhere. A command
    is (time, name, arguments); those of one time happen in the order of the list. Jobs from row `later` on
    are unknown until the command ``submit`` (time, "submit", (first, end)) hands their rows over.
    """

    pools: tuple[PoolSpec, ...]
    submit: tuple[int, ...]
    run: tuple[int, ...]
    requested: tuple[int, ...]
    slots: tuple[int, ...]
    rules: Rules = field(default_factory=Rules)
    site: SiteRules = field(default_factory=SiteRules)
    user: tuple[int, ...] = ()
    account: tuple[int, ...] = ()
    qos: tuple[int, ...] = ()
    pool_set: tuple[int, ...] = ()
    after: tuple[int, ...] = ()
    after_ok: tuple[bool, ...] = ()
    singleton: tuple[int, ...] = ()
    array: tuple[int, ...] = ()
    patience: tuple[int, ...] = ()
    deadline: tuple[int, ...] = ()
    checkpoint: tuple[int, ...] = ()
    restart: tuple[int, ...] = ()
    unservable: tuple[bool, ...] = ()
    array_limit: tuple[int, ...] = ()
    pool_sets: tuple[tuple[int, ...], ...] = ((0,),)
    pool_factor: tuple[tuple[float, ...], ...] = ()
    commands: tuple[tuple[int, str, tuple[int, ...]], ...] = ()
    later: int | None = None

    def column(self, name: str) -> tuple[int, ...]:
        """A column, filled up if it was left out."""
        return getattr(self, name) or (NUMBERS[name],) * len(self.submit)

    def timeline(self) -> list[tuple[int, str, tuple[int, ...]]]:
        """Commands with the deliveries, which come first at their instants."""
        coming = [(at, "deliver", (p,)) for p, spec in enumerate(self.pools) for at, _ in spec.deliveries]
        return sorted([*coming, *self.commands], key=lambda command: (command[0], command[1] != "deliver"))

    def jobs(self, first: int = 0, end: int | None = None) -> Jobs:
        """Rows `first` to `end` as the core wants them."""
        rows = slice(first, end)
        given = {}
        for name, default in NUMBERS.items():
            if getattr(self, name):
                kind = bool if default is False else np.int32
                given[IN_SECONDS.get(name, name)] = np.array(getattr(self, name)[rows], kind)
        if self.pool_factor:
            given["pool_factor"] = np.array(self.pool_factor[rows], np.float64)
        if self.array_limit:
            given["array_limit"] = np.array(self.array_limit, np.int32)
        times = (np.array(getattr(self, name)[rows], np.int64) for name in ("submit", "run", "requested"))
        if "pool_set" not in given:
            given["pool_set"] = np.zeros(len(self.submit[rows]), np.int32)
        return Jobs(*times, np.array(self.slots[rows], np.int32), pool_sets=self.pool_sets, **given)

    def without(self, row: int) -> "SiteCase":
        """The same without one job, for finding the smallest case that shows something."""
        keep = [r for r in range(len(self.submit)) if r != row]
        columns = {
            name: tuple(getattr(self, name)[r] for r in keep)
            for name in (*NUMBERS, "submit", "run", "requested", "slots", "pool_factor")
            if getattr(self, name)
        }
        if self.after:
            columns["after"] = tuple(a - (a > row) if a != row else -1 for a in columns["after"])
        commands = []
        for at, name, args in self.commands:
            if name in ("cancel", "preempt"):
                if args[0] == row:
                    continue
                args = (args[0] - (args[0] > row),)  # noqa: PLW2901
            if name in ("hold", "release"):
                args = tuple(r - (r > row) for r in args if r != row)  # noqa: PLW2901
            if name == "stretch":
                kept = [place for place, r in enumerate(args[0]) if r != row]
                args = tuple(tuple(values[place] for place in kept) for values in args)  # noqa: PLW2901
                args = (tuple(r - (r > row) for r in args[0]), *args[1:])  # noqa: PLW2901
            if name == "submit":
                args = tuple(a - (a > row) for a in args)  # noqa: PLW2901
            commands.append((at, name, args))
        later = None if self.later is None else self.later - (self.later > row)
        return replace(self, commands=tuple(commands), later=later, **columns)


@dataclass
class Fate:
    """What became of one job; the names are those of `Outcome`."""

    start_s: int = -1
    end_s: int = -1
    killed: bool = False
    rejected: bool = False
    cancelled: bool = False
    node_fail: bool = False
    attempts: int = 0
    ran_s: int = 0
    lost_s: int = 0
    restart_s: int = 0
    last_start_s: int = -1
    pool: int = 0


NAMES = [f.name for f in fields(Fate)]


def drive(case: SiteCase) -> Iterator[tuple[BatchSystem, int | None]]:
    """Give the core its commands, stop after each instant of them, and once more when all is done."""
    system = batch_system(case.pools, case.rules, case.jobs(0, case.later), site=case.site)
    if case.commands:
        for now, commands in groupby(case.timeline(), key=lambda command: command[0]):
            system.advance(now)
            for _, name, args in commands:
                if name == "submit":
                    system.submit(case.jobs(*args))
                else:
                    give(system, name, args)
            yield system, now
    system.run()
    yield system, None


def give(system: BatchSystem, name: str, args: tuple) -> None:
    """Give a core one command."""
    getattr(system, name)(*([args] if name in ("hold", "release") else args))


def core_fates(case: SiteCase) -> list[Fate]:
    """What the core makes of it."""
    *_, (system, _) = drive(case)
    outcome = system.outcome()
    columns = [np.asarray(getattr(outcome, name)).tolist() for name in NAMES]
    return [Fate(*row) for row in zip(*columns, strict=True)]
