"""Named streams of random numbers: each purpose has its own, so that changing one leaves the others alone."""

from dataclasses import dataclass
from hashlib import blake2b

import numpy as np


def stream(seed: int, replication: int, *names: str) -> np.random.Generator:
    """Return the generator that belongs to these names, and to no other.

    Parameters
    ----------
    seed : int
        Seed of the scenario.
    replication : int
        Number of the replication.
    *names : str
        What the numbers are for, from the general to the particular.

    Notes
    -----
    The names enter through a hash that is the same on every machine and in every process, so adding a
    tenant or a job class does not move the numbers of the others.

    Examples
    --------
    >>> int(stream(1, 0, "car", "runs").integers(1000)) == int(stream(1, 0, "car", "runs").integers(1000))
    True
    """
    digest = blake2b("\0".join(names).encode(), digest_size=16).digest()
    words = (int.from_bytes(digest[at : at + 4], "little") for at in range(0, 16, 4))
    sequence = np.random.SeedSequence(entropy=seed, spawn_key=(replication, *words))
    return np.random.Generator(np.random.SFC64(sequence))


@dataclass(frozen=True, slots=True)
class Streams:
    """The random numbers of one thing, a tenant or one of its classes, each purpose with its own.

    Attributes
    ----------
    seed, replication : int
        Of the whole draw.
    names : tuple of str
        Whose numbers they are.
    """

    seed: int
    replication: int
    names: tuple[str, ...]

    def main(self) -> np.random.Generator:
        """Return the generator that what every such thing needs is drawn from."""
        return stream(self.seed, self.replication, *self.names)

    def named(self, purpose: str) -> np.random.Generator:
        """Return the generator of something that only some of them need."""
        return stream(self.seed, self.replication, *self.names, purpose)
