"""Taking times: CPU seconds of this process, several ways in turn, so that foreign load hits all alike."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import median

Timed = Callable[[], float]
"""Does something once and returns the CPU time [s] of the part that counts."""


def cpu_s(work: Callable[[], object]) -> float:
    """CPU time of one call [s]."""
    before = time.process_time()
    work()
    return time.process_time() - before


@dataclass(frozen=True, slots=True)
class Times:
    """CPU times of several ways that took turns.

    Attributes
    ----------
    taken : mapping of str to list of float
        Times of each way, one per round. [s]
    """

    taken: Mapping[str, list[float]]

    def of(self, way: str) -> float:
        """Median time of one way [s]."""
        return median(self.taken[way])

    def ratio(self, way: str, other: str) -> float:
        """Median over the rounds of one way's time over another's in the same round."""
        return median(a / b for a, b in zip(self.taken[way], self.taken[other], strict=True))


def interleaved(ways: Mapping[str, Timed], repeats: int) -> Times:
    """Time every way `repeats` times, all ways taking turns."""
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(repeats):
        for name, way in ways.items():
            taken[name].append(way())
    return Times(taken)
