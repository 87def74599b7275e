"""The two kinds of machine of the definition: what fits, where it goes, what a reservation takes.

Part of `tests.support.definition`, and as plain: all is worked out from the jobs that run.
"""

from dataclasses import dataclass

from tests.support.cases import Case


@dataclass(eq=False)
class Running:
    """A job that runs; `places` says how many slots it has on which node.

    `first` is the first prediction of one that `outlived` some.
    """

    job: int
    end: int
    expected: int
    places: dict[int, int]
    outlived: int = 0
    first: int = 0


@dataclass
class Counted:
    """Any free slots will do: the state of the machine is one number."""

    case: Case

    def free(self, nodes, running):
        return nodes * self.case.slots_per_node - sum(self.case.slots[r.job] for r in running)

    def fits(self, job, free):
        return self.case.slots[job] <= free

    def place(self, job, free, usable):
        return {}

    def reserve(self, head, free_then, nodes):
        return None

    def beside(self, head, reserved, free, free_then):
        """Slots for a job that outlasts the shadow time: free now and spare then."""
        return min(free, free_then - self.case.slots[head])


@dataclass
class Nodes:
    """Jobs sit on nodes: the state of the machine is the free slots of each."""

    case: Case

    def free(self, nodes, running):
        free = [self.case.slots_per_node] * nodes
        for r in running:
            for node, slots in r.places.items():
                free[node] -= slots
        assert all(0 <= f <= self.case.slots_per_node for f in free)
        return free

    def wide(self, job):
        """How many whole nodes a job takes; 0 for one that shares a node."""
        slots, whole = self.case.slots[job], self.case.slots_per_node
        return -(-slots // whole) if slots > whole else 0

    def idle(self, free):
        return [node for node, f in enumerate(free) if f == self.case.slots_per_node]

    def fits(self, job, free):
        if wanted := self.wide(job):
            return len(self.idle(free)) >= wanted
        return any(f >= self.case.slots[job] for f in free)

    def place(self, job, free, usable):
        if wanted := self.wide(job):
            return dict.fromkeys(self.idle(usable)[:wanted], self.case.slots_per_node)
        slots = self.case.slots[job]
        candidates = [node for node, f in enumerate(usable) if f >= slots]
        rule = {
            "best-fit": lambda node: (free[node], node),
            "worst-fit": lambda node: (-free[node], node),
            "first-fit": lambda node: node,
        }[self.case.placement]
        return {min(candidates, key=rule): slots}

    def reserve(self, head, free_then, nodes):
        """Lowest-numbered nodes with room at the shadow time; those still to be delivered hold nobody off."""
        if wanted := self.wide(head):
            chosen = self.idle(free_then)[:wanted]
        else:
            chosen = [node for node, f in enumerate(free_then) if f >= self.case.slots[head]][:1]
        return [node for node in chosen if node < nodes]

    def beside(self, head, reserved, free, free_then):
        """Slots for a job that outlasts the shadow time: all but the reserved ones."""
        usable = list(free)
        for node in reserved:
            spare = 0 if self.wide(head) else free_then[node] - self.case.slots[head]
            usable[node] = min(free[node], spare)
        return usable
