"""How much longer a kind of work runs on the hardware of a site than on the one its run times hold for."""

from capacity.facility.compute import runtime_factor
from capacity.spec.job_class import WorkClass
from capacity.spec.scenario import Scenario


def pool_factors(scenario: Scenario) -> dict[str, dict[str, float]]:
    """Run time on each pool that a class may use over that on the reference accelerator, by job class."""
    return {
        name: {pool: _factor(scenario, work, pool) for pool in scenario.pools_of(work)}
        for name, work in scenario.workload.classes.items()
    }


def _factor(scenario: Scenario, work: WorkClass, pool: str) -> float:
    """Run time of a class on a pool over that on the reference; 1 where it does not follow the hardware."""
    reference = scenario.workload.reference
    if reference is None or work.precision is None or work.compute_share is None:
        return 1.0
    here = scenario.site.pools[pool].node.slot_peaks
    return runtime_factor(reference.peak.by_precision(), here, work.precision, work.compute_share)


def runtime_factors(scenario: Scenario) -> dict[str, float]:
    """Run time on the preferred pool over that on the reference accelerator, by job class."""
    classes = scenario.workload.classes
    return {name: by[scenario.pools_of(classes[name])[0]] for name, by in pool_factors(scenario).items()}
