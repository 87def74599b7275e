"""The rules a batch system runs under, by the names of `capacity.registry`."""

from dataclasses import dataclass

from capacity import registry
from capacity.errors import InputError, Problem, nearest


@dataclass(frozen=True, slots=True)
class Rules:
    """How jobs are ordered, started and placed.

    Attributes
    ----------
    order, backfill, ties, placement : str
        Names; see `capacity list orders`, ``backfilling``, ``ties`` and ``placements``.
    seed : int
        Seed of random placement; unused by the other placements.
    backfill_order : str
        Order in which candidates for backfilling are tried: an order's name, or ``queue`` for that of the
        queue itself. ``easy-sjbf`` and ``easy++`` say it themselves.
    backfill_depth : int
        How many waiting jobs behind the first blocked one are looked at in a pass (Slurm's
        ``bf_max_job_test``); 0 for all.
    reservations : int
        How many blocked jobs get a reservation in a pass, at least 1.
    conservative : str
        ``sticky`` or ``replan``.
    cycle_s : int
        Passes happen at multiples of this on the clock; 0 for one at every instant with a change. [s]
    recompute_s : int
        A time-varying order is worked out again at multiples of this; 0 for before every pass. [s]
    estimates, overrun : str
        Names; see `capacity list estimates` and ``overrun``.

    Raises
    ------
    InputError
        A name is unknown, or a number is out of range.
    """

    order: str = "fcfs"
    backfill: str = "easy"
    ties: str = "instant"
    placement: str = "best-fit"
    seed: int = 1
    backfill_order: str = "queue"
    backfill_depth: int = 0
    reservations: int = 1
    conservative: str = "sticky"
    cycle_s: int = 0
    recompute_s: int = 300
    estimates: str = "requested"
    overrun: str = "kill"

    def __post_init__(self) -> None:
        for names, name in (
            (registry.ORDERS, self.order),
            (registry.BACKFILLING, self.backfill),
            (registry.TIES, self.ties),
            (registry.PLACEMENTS, self.placement),
            (registry.CONSERVATIVE, self.conservative),
            (registry.ESTIMATES, self.estimates),
            (registry.OVERRUN, self.overrun),
        ):
            _ = names[name]  # an unknown one is an error with the nearest
        other = self.backfill_order
        if other != registry.IN_QUEUE_ORDER and other not in registry.ORDERS:
            fix = nearest(other, [registry.IN_QUEUE_ORDER, *registry.ORDERS])
            raise InputError(Problem(f"unknown backfilling order '{other}'", fix=fix))
        for name, least in (("backfill_depth", 0), ("reservations", 1), ("cycle_s", 0), ("recompute_s", 0)):
            if getattr(self, name) < least:
                raise InputError(Problem(f"{name} is {getattr(self, name)}", fix=f"at least {least}"))
