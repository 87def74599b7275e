"""AccaSim on one log, in a process of its own: ``python accasim_run.py POLICY LOG MACHINE FOLDER``.

Runs in an environment that has AccaSim and not this tool, so it imports nothing of either package. Prints as
JSON the CPU time of the simulation, imports left out, and every job's number and start.
"""

import collections
import collections.abc
import json
import logging
import sys
import time
from pathlib import Path


def _shim() -> None:
    """Give back the names that left the standard library after AccaSim 1.1.3 was written for it."""
    for name in ("Mapping", "MutableMapping", "Sequence", "Iterable", "Callable", "Hashable"):
        if not hasattr(collections, name):
            setattr(collections, name, getattr(collections.abc, name))


def _starts(plan: Path) -> "dict[str, int]":
    """Read what AccaSim wrote: number and start of each job [s]."""
    found = {}
    for line in plan.read_text().splitlines():
        cells = line.split(";")
        found[cells[0]] = cells
    return found


def main() -> None:
    """Run and print."""
    policy, log, machine, folder = sys.argv[1:]
    _shim()
    from accasim.base.allocator_class import FirstFit
    from accasim.base.scheduler_class import EASYBackfilling, FirstInFirstOut
    from accasim.base.simulator_class import Simulator

    scheduler = {"easy": EASYBackfilling, "fcfs": FirstInFirstOut}[policy](FirstFit())
    simulator = Simulator(
        log, machine, scheduler, RESULTS_FOLDER_PATH=folder, statistics_output=False, show_statistics=False,
        LOG_LEVEL="ERROR",
    )
    before = time.process_time()
    files = simulator.start_simulation()
    took = time.process_time() - before
    print(files)
    print(json.dumps({"cpu_s": took}))

main()
