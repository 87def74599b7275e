"""``python -m benchmarks [--quick] [--only NAME]``: measure, print one table, never fail on a slow figure.

A figure that misses its target is printed as missed. What does fail is a schedule that differs between two
ways of computing it.
"""

import argparse
import os
import platform
import sys
from collections.abc import Callable, Iterator
from importlib import import_module

from benchmarks.effort import FULL, QUICK, Effort
from benchmarks.row import Row, table
from capacity.scheduling.compiled import CORES, load_core

PIECES = {
    "c": "benchmarks.against_c",
    "adversary": "benchmarks.adversary",
    "peers": "benchmarks.peers",
    "engine": "benchmarks.replay",
    "columns": "benchmarks.columns",
    "events": "benchmarks.facility_events",
    "nodes": "benchmarks.nodes",
    "failing": "benchmarks.failing",
    "orders": "benchmarks.orders",
    "conservative": "benchmarks.conservative",
    "site": "benchmarks.site_features",
    "subsystems": "benchmarks.subsystems",
    "replications": "benchmarks.replications",
    "generate": "benchmarks.generation",
    "logs": "benchmarks.log_reading",
    "published": "benchmarks.published",
    "process": "benchmarks.process",
    "command": "benchmarks.command_line",
    "worlds": "benchmarks.worlds",
    "regret": "benchmarks.regret",
}


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description="Speed as ratios within one run."
    )
    parser.add_argument("--quick", action="store_true", help="a tenth of the jobs, fewer repeats")
    parser.add_argument("--only", metavar="NAME", choices=PIECES, help=f"one of: {', '.join(PIECES)}")
    return parser.parse_args()


def main() -> None:
    """Run the pieces, the cores being compiled, and print the table."""
    asked = _arguments()
    effort = QUICK if asked.quick else FULL
    for core in CORES:
        load_core(core)
    measured: list[Row] = []
    for name in [asked.only] if asked.only else PIECES:
        print(f"benchmarks: {name} ...", file=sys.stderr, flush=True)
        rows: Callable[[Effort], Iterator[Row]] = import_module(PIECES[name]).rows
        measured.extend(rows(effort))
    version = platform.python_version()
    print(
        f"Python {version}; CPU time but where it says wall; medians of {effort.repeats} interleaved repeats."
    )
    if hasattr(os, "getloadavg"):
        print(f"{os.cpu_count()} processors, load average {os.getloadavg()[0]:.1f}.")
    print("h = a bare heapq loop with two events per job, measured beside each figure.\n")
    print(table(measured))
    missed = sum(row.met is False for row in measured)
    print(f"\n{missed} of {sum(row.met is not None for row in measured)} targets missed")


if __name__ == "__main__":
    main()
