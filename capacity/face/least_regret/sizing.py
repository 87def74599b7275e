"""Asking for the size of least regret, and the answer as a notebook works with it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

import pandas as pd

from capacity.errors import InputError
from capacity.face.document import document
from capacity.face.executing import executor_of
from capacity.face.frames import html
from capacity.face.load import DEFAULT, Set, overrides
from capacity.face.load import Question as Scenario
from capacity.face.size import Vary, axes_of, named
from capacity.study.files.run_directory import maybe_staged, write_json
from capacity.study.requirements import read_requirement
from capacity.study.size.axes import read_axis
from capacity.study.size.regret.answer import LeastRegret
from capacity.study.size.regret.answer import least_regret as weigh
from capacity.study.size.regret.families import RegretQuestion, families, seek, tasks_in, with_backlog
from capacity.study.size.regret.prices import RENT, UPKEEP_FRAC, read_refused, read_too_little
from capacity.study.task import Progress

LEAST_WORLDS = 8
"""With fewer nothing is said of what a tenth of the futures brings."""


class ToldOfWorlds(Protocol):
    """Is told how a sizing over worlds goes."""

    def warns(self, warnings: Sequence[str]) -> None:
        """Hear what should not pass unread, before anything runs."""

    def begins(self, tasks: int) -> Progress:
        """Hear how many worlds there are in all, and return who is told how far they are."""


@dataclass(frozen=True)
class LeastRegretted:
    """The answer to a sizing over worlds.

    Attributes
    ----------
    found : LeastRegret
        What was weighed and why.
    folder : Path or None
        The directory, if one was left.
    """

    found: LeastRegret
    folder: Path | None = None

    @property
    def answer(self) -> dict[str, str]:
        """The values of what varies at the size of least regret."""
        return dict(self.found.chosen)

    @property
    def rows(self) -> list[dict[str, Any]]:
        """One row of plain values per option, money for a year."""
        rows = [(one, one.to_json()) for one in self.found.options]
        return [
            {
                **one.values,
                **{name: value for name, value in row.items() if not isinstance(value, list | dict)},
            }
            for one, row in rows
        ]

    @cached_property
    def options(self) -> pd.DataFrame:
        """The options as a frame."""
        return pd.DataFrame(self.rows)

    @cached_property
    def rejected(self) -> pd.DataFrame:
        """Why each other candidate was not chosen, as a frame."""
        return pd.DataFrame([one.to_json() for one in self.found.excuses])

    def to_json(self) -> dict[str, Any]:
        """Return the document that ``size --worlds --json`` prints."""
        return document(self.found.to_json())

    def _repr_html_(self) -> str:
        said = ", ".join(f"{path}={value}" for path, value in self.answer.items())
        return html(f"Least regretted: {said}", self.options, [f"{self.found.question.worlds} worlds"])


def least_regret(
    scenario: Scenario = DEFAULT, *, require: Sequence[str], vary: Vary, worlds: int = 64,
    too_little: str = RENT, rent_price: str | None = None, refused_price: str | None = None,
    upkeep: float = UPKEEP_FRAC, set: Set = (), site: str | Path | None = None,
    until: date | str | None = None, seed: int | None = None, jobs: int = 1, cluster: str | None = None,
    fresh: bool = False, output: str | Path | None = None, force: bool = False,
    told: ToldOfWorlds | None = None,
) -> LeastRegretted:  # fmt: skip
    """Find the size that is least regretted over many worlds, and weigh it against other options.

    Parameters
    ----------
    scenario : LoadedScenario, str or Path
        What `load` returned, or a name or path; it says what is uncertain.
    require : sequence of str
        What must be met, as ``"p95_wait_s[pool=gpu,month=2022-12] <= 12 h"``. Of waits it is required, too,
        that at most a day of work is left over at the end, unless a backlog is required anyhow.
    vary : mapping or sequence of str
        The size and its range, as ``{"site.pools.gpu.nodes": "100..1000:20"}``, and lists of anything else.
    worlds : int
        How many choices of what is uncertain.
    too_little : str
        What too little costs: ``rent``, a price of an hour that a slot waits beyond what is required, as
        ``30 KRW/(slot*h)``, or of a month that misses it, as ``500e6 KRW/month``.
    rent_price, refused_price : str, optional
        Of an hour of a slot, as ``4838 KRW/GPU/h``, if not that of the site's nodes; of data turned away, as
        ``70000 KRW/TB``, which cost nothing if not given.
    upkeep : float
        Each year, over the price of all parts. [1]
    set, site, until, seed, jobs, cluster, fresh
        As for `simulate`; the seed is that of the draws, too.
    output, force
        Leave a directory with the document there.
    told : ToldOfWorlds, optional
        Told how it goes.

    Returns
    -------
    LeastRegretted
        ``answer``, ``options``, ``rejected``.

    Raises
    ------
    InputError
        The scenario, a range, a price or a requirement is wrong, or nothing is uncertain.
    UsageError
        The options do not go together.
    """
    if worlds < LEAST_WORLDS:
        raise InputError(
            f"{worlds} worlds say too little of what may come", where="--worlds", fix="64 will do"
        )
    if not 0 <= upkeep < 1:
        raise InputError("upkeep is a part of the price each year", where="--upkeep", fix="write 10 %")
    last = date.fromisoformat(until) if isinstance(until, str) else until
    required = with_backlog([read_requirement(text) for text in dict.fromkeys(require)])
    prices = read_too_little(too_little, rent_price)
    refused = None if refused_price is None else read_refused(refused_price)
    folder = None if output is None else Path(output)
    with maybe_staged(folder, force=force) as stage, named(scenario) as name:
        question = RegretQuestion(
            name, tuple(overrides(set)), {"site": None if site is None else str(site), "until": last},
            tuple(map(read_axis, axes_of(vary))), required, prices, worlds, refused, upkeep, seed,
        )  # fmt: skip
        kinds = families(question)
        if told is not None:
            told.warns(kinds[0].smallest.warnings)
        progress = None if told is None else told.begins(tasks_in(kinds))
        with executor_of(jobs, fresh=fresh, cluster=cluster) as executor:
            sought = seek(kinds, executor, seed=seed, progress=progress)
        found = LeastRegretted(weigh(question, sought), folder)
        if stage is not None:
            write_json(stage / "least_regret.json", found.to_json())
    return found
