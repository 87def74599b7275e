"""Following the jobs that wait at the end of a run beyond it, so that their waits are known whole."""

from dataclasses import replace
from datetime import timedelta

from capacity.inputs.scenario import Scenario
from capacity.measure.measure import job_outcomes
from capacity.measure.outcomes import JobOutcomes
from capacity.simulation.build import build, with_failed_for_room
from capacity.simulation.world import World


def drained(scenario: Scenario, jobs: JobOutcomes, *, seed: int, replication: int) -> JobOutcomes | None:
    """Follow the jobs that wait at the end of the horizon beyond it, as long as the scenario says.

    Demand and site go on as they would; what is returned knows more of the waits of the months of the horizon
    and nothing else.
    """
    if not scenario.drain or not (jobs.wait_open & ~jobs.left).any():
        return None
    longer = scenario.model_copy(update={"until": scenario.until + timedelta(days=scenario.drain_days)})
    built = build(longer, seed=seed, replication=replication)
    record = World(built.site).run()
    followed = job_outcomes(longer, with_failed_for_room(built, record), record)
    return replace(followed, months=jobs.months)
