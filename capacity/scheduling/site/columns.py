"""Arrays of jobs as the site core wants them, made from `Jobs`."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from capacity.errors import InputError, Problem
from capacity.registry import CHANGING
from capacity.scheduling.core.site import state as s
from capacity.scheduling.jobs import Jobs
from capacity.scheduling.orders import keys_of
from capacity.scheduling.pools.pool import LONGEST_S, PoolSpec
from capacity.scheduling.pools.rule_numbers import candidates
from capacity.scheduling.rules import Rules
from capacity.scheduling.site.groups import Arrays, column
from capacity.scheduling.site.rules import SiteRules

Seconds = npt.NDArray[np.int32]

MOST_JOBS: Final = 1 << 24
"""Jobs the core can number beside a time."""


def check(jobs: Jobs, specs: Sequence[PoolSpec], site: SiteRules) -> None:
    """Refuse columns that point nowhere.

    Raises
    ------
    InputError
        Naming every column that does.
    """
    count = len(jobs.submit_s)
    sets = len(jobs.pool_sets) or 1
    found = [
        Problem(
            f"{name} of jobs reaches from {int(values.min())} to {int(values.max())}", fix=f"{low} to {high}"
        )
        for name, values, low, high in (
            ("account", jobs.account, 0, max(1, len(site.accounts)) - 1),
            ("qos", jobs.qos, 0, max(1, len(site.qos)) - 1),
            ("pool_set", jobs.pool_set, 0, sets - 1),
            ("after", jobs.after, -1, count - 1),
        )
        if values is not None and len(values) and (values.min() < low or values.max() > high)
    ]
    if jobs.after is not None and np.any(jobs.after >= np.arange(count)):
        found.append(Problem("a job comes after itself or a later row", fix="name an earlier row"))
    if any(not 0 <= pool < len(specs) for pools in jobs.pool_sets for pool in pools):
        found.append(Problem("a pool set names a pool that is not there", fix=f"0 to {len(specs) - 1}"))
    if count >= MOST_JOBS:
        found.append(Problem(f"{count} jobs under site rules", fix=f"fewer than {MOST_JOBS}"))
    if found:
        raise InputError(found)


def asked_column(jobs: Jobs, rules: Rules) -> npt.NDArray[np.int64]:
    """Return the requests as queue orders see them, whatever the pool, shape (n_jobs,) [s]."""
    asked = np.asarray(jobs.requested_s, np.int64)
    if rules.estimates == "exact":
        run = np.asarray(jobs.run_s, np.int64)
        asked = run if rules.overrun == "allow" else np.minimum(run, asked)
    return np.clip(asked, 1, LONGEST_S)


def times_on(jobs: Jobs, pool: int, rules: Rules) -> tuple[Seconds, Seconds, Seconds]:
    """Return times of each job on a pool, whole seconds, shape (n_jobs,).

    Returns
    -------
    run, asked, longest : ndarray of int32
        Run time; request as the scheduler sees it, at least 1; how long an attempt may last. [s]
    """
    run, asked = np.asarray(jobs.run_s, np.int64), np.asarray(jobs.requested_s, np.int64)
    if jobs.pool_factor is not None:
        factor = jobs.pool_factor[:, pool]
        run, asked = np.ceil(run * factor).astype(np.int64), np.ceil(asked * factor).astype(np.int64)
    overruns = rules.overrun == "allow"
    longest = np.full(len(run), LONGEST_S, np.int32) if overruns else np.minimum(asked, LONGEST_S)
    if rules.estimates == "exact":
        asked = run if overruns else np.minimum(run, asked)
    return (
        np.minimum(run, LONGEST_S).astype(np.int32),
        np.clip(asked, 1, LONGEST_S).astype(np.int32),
        longest.astype(np.int32),
    )


def pool_lists(
    jobs: Jobs, specs: Sequence[PoolSpec], need_slots: Sequence[npt.NDArray[np.int32]]
) -> list[tuple[npt.NDArray[np.int64], tuple[int, ...], int]]:
    """Rows of jobs with the same list of pools that could hold them, that list, and the one they prefer.

    `need_slots` is what each job would occupy on each pool.
    """
    count = len(jobs.submit_s)
    if jobs.pool_sets:
        base, sets = column(jobs.pool_set, count, 0), jobs.pool_sets
    elif jobs.pool is not None:
        base, sets = jobs.pool.astype(np.int64), tuple((pool,) for pool in range(len(specs)))
    else:
        base, sets = np.zeros(count, np.int64), (tuple(range(len(specs))),)
    found = []
    for number, pools in enumerate(sets):
        rows = np.flatnonzero(base == number)
        code = np.zeros(len(rows), np.int64)
        for place, pool in enumerate(pools):
            spec = specs[pool]
            fits = need_slots[pool][rows] <= spec.most_nodes * spec.slots_per_node
            if jobs.unservable is not None:
                fits &= ~jobs.unservable[rows]
            code |= fits.astype(np.int64) << place
        for value in np.unique(code):
            kept = tuple(pool for place, pool in enumerate(pools) if value >> place & 1)
            found.append((rows[code == value], kept, kept[0] if kept else pools[0]))
    return found


def job_columns(jobs: Jobs, rules: Rules) -> Arrays:
    """Every column that depends on the jobs alone."""
    count = len(jobs.submit_s)
    submit = np.asarray(jobs.submit_s, np.int64)
    slots = np.asarray(jobs.slots, np.int32)
    asked = asked_column(jobs, rules)
    changing = rules.order in CHANGING or rules.order == "multifactor"
    key = np.zeros(count) if changing else keys_of(rules.order, submit, asked, slots)
    other = candidates(rules)
    backfill = np.zeros(count) if other == "queue" else keys_of(other, submit, asked, slots)
    optional = (
        (s.PATIENCE, jobs.patience_s, -1), (s.DEADLINE, jobs.deadline_s, -1),
        (s.CHECKPOINT, jobs.checkpoint_s, 0), (s.RESTART, jobs.restart_s, 0),
        (s.ACCOUNT, jobs.account, 0), (s.QOS, jobs.qos, 0),
        (s.AFTER, jobs.after, -1), (s.AFTER_OK, jobs.after_ok, 0), (s.SINGLE_OF, jobs.singleton, -1),
    )  # fmt: skip
    return {
        s.SUBMIT: submit,
        s.SLOTS: slots,
        s.KEY: np.array(key, np.float64),
        s.BASE_KEY: np.array(key, np.float64),
        s.BACKFILL_KEY: np.array(backfill, np.float64),
        **{index: column(values, count, default).astype(np.int32) for index, values, default in optional},
    }


def fresh_columns(count: int) -> Arrays:
    """Return what becomes of jobs, before anything has."""
    never = (s.START, s.FIRST_START, s.LAST_START, s.END, s.LEFT, s.GRACE_END)
    times = (s.RAN, s.LOST, s.RESTARTED, s.SAFE_UNTIL)
    counts = (s.STATE, s.ATTEMPTS, s.EXCUSED, s.FUTILE, s.ON_POOL, s.RUN_SLOT, s.ENDED)
    return {
        **{index: np.full(count, -1, np.int64) for index in never},
        **{index: np.zeros(count, np.int64) for index in times},
        **{index: np.zeros(count, np.int32) for index in counts},
        s.ASKED_BEFORE: np.full(count, -1, np.int32),
    }


def chains(columns: Arrays) -> Arrays:
    """Who depends on whom, and singletons in order of submission, as linked lists."""
    after, single = columns[s.AFTER], columns[s.SINGLE_OF]
    count = len(after)
    first = np.full(count, -1, np.int32)
    following = np.full(count, -1, np.int32)
    for row in np.flatnonzero(after >= 0)[::-1]:
        following[row] = first[after[row]]
        first[after[row]] = row
    single_next = np.full(count, -1, np.int32)
    single_first = np.full(max(1, int(single.max(initial=-1)) + 1), -1, np.int32)
    rows = np.flatnonzero(single >= 0)
    rows = rows[np.lexsort((rows, columns[s.SUBMIT][rows]))]
    last: dict[int, int] = {}
    for row in rows.tolist():
        number = int(single[row])
        if number in last:
            single_next[last[number]] = row
        else:
            single_first[number] = row
        last[number] = row
    chained = {s.DEPENDENT_FIRST: first, s.DEPENDENT_NEXT: following}
    return chained | {s.SINGLE_NEXT: single_next, s.SINGLE_FIRST: single_first}
