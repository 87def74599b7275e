"""Reads job lists of Slurm-like GPU clusters with three clock times per job: what Helios and Acme share."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal
from zoneinfo import ZoneInfo

from workloads.jobtable import JobTable
from workloads.readers.delimited.reader import Field, Layout, read_delimited
from workloads.readers.gpu.head import MISSING
from workloads.readers.gpu.rows import Rows, ids, slots_of, states
from workloads.readers.gpu.times import instants, right_clock, since_month, spans
from workloads.readers.sacct.states import ENDED, HOLDS, WAITS, state_word
from workloads.readers.text import Source
from workloads.zone_names import zone_called, zone_name

STATES_OF_SLURM = {**ENDED, **dict.fromkeys(HOLDS | WAITS, "unknown")}


def cluster_layout(label: str, *, known: Sequence[str]) -> Layout:
    """Return the fields of a log with one label of its own besides the user; `known` ones are not read."""
    return Layout(
        (
            Field("job_id", "text"),
            Field("user", blank=True),
            Field(label, blank=True),
            Field("gpu_num", "number", least=0, blank=True),
            Field("state", blank=True),
            Field("submit_time", "time", blank=True),
            Field("start_time", "time", blank=True),
            Field("end_time", "time", blank=True),
        ),
        missing=MISSING,
        known=tuple(known),
    )


@dataclass(frozen=True, slots=True)
class ClusterLog:
    """How such a log is laid out.

    Attributes
    ----------
    layout : Layout
        With the fields job_id, gpu_num, state, submit_time, start_time and end_time.
    labels : dict of str to str
        Columns of the JobTable to the fields that fill them.
    zone : ZoneInfo
        Where the cluster stands: hours of the day are told there.
    zone_from : {"log", "assumed"}
        Whether the times say so themselves.
    """

    layout: Layout
    labels: dict[str, str]
    zone: ZoneInfo
    zone_from: Literal["log", "assumed"]

    def read(self, source: Source, *, lenient: bool, asked: str | None = None) -> JobTable:
        """Return the GPU jobs of `source`, on the clock of the zone `asked` for, else of its own.

        Raises
        ------
        LogError
            The file cannot be read, holds no GPU job, or (unless `lenient`) has a malformed line or a
            repeated id.
        """
        log = read_delimited(source, self.layout, lenient=lenient)
        rows = Rows(log, lenient=lenient)
        zone = zone_called(asked) if asked else self.zone
        submit, start, end = instants(rows, ("submit_time", "start_time", "end_time"), zone)
        slots = slots_of(rows, log.numbers("gpu_num"))
        state = states(rows, log.labels("state"), STATES_OF_SLURM, state_word)
        times = spans(rows, submit, start, end, state)
        right_clock(rows, submit)
        submit_s, origin = since_month(rows, submit, zone)
        columns = {
            "job_id": ids(rows, log.texts("job_id")),
            "submit_s": submit_s,
            "slots": slots,
            "state": state,
            **{name: log.labels(field) for name, field in self.labels.items() if field in log},
            **times,
        }
        said = "option" if asked else self.zone_from
        return rows.table(columns, origin=origin, zone=zone_name(zone), zone_from=said)
