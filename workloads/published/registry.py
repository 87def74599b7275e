"""Published models by name. Nothing is imported before it is used, so listing the names costs nothing."""

from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches
from importlib import import_module
from typing import cast

from workloads.errors import LogError
from workloads.jobtable import JobTable
from workloads.published.request import Request

Model = Callable[[Request], JobTable]


@dataclass(frozen=True, slots=True)
class Entry:
    """A model: ``"module:function"``, a line about it, and whether it draws from a recorded log."""

    name: str
    target: str
    summary: str
    needs_log: bool = False


MODELS: dict[str, Entry] = {
    entry.name: entry
    for entry in (
        Entry(
            "lublin",
            "workloads.published.lublin:typeless",
            "Lublin and Feitelson 2003, all jobs together; daily cycle, no users, no week",
        ),
        Entry("lublin-batch", "workloads.published.lublin:batch", "Lublin and Feitelson 2003, batch jobs"),
        Entry(
            "lublin-interactive",
            "workloads.published.lublin:interactive",
            "Lublin and Feitelson 2003, interactive jobs",
        ),
        Entry(
            "lublin-mixed",
            "workloads.published.lublin:mixed",
            "Lublin and Feitelson 2003, batch and interactive jobs on one machine",
        ),
        Entry(
            "poisson",
            "workloads.published.poisson:joint",
            "random arrivals at the rate of a log, jobs drawn whole from it",
            needs_log=True,
        ),
        Entry(
            "poisson-independent",
            "workloads.published.poisson:independent",
            "random arrivals; size, run time and request drawn from a log each for itself",
            needs_log=True,
        ),
        Entry(
            "resample",
            "workloads.published.resample:resample",
            "Zakay and Feitelson 2014: the users of a log, moved by whole weeks",
            needs_log=True,
        ),
    )
}


def entry_of(name: str) -> Entry:
    """Return what is known about a model.

    Raises
    ------
    LogError
        There is no such model; the error carries the nearest name.
    """
    if name in MODELS:
        return MODELS[name]
    close = get_close_matches(name, MODELS, n=1)
    fix = f"did you mean '{close[0]}'?" if close else f"known: {', '.join(MODELS)}"
    raise LogError.whole_file("", f"unknown model '{name}'", fix)


def model(name: str) -> Model:
    """Return a model; an unknown name is a LogError that carries the nearest one."""
    module, _, attribute = entry_of(name).target.partition(":")
    return cast(Model, getattr(import_module(module), attribute))
