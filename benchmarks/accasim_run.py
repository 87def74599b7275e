"""AccaSim on one log, in a process of its own: ``python accasim_run.py POLICY LOG MACHINE FOLDER``.

Runs in an environment that has AccaSim and not this tool, so it imports neither this tool nor its libraries.
Prints as JSON the CPU time of the simulation, imports left out, and the start of every job by its number.
"""

import collections
import collections.abc
import json
import sys
import time
from datetime import datetime, timezone
from importlib import import_module
from pathlib import Path

GONE = ("Callable", "Hashable", "Iterable", "Mapping", "MutableMapping", "Sequence")
"""Names that have left `collections` since AccaSim 1.1.3 was written; they still are in `collections.abc`."""


def starts(plan: str) -> dict[str, int]:
    """Read the plan that AccaSim wrote: start of each job by number [s]."""
    found = {}
    for line in plan.splitlines():
        moment = line.rsplit("__", 1)[1].split(";", 1)[0]
        at = datetime.strptime(moment, "%Y-%m-%d %H:%M:%S").replace(tzinfo=timezone.utc)  # noqa: UP017 - old Python
        found[line.split(";", 1)[0]] = int(at.timestamp())
    return found


def main() -> None:
    """Run and print."""
    policy, log, machine, folder = sys.argv[1:]
    for name in GONE:
        if not hasattr(collections, name):
            setattr(collections, name, getattr(collections.abc, name))
    # Only now, with the names back, and by name, for where this file is checked there is no AccaSim.
    allocators, schedulers, simulators = (
        import_module(f"accasim.base.{kind}_class") for kind in ("allocator", "scheduler", "simulator")
    )
    kind = {"easy": schedulers.EASYBackfilling, "fcfs": schedulers.FirstInFirstOut}[policy]
    quiet = {"LOG_LEVEL": "ERROR", "statistics_output": False, "show_statistics": False}
    simulator = simulators.Simulator(
        log, machine, kind(allocators.FirstFit()), RESULTS_FOLDER_PATH=folder, **quiet
    )
    before = time.process_time()
    files = simulator.start_simulation()
    took = time.process_time() - before
    print(json.dumps({"cpu_s": took, "starts": starts(Path(files["sched-"]).read_text())}))


if __name__ == "__main__":
    main()
