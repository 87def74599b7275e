"""All names that scenarios and commands can use, by kind: rules, log formats, models, sections of a report.

Orders, log formats, models and sections of a report can come from other packages, through the entry-point
group that stands with each. The other rules of a policy cannot: the compiled cores know them by number.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from capacity.errors import InputError, nearest
from workloads.formats import FORMATS
from workloads.published.models import MODELS
from workloads.registry import Named, Registry

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint


@dataclass(frozen=True, slots=True)
class Rule(Named):
    """A rule that a compiled core knows by a number."""

    number: int = -1


def _refuse(what: str, name: str, known: Sequence[str]) -> InputError:
    return InputError(what, fix=nearest(name.lower(), known, limit=len(known)) if known else "")


def _rules(kind: str, rules: Mapping[str, tuple[int, str]]) -> Registry[Rule]:
    records = (Rule(name, summary, number=number) for name, (number, summary) in rules.items())
    return Registry(kind, records, refuse=_refuse)


BACKFILLING: Final = _rules(
    "backfilling rule",
    {
        "none": (0, "in order; the first job that does not fit stops the pass"),
        "easy": (1, "later jobs may start if they do not delay the reservation of the first blocked one"),
        "easy-sjbf": (1, "easy, trying candidates by requested time, shortest first"),
        "easy++": (1, "easy-sjbf on run times predicted from the user's last two jobs (Tsafrir et al. 2007)"),
        "conservative": (2, "every waiting job holds a reservation that nobody who comes later may delay"),
    },
)
SHORTEST_FIRST: Final = ("easy-sjbf", "easy++")
"""Kinds of backfilling that say themselves in which order candidates are tried."""
TIES: Final = _rules(
    "tie rule",
    {
        "instant": (0, "ends, then arrivals, then one pass per instant"),
        "event": (1, "a pass after every single end and arrival"),
        "pyss": (2, "as the pyss simulator: arrivals before ends, jobs expected to end now already gone"),
    },
)
PLACEMENTS: Final = _rules(
    "placement",
    {
        "best-fit": (0, "the node left with the fewest free slots"),
        "worst-fit": (1, "the node with the most free slots"),
        "first-fit": (2, "the lowest-numbered node that fits"),
        "random": (3, "any node that fits, each equally likely"),
    },
)
ESTIMATES: Final = _rules(
    "kind of estimates",
    {
        "requested": (0, "the scheduler plans with the requested time"),
        "exact": (1, "the scheduler knows the true run time: an upper bound on what estimates can gain"),
    },
)
OVERRUN: Final = _rules(
    "overrun rule",
    {
        "kill": (0, "a job that runs longer than it asked for ends there (timeout)"),
        "allow": (1, "it runs to its end; once past its request it is expected to end at any moment"),
    },
)
CONSERVATIVE: Final = _rules(
    "kind of conservative backfilling",
    {
        "sticky": (0, "a reservation moves only when a job ends early, and only to an earlier time"),
        "replan": (1, "all reservations are thrown away and made again in queue order at every event"),
    },
)
ROUTES: Final = _rules(
    "route",
    {
        "preferred": (0, "the first pool of its list where it may start; it waits for the first of its list"),
        "earliest": (1, "the pool where it would start, or is expected to end, first"),
    },
)
FAIR_SHARE: Final = _rules(
    "fair-share rule",
    {
        "classic": (0, "2^(-(usage / shares) / damping), usage seen through the account tree"),
        "fair-tree": (1, "rank in a walk through the account tree by shares over usage at each level"),
    },
)

IN_QUEUE_ORDER: Final = "queue"
"""Stands for the order of the queue itself where an order in which to backfill is asked for."""
MULTIFACTOR: Final = "multifactor"
"""The order that means something only with the accounts of a site."""
ORDERS: Final = Registry(
    "queue order",
    (
        Named(name, summary, f"capacity.scheduling.orders:{name}")
        for name, summary in {
            "fcfs": "first come, first served: submission",
            "sjf": "shortest requested time first",
            "ljf": "longest requested time first",
            "smallest": "fewest slots first",
            "largest": "most slots first",
            "saf": "smallest area first: requested time x slots",
            "f1": "log10(requested) * slots + 870 * log10(submit) (SC'17)",
            "f2": "sqrt(requested) * slots + 25600 * log10(submit) (SC'17)",
            "f3": "requested * slots + 6860000 * log10(submit) (SC'17)",
            "f4": "requested * sqrt(slots) + 530000 * log10(submit) (SC'17)",
            "wfp3": "(wait / requested)^3 * slots, largest first; changes while jobs wait",
            "unicef": "wait / (log2(max(slots, 2)) * requested), largest first; changes while jobs wait",
            "expansion": "(wait + requested) / requested, largest first; changes while jobs wait",
            MULTIFACTOR: "weighted age, size, QOS, pool and fair-share, as Slurm",
        }.items()
    ),
    group="capacity.orders",
    reserved=(IN_QUEUE_ORDER, *BACKFILLING),
    refuse=_refuse,
)
CHANGING: Final = {"wfp3": 2, "unicef": 3, "expansion": 4}
"""Orders whose keys change while jobs wait, and the numbers by which the compiled cores know them."""


class Contradiction(NamedTuple):
    """Rules of a policy that have no meaning together: the field at fault, why, and what to write instead."""

    field: str
    what: str
    instead: tuple[tuple[str, str], ...]


_WORDS: Final = ("order", "backfill", "backfill_order", "ties", "conservative", "overrun")


def contradictions(rules: object, *, beside: str | None = None) -> Iterator[Contradiction]:
    """Yield which rules have no meaning together, whoever asks: a file, a command or a compiled core.

    Parameters
    ----------
    rules : object
        With the fields of a policy in words; that of its grid of passes is ``cycle`` or ``cycle_s``.
    beside : str, optional
        What brings them under the rules of a site, in words; empty for pools by themselves, None for either.
    """
    order, backfill, tried, ties, conservative, overrun = (getattr(rules, one) for one in _WORDS)
    grid = getattr(rules, "cycle_s", 0) or getattr(rules, "cycle", 0)
    predicts, promises, by_itself = backfill == "easy++", backfill == "conservative", beside == ""
    instant, stays = (("ties", "instant"),), (("backfill_order", "sjf"),)
    for wrong, field, what, instead in (
        (grid > 0 and ties != "instant",
         "cycle", f"passes on a grid know no order of ties {ties}", instant),
        (backfill in SHORTEST_FIRST and tried not in (IN_QUEUE_ORDER, "sjf"),
         "backfill_order", f"{backfill} tries the shortest first, not in the order {tried}",
         (("backfill", "easy"),)),
        (overrun == "allow" and ties == "pyss",
         "overrun", "under ties pyss a job that outruns its request would share its slots",
         (*instant, ("ties", "event"))),
        (overrun == "allow" and predicts,
         "overrun", "easy++ corrects predictions up to the request, where jobs must end",
         (("overrun", "kill"),)),
        (promises and tried != IN_QUEUE_ORDER,
         "backfill_order", f"conservative backfilling has no candidates to try in the order {tried}",
         (("backfill_order", IN_QUEUE_ORDER),)),
        (tried == MULTIFACTOR,
         "backfill_order", "candidates are tried in an order whose keys stay, not by multifactor", stays),
        (by_itself and promises and order in CHANGING,
         "order", f"conservative backfilling makes promises, which the order {order} would not keep",
         (("order", "fcfs"), ("order", "sjf"))),
        (beside and ties != "instant",
         "ties", f"ties {ties} is not known with {beside}", instant),
        (beside and predicts,
         "backfill", f"backfill easy++ is not known with {beside}",
         (("backfill", "easy"), ("backfill", "easy-sjbf"))),
        (beside and tried in CHANGING,
         "backfill_order", f"with {beside} candidates are tried in an order whose keys stay, not by {tried}",
         stays),
        (beside and promises and conservative == "sticky",
         "conservative", f"there are no sticky reservations with {beside}", (("conservative", "replan"),)),
    ):  # fmt: skip
        if wrong:
            yield Contradiction(field, what, instead)


SECTIONS: Final = Registry(
    "report section",
    (
        Named(name, summary, f"capacity.report.sections.{target}")
        for name, summary, target in (
            ("use", "how full each pool is, month by month", "use:utilization"),
            ("waits", "queue and waits, month by month, with bands", "waits:queue_and_waits"),
            ("wait-by-size", "waits by how wide and how long jobs are", "waits:wait_by_size"),
            ("storage", "growth of each tier, and when it fills", "storage:storage"),
            ("decisions", "by when to order what is planned", "deliveries:decisions"),
            ("energy", "power, energy, and what parts and electricity cost", "energy:energy_and_cost"),
            (
                "goodput",
                "what became of the slot-hours, and what failures took",
                "energy:failures_and_goodput",
            ),
        )
    ),
    group="capacity.report_sections",
    refuse=_refuse,
)

KINDS: Final[Mapping[str, tuple[str, Registry[Named]]]] = {
    "orders": ("queue orders of a policy", ORDERS),
    "backfilling": ("backfilling rules of a policy", BACKFILLING),
    "placements": ("how a policy chooses nodes", PLACEMENTS),
    "ties": ("what a policy decides together in one second", TIES),
    "estimates": ("what a policy believes about run times", ESTIMATES),
    "overrun": ("what becomes of jobs past their requested time", OVERRUN),
    "conservative": ("kinds of conservative backfilling", CONSERVATIVE),
    "routes": ("how a job chooses among its pools", ROUTES),
    "fair-share": ("how fair-share is worked out", FAIR_SHARE),
    "readers": ("formats of job logs", FORMATS),
    "models": ("published models of workloads", MODELS),
    "report-sections": ("parts of a report", SECTIONS),
}
"""Every kind by the word that `capacity list` knows it by."""


SPECIFICATIONS: Final[Mapping[str, tuple[str, str]]] = {
    "experiments": ("experiment", "one scenario under many values, for sweep"),
    "scenarios": ("scenario", "questions to simulate: site, demand, policy, horizon"),
    "sites": ("site", "data centres"),
    "workloads": ("workload", "demand models"),
    "references": ("reference", "published figures that a demand is held against"),
    "nodes": ("node", "servers"),
    "accelerators": ("accelerator", "GPUs and the like"),
    "storage-products": ("storage-product", "kinds of storage"),
}
"""What specifications there are, by the word that `capacity list` knows them by: what their files say."""
METRICS: Final = {"metrics": "what a simulation measures, and --require can ask for"}
"""The one kind that nobody can add to."""


def plug_ins() -> "Iterator[EntryPoint]":
    """Yield the entry points through which other packages add names of any kind, without loading them."""
    from importlib.metadata import entry_points  # noqa: PLC0415 - a tenth of a second

    for _, registry in KINDS.values():
        if registry.group:
            yield from entry_points(group=registry.group)
