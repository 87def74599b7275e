"""What limits count, and who owns shares: the numbers behind users, accounts, QOS and job arrays.

Numbers are given once and kept when jobs are added later, because the core counts by them.
"""

from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from capacity.scheduling.core.site import state as s
from capacity.scheduling.jobs import Jobs
from capacity.scheduling.site.rules import UNLIMITED, LimitNumbers, SiteRules

Ints = npt.NDArray[np.int64]
Arrays = dict[int, npt.NDArray[Any]]


class Numbering:
    """Consecutive numbers for keys, in the order in which they are first seen."""

    def __init__(self) -> None:
        self.number: dict[Hashable, int] = {}

    def of(self, kind: str, keys: Ints) -> Ints:
        """Numbers of `keys`, shape (n_jobs,), within a kind of thing."""
        known, inverse = np.unique(keys, return_inverse=True)
        numbers = [self.number.setdefault((kind, int(key)), len(self.number)) for key in known]
        return np.array(numbers, np.int64)[inverse.reshape(-1)]


def column(values: npt.NDArray[Any] | None, count: int, default: int) -> Ints:
    """Fill an optional column."""
    return np.full(count, default, np.int64) if values is None else values.astype(np.int64)


def longer(array: npt.NDArray[Any], length: int, fill: float) -> npt.NDArray[Any]:
    """Return an array filled up to at least `length`."""
    if len(array) >= length:
        return array
    return np.concatenate([array, np.full(length - len(array), fill, array.dtype)])


class Groups:
    """The groups that limits count.

    Attributes
    ----------
    limits : list of LimitNumbers
        Of each group.
    """

    def __init__(self, rules: SiteRules) -> None:
        self.rules = rules
        self.limits: list[LimitNumbers] = []
        self._numbers = Numbering()

    def _add(
        self, into: npt.NDArray[np.int32], place: int, kind: str, keys: Ints, limits: Sequence[LimitNumbers]
    ) -> None:
        """Give one kind of group its numbers; `limits` of each key, or one for all."""
        finite = np.array([any(v < UNLIMITED for v in _values(limit)) for limit in limits])
        of_key = np.zeros(len(keys), np.int64) if len(limits) == 1 else keys
        counted = finite[of_key] if len(keys) else np.zeros(0, np.bool_)
        if not counted.any():
            return
        numbers = self._numbers.of(kind, keys[counted])
        into[counted, place] = numbers
        first = len(self.limits)
        missing = len(self._numbers.number) - first
        self.limits += [LimitNumbers()] * missing
        for number, key in {int(n): int(q) for n, q in zip(numbers, of_key[counted], strict=True)}.items():
            self.limits[number] = limits[key]

    def of(self, jobs: Jobs) -> npt.NDArray[np.int32]:
        """Find the groups of each job, shape (n_jobs, 5), -1 where nothing is limited."""
        count = len(jobs.submit_s)
        found = np.full((count, s.N_GROUPS_OF_JOB), -1, np.int32)
        user = column(jobs.user, count, 0)
        qos = column(jobs.qos, count, 0)
        rules = self.rules
        self._add(found, 0, "user", user, [rules.user_limits])
        if rules.accounts:
            account = column(jobs.account, count, 0)
            self._add(found, 1, "account", account, [a.limits for a in rules.accounts])
        if rules.qos:
            self._add(found, 2, "qos", qos, [q.limits for q in rules.qos])
            for number, one in enumerate(rules.qos):
                mine = np.flatnonzero(qos == number)
                part = found[mine]
                self._add(part, 3, f"user in qos {number}", user[mine], [one.user_limits])
                found[mine] = part
        if jobs.array is not None and jobs.array_limit is not None:
            tasks = np.flatnonzero(jobs.array >= 0)
            part = found[tasks]
            limits = [LimitNumbers(running_jobs=int(n)) for n in jobs.array_limit]
            self._add(part, 4, "array", jobs.array[tasks].astype(np.int64), limits or [LimitNumbers()])
            found[tasks] = part
        return found

    def arrays(self, old: Sequence[npt.NDArray[Any]]) -> Arrays:
        """Limits of each group, and what is counted against them, which goes on from the `old` arrays."""
        limits = np.array([_values(limit) for limit in self.limits], np.int64).reshape(-1, 3)
        counted = (s.GROUP_SLOTS, s.GROUP_JOBS, s.GROUP_SUBMITTED)
        return {
            **dict(zip((s.LIMIT_SLOTS, s.LIMIT_JOBS, s.LIMIT_SUBMITTED), limits.T, strict=True)),
            **{index: longer(old[index], len(self.limits), 0) for index in counted},
        }


