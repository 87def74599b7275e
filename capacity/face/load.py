"""``capacity.load``: a scenario by its name or file, with values set, checked and complete."""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Final, TypeAlias

from capacity.errors import UsageError
from capacity.inputs.reading.loader import LoadedScenario, load_scenario

DEFAULT: Final = "gwangju-plan"
Question: TypeAlias = LoadedScenario | str | Path
"""A scenario that was loaded, or its name or path."""
Set: TypeAlias = Mapping[str, object] | Sequence[str]
"""``{"site.pools.gpu.nodes": 300}``, or texts ``"site.pools.gpu.nodes=300"``."""


def load(
    name_or_path: str | Path = DEFAULT,
    *,
    set: Set = (),
    site: str | Path | None = None,
    until: date | str | None = None,
) -> LoadedScenario:
    """Load a scenario.

    Parameters
    ----------
    name_or_path : str or Path
        A name of the catalogue (``capacity list scenarios``), or the path of a YAML file.
    set : mapping or sequence of str
        Values to change by their paths, as ``{"site.pools.gpu.nodes": 300}`` or
        ``["site.pools.gpu.nodes=300"]``; a value with a unit is a text: ``"40 PB"``; None is no value.
    site : str or Path, optional
        Another site for the same demand.
    until : date or str, optional
        Another last day, included: ``"2022-12-31"``.

    Returns
    -------
    LoadedScenario
        ``scenario`` with everything in SI, ``data`` as written with defaults filled in, ``origins`` of each
        value, ``sha256`` and ``warnings``.

    Raises
    ------
    InputError
        Something is wrong; the error carries every problem with its place.
    """
    last = date.fromisoformat(until) if isinstance(until, str) else until
    return load_scenario(
        name_or_path, overrides=overrides(set), site=None if site is None else str(site), until=last
    )


def overrides(given: Set) -> list[str]:
    """Return values to set as ``PATH=VALUE``."""
    if isinstance(given, Mapping):
        return [f"{path}={'null' if value is None else value}" for path, value in given.items()]
    return [given] if isinstance(given, str) else [*given]


def loaded(
    question: Question, set: Set = (), site: str | Path | None = None, until: date | str | None = None
) -> LoadedScenario:
    """Return the scenario that a verb was asked about, loaded unless it is already.

    Raises
    ------
    UsageError
        It was loaded before, and yet something of it is to change.
    """
    if not isinstance(question, LoadedScenario):
        return load(question, set=set, site=site, until=until)
    if any((set, site, until)):
        raise UsageError("set, site and until belong to load: this scenario is loaded already")
    return question
