"""``capacity.replay``: a real log on a given machine and policy, beside the past that it recorded."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import pandas as pd

from capacity.errors import InputError, UsageError
from capacity.face.document import document
from capacity.face.frames import dated, findings_frame, html
from capacity.face.log import LogInput, find_log
from capacity.face.policy import rules_of
from capacity.face.result import DirectoryResult
from capacity.scheduling.pools.pool import PoolSpec
from capacity.scheduling.rules import Rules
from capacity.scheduling.site.rules import MultifactorNumbers
from capacity.study.files.run_directory import check_target
from capacity.study.files.tables import jobs_table
from capacity.study.files.whole_file import naming
from capacity.study.replay import files, recorded
from capacity.study.replay.replay import Replayed, too_large
from capacity.study.replay.replay import replay as replayed_on
from workloads.jobtable import JobTable, MissingRequest

LONG_S: Final = 3.0
"""Reading for longer than this is worth a word. [s]"""


@dataclass(frozen=True)
class Replay(DirectoryResult):
    """A log that was replayed.

    Attributes
    ----------
    replayed : Replayed
        The simulated schedule, and the recorded one where there is one.
    log : LogInput
        Which log it was.
    compared : Comparison or None
        Both by month, size and length, if that was asked for.
    read_s : float
        How long reading took. [s]
    folder : Path or None
        The run directory, if one was left.
    """

    replayed: Replayed
    log: LogInput
    compared: recorded.RecordedComparison | None
    read_s: float
    folder: Path | None = None

    @cached_property
    def findings(self) -> pd.DataFrame:
        """Every finding: metric, schedule (simulated, recorded), value [in unit], unit, n."""
        more = () if self.compared is None else recorded.findings(self.compared)
        return findings_frame([*files.findings(self.replayed), *files.waits(self.replayed), *more])

    @cached_property
    def jobs(self) -> pd.DataFrame:
        """One row per job that was replayed; times beside seconds since the start of the log [s]."""
        one = self.replayed
        return dated(jobs_table(files.job_outcomes(one)).to_pandas(), one.table.origin)

    @cached_property
    def past_rows(self) -> list[dict[str, Any]]:
        """One row per group of jobs, recorded beside simulated; the last of each kind has the scores."""
        return [] if self.compared is None else recorded.csv_rows(self.compared)

    def to_json(self) -> dict[str, Any]:
        """Return the document that ``replay --json`` prints."""
        past = {} if self.compared is None else {"compared": recorded.to_json(self.compared)}
        return document({**files.to_json(self.replayed), **past})

    def _leave(self, target: Path, *, force: bool) -> None:
        identity = files.LogIdentity(self.log.name, self.log.format, self.log.sha256())
        with naming(target):
            files.write_directory(
                target, self.replayed, identity, {"read_s": self.read_s}, force=force, compared=self.compared
            )

    def _repr_html_(self) -> str:
        left_out = [f"left out: {tally}" for tally in self.replayed.dropped]
        changed = [f"changed: {tally}" for tally in self.replayed.remarks]
        found = findings_frame(files.findings(self.replayed))
        wide = found.pivot_table("value", ["metric", "unit"], "schedule", sort=False).reset_index()
        return html(f"{self.replayed.table.source} replayed", wide, [*left_out, *changed])


def replay(
    log: str | Path, *, slots: int | None = None, nodes: int | None = None, slots_per_node: int | None = None,
    policy: str | Rules = "easy", multifactor: MultifactorNumbers | None = None,
    compare_recorded: bool = False, strict: bool = False, lenient: bool = False,
    format_of_log: str | None = None, columns: Sequence[str] = (), slots_are: str | None = None,
    cluster: str | None = None, partition: str | None = None,
    timezone: str | None = None, times_in: str | None = None, period: str | None = None,
    missing_request: MissingRequest | None = None,
    output: str | Path | None = None, force: bool = False,
    told: Callable[[str, int, float], None] | None = None,
) -> Replay:  # fmt: skip
    """Replay a job log on a machine under a policy.

    Parameters
    ----------
    log : str or Path
        A file in any format of ``capacity list readers``, or ``"-"`` for standard input.
    slots : int, optional
        Size of a machine on which any free slots will do. [slot] Default: what the log says.
    nodes, slots_per_node : int, optional
        Instead: identical nodes of so many slots each.
    policy : str or Rules
        ``"fcfs"``, ``"easy"``, ``"sjf+easy"``, …, or all rules as `capacity.scheduling.rules.Rules`.
    multifactor : MultifactorNumbers, optional
        Weights of the order of that name.
    compare_recorded : bool
        Put the recorded past beside the replay, by month, size and length of the jobs.
    strict : bool
        Refuse a log of which anything is left out or changed.
    lenient : bool
        Leave out malformed lines, keep repeated ids, and count both; go on when more than a tenth of the work
        is left out.
    format_of_log, slots_are : str, optional
        Format of the log, and what a slot is where a log counts several things: gpus, cpus, nodes.
    columns : sequence of str
        Of any table: which column is what, as ``"submit=submit_time:ms"``, or files of such lines.
    cluster, partition : str, optional
        Only the jobs of one, where the format tells them apart.
    timezone, times_in : str, optional
        By whose clock hours, weekdays and dates are told, as ``"Asia/Seoul"``; in which zone the log writes
        times that name none, if that is another. Default: what the log says, else UTC; the same.
    period : str, optional
        When the log is complete, as ``"2024-06-01..2024-06-30"``. Default: told from what it has.
    missing_request : {"partition", "longest", "run", "drop"}, optional
        What a job without a requested time asks for: the longest of its partition, of the log, or its run
        time; or it is left out, which is the default unless estimates are exact.
    output : str or Path, optional
        Leave a run directory there; `force` overwrites one.
    told : callable, optional
        Told, when reading took long, the name of the log, how many jobs it has, and how long that took [s].

    Returns
    -------
    Replay
        Its ``findings`` and ``jobs`` are pandas frames.

    Raises
    ------
    InputError
        The log cannot be replayed like that, or the directory not be written.
    UsageError
        The options do not go together, or there is no such policy; the error carries the nearest name.
    """
    _check_machine(slots, nodes, slots_per_node)
    folder = None if output is None else Path(output)
    if folder is not None:
        check_target(folder, force=force)
    found = find_log(
        str(log), format_of_log, slots_are=slots_are, columns=columns, cluster=cluster,
            partition=partition, timezone=timezone, times_in=times_in,
        period=period,
    )  # fmt: skip
    begun = time.perf_counter()
    table = found.read(lenient=lenient)
    read_s = time.perf_counter() - begun
    if read_s > LONG_S and told is not None:
        told(found.name, len(table), read_s)
    if compare_recorded:
        recorded.check_recorded(table)
    machine = _machine(table, slots, nodes, slots_per_node)
    one = replayed_on(
        table, machine, rules_of(policy), strict=strict, multifactor=multifactor,
        missing_request=missing_request, lenient=lenient,
    )  # fmt: skip
    whole = Replay(one, found, recorded.compare(one) if compare_recorded else None, read_s, folder)
    if folder is not None:
        whole.save(folder, force=force)
    return whole


def _check_machine(slots: int | None, nodes: int | None, slots_per_node: int | None) -> None:
    if slots is not None and (nodes is not None or slots_per_node is not None):
        raise UsageError("--slots and --nodes are two ways to say one thing: give one of them")
    if (nodes is None) != (slots_per_node is None):
        raise UsageError("--nodes and --slots-per-node go together")
    if nodes is not None and slots_per_node is not None and (wrong := too_large(nodes, slots_per_node)):
        raise UsageError(wrong)


def _machine(table: JobTable, slots: int | None, nodes: int | None, per_node: int | None) -> PoolSpec:
    """Return the machine that was asked for, or that of the log."""
    if nodes is not None and per_node is not None:
        return PoolSpec("machine", nodes, per_node, counted=per_node == 1)
    size = slots or table.max_slots
    if size is None:
        what = "the log does not say how large its machine was: it has no MaxProcs"
        raise InputError(what, where=table.source, fix="give --slots N, or --nodes N --slots-per-node U")
    return PoolSpec("machine", size)
