"""Many worlds of one scenario by the command line, against one run of it: start-up and shared work paid once.

Every run is new: nothing of it is in the store of finished runs.
"""

import os
from collections.abc import Iterator
from statistics import median

from benchmarks.children import capacity, run
from benchmarks.effort import FULL, Effort
from benchmarks.row import Row, skipped
from capacity.study.uncertainty.draws import places_of

SCENARIO = "gwangju-plan"
WORLDS = 64
FEW_WORLDS = 8
MOST = 20.0
NOT_STORED = {"CAPACITY_STORE": "off"}


def rows(effort: Effort) -> Iterator[Row]:
    """Time one run, the worlds in as many processes as there are processors, and one run again."""
    worlds, command = WORLDS if effort == FULL else FEW_WORLDS, ("simulate", SCENARIO)
    try:
        before = run(capacity(*command), env=NOT_STORED)
        many = run(capacity(*command, "--worlds", str(worlds)), env=NOT_STORED)
        after = run(capacity(*command), env=NOT_STORED)
    except RuntimeError as problem:
        yield skipped(f"{worlds} worlds of {SCENARIO}", str(problem))
        return
    what = f"{worlds} worlds of {SCENARIO}, {len(places_of(worlds))} runs, {os.cpu_count()} processors"
    most = MOST if worlds == WORLDS else None
    one_s = median((before.wall_s, after.wall_s))
    yield Row(what, many.wall_s, "s wall", many.wall_s / one_s, "one simulate", most=most, on_ratio=True)
    one_s = median((before.cpu_s, after.cpu_s))
    yield Row(what, many.cpu_s, "s CPU", many.cpu_s / one_s, "one simulate")