def _values(limits: LimitNumbers) -> tuple[int, int, int]:
    return limits.running_slots, limits.running_jobs, limits.submitted_jobs


class Tree:
    """The account tree with users as leaves, as arrays for the core.

    Attributes
    ----------
    leaf_account : list of int
        Account of each leaf.
    """

    def __init__(self, rules: SiteRules) -> None:
        self.accounts = rules.accounts
        self.leaf_account: list[int] = []
        self._numbers = Numbering()

    @property
    def n_accounts(self) -> int:
        """Accounts, at least one for the core to count under."""
        return max(1, len(self.accounts))

    def leaves_of(self, jobs: Jobs) -> npt.NDArray[np.int32]:
        """Leaf of each job: its user in its account."""
        count = len(jobs.submit_s)
        user, account = column(jobs.user, count, 0), column(jobs.account, count, 0)
        numbers = self._numbers.of("leaf", account << 40 | user)
        self.leaf_account += [0] * (len(self._numbers.number) - len(self.leaf_account))
        for number, of in zip(numbers, account, strict=True):
            self.leaf_account[number] = int(of)
        return numbers.astype(np.int32)

    def arrays(self, old: Sequence[npt.NDArray[Any]], now_s: int) -> Arrays:
        """Everything about the tree now [s], by index of the core's table; usage goes on from `old`."""
        n, leaves = self.n_accounts, len(self.leaf_account)
        return {
            **self._shape(),
            s.TREE_USAGE: longer(old[s.TREE_USAGE].astype(np.float64), n + leaves, 0.0),
            s.TREE_EFFECT: np.zeros(n + leaves),
            s.LEAF_RATE: longer(old[s.LEAF_RATE], leaves, 0),
            s.LEAF_SINCE: longer(old[s.LEAF_SINCE], leaves, now_s),
            s.LEAF_NEW: longer(old[s.LEAF_NEW], leaves, 0),
            s.LEAF_FACTOR: longer(old[s.LEAF_FACTOR].astype(np.float64), leaves, 1.0),
        }

    def _shape(self) -> Arrays:
        """Who stands below whom, and what shares that gives."""
        n, leaves = self.n_accounts, len(self.leaf_account)
        places = n + leaves
        root = places
        shares = [a.shares for a in self.accounts] if self.accounts else [1.0]
        parent = [a.parent for a in self.accounts] if self.accounts else [-1]
        share = np.array(shares + [1.0] * leaves)
        above = np.array(parent + self.leaf_account, np.int64)
        used = np.zeros(places, np.bool_)
        used[n:] = True
        for place in range(places - 1, -1, -1):
            if used[place] and above[place] >= 0:
                used[above[place]] = True
        children: list[list[int]] = [[] for _ in range(places + 1)]
        for place in range(places):
            if used[place]:
                children[above[place] if above[place] >= 0 else root].append(place)
        part, norm = np.zeros(places), np.zeros(places)
        for siblings in children:
            total = sum(share[place] for place in siblings)
            for place in siblings:
                part[place] = share[place] / total if total > 0 else 0.0
        for place in range(places):
            norm[place] = part[place] * (norm[above[place]] if above[place] >= 0 else 1.0)
        counts = [len(siblings) for siblings in children]
        return {
            s.TREE_PARENT: above.astype(np.int32),
            s.TREE_SHARE: part,
            s.TREE_NORM: norm,
            s.TREE_FIRST: np.concatenate([[0], np.cumsum(counts)[:-1]]).astype(np.int32),
            s.TREE_COUNT: np.array(counts, np.int32),
            s.TREE_CHILD: np.array([place for siblings in children for place in siblings] or [0], np.int32),
            s.TREE_STACK: np.zeros(places + 2, np.int32),
        }
