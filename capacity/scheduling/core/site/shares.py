"""Fair-share: who has used how much of late, compared with what their shares entitle them to.

Usage halves every half-life. It is added up over the tree of accounts, whose leaves are users, and turned
into a factor between 0 and 1 for every leaf, by one of the two rules that Slurm has: *classic*,
https://slurm.schedmd.com/classic_fair_share.html, and *fair tree*, https://slurm.schedmd.com/fair_tree.html.
"""

from capacity.scheduling.core.machine.native import IntArray, f64, i32, i64, int64, kernel, u
from capacity.scheduling.core.site.state import (CLASSIC, FAIR_SHARE_RULE, LAST_SHARES, LEAF, LEAF_FACTOR,
    LEAF_NEW, LEAF_RATE, LEAF_SINCE, N_ACCOUNTS, N_LEAVES, NOW, SCALARS, TREE_CHILD, TREE_COUNT, TREE_EFFECT,
    TREE_FIRST, TREE_NORM, TREE_PARENT, TREE_SHARE, TREE_STACK, TREE_USAGE, W_DAMPING, W_HALF_LIFE,
    WEIGHTS)  # fmt: skip


@kernel
def charge(site: IntArray, job: int, slots: int) -> None:
    """From now on the owner of a job holds `slots` more."""
    leaf, now = i32(site, LEAF)[u(job)], i64(site, SCALARS)[u(NOW)]
    rate, since = i64(site, LEAF_RATE), i64(site, LEAF_SINCE)
    i64(site, LEAF_NEW)[u(leaf)] += rate[u(leaf)] * (now - since[u(leaf)])
    since[u(leaf)] = now
    rate[u(leaf)] += slots


@kernel
def _decay(site: IntArray) -> float:
    """Bring the usage of every node of the tree up to now; returns the total."""
    scalars = i64(site, SCALARS)
    now, accounts = scalars[u(NOW)], scalars[u(N_ACCOUNTS)]
    usage, parent = f64(site, TREE_USAGE), i32(site, TREE_PARENT)
    kept = 2.0 ** (-(now - scalars[u(LAST_SHARES)]) / f64(site, WEIGHTS)[u(W_HALF_LIFE)])
    scalars[u(LAST_SHARES)] = now
    usage[:accounts] = 0.0
    total = 0.0
    for leaf in range(scalars[u(N_LEAVES)]):
        new = i64(site, LEAF_NEW)[u(leaf)]
        new += i64(site, LEAF_RATE)[u(leaf)] * (now - i64(site, LEAF_SINCE)[u(leaf)])
        i64(site, LEAF_NEW)[u(leaf)] = 0
        i64(site, LEAF_SINCE)[u(leaf)] = now
        place = accounts + leaf
        usage[u(place)] = usage[u(place)] * kept + new
        total += usage[u(place)]
        if parent[u(place)] >= 0:
            usage[u(int64(parent[u(place)]))] += usage[u(place)]
    for account in range(accounts - 1, -1, -1):
        if parent[u(account)] >= 0:
            usage[u(int64(parent[u(account)]))] += usage[u(account)]
    return total


@kernel
def _classic(site: IntArray, total: float) -> None:
    """2^(-(effective usage / normalized shares) / damping)."""
    scalars = i64(site, SCALARS)
    accounts = scalars[u(N_ACCOUNTS)]
    usage, effect, share = f64(site, TREE_USAGE), f64(site, TREE_EFFECT), f64(site, TREE_SHARE)
    norm, factor = f64(site, TREE_NORM), f64(site, LEAF_FACTOR)
    for place in range(accounts + scalars[u(N_LEAVES)]):
        own = usage[u(place)] / total if total > 0 else 0.0
        above = int64(i32(site, TREE_PARENT)[u(place)])
        effect[u(place)] = own if above < 0 else own + (effect[u(above)] - own) * share[u(place)]
        if place >= accounts:
            if total <= 0:
                factor[u(place - accounts)] = 1.0
            elif norm[u(place)] <= 0:
                factor[u(place - accounts)] = 0.0
            else:
                exponent = effect[u(place)] / norm[u(place)] / f64(site, WEIGHTS)[u(W_DAMPING)]
                factor[u(place - accounts)] = 2.0 ** (-exponent)


@kernel
def _rank_children(site: IntArray, place: int) -> None:
    """Sort the children of a node by shares over usage among themselves, largest first, ties by number."""
    effect, usage, child = f64(site, TREE_EFFECT), f64(site, TREE_USAGE), i32(site, TREE_CHILD)
    first = int64(i32(site, TREE_FIRST)[u(place)])
    after = first + i32(site, TREE_COUNT)[u(place)]
    total = 0.0
    for index in range(first, after):
        total += usage[u(int64(child[u(index)]))]
    for index in range(first, after):
        which = int64(child[u(index)])
        part = usage[u(which)] / total if total > 0 else 0.0
        effect[u(which)] = f64(site, TREE_SHARE)[u(which)] / part if part > 0 else 1e300
    for index in range(first + 1, after):
        which = int64(child[u(index)])
        place_of = index
        while place_of > first:
            other = int64(child[u(place_of - 1)])
            behind = effect[u(other)] < effect[u(which)]
            behind = behind or (effect[u(other)] == effect[u(which)] and other > which)
            if not behind:
                break
            child[u(place_of)] = other
            place_of -= 1
        child[u(place_of)] = which


@kernel
def _fair_tree(site: IntArray) -> None:
    """Rank of every leaf in a walk that always goes to the most underserved child first."""
    scalars = i64(site, SCALARS)
    accounts, leaves = scalars[u(N_ACCOUNTS)], scalars[u(N_LEAVES)]
    child, stack = i32(site, TREE_CHILD), i32(site, TREE_STACK)
    stack[u(0)] = accounts + leaves  # the root
    depth, seen = int64(1), int64(0)
    while depth > 0:
        depth -= 1
        place = int64(stack[u(depth)])
        if accounts <= place < accounts + leaves:
            f64(site, LEAF_FACTOR)[u(place - accounts)] = (leaves - seen) / leaves
            seen += 1
            continue
        _rank_children(site, place)
        first = int64(i32(site, TREE_FIRST)[u(place)])
        for index in range(first + i32(site, TREE_COUNT)[u(place)] - 1, first - 1, -1):
            stack[u(depth)] = child[u(index)]
            depth += 1


@kernel
def update(site: IntArray) -> None:
    """Work out the fair-share factor of every leaf as of now."""
    total = _decay(site)
    if i64(site, SCALARS)[u(FAIR_SHARE_RULE)] == CLASSIC:
        _classic(site, total)
    else:
        _fair_tree(site)
