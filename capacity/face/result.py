"""What results of verbs have in common: what was simulated as pandas frames, and leaving a directory."""

from abc import ABC, abstractmethod
from functools import cached_property
from pathlib import Path

import pandas as pd


class DirectoryResult(ABC):
    """A result that can be left in a directory."""

    def save(self, directory: str | Path, *, force: bool = False) -> Path:
        """Leave a directory, whole or not at all, as ``-o`` does; `force` overwrites one.

        Raises
        ------
        InputError
            It exists, is no run directory, or cannot be written.
        """
        self._leave(Path(directory), force=force)
        return Path(directory)

    @abstractmethod
    def _leave(self, target: Path, *, force: bool) -> None:
        """Write the files."""


class Simulated(DirectoryResult):
    """What was simulated, as frames; those of several scenarios have a first column ``scenario``."""

    @cached_property
    def findings(self) -> pd.DataFrame:
        """Every finding: metric, labels, value, low, high [in unit], unit, n; see docs/metrics.md."""
        return self._frame("findings")

    @cached_property
    def jobs(self) -> pd.DataFrame:
        """One row per job of the first replication; times beside seconds since the start [s]."""
        return self._frame("jobs")

    @cached_property
    def series(self) -> pd.DataFrame:
        """Levels of pools and tiers of the first replication at midnights: time, metric, labels, value."""
        return self._frame("series")

    @cached_property
    def events(self) -> pd.DataFrame:
        """What happened to the site in the first replication: time, kind, place, amount, text."""
        return self._frame("events")

    @abstractmethod
    def _frame(self, name: str) -> pd.DataFrame:
        """Return one of the tables, with moments beside seconds."""
