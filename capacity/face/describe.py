"""``capacity.describe``: the jobs of a log, or of a demand, in numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import pandas as pd

from capacity.errors import UsageError
from capacity.face.document import document
from capacity.face.frames import html
from capacity.face.load import Set, overrides
from capacity.face.log import find_log
from capacity.inputs.demand.reference import Reference
from capacity.inputs.reading import catalogue
from capacity.inputs.reading.loader import kind_of, load_part
from capacity.report.terminal.demand import long_rows
from capacity.study.demand.described import Subject, of_demand, of_log
from capacity.study.demand.published_figures import Held, hold_against, needless_departures
from workloads.describe.distances import Distance, distances
from workloads.describe.measures import METRICS, Description
from workloads.jobtable import JobTable
from workloads.left_out import check_kept

SPECIFICATIONS: Final = (".yaml", ".yml")


@dataclass(frozen=True)
class Against:
    """A demand held against published figures.

    Attributes
    ----------
    reference : str
        Whose figures.
    held : tuple of Held
        Each figure and what the demand has instead.
    needless : tuple of str
        Metrics in which the demand says it departs, and lies inside.
    """

    reference: str
    held: tuple[Held, ...]
    needless: tuple[str, ...]

    @property
    def outside(self) -> list[Held]:
        """The figures that do not hold, and for which the demand gives no reason."""
        return [one for one in self.held if one.fails]


@dataclass(frozen=True)
class Described:
    """Jobs in numbers.

    Attributes
    ----------
    subject : Subject
        The jobs, and the machine they are for.
    """

    subject: Subject

    @property
    def table(self) -> JobTable:
        """The jobs."""
        return self.subject.table

    @cached_property
    def description(self) -> Description:
        """All numbers, and the sections about which the jobs say nothing."""
        return self.subject.describe()

    @cached_property
    def findings(self) -> pd.DataFrame:
        """Every number: section, metric, label, value [in unit], unit, note."""
        rows = [
            (
                METRICS[one.name].section,
                one.name,
                one.label or None,
                one.value,
                METRICS[one.name].unit,
                one.note,
            )
            for one in self.description.measures
        ]
        return pd.DataFrame(rows, columns=["section", "metric", "label", "value", "unit", "note"])

    def to_json(self) -> dict[str, Any]:
        """Return the document that ``workload describe --json`` prints."""
        absent, measures = self.description.absent, long_rows(self.description)
        return document({"source": self.subject.name, "absent": absent, "measures": measures})

    def distances(self, other: "Described") -> list[Distance]:
        """Return how far these jobs are from those of another description."""
        return distances(self.table, other.table)

    def against(self, reference: str | Path = "facts") -> Against:
        """Hold the numbers against published figures, by the name or path of a reference.

        Raises
        ------
        InputError
            There is no such reference.
        """
        record = load_part("reference", reference).record
        assert isinstance(record, Reference)
        held = hold_against(self.subject, record.facts)
        return Against(record.name, tuple(held), tuple(needless_departures(self.subject, held)))

    def _repr_html_(self) -> str:
        plain = self.findings[self.findings.label.isna()]
        absent = [f"{section}: {why}" for section, why in self.description.absent.items()]
        return html(self.subject.name, plain, [*self.subject.notes, *absent])


def describe(
    subject: str | Path, *, kind: str | None = None, slots: int | None = None, site: str | Path | None = None,
    clean: bool = False, lenient: bool = False, format_of_log: str | None = None,
    columns: Sequence[str] = (), slots_are: str | None = None,
    cluster: str | None = None, partition: str | None = None,
    timezone: str | None = None,
    times_in: str | None = None, period: str | None = None, start: date | None = None,
    until: date | None = None, seed: int | None = None, set: Set = (),
) -> Described:  # fmt: skip
    """Describe jobs: load, sizes, run times, requests, ends, arrivals, users, classes and tenants.

    Parameters
    ----------
    subject : str or Path
        A log, or the name or YAML file of a workload or scenario, whose demand is drawn.
    kind : {"log", "workload", "scenario"}, optional
        What is meant, where the name does not tell.
    slots : int, optional
        Size of the machine. [slot] Default: that of the site, or what the log says.
    site : str or Path, optional
        Machine of this site instead.
    clean : bool
        Only jobs that could be replayed, cut at their requested time.
    lenient, format_of_log, columns, slots_are, cluster, partition, timezone, times_in, period
        Of a log; as for `replay`.
    start, until : date, optional
        First and last day drawn; of a demand.
    seed : int, optional
        Another seed; of a demand.
    set : mapping or sequence of str
        As for `load`; of a demand.

    Returns
    -------
    Described
        ``findings`` as a pandas frame; ``against()`` published figures; ``distances()`` to another.

    Raises
    ------
    InputError
        There is no such thing, or nobody submits anything.
    UsageError
        The options do not go together.
    """
    if slots is not None and site is not None:
        raise UsageError("--slots and --site are two ways to say one thing: give one of them")
    name, place = str(subject), None if site is None else str(site)
    kind = kind_of_subject(name, kind)
    if kind == "log":
        found = find_log(
            name, format_of_log, slots_are=slots_are, columns=columns, cluster=cluster,
            partition=partition, timezone=timezone, times_in=times_in,
            period=period,
        )  # fmt: skip
        one = of_log(found.name, found.read(lenient=lenient), slots=slots, site=place, clean=clean)
        check_kept(one.table, allowed=lenient)
        return Described(one)
    demand = of_demand(
        kind, name, slots=slots, site=place, clean=clean, overrides=overrides(set), start=start, until=until,
        seed=seed,
    )  # fmt: skip
    return Described(demand)


def kind_of_subject(name: str, kind: str | None = None) -> str:
    """Return what a name stands for: a log, a workload or a scenario."""
    if kind is not None:
        return kind
    if name == "-" or (catalogue.is_path(name) and not name.lower().endswith(SPECIFICATIONS)):
        return "log"
    if not catalogue.is_path(name):
        kinds: Sequence[str] = [one for one in catalogue.kinds_of(name) if one in ("workload", "scenario")]
        if kinds:
            return kinds[-1]
    return kind_of(name)
