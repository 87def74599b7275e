"""Named streams of random numbers: each purpose has its own, so that changing one leaves the others alone."""

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
