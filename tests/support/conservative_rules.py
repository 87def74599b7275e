"""Conservative backfilling with every rule that has a meaning beside it, at random."""

from dataclasses import replace

from hypothesis import strategies as st

from tests.support.cases import ORDERS, TIES, Case

KINDS = ("sticky", "replan")


def meaningful(rules: dict) -> dict:
    """The rules with what contradicts them set back to what changes nothing."""
    found = dict(rules)
    if found["cycle_s"]:
        found["ties"] = "instant"
    if found["ties"] == "pyss":
        found["overrun"] = "kill"
    return found


CHOICES = {
    "order": ("fcfs", *ORDERS),
    "ties": TIES,
    "conservative": KINDS,
    "backfill_depth": (0, 0, 1, 2, 5),
    "cycle_s": (0, 0, 0, 1, 7, 10),
    "estimates": ("requested", "requested", "exact"),
    "overrun": ("kill", "kill", "allow"),
}
CONSERVATIVE_RULES = st.fixed_dictionaries(
    {name: st.sampled_from(values) for name, values in CHOICES.items()}
).map(meaningful)


def under(base: Case, rules: dict) -> Case:
    """The jobs of a case on its slots as a counted machine."""
    return replace(base, counted=True, placement="best-fit", backfill="conservative", **rules)


def drawn(rng, base: Case) -> Case:
    """The same without hypothesis, for long workloads."""
    rules = {name: values[rng.integers(len(values))] for name, values in CHOICES.items()}
    return under(base, meaningful(rules))
