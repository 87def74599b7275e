"""Random commands that hold, release and stretch jobs, added to cases that have anything else."""

from dataclasses import replace

import numpy as np

from tests.support.random_cases import OVERSTATED
from tests.support.site_case import SiteCase


def with_holds(case: SiteCase, seed: int) -> SiteCase:
    """Hold, release and stretch rows again and again, some of them too late, some never released."""
    rng = np.random.default_rng([seed, 7])
    known = len(case.submit) if case.later is None else case.later
    last = max(case.submit, default=0)
    ever_released = rng.random() < 0.8
    found = []
    for _ in range(int(rng.integers(1, 7))):
        at = int(rng.integers(0, last + 2))
        rows = rng.permutation(known)[: int(rng.integers(0, known + 1))].tolist()
        found.append((at, "hold", tuple(rows)))
        if ever_released and rng.random() < 0.9:
            some = rng.permutation(known)[: int(rng.integers(0, known + 1))].tolist()
            found.append((at + int(rng.integers(0, 30)), "release", (*rows, *some)))
    for _ in range(int(rng.integers(0, 4))):
        at = int(rng.integers(0, last + 1))
        rows = [row for row in range(known) if case.submit[row] >= at and rng.random() < 0.5]
        run = rng.integers(0, 40, len(rows))
        asked = np.maximum(1, run + rng.choice(OVERSTATED, len(rows)))
        found.append((at, "stretch", (tuple(rows), tuple(run.tolist()), tuple(asked.tolist()))))
    commands = sorted([*case.commands, *found], key=lambda command: command[0])
    return replace(case, commands=tuple(commands))
