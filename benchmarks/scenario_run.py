"""One scenario in a process of its own: ``python -m benchmarks.scenario_run SCENARIO FOLDER``.

Prints as JSON the number of jobs and the highest memory before the first of them was drawn and at the end.
"""

import json
import sys
from pathlib import Path

from benchmarks.memory import peak_bytes
from capacity.scheduling.compiled import load_core
from capacity.spec.loader import load_scenario
from capacity.study.run import run


def main() -> None:
    """Run and print."""
    loaded = load_scenario(sys.argv[1])
    load_core()
    before = peak_bytes()
    result = run(loaded, replications=1, stage=Path(sys.argv[2]))
    print(json.dumps({"jobs": result.runs[0].jobs, "before": before, "after": peak_bytes()}))


if __name__ == "__main__":
    main()
