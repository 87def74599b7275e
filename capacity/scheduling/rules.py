"""The rules a batch system runs under, by name, and the numbers the kernel knows them by."""

from dataclasses import dataclass
from typing import Final

from capacity.errors import InputError, Problem, nearest
from capacity.scheduling.orders import ORDERS

BACKFILLING: Final = {
    "none": (0, "in order; the first job that does not fit stops the pass"),
    "easy": (1, "later jobs may start if they do not delay the reservation of the first blocked one"),
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

    Raises
    ------
    InputError
        A name is unknown.
    """

    order: str = "fcfs"
    backfill: str = "easy"
    ties: str = "instant"
    placement: str = "best-fit"
    seed: int = 1

    def __post_init__(self) -> None:
        ORDERS.get(self.order)
        number("backfilling rule", BACKFILLING, self.backfill)
        number("tie dialect", TIES, self.ties)
        number("placement", PLACEMENTS, self.placement)
