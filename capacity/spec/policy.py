"""How the batch system decides who runs next."""

from typing import Literal

from capacity.spec.base import Record

Order = Literal["fcfs", "sjf", "ljf", "smallest", "largest", "saf", "f1", "f2", "f3", "f4"]
Backfill = Literal["none", "easy"]
Ties = Literal["instant", "event", "pyss"]
Placement = Literal["best-fit", "worst-fit", "first-fit", "random"]


class Policy(Record):
    """Queue order, backfilling and what goes with them; `capacity list orders` and so on name the words."""

    order: Order = "fcfs"
    """Which waiting job is first: by arrival, by requested time, by slots, or by a learned static score."""
    backfill: Backfill = "easy"
    """Whether a job may overtake if it does not delay the first in the queue."""
    ties: Ties = "instant"
    """What is decided together when several things happen in the same second."""
    placement: Placement = "best-fit"
    """Which nodes a job gets when several would do."""
    overrun: Literal["kill"] = "kill"
    """What happens to a job that runs longer than it asked for."""
