"""Which figures of a scenario a precision is asked of, and which comparisons test: views of the table."""

from collections.abc import Iterator, Sequence

from capacity.inputs.scenario import Scenario
from capacity.measure.findings import Labels, labels
from capacity.measure.metrics import METRICS

Figure = tuple[str, Labels]
"""A metric and what it holds for."""


def headline(scenario: Scenario) -> list[Figure]:
    """Return the figures that a precision is asked of, pool by pool and tier by tier."""
    wanted = [(name, metric.headline) for name, metric in METRICS.items() if metric.headline]
    return _figures(scenario, wanted)


def compared(scenario: Scenario) -> list[Figure]:
    """Return what a comparison looks at: few numbers, because each weakens what one can say of the others."""
    wanted = [(name, label_set) for name, metric in METRICS.items() for label_set in metric.compared]
    return _figures(scenario, wanted)


def _figures(scenario: Scenario, wanted: Sequence[tuple[str, str]]) -> list[Figure]:
    """Return the figures of every pool, then of every tier, then of the site."""
    places = {"pool": list(scenario.site.pools), "tier": list(scenario.site.storage), "": [""]}
    missing = set()
    if not scenario.simulate.energy or scenario.site.pue is None:
        missing.add("energy")
    if not scenario.simulate.storage:
        missing.add("storage")
    simulated = [one for one in wanted if METRICS[one[0]].section not in missing]
    return [
        (metric, where)
        for kind, names in places.items()
        for place in names
        for metric, label_set in simulated
        for where in _at(label_set, kind, place, f"{scenario.until:%Y-%m}")
    ]


def _at(label_set: str, kind: str, place: str, last: str) -> Iterator[Labels]:
    """Yield the labels of a set of this kind of place; ``pool month=last`` is a pool in the last month."""
    names = label_set.split()
    if (names[0] if names[0] in {"pool", "tier"} else "") == kind:
        month = next(name.partition("=")[2] for name in names if name.startswith("month="))
        where = labels(month=last if month == "last" else month)
        yield (*labels(**{kind: place}), *where) if kind else where
