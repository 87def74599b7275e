"""Reads what Slurm's ``sacct`` exports, in the field list that Open XDMoD sites keep anyway.

    sacct --allusers --parsable2 --noheader --allocations --duplicates --clusters NAME --format
    jobid,jobidraw,cluster,partition,qos,account,group,gid,user,uid,submit,eligible,start,end,elapsed,exitcode,
    state,nnodes,ncpus,reqcpus,reqmem,reqtres,alloctres,timelimit,nodelist,jobname

(https://open.xdmod.org/resource-manager-slurm.html; its older lists, without qos or with reqgres, too.) With
a header line any subset in any order will do that has a job id, the submission, and start and end or elapsed.
Times are on the clock of who ran ``sacct``: of the zone that the caller names, else of UTC.

A job that was requeued has several rows with ``--duplicates``. It is one job, as ``sacct`` without that
option shows it: its last attempt. The earlier ones, and jobs that still ran, held slots all the same: they
are the `attempts` of the table. A job cancelled before it started is kept, with a run time of 0. Slots are
what was allocated; what was asked for stands beside it.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workloads.errors import LogError
from workloads.jobtable import STATES, UNKNOWN, JobTable, label_column, table_from
from workloads.readers.checks import labels_of, repeated_ids
from workloads.readers.delimited.reader import MISSING_TIME, Delimited, read_delimited
from workloads.readers.sacct.clock import clock_of
from workloads.readers.sacct.details import details_of
from workloads.readers.sacct.ids import JobIds, Spells, earlier_attempts, job_ids
from workloads.readers.sacct.layout import layout_of
from workloads.readers.sacct.rows import Mask, SacctRows
from workloads.readers.sacct.slots import Sizes, sizes_of
from workloads.readers.sacct.times import Lives, limits_of, lives_of, long_gaps
from workloads.readers.slots_are import SlotsAre, check_slots
from workloads.readers.text import Source

LABELS = {"pool": "partition", "tenant": "account", "user": "user", "job_class": "qos"}


def read_sacct(
    source: Source,
    *,
    lenient: bool = False,
    slots: SlotsAre = "auto",
    zone: str | None = None,
    cluster: str | None = None,
    partition: str | None = None,
) -> JobTable:
    """Return the jobs of an export of ``sacct``.

    Parameters
    ----------
    source : str, Path or binary file
        The export, plain or gzipped.
    lenient : bool
        Leave out malformed lines, and keep repeated job ids, instead of failing; both are counted.
    slots : {"auto", "gpus", "cpus", "nodes"}
        What a slot is. ``auto``: a GPU where the jobs that have one hold nearly all of the processor time, a
        processor where they hold next to nothing of it. In a log of GPUs, jobs without any are left out and
        counted.
    zone : str, optional
        Time zone of the clock that the times were read from, as ``Asia/Seoul`` or ``+09:00``. Default: UTC,
        with a remark. Times that state a zone keep it.
    cluster, partition : str, optional
        Leave out the jobs of all others.

    Raises
    ------
    LogError
        The file cannot be read, is no such export, holds no job that ended, holds several clusters, does not
        tell what a slot is, or (unless `lenient`) has a malformed line or a repeated id.
    """
    check_slots(slots)
    log = read_delimited(source, layout_of, lenient=lenient)
    _check_columns(log)
    clock = clock_of(log, zone)
    rows = SacctRows(log)
    ids = job_ids(log, rows)
    _select(log, rows, "cluster", cluster)
    _select(log, rows, "partition", partition)
    _check_clusters(log, rows)
    lives = lives_of(log, clock, rows)
    earlier, again = earlier_attempts(log, rows, ids, Spells(lives.submit, lives.start, lives.end))
    rows.leave_out(again, "the same row again: the last one is kept", works=False)
    rows.leave_out(lives.waits & ~earlier, "not ended when the log was written", works=False)
    sizes = sizes_of(log, slots, rows, lives.never, lives.run_s)
    attempts = _attempts(rows, ids, lives, sizes, earlier)
    requested_s = limits_of(log, rows)
    work = sizes.slots.astype(np.float64) * np.maximum(lives.run_s, 0)
    if not rows.keep.any():
        reasons = "; ".join(str(tally) for tally in rows.dropped(work))
        raise LogError.whole_file(log.path, "no job that has ended in this log", reasons)
    begin = int(lives.submit[rows.keep].min())
    columns = _columns(log, rows, ids, lives, sizes, begin) | {"requested_s": requested_s[rows.keep]}
    repeats = repeated_ids(columns["job_id"], log.path, lenient=lenient)
    attempts["start_s"] -= begin
    return table_from(
        columns,
        origin=datetime.fromtimestamp(begin, tz=clock.tz),
        source=log.path,
        header={**_header(log, rows), "SlotsAre": sizes.unit},
        dropped=(*log.dropped, *rows.dropped(work)),
        remarks=(*log.remarks, *clock.remarks, *rows.remarks(), *long_gaps(lives.submit, rows), *repeats),
        zone=clock.zone,
        zone_from=clock.zone_from,
        attempts=attempts if len(attempts) else None,
    )


def _check_columns(log: Delimited) -> None:
    if not ({"jobid", "jobidraw"} & set(log.columns)):
        raise LogError.whole_file(log.path, "there is neither JobID nor JobIDRaw")
    if not {"start", "end"} <= set(log.columns) and not {"elapsed", "elapsedraw"} & set(log.columns):
        raise LogError.whole_file(log.path, "no run times", "export Start and End, or Elapsed")


def _select(log: Delimited, rows: SacctRows, field: str, wanted: str | None) -> None:
    """Leave out the rows of all other clusters, or of all other partitions.

    Raises
    ------
    LogError
        The log has no such column, or no such word in it.
    """
    if wanted is None:
        return
    words = [*log.labels(field).categories] if field in log else []
    if wanted not in words:
        fix = f"it has {', '.join(word for word in words if word)}" if words else f"export {field}, too"
        raise LogError.whole_file(log.path, f"no job of the {field} {wanted!r} in this log", fix)
    others = log.labels(field).codes != words.index(wanted)
    reason = "of another cluster" if field == "cluster" else "of another partition"
    rows.leave_out(others, reason, works=False)


def _check_clusters(log: Delimited, rows: SacctRows) -> None:
    """Refuse the jobs of several clusters as if they were on one machine."""
    names = _clusters(log, rows)
    if len(names) > 1:
        what = f"this export holds {len(names)} clusters: {', '.join(names[:5])}"
        raise LogError.whole_file(log.path, what, "each is a machine of its own: say --cluster NAME")


def _clusters(log: Delimited, rows: SacctRows) -> list[str]:
    """Return whose jobs are kept."""
    words = labels_of(log.labels("cluster"), rows.keep).categories if "cluster" in log else ()
    return [word for word in words if word]


def _attempts(rows: SacctRows, ids: JobIds, lives: Lives, sizes: Sizes, earlier: Mask) -> pd.DataFrame:
    """Return held time that is none of a job in the table, and leave out the rows that say it."""
    placed = (lives.start != MISSING_TIME) & ~lives.never & (lives.run_s > 0) & (sizes.slots > 0)
    found = np.flatnonzero(rows.keep & (earlier | lives.holds) & placed)
    still = "not ended when the log was written"
    for mask, reason in (
        (earlier, "earlier attempt of a requeued job: the last one is kept"),
        (lives.holds, still),
        (lives.waits, still),
    ):
        rows.leave_out(mask & placed, reason, works=False)
        rows.leave_out(mask, reason)
    columns = {
        "job_id": ids.number[found],
        "start_s": lives.start[found],
        "run_s": lives.run_s[found],
        "slots": sizes.slots[found],
    }
    return pd.DataFrame(columns)


def _columns(
    log: Delimited, rows: SacctRows, ids: JobIds, lives: Lives, sizes: Sizes, begin: int
) -> dict[str, Any]:
    """Return the columns of the table but the requested time, of the rows that are kept."""
    keep = rows.keep
    optional: Mapping[str, NDArray[Any]] = {
        "array_id": ids.array,
        "eligible_s": np.where(lives.eligible == MISSING_TIME, UNKNOWN, lives.eligible - begin),
        "suspended_s": lives.suspended_s,
        "asked_slots": sizes.asked,
        "share_slots": sizes.share,
        "other_slots": sizes.other,
        "nodes": sizes.nodes,
        **details_of(log, sizes.cpus),
    }
    numbers = {
        "job_id": ids.number,
        "submit_s": lives.submit - begin,
        "run_s": lives.run_s,
        "slots": sizes.slots,
        "allocated_slots": sizes.allocated,
        "wait_s": lives.wait_s,
    } | {name: values for name, values in optional.items() if (values[keep] >= 0).any()}
    columns: dict[str, Any] = {name: values[keep] for name, values in numbers.items()}
    columns |= {name: labels_of(log.labels(field), keep) for name, field in LABELS.items() if field in log}
    for name in ("qos", "reservation"):
        if name in log and any((labels := labels_of(log.labels(name), keep)).categories):
            columns[name] = labels
    if ids.words is not None:
        columns["word_id"] = labels_of(ids.words, keep)
    columns["state"] = label_column(lives.state[keep], STATES)
    return columns


def _header(log: Delimited, rows: SacctRows) -> dict[str, str]:
    names = _clusters(log, rows)
    return {"Computer": ", ".join(names)} if names else {}
