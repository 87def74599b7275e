"""Jobs whose output found no room have failed, whatever else became of them."""

from dataclasses import replace

import numpy as np

from capacity.simulation.build import Built
from capacity.simulation.record import RunRecord
from workloads.jobtable import JobTable, label_column


def with_failed_for_room(built: Built, record: RunRecord) -> Built:
    """Return the plant and its jobs with those failed that a full tier left without room."""
    if not record.without_room:
        return built
    rows = np.unique(np.concatenate(list(record.without_room.values())))
    completed = built.plant.jobs.completed.copy()
    completed[rows] = False
    table = built.table
    codes, words = table.labels("state")
    if "failed" not in words:
        words = [*words, "failed"]
    codes = codes.copy()
    done = rows[codes[rows] == words.index("completed")] if "completed" in words else rows
    codes[done] = words.index("failed")
    frame = table.frame.assign(state=label_column(codes, words))

    return replace(
        built,
        plant=replace(built.plant, jobs=replace(built.plant.jobs, completed=completed)),
        table=JobTable(frame, table.origin, table.max_slots, table.source, table.header),
    )
