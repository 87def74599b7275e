"""How much work a benchmark run does."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Effort:
    """Numbers of jobs and repeats.

    Attributes
    ----------
    million : int
        Jobs where the target speaks of 1 M.
    ten_million : int
        Jobs where it speaks of 10 M.
    repeats : int
        Interleaved repeats of every figure.
    """

    million: int
    ten_million: int
    repeats: int


FULL = Effort(million=1_000_000, ten_million=10_000_000, repeats=5)
QUICK = Effort(million=100_000, ten_million=1_000_000, repeats=3)
