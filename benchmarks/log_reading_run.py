"""One log read in a process of its own: ``python -m benchmarks.log_reading_run FORMAT FILE [lenient]``.

Prints as JSON the jobs and the rows left out, the CPU time of reading [s], and the highest memory before and
after it [B].
"""

import json
import sys

import numpy as np
import pyarrow.csv  # noqa: F401 - what every reader needs is no part of reading

from benchmarks.measure import cpu_s
from benchmarks.memory import peak_bytes
from workloads.formats import reader
from workloads.jobtable import JobTable, table_from


def main() -> None:
    """Read and print."""
    form, path, lenient = sys.argv[1], sys.argv[2], "lenient" in sys.argv[3:]
    read = reader(form)
    one = np.ones(1, np.int64)
    tables: list[JobTable] = [table_from({"job_id": one, "submit_s": one, "run_s": one, "slots": one})]
    before = peak_bytes()
    took = cpu_s(lambda: tables.append(read(path, lenient=lenient)))
    log = tables[-1]
    dropped = sum(tally.count for tally in log.dropped)
    told = {"jobs": len(log), "dropped": dropped, "cpu_s": took, "before": before, "after": peak_bytes()}
    print(json.dumps(told))


if __name__ == "__main__":
    main()
