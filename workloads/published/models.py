"""Published models by name. Nothing is imported before it is used, so listing the names costs nothing.

Other packages add models through the entry-point group ``capacity.published_models``: each leads to a
`PublishedModel`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, cast

from workloads.registry import Named, Registry, loaded_as

if TYPE_CHECKING:
    from workloads.jobtable import JobTable
    from workloads.published.request import Request

Model = Callable[["Request"], "JobTable"]


@dataclass(frozen=True, slots=True)
class PublishedModel(Named):
    """A model; its target is a `Model`, and it may draw from a recorded log."""

    needs_log: bool = False


MODELS: Final = Registry(
    "model",
    (
        PublishedModel(
            "lublin",
            "Lublin and Feitelson 2003, all jobs together; daily cycle, no users, no week",
            "workloads.published.lublin:typeless",
        ),
        PublishedModel(
            "lublin-batch", "Lublin and Feitelson 2003, batch jobs", "workloads.published.lublin:batch"
        ),
        PublishedModel(
            "lublin-interactive",
            "Lublin and Feitelson 2003, interactive jobs",
            "workloads.published.lublin:interactive",
        ),
        PublishedModel(
            "lublin-mixed",
            "Lublin and Feitelson 2003, batch and interactive jobs on one machine",
            "workloads.published.lublin:mixed",
        ),
        PublishedModel(
            "poisson",
            "random arrivals at the rate of a log, jobs drawn whole from it",
            "workloads.published.poisson:joint",
            needs_log=True,
        ),
        PublishedModel(
            "poisson-independent",
            "random arrivals; size, run time and request drawn from a log each for itself",
            "workloads.published.poisson:independent",
            needs_log=True,
        ),
        PublishedModel(
            "resample",
            "Zakay and Feitelson 2014: the users of a log, moved by whole weeks",
            "workloads.published.resample:resample",
            needs_log=True,
        ),
    ),
    group="capacity.published_models",
    plugged=loaded_as(PublishedModel),
)


def model(name: str) -> Model:
    """Return a model; an unknown name is a LogError that carries the nearest one."""
    return cast(Model, MODELS.resolve(name))
