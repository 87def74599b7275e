"""``capacity.size``: the smallest or cheapest site, or machine for a log, that meets what is required."""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, Protocol

import pandas as pd

from capacity.errors import InputError, UsageError
from capacity.face.document import document, json_values
from capacity.face.executing import executor_of
from capacity.face.frames import html
from capacity.face.load import DEFAULT, Set, overrides
from capacity.face.load import Question as Scenario
from capacity.face.log import find_log
from capacity.face.policy import rules_of
from capacity.face.result import Simulated
from capacity.face.simulate import Run
from capacity.inputs.reading.loader import LoadedScenario
from capacity.scheduling.rules import Rules
from capacity.scheduling.site.rules import MultifactorNumbers
from capacity.statistics.sequential import DEFAULT_SHARE, fewest, most_by_default
from capacity.study.files.run_directory import maybe_staged, staged
from capacity.study.requirements import read_requirement
from capacity.study.size.answer import Sizing, answer
from capacity.study.size.axes import Axis, read_axis
from capacity.study.size.files import trial_values, write_sizing
from capacity.study.size.logs import BELOW, UNITS, LogJudge, LogQuestion, sizes_of
from capacity.study.size.search import Search
from capacity.study.size.sites import SMALLEST, Question, SiteJudge, check_objective
from capacity.study.size.trial import Trial
from workloads.jobtable import JobTable
from workloads.left_out import check_kept

LEAST_CONFIDENCE: Final = 0.5
"""Below this a future or two decide by chance. [1]"""
Vary = Mapping[str, str] | Sequence[str]
"""``{"site.pools.gpu.nodes": "100..1000"}``, or texts ``"site.pools.gpu.nodes=100..1000"``."""


class Told(Protocol):
    """Is told how a search goes."""

    def warns(self, warnings: Sequence[str]) -> None:
        """Hear what is allowed but should not pass unread, before anything runs."""

    def reads(self, table: JobTable) -> None:
        """Hear which jobs of a log can be replayed, and which not, before anything runs."""

    def starts(self, values: dict[str, str], runs: int) -> None:
        """Hear of a candidate, or of more replications of it."""

    def progress(self, done: float, now_s: int, ended: int) -> None:
        """Hear how many replications of it are done."""

    def finished(self, trial: Trial) -> None:
        """Hear what came of it."""


@dataclass(frozen=True)
class Sized(Simulated):
    """The answer to a sizing; its frames are those of `run`.

    Attributes
    ----------
    sizing : Sizing
        The best candidate, what binds, and all that was tried.
    judge : SiteJudge or LogJudge
        What tried them.
    folder : Path or None
        The directory, if one was left.
    """

    sizing: Sizing
    judge: SiteJudge | LogJudge
    folder: Path | None = None

    @property
    def answer(self) -> dict[str, str] | None:
        """The values of what varies at the best candidate; None if no candidate is enough."""
        return None if self.sizing.best is None else dict(self.sizing.best.values)

    @property
    def rows(self) -> list[dict[str, Any]]:
        """One row of plain values per candidate tried and requirement, in SI units."""
        return trial_values(self.sizing)

    @cached_property
    def trials(self) -> pd.DataFrame:
        """The rows as a frame."""
        return pd.DataFrame(self.rows)

    @cached_property
    def run(self) -> Run:
        """The site that is the answer, or the largest if none is, as `simulate` has it.

        Raises
        ------
        UsageError
            The machine of a log was sized.
        """
        if isinstance(self.judge, LogJudge):
            raise UsageError("a machine for a log was sized: replay the log on it to see more")
        best = self.sizing.best
        return Run(self.judge.result(self.judge.largest if best is None else best.point))

    def _frame(self, name: str) -> pd.DataFrame:
        found: pd.DataFrame = getattr(self.run, name)
        return found

    def to_json(self) -> dict[str, Any]:
        """Return the document that ``size --json`` prints."""
        return document(self.sizing.to_json())

    def _leave(self, target: Path, *, force: bool) -> None:
        with staged(target, force=force) as stage:
            write_sizing(stage, self.sizing, self.judge)

    def _repr_html_(self) -> str:
        found = "nothing in the range is enough"
        if self.answer is not None:
            found = ", ".join(f"{path}={value}" for path, value in self.answer.items())
        return html(f"Enough: {found}", self.trials, [f"binds: {text}" for text in self.sizing.binds])


