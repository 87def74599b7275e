"""``capacity.verify``: is this tool right? Published schedules, closed forms, invariants: a pass table."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import pandas as pd

from capacity.errors import UsageError
from capacity.face.document import document
from capacity.face.frames import html
from capacity.scheduling.compiled import load_core
from capacity.study.conformance import catalogue
from capacity.study.conformance.check import Done, run_checks, to_row

FOLDERS: Final = ("oracle", "reference", "swf")


@dataclass(frozen=True)
class Verified:
    """Checks that have run.

    Attributes
    ----------
    done : tuple of Done
        Each with its result and the time it took.
    """

    done: tuple[Done, ...]

    @property
    def failed(self) -> list[str]:
        """Names of the checks that failed."""
        return [one.check.name for one in self.done if one.result.verdict.standing == "shown not"]

    @property
    def missing(self) -> list[str]:
        """Names of the checks that found nothing to check, or a file of which nobody knows the rules."""
        return [one.check.name for one in self.done if one.result.verdict.standing == "not shown"]

    @property
    def compared_schedules(self) -> bool:
        """Whether any published schedule was compared."""
        folders = tuple(f"{folder}/" for folder in FOLDERS)
        return any(one.result.jobs is not None and one.check.name.startswith(folders) for one in self.done)

    @property
    def rows(self) -> list[dict[str, Any]]:
        """One row of plain values per check."""
        return [to_row(one) for one in self.done]

    @cached_property
    def findings(self) -> pd.DataFrame:
        """One row per check: what was asked, what was got, jobs compared, standing, time [s]."""
        return pd.DataFrame(self.rows)

    def to_json(self) -> dict[str, Any]:
        """Return the document that ``verify --json`` prints."""
        counts = {"failed": len(self.failed), "not_checked": len(self.missing)}
        passed = len(self.done) - sum(counts.values())
        return document({"passed": passed, **counts, "checks": self.rows})

    def _repr_html_(self) -> str:
        title = f"{len(self.done)} checks, {len(self.failed)} failed"
        return html(title, self.findings.drop(columns="numbers"))


def verify(
    data: str | Path | None = None, *, only: Sequence[str] = (), quick: bool = False, trusting: bool = True,
    told: Callable[[Done, int], None] | None = None,
) -> Verified:  # fmt: skip
    """Check this installation against what is known.

    Parameters
    ----------
    data : str or Path, optional
        Folder with published schedules: oracle/, reference/ and swf/; every job is compared to the second.
    only : sequence of str
        Checks to run: a name, part of one, or a pattern with ``*``.
    quick : bool
        Shorter runs: wider intervals and fewer random workloads.
    trusting : bool
        Take whatever a check raises as its failure; without it, errors of this tool go on up.
    told : callable, optional
        Told each check as it has run, and how many there are.

    Returns
    -------
    Verified
        ``findings`` as a pandas frame, and the names of what ``failed``.

    Raises
    ------
    UsageError
        `data` is no folder, or a name of `only` picks nothing.
    """
    folder = None if data is None else Path(data)
    if folder is not None and (not str(data) or not folder.is_dir()):
        what = "it is not a directory" if str(data) and folder.exists() else "there is no such directory"
        raise UsageError(f"--data '{data}': {what}; a folder that holds {', '.join(FOLDERS)} is wanted")
    try:
        chosen = catalogue.pick(catalogue.all_checks(folder, quick=quick), only)
    except UsageError as error:
        hint = "" if data is not None else "; published schedules need --data DIR"
        raise UsageError(f"{error}{hint}") from None
    load_core("queue")
    done: list[Done] = []
    for one in run_checks(chosen, trusting=trusting):
        done.append(one)
        if told is not None:
            told(one, len(chosen))
    return Verified(tuple(done))
