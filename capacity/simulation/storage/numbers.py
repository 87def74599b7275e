"""What is known of a site's storage before a run: tiers and their rules, what flows in, how long it lives.

All bytes of flows are *logical*: what users count. What they take of a tier's usable capacity is that times
its copies over its compression. Every line is a column of the account: whose data of which sort lie on which
tier, with one life. Lines that migration can reach are made in advance, so that what moves keeps its owner,
its source and its day of arrival.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from capacity.inputs.storage.tiers import Migrate, Purge, WhenFull

Ints = npt.NDArray[np.int64]
DAY_S: Final = 86_400
Kind = Literal["outputs", "checkpoints", "datasets", "homes"]


@dataclass(frozen=True, slots=True)
class Life:
    """What becomes of data after they have arrived.

    Attributes
    ----------
    keep_days, keep_at_least_days : int or None, int
        Deleted by their owners at this age, None keeps them; nobody deletes them before that age.
    deleted_per_day : float
        Rate at which owners delete what is left. [1/day]
    read_for_days : float
        Mean time from arrival to the last reading, exponential; 0 if they are never read again. [day]
    purged : bool
        Whether purge rules apply to them.
    """

    keep_days: int | None = None
    keep_at_least_days: int = 0
    deleted_per_day: float = 0.0
    read_for_days: float = 0.0
    purged: bool = True


FOR_GOOD: Final = Life()


@dataclass(frozen=True, slots=True)
class TierPlan:
    """A tier as it comes into service, and its rules.

    Attributes
    ----------
    name, fill_limit_frac : str, float
        Name of the tier; part of the usable capacity that may be filled.
    steps : tuple of (int, int)
        Time [s] from which so many usable bytes are in service [B], ascending; from the start with time 0.
    footprint : float
        Usable bytes that a logical byte takes: copies over compression.
    snapshot_days : int
        What is deleted takes room for so long.
    purge, migrate : Purge, Migrate or None
        Rules that make room, as they were written.
    quotas : mapping of str to int
        What a tenant may fill [B of usable capacity].
    when_full : {"fail", "wait", "turn-away"}
        What becomes of jobs that need room when there is none.
    """

    name: str
    fill_limit_frac: float
    steps: tuple[tuple[int, int], ...]
    footprint: float = 1.0
    snapshot_days: int = 0
    purge: Purge | None = None
    migrate: Migrate | None = None
    quotas: Mapping[str, int] = field(default_factory=dict)
    when_full: WhenFull = "fail"


@dataclass(frozen=True, slots=True)
class JobFlow:
    """What the jobs of one class leave on one tier, or hold there while they run: their checkpoints.

    Attributes
    ----------
    source, tier, job_class : str, str, int
        What it is called: the name of the class; name of the tier; number of the class.
    bytes_per_job, bytes_per_slot, bytes_per_slot_s : float
        Written by the end of a job, or held by a running one: once, for each slot, for each slot-second of
        running. [B], [B/slot], [B/(slot s)]
    unfinished_frac : float
        Part that remains of jobs that did not complete.
    life, kind : Life, {"outputs", "checkpoints"}
        What becomes of it, and what sort of data it is.
    """

    source: str
    tier: str
    job_class: int
    bytes_per_job: float = 0.0
    bytes_per_slot_s: float = 0.0
    unfinished_frac: float = 1.0
    life: Life = FOR_GOOD
    kind: Kind = "outputs"
    bytes_per_slot: float = 0.0


@dataclass(frozen=True, slots=True)
class DailyFlow:
    """Data that come in without a job: data sets, and what people put into their homes.

    Attributes
    ----------
    source, tier, tenant : str
        What it is, where it goes, whose it is.
    by_day_bytes : ndarray of int64, shape (n_days,)
        What comes in on each day. [B]
    life, kind : Life, {"datasets", "homes"}
        What becomes of it, and what sort of data it is.
    """

    source: str
    tier: str
    tenant: str
    by_day_bytes: Ints
    life: Life = FOR_GOOD
    kind: Kind = "datasets"


@dataclass(frozen=True, slots=True)
class StoragePlan:
    """All of it: a site's tiers and what flows into them."""

    tiers: tuple[TierPlan, ...] = ()
    job_flows: tuple[JobFlow, ...] = ()
    running: tuple[JobFlow, ...] = ()
    daily: tuple[DailyFlow, ...] = ()


def in_service_before(tiers: Iterable[TierPlan], end_s: int) -> list[int]:
    """Return the usable bytes of each tier in service just before a time [s]."""
    return [max((size for at, size in tier.steps if at < end_s), default=0) for tier in tiers]


class Line(NamedTuple):
    """Data that are treated alike; `moved` once a rule has taken them to this tier."""

    tier: str
    tenant: str
    source: str
    kind: Kind
    life: Life
    moved: bool = False

    def target(self, tiers: Mapping[str, TierPlan]) -> "Line | None":
        """Return the line that data of this one migrate to, if its tier has a rule for it."""
        rule = tiers[self.tier].migrate
        return None if rule is None else self._replace(tier=rule.to, moved=True)


def with_reachable(arriving: Iterable[Line], tiers: Mapping[str, TierPlan]) -> tuple[Line, ...]:
    """Return the lines and those that migration turns them into, each once, in order of first mention."""
    found = dict.fromkeys(arriving)
    todo = list(found)
    while todo:
        target = todo.pop(0).target(tiers)
        if target is not None and target not in found:
            found[target] = None
            todo.append(target)
    return tuple(found)


def downstream_first(tiers: Iterable[TierPlan]) -> tuple[str, ...]:
    """Return the tiers so that each comes after the one it migrates to, which then has made room.

    Raises
    ------
    ValueError
        The rules go round in a circle.
    """
    by_name = {tier.name: tier for tier in tiers}
    order: list[str] = []
    for name in by_name:
        path: list[str] = []
        here: str | None = name
        while here is not None and here not in order:
            if here in path:
                raise ValueError(f"migration goes round in a circle: {' to '.join([*path, here])}")
            path.append(here)
            rule = by_name[here].migrate
            here = None if rule is None else rule.to
        order += reversed(path)
    return tuple(order)