def size(
    scenario: Scenario = DEFAULT, *, require: Sequence[str], vary: Vary = (), minimize: str | None = None,
    in_futures: float = DEFAULT_SHARE, confidence: float = 0.95, set: Set = (),
    site: str | Path | None = None, until: date | str | None = None,
    log: str | Path | None = None, slots_per_node: int | None = None, policy: str | Rules = "easy",
    multifactor: MultifactorNumbers | None = None, lenient: bool = False, format_of_log: str | None = None,
    columns: Sequence[str] = (), slots_are: str | None = None,
    seed: int | None = None, replications: int | None = None, jobs: int = 1,
    cluster: str | None = None, fresh: bool = False, output: str | Path | None = None, force: bool = False,
    told: Told | None = None,
) -> Sized:  # fmt: skip
    """Find the smallest or cheapest site, or machine for a log, that meets everything required.

    Parameters
    ----------
    scenario : LoadedScenario, str or Path
        What `load` returned, or a name or path; each candidate is loaded anew from it.
    require : sequence of str
        What must be met, as ``"p95_wait_s[pool=gpu] <= 4 h"``.
    vary : mapping or sequence of str
        What may change and its range, as ``{"site.pools.gpu.nodes": "100..1000"}``; for a log ``slots`` or
        ``nodes``, by default from its widest job to its machine.
    minimize : str, optional
        What is to be small: price, cost, nodes, power_w, site_energy_j. Default: what varies.
    in_futures, confidence : float
        In which part of the futures each requirement must be met, and how surely that must be shown. [1]
    set, site, until
        As for `load`.
    log : str or Path, optional
        Size the machine of this job log instead.
    slots_per_node, policy, multifactor, lenient, format_of_log, columns, slots_are
        Of a log; as for `replay`.
    seed : int, optional
        Instead of the scenario's.
    replications : int, optional
        The most that a candidate gets. Default: 30, or as many as share and confidence need; of a log 1,
        which is the log itself.
    jobs, cluster, fresh, output, force
        As for `simulate`; with a log, `cluster` is the one of its clusters whose jobs count.
    told : Told, optional
        Told how the search goes.

    Returns
    -------
    Sized
        ``answer``, ``trials``, and the frames of the answer.

    Raises
    ------
    InputError
        The scenario, the log, a range or a requirement is wrong.
    UsageError
        The options do not go together.
    """
    if confidence < LEAST_CONFIDENCE:
        raise InputError("below 50 % nothing is shown at all", where="--confidence", fix="write 95 % or 0.95")
    needed = fewest(in_futures, confidence)
    if replications is not None and replications < needed and not (log is not None and replications == 1):
        raise UsageError(
            f"{replications} replications cannot show {in_futures:.4g} of all futures with a confidence of "
            f"{confidence:.4g}: -r is the most that a candidate gets, {needed} or more"
        )
    hooks = (None, None, None) if told is None else (told.starts, told.progress, told.finished)
    starts, progress, finished = hooks
    folder = None if output is None else Path(output)
    objective = SMALLEST if log is not None or minimize is None else minimize
    axes = axes_of(vary)
    wanted = tuple(dict.fromkeys(require))
    with maybe_staged(folder, force=force) as stage, named(scenario) as name:
        judge: SiteJudge | LogJudge
        if log is None:
            last = date.fromisoformat(until) if isinstance(until, str) else until
            load: dict[str, object] = {"site": None if site is None else str(site), "until": last}
            read = _axes_of_site(axes, objective)
            question = Question(
                name, tuple(overrides(set)), load, read, tuple(map(read_requirement, wanted)),
                objective, in_futures, confidence, replications or most_by_default(in_futures, confidence),
                seed,
            )  # fmt: skip
            with executor_of(jobs, fresh=fresh, cluster=cluster) as executor:
                judge = SiteJudge(question, executor, progress=progress, starts=starts)
                if told is not None:
                    told.warns(judge.warnings)
                found = Search(read, judge, told=finished).run()
        else:
            if len(axes) > 1:
                raise UsageError(
                    "one thing varies for a log: --vary slots=…, or nodes=… with --slots-per-node"
                )
            opened = find_log(str(log), format_of_log, slots_are=slots_are, columns=columns, cluster=cluster)
            required = tuple(read_requirement(text, metrics=UNITS) for text in wanted)
            table = opened.read(lenient=lenient)
            rules = rules_of(policy)
            kept = table.clean(cut=False, missing_request="run" if rules.estimates == "exact" else "drop")
            check_kept(kept, allowed=lenient)
            if told is not None:
                told.reads(kept)
            read = (_axis_of_log(axes[0] if axes else sizes_of(table, slots_per_node), slots_per_node),)
            machine = LogQuestion(
                table, rules, multifactor, read[0], slots_per_node, required, in_futures,
                confidence, replications or 1, 1 if seed is None else seed,
            )  # fmt: skip
            judge = LogJudge(machine, starts=starts)
            found = Search(read, judge, below=BELOW, told=finished).run()
        unit = judge.unit if isinstance(judge, SiteJudge) else ""
        sure = {"share": in_futures, "confidence": confidence}
        if log is not None and (replications or 1) == 1:
            sure = dict.fromkeys(sure, math.nan)
        sizing = answer(read, found, objective=objective, unit=unit, **sure)
        if stage is not None:
            write_sizing(stage, sizing, judge)
    return Sized(sizing, judge, folder)


def axes_of(vary: Vary) -> list[str]:
    """Return what varies as ``PATH=RANGE``."""
    return [f"{path}={values}" for path, values in vary.items()] if isinstance(vary, Mapping) else [*vary]


@contextmanager
def named(scenario: Scenario) -> Iterator[str | Path]:
    """Give a name or path from which candidates can be loaded."""
    if not isinstance(scenario, LoadedScenario):
        yield scenario
        return
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"{scenario.scenario.name}.yaml"
        path.write_text(json.dumps(json_values(scenario.data)), "utf-8")  # JSON is YAML
        yield path


def _axes_of_site(texts: Sequence[str], objective: str) -> tuple[Axis, ...]:
    """Read what varies of a site."""
    if not texts:
        raise UsageError("what may change? --vary PATH=LOW..HIGH, as site.pools.gpu.nodes=100..1000")
    axes = tuple(map(read_axis, texts))
    if len({axis.path for axis in axes}) < len(axes):
        raise UsageError("the same path varies twice")
    check_objective(objective, axes)
    return axes


def _axis_of_log(text: str, slots_per_node: int | None) -> Axis:
    """Read what varies of the machine of a log: slots, or nodes of so many slots."""
    axis = read_axis(text)
    wanted = "slots" if slots_per_node is None else "nodes"
    if axis.path != wanted:
        of_slots = "--vary nodes=… goes with --slots-per-node"
        fix = of_slots if slots_per_node is None else "write --vary nodes=…"
        raise UsageError(f"--vary {axis.path}=…: for a log {wanted} vary here; {fix}")
    return axis
