"""Keys of the queue orders and fair-share by definition: formulas written out, one job or user at a time."""

import math
from dataclasses import dataclass, field

import numpy as np

from capacity.scheduling.site.rules import AccountNumbers, SiteRules


def log10(value):
    """numpy's, so that keys that are equal there are equal here."""
    return float(np.log10(np.float64(max(value, 1))))


def root(value):
    return float(np.sqrt(np.float64(value)))


STATIC = {
    "fcfs": lambda submit, requested, slots: submit,
    "sjf": lambda submit, requested, slots: requested,
    "ljf": lambda submit, requested, slots: -requested,
    "smallest": lambda submit, requested, slots: slots,
    "largest": lambda submit, requested, slots: -slots,
    "saf": lambda submit, requested, slots: requested * slots,
    "f1": lambda submit, requested, slots: log10(requested) * slots + 870.0 * log10(submit),
    "f2": lambda submit, requested, slots: root(requested) * slots + 25_600.0 * log10(submit),
    "f3": lambda submit, requested, slots: requested * slots + 6_860_000.0 * log10(submit),
    "f4": lambda submit, requested, slots: requested * root(slots) + 530_000.0 * log10(submit),
}

VARYING = {
    "wfp3": lambda wait, requested, slots: -((wait / requested) ** 3) * slots,
    "unicef": lambda wait, requested, slots: -wait / (math.log2(max(slots, 2)) * requested),
    "expansion": lambda wait, requested, slots: -(wait + requested) / requested,
}


@dataclass
class Node:
    """An account, a user below one, or the root; children are accounts first, then users, by number."""

    share: float
    pair: tuple[int, int] | None = None
    children: list["Node"] = field(default_factory=list)

    def used(self, usage):
        """Usage of a user, or of all below."""
        if self.pair:
            return usage.get(self.pair, 0.0)
        return sum((child.used(usage) for child in self.children), 0.0)


def tree(accounts, pairs):
    """The account tree with (user, account) pairs as leaves of one share each."""
    accounts = accounts or (AccountNumbers("all"),)
    root_node = Node(1.0)
    nodes = [Node(account.shares) for account in accounts]
    for node, account in zip(nodes, accounts, strict=True):
        (root_node if account.parent < 0 else nodes[account.parent]).children.append(node)
    for user, account in sorted(pairs):
        nodes[account].children.append(Node(1.0, (user, account)))
    return root_node


def shares_among(children):
    total = sum(child.share for child in children)
    return [child.share / total if total else 0.0 for child in children]


def classic(root_node, usage, damping):
    """2^(-(UE / S) / damping) of every user."""
    total = root_node.used(usage)
    factors = {}

    def walk(node, normalized, effective):
        for child, share in zip(node.children, shares_among(node.children), strict=True):
            actual = child.used(usage) / total if total else 0.0
            seen = actual if node is root_node else actual + (effective - actual) * share
            product = normalized * share
            if child.pair and total == 0:
                factors[child.pair] = 1.0
            elif child.pair:
                factors[child.pair] = 2.0 ** (-(seen / product) / damping) if product else 0.0
            walk(child, product, seen)

    walk(root_node, 1.0, 1.0)
    return factors


def fair_tree(root_node, usage):
    """(n - i) / n for the i-th of n users met in a walk that takes larger shares over usage first."""
    ranked = []

    def walk(node):
        among = sum((child.used(usage) for child in node.children), 0.0)
        levels = []
        for index, (child, share) in enumerate(zip(node.children, shares_among(node.children), strict=True)):
            used = child.used(usage) / among if among else 0.0
            levels.append((-(share / used) if used else -math.inf, index, child))
        for _, _, child in sorted(levels, key=lambda level: level[:2]):
            if child.pair:
                ranked.append(child.pair)
            walk(child)

    walk(root_node)
    return {pair: (len(ranked) - i) / len(ranked) for i, pair in enumerate(ranked)}


@dataclass
class FairShare:
    """Decayed usage of every (user, account) pair, and the factor it gives."""

    site: SiteRules
    pairs: set[tuple[int, int]]
    usage: dict[tuple[int, int], float] = field(default_factory=dict)
    fresh: dict[tuple[int, int], int] = field(default_factory=dict)
    last: int = 0

    def __post_init__(self):
        self.factors = self.work_out()

    def run(self, pair, slot_seconds):
        self.fresh[pair] = self.fresh.get(pair, 0) + slot_seconds

    def recompute(self, now):
        decay = 2.0 ** (-(now - self.last) / self.site.multifactor.half_life_s)
        self.usage = {p: self.usage.get(p, 0.0) * decay + self.fresh.get(p, 0) for p in self.pairs}
        self.fresh, self.last = {}, now
        self.factors = self.work_out()

    def work_out(self):
        rules, root_node = self.site.multifactor, tree(self.site.accounts, self.pairs)
        if rules.fair_share_rule == "fair-tree":
            return fair_tree(root_node, self.usage)
        return classic(root_node, self.usage, rules.damping)
