"""Everything that must hold inside a pool under conservative backfilling, recomputed with plain Python.

The only test file that knows the arrays of ``core/conservative/state.py``.
"""

from itertools import pairwise

from capacity.scheduling.core.conservative import state as p
from capacity.scheduling.pools.pool import Pool
from tests.support.cases import Case
from tests.support.state_check import Inside, check


class Profile(Inside):
    """A pool's arrays at one moment, those of conservative backfilling too."""

    def own(self, name: str) -> list:
        return self.pool._arrays[getattr(p, name)].tolist()

    def own_scalar(self, name: str) -> int:
        return int(self.pool._scalars[getattr(p, name)])

    def waiting(self) -> list[int]:
        start = self.array("START")
        return [j for j in range(self.scalar("CURSOR")) if start[j] < 0]

    def reserved(self) -> dict[int, int]:
        """Waiting job -> start reserved for it."""
        reserved = self.own("RESERVED")
        return {j: reserved[j] for j in self.waiting() if reserved[j] >= 0}

    def steps(self) -> list[tuple[int, int]]:
        """Times and free slots of all blocks in order of time."""
        time, free, add = self.own("STEP_TIME"), self.own("STEP_FREE"), self.own("STEP_ADD")
        count, least, most = self.own("STEP_COUNT"), self.own("STEP_LEAST"), self.own("STEP_MOST")
        found = []
        for block in self.own("STEP_ORDER")[: self.own_scalar("STEP_BLOCKS")]:
            inside = slice(block * p.STEPS, block * p.STEPS + count[block])
            assert 1 <= count[block] <= p.STEPS
            assert (least[block], most[block]) == (min(free[inside]), max(free[inside]))
            found += zip(time[inside], [f + add[block] for f in free[inside]], strict=True)
        return found


def check_conservative(pool: Pool, case: Case, moment: int) -> None:
    """Assert that the pool, advanced to `moment`, is consistent in itself."""
    check(pool, case, moment)
    inside = Profile(pool, case)
    check_holders(inside)
    check_profile(inside, moment)


def check_holders(inside: Profile) -> None:
    """The heap holds the waiting jobs with a reservation, the earliest on top, and knows where they are."""
    heap = inside.own("DUE")[: inside.own_scalar("HELD")]
    reserved, place = inside.reserved(), inside.own("DUE_PLACE")
    key = inside.array("KEY") if inside.scalar("ORDER_KIND") else [0.0] * len(place)
    assert len(set(heap)) == len(heap)
    assert set(heap) <= set(reserved)
    assert len(reserved) - len(heap) == inside.own_scalar("BROKEN")
    assert inside.case.overrun == "allow" or not inside.own_scalar("BROKEN")
    assert [place[job] for job in heap] == list(range(len(heap)))
    ranks = [(reserved[job], key[job], job) for job in heap]
    assert all(ranks[(index - 1) // 2] < ranks[index] for index in range(1, len(ranks)))
    depth = inside.case.backfill_depth
    assert not depth or len(reserved) <= depth


def check_profile(inside: Profile, moment: int) -> None:
    """Every step says what is free by expected ends, reservations and deliveries; there is none too many."""
    steps = inside.steps()
    times = [time for time, _ in steps]
    assert times == sorted(set(times))
    assert all(before != after for (_, before), (_, after) in pairwise(steps))
    order = inside.own("STEP_ORDER")
    assert sorted(order) == list(range(len(order)))
    need, asked = inside.array("NEED"), inside.array("REQUESTED")
    taken = [(0, inside.expected(job), need[job]) for job in inside.running().values()]
    taken += [(start, start + asked[job], need[job]) for job, start in inside.reserved().items()]
    whole = inside.case.slots_per_node

    def free(time):
        nodes = inside.case.nodes + sum(n for at, n in inside.case.deliveries if at <= time)
        return nodes * whole - sum(slots for start, end, slots in taken if start <= time < end)

    ahead = {moment, *(at for at, _ in inside.case.deliveries)}
    ahead |= {time for start, end, _ in taken for time in (start, end)}
    for time in sorted(time for time in ahead if time >= moment):
        assert [slots for at, slots in steps if at <= time][-1] == free(time)
    assert all(slots == free(time) for time, slots in steps if time >= moment)
