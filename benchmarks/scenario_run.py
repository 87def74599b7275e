"""One scenario in a process of its own: ``python -m benchmarks.scenario_run NAME FOLDER [PATH=VALUE ...]``.

Prints as JSON the number of jobs, the highest memory before the first of them was drawn and at the end, and
the time in between.
"""

import json
import sys
import time
from pathlib import Path

from benchmarks.memory import peak_bytes
from capacity.inputs.reading.loader import load_scenario
from capacity.scheduling.compiled import load_core
from capacity.simulation.policy import core_of
from capacity.study.run import run


def main() -> None:
    """Run and print."""
    loaded = load_scenario(sys.argv[1], overrides=sys.argv[3:])
    load_core(core_of(loaded.scenario))
    before, cpu, wall = peak_bytes(), time.process_time(), time.perf_counter()
    result = run(loaded, replications=1, stage=Path(sys.argv[2]))
    took = {"cpu_s": time.process_time() - cpu, "wall_s": time.perf_counter() - wall}
    print(json.dumps({"jobs": result.runs[0].jobs, "before": before, "after": peak_bytes()} | took))


if __name__ == "__main__":
    main()
