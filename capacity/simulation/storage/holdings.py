"""What lies on each tier, by day of arrival, and the rules that delete it, move it and turn it away.

Every amount is a whole number of logical bytes, so that

    arrived − refused + moved in − moved out − expired − deleted − purged = held − in snapshots

holds on every tier to the byte. Once a day, in this order: what its owners keep for a fixed time expires and
old snapshots go; once a week owners delete, the site purges and data move by age; what is above a quota is
refused; where what comes would lift a tier above its watermark the oldest data move on, and where it would
not fit at all the oldest are purged; what is then above the fill limit is refused, all flows of the day in
proportion. The last tier of a chain of migration makes room first, so that the others can move there.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields
from itertools import accumulate, pairwise
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from capacity.simulation.storage.numbers import DAY_S, Ints, Line, TierPlan, downstream_first, with_reachable

Floats = npt.NDArray[np.float64]
SWEEP_DAYS: Final = 7
"""Owners tidy up, and purge and migration by age run, once in so many days."""


class Settled(NamedTuple):
    """What of the arriving bytes was stored, and what the limit or a quota refused [B]."""

    stored: Ints
    refused: Ints
    over_quota: Ints


@dataclass(slots=True)
class Totals:
    """Bytes since the start of the run, arrays of shape (n_tiers,) [B]."""

    arrived: Ints
    refused: Ints
    over_quota: Ints
    expired: Ints
    user_deleted: Ints
    purged: Ints
    migrated_in: Ints
    migrated_out: Ints


class Holdings:
    """Data on the tiers of a site.

    Parameters
    ----------
    tiers : sequence of TierPlan
        The tiers and their rules.
    arriving : sequence of Line
        What can arrive, in the order of the arrays of `settle`.
    days : int
        Days of the run.
    limits_hold : bool
        Whether tiers turn away what is above their fill limit; otherwise they grow as large as needed.

    Raises
    ------
    ValueError
        Migration goes round in a circle.
    """

    def __init__(
        self, tiers: Sequence[TierPlan], arriving: Sequence[Line], days: int, *, limits_hold: bool = True
    ) -> None:
        self.tiers = tuple(tiers)
        self.number = {tier.name: n for n, tier in enumerate(self.tiers)}
        by_name = {tier.name: tier for tier in self.tiers}
        self._order = [self.number[name] for name in downstream_first(self.tiers)]
        self._limits_hold = limits_hold
        self.lines = with_reachable(arriving, by_name)
        place = {line: n for n, line in enumerate(self.lines)}
        # Equal lines share a column, and each arriving amount knows its own.
        self._column = np.array([place[line] for line in arriving], np.int64)
        count = len(self.lines)
        self.tier_of = np.array([self.number[line.tier] for line in self.lines], np.int64)
        self._arrives_on = self.tier_of[self._column]
        self._mine = [np.flatnonzero(self.tier_of == n) for n in range(len(self.tiers))]
        targets = [line.target(by_name) for line in self.lines]
        self._target = np.array([-1 if t is None else place[t] for t in targets], np.int64)
        self._set_lives()
        self._cells = np.zeros((days, count), np.int64)
        self._read_to = np.zeros((days, count), np.float32)
        self.live = np.zeros(count, np.int64)
        self._held_in_place = np.zeros(count, np.int64)
        self.capacity = np.zeros(len(self.tiers), np.int64)
        self._footprint = np.array([tier.footprint for tier in self.tiers])
        self._limit_frac = np.array([tier.fill_limit_frac for tier in self.tiers])
        longest = max((tier.snapshot_days for tier in self.tiers), default=0)
        self._leaving = np.zeros((days + longest + 1, len(self.tiers)), np.int64)
        self.in_snapshots = np.zeros(len(self.tiers), np.int64)
        self.totals = Totals(*(np.zeros(len(self.tiers), np.int64) for _ in fields(Totals)))
        self._quotas: list[tuple[int, Ints, Ints, int]] = []
        for n, tier in enumerate(self.tiers):
            for tenant, most in tier.quotas.items():
                lines = np.flatnonzero([line[:2] == (tier.name, tenant) for line in self.lines])
                self._quotas.append((n, lines, np.flatnonzero(np.isin(self._column, lines)), most))
        self.day = 0
        self.bound = False
        """Whether a limit ever turned something away, held a move back or made a purge necessary."""

    def _set_lives(self) -> None:
        """Lay the lives of all lines beside each other."""
        lives = [line.life for line in self.lines]
        self._least = np.array([life.keep_at_least_days for life in lives], np.int64)
        keep = [-1 if a.keep_days is None else max(1, a.keep_days, a.keep_at_least_days) for a in lives]
        self._keep = np.array(keep, np.int64)
        self._deleted_share = -np.expm1(-SWEEP_DAYS * np.array([life.deleted_per_day for life in lives]))
        self._read_for = np.array([life.read_for_days for life in lives])
        self._moved = np.array([line.moved for line in self.lines], np.bool_)
        self._purged = np.array([life.purged for life in lives], np.bool_)

    # What there is ---------------------------------------------------------------------------------------

    @property
    def limits(self) -> Ints:
        """Usable bytes that may be filled [B]."""
        limits: Ints = np.floor(self.capacity * self._limit_frac).astype(np.int64)
        return np.minimum(limits, self.capacity)

    def _by_tier(self, amounts: Ints) -> Ints:
        """Sum amounts of lines by tier [B]."""
        return _totals(self.tier_of, amounts, len(self.tiers))

    def _arriving_by_tier(self, amounts: Ints) -> Ints:
        """Sum arriving amounts by tier [B]."""
        return _totals(self._arrives_on, amounts, len(self.tiers))

    @property
    def held(self) -> Ints:
        """Logical bytes on each tier, snapshots included [B]."""
        return self._by_tier(self.live) + self.in_snapshots

    def used(self) -> Ints:
        """Usable bytes that are taken on each tier [B]."""
        held = self.held
        whole = np.ceil(held * self._footprint).astype(np.int64)
        return np.where(self._footprint == 1.0, held, whole)

    def _logical(self, usable: float | np.integer, tier: int) -> int:
        """Logical bytes that so many usable bytes of a tier can hold."""
        ratio = self._footprint[tier]
        return int(usable) if ratio == 1.0 else int(float(usable) // ratio)

    def _room(self, tier: int, coming: int = 0) -> int:
        """Logical bytes that still fit on a tier beside those that come today [B]."""
        return self._logical(self.limits[tier], tier) - int(self.held[tier]) - coming

    def check(self) -> None:
        """Make sure that no byte was lost or made.

        Raises
        ------
        RuntimeError
            One was: a fault of the program.
        """
        live, so_far = self._by_tier(self.live), self.totals
        cells = self._by_tier(self._cells.sum(axis=0) + self._held_in_place)
        came = so_far.arrived - so_far.refused - so_far.over_quota + so_far.migrated_in
        due = came - so_far.expired - so_far.user_deleted - so_far.purged - so_far.migrated_out
        if (live != due).any() or (live != cells).any() or (self._cells < 0).any():
            raise RuntimeError(f"bytes were lost: {live} held, {due} accounted for")

    # A day -----------------------------------------------------------------------------------------------

    def settle(self, arrived: Ints, *, in_place: Ints | None = None) -> Settled:
        """Account for a day.

        Parameters
        ----------
        arrived : ndarray of int64, shape (n_arriving,)
            What comes in. [B]
        in_place : ndarray of int64, shape (n_arriving,), optional
            Change of what running jobs hold, which does not age; where it grows it needs room too. [B]
        """
        day = self.day
        self.day += 1
        self._expire(day)
        self.in_snapshots -= self._leaving[day]
        growing = np.zeros_like(self._column)
        if in_place is not None:
            growing = np.maximum(in_place, 0)
            self._release(np.maximum(-in_place, 0))
        if day and day % SWEEP_DAYS == 0:
            for tier in self._order:
                self._sweep(tier, day)
        total = arrived + growing
        self.totals.arrived += self._arriving_by_tier(total)
        allowed = self._within_quotas(total)
        coming = self._arriving_by_tier(allowed)
        for tier in self._order:
            self._relieve(tier, day, int(coming[tier]))
        stored = self._take_in(allowed)
        refused, over = allowed - stored, total - allowed
        self.totals.refused += self._arriving_by_tier(refused)
        self.totals.over_quota += self._arriving_by_tier(over)
        kept_in_place = np.minimum(stored, growing)
        np.add.at(self._held_in_place, self._column, kept_in_place)
        np.add.at(self._cells[day], self._column, stored - kept_in_place)
        np.add.at(self.live, self._column, stored)
        return Settled(stored, refused, over)

    def _release(self, freed: Ints) -> None:
        """Let running jobs give back what they no longer hold; never more than was stored."""
        gone = np.minimum(_totals(self._column, freed, len(self.lines)), self._held_in_place)
        self._held_in_place -= gone
        self.live -= gone
        self.totals.expired += self._by_tier(gone)

    def _remove(self, day: int, tier: int, columns: Ints, amounts: Ints, *, at_once: bool = False) -> int:
        """Take amounts off the first rows of columns of a tier; snapshots hold them unless at once."""
        if gone := int(amounts.sum()):
            self._cells[: len(amounts), columns] -= amounts
            self.live[columns] -= amounts.sum(axis=0)
            if not at_once:
                self._to_snapshots(day, tier, gone)
        return gone

    def _expire(self, day: int) -> None:
        """Delete what was kept exactly its time."""
        for tier, mine in enumerate(self._mine):
            born = day - self._keep[mine]
            due = (self._keep[mine] > 0) & (born >= 0)
            columns, rows = mine[due], born[due]
            amounts = self._cells[rows, columns]
            if gone := int(amounts.sum()):
                self._cells[rows, columns] = 0
                self.live[columns] -= amounts
                self.totals.expired[tier] += gone
                self._to_snapshots(day, tier, gone)

    def _to_snapshots(self, day: int, tier: int, gone: int) -> None:
        stays = self.tiers[tier].snapshot_days
        if stays:
            self.in_snapshots[tier] += gone
            self._leaving[day + stays, tier] += gone

    def _unread_share(self, columns: Ints, day: int, unread_days: float) -> tuple[Floats, Floats]:
        """Return the part of what is left that nobody has read for so long, and the age it is counted to.

        Shapes (n_days, n_columns): the days whose data are so old. The last reading of data that are read for
        r days on average is exponential in their age; of what has moved to another tier it was at age r.
        """
        last = np.arange(day, max(1, math.ceil(unread_days)) - 1, -1)[:, None] - unread_days
        read_for, moved = self._read_for[columns], self._moved[columns]
        fixed = (read_for == 0) | moved
        beyond = np.maximum(last - self._read_to[: len(last), columns], 0.0)
        share = -np.expm1(-beyond / np.where(fixed, 1.0, read_for))
        certain = (last >= np.where(moved, read_for, 0.0)).astype(np.float64)
        return np.where(fixed, certain, share), np.broadcast_to(last, share.shape)

    def _purgeable(self, tier: int, day: int, unread_s: float) -> tuple[Ints, Ints, Floats]:
        """Return lines that may be purged, what of them nobody has read for so long, and to which age."""
        columns = self._mine[tier][self._purged[self._mine[tier]]]
        share, to = self._unread_share(columns, day, unread_s / DAY_S)
        old = len(share)
        free = np.arange(day, day - old, -1)[:, None] >= self._least[columns]
        return columns, _part(self._cells[:old, columns], np.where(free, share, 0.0)), np.where(free, to, 0.0)

    def _sweep(self, tier: int, day: int) -> None:
        """Let owners delete, purge what is unread and move what is old."""
        plan, mine = self.tiers[tier], self._mine[tier]
        leaving = mine[self._deleted_share[mine] > 0]
        if len(leaving):
            free = np.arange(day, 0, -1)[:, None] >= self._least[leaving]
            amounts = _part(self._cells[:day, leaving], np.where(free, self._deleted_share[leaving], 0.0))
            self.totals.user_deleted[tier] += self._remove(day, tier, leaving, amounts)
        if plan.purge is not None and plan.purge.unread is not None:
            columns, amounts, to = self._purgeable(tier, day, plan.purge.unread)
            self._read_on(columns, to)
            self.totals.purged[tier] += self._remove(day, tier, columns, amounts)
        if plan.migrate is not None and plan.migrate.unread is not None:
            share, to = self._unread_share(mine, day, plan.migrate.unread / DAY_S)
            if self._move(tier, mine, _part(self._cells[: len(share), mine], share)):
                self._read_on(mine, to)

    def _read_on(self, columns: Ints, to: Floats) -> None:
        """Remember up to which age of last reading data have gone."""
        self._read_to[: len(to), columns] = np.maximum(self._read_to[: len(to), columns], to)

    def _move(self, tier: int, columns: Ints, amounts: Ints) -> bool:
        """Move amounts to the next tier as far as it has room, the oldest first; say whether all could."""
        rule = self.tiers[tier].migrate
        assert rule is not None
        target = self.number[rule.to]
        wanted = int(amounts.sum())
        if self._limits_hold:
            amounts = oldest_first(amounts, self._room(target))
        moved = int(amounts.sum())
        self.bound |= moved < wanted
        if moved:
            rows = len(amounts)
            self._cells[:rows, columns] -= amounts
            to = self._target[columns]
            np.add.at(self._cells, (np.arange(rows)[:, None], to[None, :]), amounts)
            by_line = amounts.sum(axis=0)
            self.live[columns] -= by_line
            np.add.at(self.live, to, by_line)
            self.totals.migrated_out[tier] += moved
            self.totals.migrated_in[target] += moved
        return moved == wanted

    def _relieve(self, tier: int, day: int, coming: int) -> None:
        """Make room for what comes today: move what is above the watermark, purge what is above the limit."""
        plan, mine, capacity = self.tiers[tier], self._mine[tier], int(self.capacity[tier])
        rule, purge = plan.migrate, plan.purge
        if rule is not None and rule.above is not None and rule.down_to is not None and capacity:
            held = int(self.held[tier]) + coming
            if held > self._logical(rule.above * capacity, tier):
                most = held - self._logical(rule.down_to * capacity, tier)
                self._move(tier, mine, oldest_first(self._cells[:day, mine], most))
        if purge is None or purge.when_full is None or not self._limits_hold or not capacity:
            return
        excess = -self._room(tier, coming)
        if excess > 0:
            self.bound = True
            columns, old, _ = self._purgeable(tier, day, purge.when_full)
            # Snapshots would keep what has to go: they go with it.
            gone = self._remove(day, tier, columns, oldest_first(old, excess), at_once=True)
            self.totals.purged[tier] += gone

    def _within_quotas(self, coming: Ints) -> Ints:
        """Return what of the arriving bytes the quotas allow."""
        allowed = coming.copy()
        for tier, lines, mine, most in self._quotas:
            room = max(0, self._logical(most, tier) - int(self.live[lines].sum()))
            if int(allowed[mine].sum()) > room:
                allowed[mine] = fitting(allowed[mine].tolist(), room)
        return allowed

    def _take_in(self, coming: Ints) -> Ints:
        """Return what of the arriving bytes fits, flow by flow in proportion."""
        stored = coming.copy()
        if not self._limits_hold:
            return stored
        for tier, total in enumerate(self._arriving_by_tier(coming).tolist()):
            room = max(0, self._room(tier))
            if total > room:
                self.bound = True
                flows = self._arrives_on == tier
                stored[flows] = fitting(coming[flows].tolist(), room)
        return stored


def _totals(place: Ints, amounts: Ints, count: int) -> Ints:
    """Sum amounts by where they belong; to the byte, which floats of `bincount` would not keep."""
    total = np.zeros(count, np.int64)
    np.add.at(total, place, amounts)
    return total


def _part(cells: Ints, share: Floats) -> Ints:
    """Return whole bytes: the share of each cell, all of it where the share is 1."""
    part = (cells * share).astype(np.int64)
    return np.where(share >= 1.0, cells, np.minimum(part, cells))


def oldest_first(amounts: Ints, most: int) -> Ints:
    """Return at most `most` of the amounts, rows in order, the last of them in proportion [B].

    Examples
    --------
    >>> oldest_first(np.array([[5, 5], [10, 30], [1, 1]]), 30).tolist()
    [[5, 5], [5, 15], [0, 0]]
    """
    upto = np.cumsum(amounts.sum(axis=1))
    if not len(upto) or upto[-1] <= most:
        return amounts.copy()
    taken = np.zeros_like(amounts)
    if most > 0:
        whole = int(np.searchsorted(upto, most, side="right"))
        taken[:whole] = amounts[:whole]
        rest = most - (int(upto[whole - 1]) if whole else 0)
        taken[whole] = fitting(amounts[whole].tolist(), rest)
    return taken


def fitting(arrived: Sequence[int], room: int) -> list[int]:
    """Share `room` among amounts that exceed it, in proportion and without a byte left over [B].

    Whole numbers of Python, because doubles lose bytes above 9 PB.

    Examples
    --------
    >>> fitting([10, 10, 20], 21)
    [5, 5, 11]
    """
    wanted = sum(arrived)
    if not wanted:
        return list(arrived)
    filled = [total * room // wanted for total in accumulate(arrived, initial=0)]
    return [after - before for before, after in pairwise(filled)]
