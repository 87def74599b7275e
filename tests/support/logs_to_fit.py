"""Small logs to fit models to, made by hand or drawn, as job tables or SWF text, and the way through YAML."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from capacity.inputs.reading.loader import load_part
from capacity.study.demand.fitted_yaml import fitted_yaml
from workloads.fitting.fit import Fitted
from workloads.jobtable import STATES, JobTable, label_column, table_from
from workloads.synthetic.model import DemandModel

MONDAY = datetime(2024, 1, 1, tzinfo=UTC)
DAY_S = 86_400


def labels(words: Any) -> Any:
    """Return labels of rows as the job table holds them."""
    distinct = [*dict.fromkeys(words)]
    place = {word: number for number, word in enumerate(distinct)}
    return label_column(np.array([place[word] for word in words], dtype=np.int64), distinct)


def table_of(origin: datetime | None = MONDAY, source: str = "log.swf", **columns: Any) -> JobTable:
    """Return a job table; ``user=…`` and the other labels as words, ``state`` too."""
    size = len(columns["submit_s"])
    given = {"job_id": np.arange(1, size + 1)}
    for name, values in columns.items():
        if name == "state":
            given[name] = label_column(np.array([STATES.index(word) for word in values]), STATES)
        else:
            given[name] = labels(values) if isinstance(values[0], str) else np.asarray(values)
    return table_from(given, origin=origin, source=source)


def random_log(size: int = 300, seed: int = 1, *, days: float = 40.0, **changes: Any) -> JobTable:
    """Return a log of so many jobs with users, groups, queues, sizes, requests and ends; some in series."""
    rng = np.random.default_rng(seed)
    sessions = rng.integers(0, int(days * DAY_S), size)
    follow = rng.random(size) < 0.4
    submit_s = np.sort(np.where(follow, np.roll(sessions, 1) + rng.integers(1, 900, size), sessions))
    run_s = np.maximum(np.rint(np.exp(rng.normal(6.5, 1.5, size))), 1).astype(np.int64)
    requested_s = np.array([600, 3600, 14400, 86400])[
        np.searchsorted([600, 3600, 14400], np.minimum(run_s, 86400))
    ]
    columns: dict[str, Any] = {
        "submit_s": submit_s,
        "run_s": np.minimum(run_s, requested_s),
        "requested_s": requested_s,
        "slots": 2 ** rng.integers(0, 6, size),
        "user": [f"u{number}" for number in rng.integers(0, 30, size)],
        "tenant": [f"g{number}" for number in rng.integers(0, 4, size)],
        "job_class": [f"q{number}" for number in rng.integers(0, 3, size)],
        "pool": [("batch", "large")[number] for number in rng.integers(0, 2, size)],
        "state": [("completed", "failed", "cancelled")[n] for n in rng.choice(3, size, p=[0.7, 0.2, 0.1])],
    }
    columns |= changes
    return table_of(**columns)


def through_yaml(fitted: Fitted, folder: Path, *, began: datetime | None = MONDAY) -> DemandModel:
    """Return the model as it comes back from the YAML that is written for it."""
    path = folder / "model.yaml"
    path.write_text(fitted_yaml(fitted, began=began), encoding="utf-8")
    record: Any = load_part("workload", path).record
    return record.to_model()


def swf(
    *,
    submit_s: Any,
    run_s: Any,
    slots: Any,
    requested_s: Any = None,
    user: Any = None,
    group: Any = None,
    status: Any = None,
    queue: Any = None,
    header: str = "; MaxProcs: 64\n",
) -> str:
    """Return a log in the Standard Workload Format."""
    size = len(submit_s)

    def column(values: Any) -> NDArray[np.int64]:
        return np.full(size, -1) if values is None else np.broadcast_to(np.asarray(values), size)

    columns = [column(one) for one in (submit_s, run_s, slots, requested_s, status, user, group, queue)]
    lines = [
        f"{number} {at} -1 {run} {wide} -1 -1 {wide} {asked} -1 {state} {who} {of} -1 {line} -1 -1 -1"
        for number, (at, run, wide, asked, state, who, of, line) in enumerate(zip(*columns, strict=True), 1)
    ]
    return header + "\n".join(lines) + "\n"
