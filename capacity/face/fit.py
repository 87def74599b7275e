"""``capacity.fit``: a demand model calibrated to a log, as YAML a person can read."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import numpy as np
import pandas as pd

from capacity.errors import InputError
from capacity.face.backtest import Backtest, backtest_of
from capacity.face.document import document
from capacity.face.frames import html
from capacity.face.log import find_log
from capacity.simulation.demand import demand_of, draw
from capacity.study.demand import likeness
from capacity.study.demand.fitted_yaml import fitted_yaml
from capacity.study.files.whole_file import check_file, whole_file
from capacity.study.verdict import Verdict
from workloads.fitting.fit import Fitted
from workloads.fitting.fit import fit as fitted_to
from workloads.jobtable import JobTable, MissingRequest
from workloads.left_out import check_kept

MONTHS: Final = 10
SEED: Final = 1


@dataclass(frozen=True)
class FittedModel:
    """A demand model calibrated to a log.

    Attributes
    ----------
    fitted : Fitted
        The model, and how well each distribution fits.
    table : JobTable
        The jobs of the log that can be replayed.
    slots : int
        Size of the machine that the load refers to. [slot]
    path : Path or None
        The file with the model, if one was written.
    """

    fitted: Fitted
    table: JobTable
    slots: int
    path: Path | None = None

    @cached_property
    def yaml(self) -> str:
        """The model as a workload in YAML."""
        return fitted_yaml(self.fitted, began=self.table.origin)

    def save(self, file: str | Path, *, force: bool = False) -> Path:
        """Write the YAML to a file, whole or not at all; `force` overwrites one.

        Raises
        ------
        InputError
            It exists, or cannot be written.
        """
        with whole_file(Path(file), force=force) as part:
            part.write_text(self.yaml, encoding="utf-8")
        return Path(file)

    def check(self, *, months: int = MONTHS, seed: int = SEED) -> "Likeness":
        """Replay synthetic months of 30 days and the log under EASY, and compare the queues."""
        with self._file() as name:
            first = demand_of("workload", name).start
            days = timedelta(days=30 * months - 1)
            demand = demand_of("workload", name, start=first, until=first + days, timezone="UTC", seed=seed)
        synthetic = draw(demand).clean(max_slots=self.slots)
        queues = [likeness.replayed(table, self.slots) for table in (self.table, synthetic)]
        return Likeness(tuple(likeness.compare(queues[0], queues[1], np.random.default_rng(seed))))

    def backtest(self, *, horizon_s: int | None = None, seed: int = SEED) -> Backtest:
        """Forecast each part of the log, 13 weeks if not said [s], from what came before it."""
        return backtest_of(self.table, self.slots, horizon_s=horizon_s, seed=seed)

    @contextmanager
    def _file(self) -> Iterator[str]:
        """Give the name of a file with the model."""
        if self.path is not None:
            yield str(self.path)
            return
        with TemporaryDirectory() as folder:
            yield str(self.save(Path(folder) / "model.yaml"))

    def _repr_html_(self) -> str:
        rows = [
            {"class": name, "run times": one.run_choice.best.family}
            for name, one in zip(self.fitted.model.classes, self.fitted.classes, strict=True)
        ]
        load = f"offered load {self.fitted.weeks.load_frac:.1%} of {self.slots:,} slots"
        return html(f"Jobs like those of {self.fitted.source}", pd.DataFrame(rows), [load])


@dataclass(frozen=True)
class Likeness:
    """How the queue of synthetic months compares with that of the log.

    Attributes
    ----------
    figures : tuple of Verdict
        One per figure of the queue.
    """

    figures: tuple[Verdict, ...]

    @property
    def rows(self) -> list[dict[str, Any]]:
        """One row per figure, as a verdict has it; `limit` is the figure of the log."""
        return [one.to_json() for one in self.figures]

    @property
    def misses(self) -> int:
        """Figures that are shown not to be like the log's."""
        return sum(one.standing == "shown not" for one in self.figures)

    @property
    def findings(self) -> pd.DataFrame:
        """The rows as a frame."""
        return pd.DataFrame(self.rows)

    def to_json(self) -> dict[str, Any]:
        """Return the document that ``workload fit --check --json`` prints."""
        return document({"rows": self.rows})

    def _repr_html_(self) -> str:
        return html("The log, and synthetic months", self.findings)


def fit(
    log: str | Path, *, slots: int | None = None, by: str = "size", lenient: bool = False,
    format_of_log: str | None = None, columns: Sequence[str] = (), slots_are: str | None = None,
    cluster: str | None = None, partition: str | None = None,
    timezone: str | None = None, times_in: str | None = None, period: str | None = None,
    missing_request: MissingRequest | None = None,
    output: str | Path | None = None, force: bool = False,
) -> FittedModel:  # fmt: skip
    """Calibrate the demand model to a job log.

    Parameters
    ----------
    log : str or Path
        A file in any format of ``capacity list readers``, or ``"-"`` for standard input.
    slots : int, optional
        Size of the machine that the load refers to. [slot] Default: what the log says.
    by : {"size", "job_class", "pool"}
        What makes a class: size and length of the jobs, or a column of the log.
    lenient, format_of_log, columns, slots_are, cluster, partition, timezone, times_in, period,
    missing_request
        As for `replay`. Jobs submitted outside the period are not learned from.
    output : str or Path, optional
        Write the model there; `force` overwrites a file.

    Returns
    -------
    FittedModel
        ``yaml``; ``check()`` says how like the log it is.

    Raises
    ------
    InputError
        The log does not say how large the machine is, or the file cannot be written.
    LogError
        The log cannot be read, or has nothing to fit.
    """
    path = None if output is None else Path(output)
    if path is not None:
        check_file(path, force=force)
    table, machine = log_to_fit(
        log, slots=slots, lenient=lenient, format_of_log=format_of_log, columns=columns, slots_are=slots_are,
        cluster=cluster, partition=partition, timezone=timezone, times_in=times_in, period=period,
        missing_request=missing_request,
    )  # fmt: skip
    found = FittedModel(fitted_to(table, slots=machine, by=by), table, machine, path)
    if path is not None:
        found.save(path, force=force)
    return found


def log_to_fit(
    log: str | Path, *, slots: int | None = None, lenient: bool = False, format_of_log: str | None = None,
    missing_request: MissingRequest | None = None, **found: Any,  # noqa: ANN401 - of `find_log`
) -> tuple[JobTable, int]:  # fmt: skip
    """Return the jobs of a log that can be replayed, and the size of its machine [slot].

    Arguments are those of `fit`.

    Raises
    ------
    InputError
        The log does not say how large the machine is.
    LogError
        The log cannot be read, or too little of it can be replayed.
    """
    table = find_log(str(log), format_of_log, **found).read(lenient=lenient)
    machine = slots or table.max_slots
    if machine is None:
        fix = "say --slots N"
        raise InputError("the log does not say how large the machine is", where=table.source, fix=fix)
    table = table.clean(max_slots=machine, missing_request=missing_request or "drop")
    check_kept(table, allowed=lenient)
    return table, machine
