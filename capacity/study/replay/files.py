"""What a replay leaves: its numbers as JSON, its findings, and a run directory like that of a simulation."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from math import nan
from pathlib import Path
from typing import Any, Final

from capacity.measure.findings import Finding, labels
from capacity.measure.metrics import UNITS
from capacity.measure.outcomes import JobOutcomes
from capacity.measure.schedule import ScheduleMetrics
from capacity.statistics.quantiles import quantiles
from capacity.study.files import tables
from capacity.study.files.run_directory import MANIFEST, staged, write_json
from capacity.study.replay import recorded
from capacity.study.replay.recorded import RecordedComparison
from capacity.study.replay.replay import Replayed, said_of
from workloads.zones import zone_of

SCHEMA_VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class LogIdentity:
    """Which log was replayed, well enough to find it again.

    Attributes
    ----------
    name, format : str
        The file as the user named it, ``<stdin>`` for standard input; a name of `workloads.formats.FORMATS`.
    sha256 : str
        Of the bytes as they were given, compressed or not; 64 hex digits.
    """

    name: str
    format: str
    sha256: str


def job_outcomes(replayed: Replayed) -> JobOutcomes:
    """Return the jobs of a replay as one frame."""
    end_s = int(replayed.outcome.end_s.max())
    months = {"all": (0, end_s + 1)}
    return JobOutcomes(replayed.table, replayed.batch, replayed.outcome, end_s, months)


def to_json(replayed: Replayed) -> dict[str, Any]:
    """Return the numbers of a replay as ``replay --json`` prints them, without the schema version."""
    return {
        **asdict(replayed.simulated), "engine_s": replayed.engine_s, **_recorded(replayed.recorded),
        "log": replayed.table.source, "machine": machine_of(replayed), "rules": rules_used(replayed),
        "jobs_timeout": replayed.killed, "dropped": [asdict(tally) for tally in replayed.dropped],
        "remarks": [asdict(tally) for tally in replayed.remarks],
        "told": [asdict(tally) for tally in replayed.told], **_trust(replayed),
        "waits": [finding.to_json() for finding in waits(replayed)],
    }  # fmt: skip


def _trust(replayed: Replayed) -> dict[str, Any]:
    """Return period, zone and work kept: what it takes to trust the rest."""
    table = replayed.table
    return {
        "period": asdict(replayed.period), "timezone": zone_of(table) or None,
        "timezone_from": table.zone_from or None, "left_out_frac": table.left_out_frac,
    }  # fmt: skip


def waits(replayed: Replayed) -> list[Finding]:
    """Return how long whom waited: by tenant, user, class, width and length, simulated and recorded."""
    jobs, known_s = job_outcomes(replayed), replayed.table.numbers("wait_s")
    found = []
    for by in ("tenant", "user", "job_class", "width length", "tenant width length"):
        if jobs.codes(by.split()[0])[1] == [""]:
            continue  # the log does not say
        for where, rows in jobs.groups(f"{by} month=all", jobs.waited):
            whose = tuple(label for label in where if label[0] != "month")
            schedules = {"simulated": jobs.wait_s[rows]}
            if replayed.recorded is not None:
                schedules["recorded"] = known_s[rows][known_s[rows] >= 0]
            for schedule, wait_s in schedules.items():
                numbers = dict(zip(("p50_wait_s", "p95_wait_s"), quantiles(wait_s), strict=True))
                numbers["waits_counted"] = float(len(wait_s))
                at = (*labels(schedule=schedule), *whose)
                found += [Finding(name, at, one, nan, nan, UNITS[name], 1) for name, one in numbers.items()]
    return found


def rules_used(replayed: Replayed) -> dict[str, Any]:
    """Return the rules, with the weights of the order multifactor if that was used."""
    rules = asdict(replayed.batch.rules)
    return rules if replayed.multifactor is None else {**rules, "multifactor": asdict(replayed.multifactor)}


def machine_of(replayed: Replayed) -> dict[str, Any]:
    """Return the machine as plain data."""
    names = ("nodes", "slots_per_node", "counted")
    return {"slots": replayed.slots, **{name: getattr(replayed.machine, name) for name in names}}


def _recorded(found: ScheduleMetrics | None) -> dict[str, Any]:
    """Return the recorded schedule under the names of the simulated one with ``recorded_`` before them."""
    return {f"recorded_{name}": getattr(found, name, None) for name in ScheduleMetrics.__dataclass_fields__}


def findings(replayed: Replayed) -> list[Finding]:
    """Return every number of the simulated schedule, and of the recorded one where there is one.

    A replay has nothing random in it, so there is one value and no interval.
    """
    schedules = {"simulated": replayed.simulated, "recorded": replayed.recorded}
    return [
        Finding(name, labels(schedule=schedule), float(getattr(found, name)), nan, nan, UNITS[name], 1)
        for schedule, found in schedules.items()
        if found is not None
        for name in ScheduleMetrics.__dataclass_fields__
    ]


def manifest(replayed: Replayed, log: LogIdentity, timings: Mapping[str, float]) -> dict[str, Any]:
    """Return everything needed to know what was replayed, and to replay it again.

    The log is where the jobs came from; timings are recorded beside that of the engine. [s]
    """
    from capacity.study.run import versions  # noqa: PLC0415 - brings SimPy and pydantic, for writing only

    origin = replayed.table.origin
    return {
        "schema_version": SCHEMA_VERSION,
        "kind": "replay",
        "log": asdict(log),
        "origin": origin.isoformat() if origin else None,
        "machine": machine_of(replayed),
        "rules": rules_used(replayed),
        "jobs": replayed.simulated.jobs,
        **_trust(replayed),
        "dropped": [asdict(tally) for tally in replayed.dropped],
        "remarks": [asdict(tally) for tally in replayed.remarks],
        "warnings": said_of(replayed.dropped, replayed.remarks),
        "written": datetime.now(UTC).isoformat(timespec="seconds"),
        "versions": versions(),
        "timings": {**timings, "engine_s": replayed.engine_s},
    }


def write_directory(
    target: Path, replayed: Replayed, log: LogIdentity, timings: Mapping[str, float], *, force: bool,
    compared: RecordedComparison | None = None,
) -> None:  # fmt: skip
    """Write manifest, jobs and findings; the directory appears whole or not at all.

    Parameters
    ----------
    target, force : Path, bool
        The directory; whether to overwrite a run directory that exists.
    replayed, log : Replayed, LogIdentity
        The replay, and where the jobs came from.
    timings : mapping of str to float
        Further times to record beside that of the engine. [s]
    compared : RecordedComparison, optional
        The replay beside the recorded past, whose findings are added.

    Raises
    ------
    InputError
        `target` exists (without `force`), is no run directory, or cannot be written.
    """
    with staged(target, force=force) as stage:
        tables.write(tables.jobs_table(job_outcomes(replayed)), stage / "jobs.parquet")
        more = [] if compared is None else recorded.findings(compared)
        found = [finding.to_json() for finding in (*findings(replayed), *waits(replayed), *more)]
        write_json(stage / "findings.json", {"schema_version": SCHEMA_VERSION, "findings": found})
        write_json(stage / MANIFEST, manifest(replayed, log, timings))
