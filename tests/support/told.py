"""A result made of hand-written findings, for what is said of it."""

from types import SimpleNamespace

from capacity.measure.findings import Lookup


def told(scenario, *replications):
    """A result whose replications measured the values of these findings; its own are those of the first."""
    runs = [SimpleNamespace(values={(f.metric, f.labels): f.value for f in found}) for found in replications]
    return SimpleNamespace(
        loaded=SimpleNamespace(scenario=scenario),
        findings=tuple(replications[0]),
        runs=tuple(runs),
        look=Lookup(replications[0]),
        futures_of_their_own=tuple(runs),
        futures=None,
    )
