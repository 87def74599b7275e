"""Rules beyond order, backfilling, ties and machine: every combination that has a meaning, at random."""

from dataclasses import replace

from hypothesis import strategies as st

from tests.support.cases import MACHINES, ORDERS, TIES, Case
from tests.support.definition_orders import SCORES

CHANGING = tuple(SCORES)
SHORTEST_FIRST = ("easy-sjbf", "easy++")


def meaningful(rules: dict) -> dict:
    """The rules with what contradicts them set back to what changes nothing."""
    found = dict(rules)
    if found["cycle_s"]:
        found["ties"] = "instant"
    if found["backfill"] in SHORTEST_FIRST:
        found["backfill_order"] = "queue"
    if found["backfill"] == "easy++" or found["ties"] == "pyss":
        found["overrun"] = "kill"
    return found


MORE_RULES = st.fixed_dictionaries(
    {
        "order": st.sampled_from(("fcfs", *CHANGING, *ORDERS)),
        "backfill": st.sampled_from(("easy", "easy-sjbf", "easy++", "easy", "none")),
        "ties": st.sampled_from(TIES),
        "backfill_order": st.sampled_from(("queue", "sjf", "largest", "queue", *CHANGING)),
        "backfill_depth": st.sampled_from((0, 0, 1, 2, 5)),
        "cycle_s": st.sampled_from((0, 0, 1, 7, 10)),
        "recompute_s": st.sampled_from((0, 1, 4, 7, 20, 300)),
        "estimates": st.sampled_from(("requested", "requested", "exact")),
        "overrun": st.sampled_from(("kill", "allow")),
    }
).map(meaningful)


def under(base: Case, rules: dict, machine: str, users: int = 3) -> Case:
    """The jobs of a case under these rules on one of MACHINES; user n submits every `users`-th job."""
    counted = machine == "counted"
    user = tuple((7 * job + job // 4) % users for job in range(len(base.submit)))
    placement = "best-fit" if counted else machine
    return replace(base, counted=counted, placement=placement, user=user, **rules)


def drawn(rng, machine: str, base: Case) -> Case:
    """The same without hypothesis, for long workloads."""
    choice = {
        "order": ("fcfs", *CHANGING, "saf"),
        "backfill": ("easy", "easy-sjbf", "easy++"),
        "ties": TIES,
        "backfill_order": ("queue", "smallest", "wfp3"),
        "backfill_depth": (0, 0, 3, 10),
        "cycle_s": (0, 0, 15, 30),
        "recompute_s": (0, 10, 60),
        "estimates": ("requested", "requested", "exact"),
        "overrun": ("kill", "kill", "allow"),
    }
    rules = {name: values[rng.integers(len(values))] for name, values in choice.items()}
    return under(base, meaningful(rules), machine, users=5)


__all__ = ["CHANGING", "MACHINES", "MORE_RULES", "drawn", "meaningful", "under"]
