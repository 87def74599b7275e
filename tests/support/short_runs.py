"""Tasks that take some milliseconds, and an executor that is another machine: for tests of executors."""

import math
import pickle
from datetime import date

from capacity.inputs.reading.loader import load_scenario
from capacity.simulation.calendar import calendar_of
from capacity.study.run import tasks_of
from capacity.study.task import perform
from tests.support.small_site import write_small

LAST_DAY = date(2021, 1, 22)


def load_short(folder, *overrides):
    """Load three days of the small site."""
    path = folder / "small.yaml"
    if not path.exists():
        write_small(folder)
    return load_scenario(path, overrides=overrides, until=LAST_DAY)


def short_tasks(folder, count, *overrides, seed=7, **kwargs):
    """Return so many replications of it."""
    return tasks_of(load_short(folder, *overrides), seed=seed, numbers=range(count), **kwargs)


def same_value(a, b):
    """Whether two numbers are equal, NaN to NaN."""
    return a == b or (math.isnan(a) and math.isnan(b))


def same_run(a, b):
    """Whether two runs tell the same, but for how long they took."""
    return (
        list(a.values) == list(b.values)
        and all(same_value(a.values[key], b.values[key]) for key in a.values)
        and (a.events, a.jobs, a.factors, dict(a.tables)) == (b.events, b.jobs, b.factors, dict(b.tables))
    )


class Elsewhere:
    """Another machine: tasks and runs travel as bytes, and come back in the reverse order.

    Raises what it is given as `fault` when `after` tasks are done.
    """

    width = 3

    def __init__(self, fault=None, after=0):
        self.fault, self.after = fault, after
        self.asked = []

    def completed(self, tasks, progress=None):
        parcels = [pickle.dumps(task) for task in tasks]
        for done, place in enumerate(reversed(range(len(parcels)))):
            if self.fault is not None and done == self.after:
                raise self.fault
            task = pickle.loads(parcels[place])
            self.asked.append(task)
            run = pickle.loads(pickle.dumps(perform(task)))
            if progress:
                progress(done + 1, calendar_of(task.scenario).horizon_s, run.jobs)
            yield place, run
