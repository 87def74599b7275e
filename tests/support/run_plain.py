"""Run the cases of a JSON file and write their starts: started with ``NUMBA_DISABLE_JIT=1`` by a test."""

import json
import sys
from pathlib import Path

from capacity.scheduling.core.machine.native import INTERPRETED
from tests.support.cases import Case, stops
from tests.support.probe import CHOOSE, SEARCH, probe


def tuples(value):
    return tuple(map(tuples, value)) if isinstance(value, list) else value


def story(case: Case, cuts) -> dict:
    """Everything a run shows: state and searches at every cut, starts and order of ends.

    With an odd seed the guard of the queue's tree is set up at every cut.
    """
    looks = []
    for pool, moment in stops(case, cuts):
        found = [int(probe()(pool._table, SEARCH, p, p + 1, 3 * p, p // 2)) for p in range(20)]
        if not case.counted and case.placement != "random":
            found += [int(probe()(pool._table, CHOOSE, need, need % 2, 0, 0)) for need in range(1, 5)]
        if case.seed % 2:
            pool._guard_queue()
        looks.append([moment, repr(pool.state()), found])
    return {"looks": looks, "start": pool.start_s.tolist(), "ended": pool.ended(0).tolist()}


def main() -> None:
    origin, target = map(Path, sys.argv[1:])
    assert INTERPRETED
    stories = []
    for columns, cuts in json.loads(origin.read_text()):
        case = Case(**{name: tuples(value) for name, value in columns.items()})
        stories.append(story(case, cuts))
    target.write_text(json.dumps(stories))


if __name__ == "__main__":
    main()
