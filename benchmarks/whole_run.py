"""One whole run in a process of its own: ``python -m benchmarks.whole_run JOBS EVENTS PATH``.

Draws workload W, simulates it with SimPy events between the job events, writes the jobs as the tool writes
them, and prints as JSON what it took: CPU time since the process began and highest memory, after each stage.
"""

import json
import sys
import time
from pathlib import Path

import numpy as np

from benchmarks.memory import peak_bytes
from benchmarks.workload import SLOTS, generate
from capacity.measure.outcomes import JobOutcomes
from capacity.scheduling.batch import BatchSystem, batch_system
from capacity.scheduling.jobs import Jobs
from capacity.scheduling.pools.pool import PoolSpec
from capacity.scheduling.rules import Rules
from capacity.study.files import tables
from workloads.jobtable import JobTable, label_column, table_from

LOAD = 0.9
DAY_S = 86_400


def as_table(jobs: Jobs) -> JobTable:
    """Give the jobs the columns every log has."""
    count = len(jobs.submit_s)
    names = {"pool": "counted", "tenant": "tenant", "user": "user", "job_class": "W", "state": "completed"}
    return table_from(
        {
            "job_id": np.arange(1, count + 1),
            "submit_s": jobs.submit_s,
            "run_s": jobs.run_s,
            "requested_s": jobs.requested_s,
            "slots": jobs.slots,
            **{name: label_column(np.zeros(count, np.int8), [word]) for name, word in names.items()},
        },
        source="workload W",
    )


def simulate(jobs: Jobs, events: int) -> BatchSystem:
    """Run all jobs with `events` SimPy timeouts between them."""
    from benchmarks.facility_events import join  # noqa: PLC0415 - SimPy's import belongs to this stage

    batch = batch_system([PoolSpec("counted", SLOTS)], Rules(), jobs)
    join(batch, last_s=int(jobs.submit_s[-1]), events=events)
    return batch


def main() -> None:
    """Run and print."""
    count, events, path = int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])
    stages: dict[str, dict[str, float]] = {}

    def stage(name: str) -> None:
        stages[name] = {"cpu_s": time.process_time(), "peak_bytes": peak_bytes()}

    stage("imports")
    table = as_table(generate(count, LOAD))
    submit, ran, asked, slots = map(table.numbers, ("submit_s", "run_s", "requested_s", "slots"))
    jobs = Jobs(submit, ran, asked, slots)
    stage("jobs")
    batch = simulate(jobs, events)
    stage("simulation")
    tables.write(tables.jobs_table(JobOutcomes(table, batch, batch.outcome(), 0)), path)
    stage("file")
    print(json.dumps(stages))


if __name__ == "__main__":
    main()
