"""The rules a batch system runs under, by name, and the numbers the kernel knows them by."""

from dataclasses import dataclass
from typing import Final

from capacity.errors import InputError, Problem, nearest
from capacity.scheduling.orders import ORDERS

BACKFILLING: Final = {
    "none": (0, "in order; the first job that does not fit stops the pass"),
    "easy": (1, "later jobs may start if they do not delay the reservation of the first blocked one"),
    "easy-sjbf": (1, "easy, trying candidates by requested time, shortest first"),
    "easy++": (1, "easy-sjbf on run times predicted from the user's last two jobs (Tsafrir et al. 2007)"),
    "conservative": (2, "every waiting job holds a reservation that nobody who comes later may delay"),
}
TIES: Final = {
    "instant": (0, "ends, then arrivals, then one pass per instant"),
    "event": (1, "a pass after every single end and arrival"),
    "pyss": (2, "as the pyss simulator: arrivals before ends, jobs expected to end now already gone"),
}
PLACEMENTS: Final = {
    "best-fit": (0, "the node left with the fewest free slots"),
    "worst-fit": (1, "the node with the most free slots"),
    "first-fit": (2, "the lowest-numbered node that fits"),
    "random": (3, "any node that fits, each equally likely"),
}
ESTIMATES: Final = {
    "requested": (0, "the scheduler plans with the requested time"),
    "exact": (1, "the scheduler knows the true run time: an upper bound on what estimates can gain"),
}
OVERRUN: Final = {
    "kill": (0, "a job that runs longer than it asked for ends there (timeout)"),
    "allow": (1, "it runs to its end; once past its request it is expected to end at any moment"),
}
CONSERVATIVE: Final = {
    "sticky": (0, "a reservation moves only when a job ends early, and only to an earlier time"),
    "replan": (1, "all reservations are thrown away and made again in queue order at every event"),
}


def number(kind: str, table: dict[str, tuple[int, str]], name: str) -> int:
    """Return the kernel's number for a rule, or say which names there are.

    Raises
    ------
    InputError
        No rule of this kind has that name.
    """
    if name not in table:
        raise InputError(Problem(f"unknown {kind} '{name}'", fix=nearest(name, list(table))))
    return table[name][0]


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
        Names; see `ESTIMATES` and `OVERRUN`.

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
        ORDERS.get(self.order)
        if self.backfill_order != "queue":
            ORDERS.get(self.backfill_order)
        number("backfilling rule", BACKFILLING, self.backfill)
        number("tie dialect", TIES, self.ties)
        number("placement", PLACEMENTS, self.placement)
        number("kind of conservative backfilling", CONSERVATIVE, self.conservative)
        number("kind of estimates", ESTIMATES, self.estimates)
        number("overrun rule", OVERRUN, self.overrun)
        for name, least in (("backfill_depth", 0), ("reservations", 1), ("cycle_s", 0), ("recompute_s", 0)):
            if getattr(self, name) < least:
                raise InputError(Problem(f"{name} is {getattr(self, name)}", fix=f"at least {least}"))
