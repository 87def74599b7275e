"""What each world needs, and what a size costs beyond that: the newsvendor's closed form."""

import math
from collections.abc import Sequence

import numpy as np

from capacity.statistics.intervals import Floats, Values


def newsvendor(needed: Values, part: float) -> float:
    """Return the least size that is enough in this part of the worlds, given what each needs.

    With the part of `bought_for` it costs least in the mean: what is too much and too little is paid by the
    unit. It is infinite where too few worlds need a finite one.

    Examples
    --------
    >>> newsvendor([300.0, 700.0, 400.0, 500.0], 0.75)
    500.0
    """
    ordered = np.sort(np.asarray(needed, np.float64))
    return float(ordered[max(0, math.ceil(part * len(ordered) - 1e-9) - 1)])


def too_much_or_too_little(
    sizes: Sequence[float] | Floats, needed: Floats, too_little: float, too_much: float
) -> Floats:
    """Return what each size costs beyond what each world needs, shape (sizes, worlds)."""
    over = np.asarray(sizes, np.float64)[:, None] - needed[None]
    return np.where(over > 0, too_much * over, -too_little * over)


def needed_sizes(sizes: Sequence[float], answers: Floats, limit: float, *, plus: float = 0.0) -> Floats:
    """Return between which sizes each world meets a limit, in logarithms, shape (worlds, 2).

    Parameters
    ----------
    sizes : sequence of float
        Rising.
    answers : ndarray of float, shape (worlds, sizes)
        Such as waits, falling as the size grows; NaN where it was not run.
    limit : float
        What an answer may be, in its unit.
    plus : float
        Added to answers and limit before their logarithm is taken, so that 0 has one.

    Returns
    -------
    ndarray of float
        Twice the same where the limit lies between two sizes, by a line in logarithms; from -inf where the
        least size meets it, up to inf where none does.

    Raises
    ------
    ValueError
        A world was run with no size.
    """
    found = np.empty((len(answers), 2))
    for world, row in enumerate(answers):
        run = np.flatnonzero(~np.isnan(row))
        if not len(run):
            raise ValueError(f"world {world} was run with no size")
        at, missed = np.log(np.asarray(sizes, np.float64)[run]), row[run] > limit
        last = int(np.flatnonzero(missed)[-1]) if missed.any() else -1
        if last in {-1, len(run) - 1}:
            found[world] = (-math.inf, at[0]) if last == -1 else (at[-1], math.inf)
            continue
        above, below = (math.log(max(row[run[place]] + plus, 1e-12)) for place in (last, last + 1))
        part = (above - math.log(limit + plus)) / (above - below)
        found[world] = at[last] + part * (at[last + 1] - at[last])
    return found
