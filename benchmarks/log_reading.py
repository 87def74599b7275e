"""How fast logs are read, clean and not, and how much memory a log of ten million lines needs.

All logs are drawn here: workload W with users, accounts and queues, in the layout of each format.
"""

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from benchmarks.children import python, run
from benchmarks.effort import Effort
from benchmarks.row import Row
from benchmarks.scheduler_logs import write_kubernetes, write_lsf, write_pbs, write_sacct_json
from benchmarks.workload import generate
from workloads.jobtable import STATES, JobTable, label_column, table_from
from workloads.readers.csv_table import write_csv
from workloads.readers.swf.writer import write_swf

USERS = 400
BAD_EACH = 1000
"""One line of so many is broken in the log with broken lines."""
EPOCH_S = 1_600_000_000


def rows(effort: Effort) -> Iterator[Row]:
    """CPU time of reading a million lines in each format; memory of ten million lines."""
    with tempfile.TemporaryDirectory(prefix="capacity-bench-") as name:
        folder = Path(name)
        table = drawn(effort.million)
        write_swf(table, folder / "clean.swf")
        write_broken(folder / "clean.swf", folder / "broken.swf")
        write_csv(table, folder / "table.csv")
        write_sacct(table, folder / "slurm.txt")
        for title, form, file in (
            ("SWF", "swf", "clean.swf"),
            (f"SWF, one of {BAD_EACH:,} lines broken, leniently", "swf", "broken.swf"),
            ("sacct as Open XDMoD has it", "sacct", "slurm.txt"),
            ("job table as CSV", "jobtable-csv", "table.csv"),
        ):
            yield _time(title, form, folder / file, effort)
        for title, form, write, most_s in (
            ("records E of PBS", "pbs", write_pbs, 5.0),
            ("lsb.acct of LSF", "lsf", write_lsf, 5.0),
            ("sacct --json", "sacct-json", write_sacct_json, 10.0),
            ("Jobs of Kubernetes", "kubernetes", write_kubernetes, 10.0),
        ):
            write(table, folder / form)
            yield _time(title, form, folder / form, effort, most_s=most_s)
            (folder / form).unlink()
        yield _memory(folder / "large.swf", table, effort)


def _time(title: str, form: str, path: Path, effort: Effort, *, most_s: float = 5.0) -> Row:
    runs = [_read(form, path) for _ in range(effort.repeats)]
    lines = runs[0]["jobs"] + runs[0]["dropped"]
    took = median(found["cpu_s"] for found in runs)
    size = path.stat().st_size / 1e6
    most = most_s * lines / 1e6
    return Row(f"{title}, {lines:,} lines", took, "s CPU", size / took, "MB/s", most=round(most, 3))


def _memory(path: Path, table: JobTable, effort: Effort) -> Row:
    """Read a log of many parts, of which each is `table` later and under other ids."""
    span = int(table.numbers("submit_s")[-1]) + 1
    with path.open("wb") as stream:
        for part in range(effort.ten_million // len(table)):
            frame = table.frame.assign(
                job_id=table.numbers("job_id") + part * len(table),
                submit_s=table.numbers("submit_s") + part * span,
            )
            write_swf(JobTable(frame), stream)
    found = _read("swf", path)
    each = (found["after"] - found["before"]) / found["jobs"]
    title = f"SWF, {found['jobs']:,} lines, peak memory per line beyond start-up"
    return Row(title, each, "B/line", found["after"] / 1e9, "GB in all")


def _read(form: str, path: Path) -> dict[str, Any]:
    said = run(python("-m", "benchmarks.log_reading_run", form, str(path), "lenient")).said
    found: dict[str, Any] = json.loads(said)
    return found


def drawn(count: int) -> JobTable:
    """Workload W with labels."""
    jobs = generate(count, 0.9)
    rng = np.random.default_rng(7)
    user = rng.integers(0, USERS, count)
    labels = {
        "user": label_column(user, [f"user{number}" for number in range(USERS)]),
        "tenant": label_column(user % 20, [f"lab{number}" for number in range(20)]),
        "job_class": label_column(user % 3, ["normal", "high", "long"]),
        "pool": label_column(user % 2, ["gpu", "large"]),
        "state": label_column(rng.integers(1, 5, count), STATES),
    }
    numbers = {
        "job_id": np.arange(1, count + 1),
        "submit_s": jobs.submit_s,
        "run_s": jobs.run_s,
        "requested_s": jobs.requested_s,
        "slots": jobs.slots,
        "allocated_slots": jobs.slots,
        "wait_s": rng.integers(0, 5000, count),
    }
    return table_from({**numbers, **labels})


def write_broken(clean: Path, target: Path) -> None:
    """Write an SWF log again with one of many lines cut short or with a word in it."""
    with clean.open("rb") as source, target.open("wb") as stream:
        for number, line in enumerate(source):
            if number % BAD_EACH == BAD_EACH // 2:
                tokens = line.split()
                tokens = tokens[:7] if number % 2 else [*tokens[:3], b"abc", *tokens[4:]]
                stream.write(b" ".join(tokens) + b"\n")
            else:
                stream.write(line)


def write_sacct(table: JobTable, target: Path) -> None:
    """Write jobs as ``sacct`` does for Open XDMoD: 26 columns, GPUs in AllocTRES."""
    submit = table.numbers("submit_s") + EPOCH_S
    start = submit + table.numbers("wait_s")
    ids, gpus = _text(table.numbers("job_id")), _text(table.numbers("slots"))
    cpus = _text(table.numbers("slots") * 8)
    words = {name: _word(table, name) for name in ("user", "tenant", "job_class", "pool", "state")}
    tres = pc.binary_join_element_wise("billing=", cpus, ",cpu=", cpus, ",gres/gpu=", gpus, ",node=1", "")
    cells = [
        ids, ids, "gist", words["pool"], words["job_class"], words["tenant"], words["tenant"], "1000",
        words["user"], "2000", _time_text(submit), _time_text(submit), _time_text(start),
        _time_text(start + table.numbers("run_s")), _duration(table.numbers("run_s")), "0:0",
        pc.utf8_upper(words["state"]), "1", cpus, cpus, "64G", tres, tres,
        _duration(table.numbers("requested_s")), "node001", "train.sh",
    ]  # fmt: skip
    lines = pc.binary_join_element_wise(*cells, "|")
    with target.open("w") as stream:
        for begin in range(0, len(lines), 100_000):
            stream.write("\n".join(lines[begin : begin + 100_000].to_pylist()) + "\n")


def _text(numbers: Any) -> pa.Array:  # noqa: ANN401 - any array of numbers
    return pa.array(numbers).cast(pa.string())


def _word(table: JobTable, name: str) -> pa.Array:
    codes, words = table.labels(name)
    return pa.array(words, pa.string()).take(pa.array(codes))


def _time_text(seconds: Any) -> pa.Array:  # noqa: ANN401 - any array of numbers
    return pa.array(np.datetime_as_string(seconds.astype("datetime64[s]")))


def _duration(seconds: Any) -> pa.Array:  # noqa: ANN401 - any array of numbers
    unique, codes = np.unique(seconds, return_inverse=True)
    spans = pd.to_timedelta(unique, unit="s").components
    words = [
        f"{day}-{hour:02d}:{minute:02d}:{second:02d}"
        for day, hour, minute, second in zip(
            spans["days"], spans["hours"], spans["minutes"], spans["seconds"], strict=True
        )
    ]
    return pa.array(words, pa.string()).take(pa.array(codes))
