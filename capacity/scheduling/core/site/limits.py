"""What forbids a waiting job to run now: limits on running slots and jobs, and its place in a singleton."""

from capacity.scheduling.core.machine.native import IntArray, i32, i64, int64, kernel, u
from capacity.scheduling.core.site.access import need_on
from capacity.scheduling.core.site.state import (COMPLETED, GROUP_JOBS, GROUP_SLOTS, GROUP_SUBMITTED, GROUPS,
    HAS_LIMITS, LIMIT_JOBS, LIMIT_SLOTS, LIMIT_SUBMITTED, N_GROUPS_OF_JOB, SCALARS, SET_POOLS, SINGLE_FIRST,
    SINGLE_NEXT, SINGLE_OF, STATE)  # fmt: skip


@kernel
def may_submit(site: IntArray, job: int) -> bool:
    """Whether every group of a job may have one more in the system."""
    if i64(site, SCALARS)[u(HAS_LIMITS)] == 0:
        return True
    for index in range(N_GROUPS_OF_JOB * job, N_GROUPS_OF_JOB * (job + 1)):
        group = i32(site, GROUPS)[u(index)]
        if group >= 0 and i64(site, GROUP_SUBMITTED)[u(group)] >= i64(site, LIMIT_SUBMITTED)[u(group)]:
            return False
    return True


@kernel
def count(site: IntArray, job: int, column: int, by: int) -> None:
    """Add to what is counted of each group of a job in array `column`: jobs in the system, running, slots."""
    if i64(site, SCALARS)[u(HAS_LIMITS)] != 0:
        for index in range(N_GROUPS_OF_JOB * job, N_GROUPS_OF_JOB * (job + 1)):
            group = i32(site, GROUPS)[u(index)]
            if group >= 0:
                i64(site, column)[u(group)] += by


@kernel
def _is_first_of_singleton(site: IntArray, job: int) -> bool:
    """Whether all jobs of the same singleton that were submitted earlier have ended."""
    number = i32(site, SINGLE_OF)[u(job)]
    if number < 0:
        return True
    first = i32(site, SINGLE_FIRST)
    while i32(site, STATE)[u(int64(first[u(number)]))] >= COMPLETED:
        first[u(number)] = i32(site, SINGLE_NEXT)[u(int64(first[u(number)]))]
    return first[u(number)] == job


@kernel
def forbid_everywhere(site: IntArray, job: int) -> bool:
    """Whether a job must be passed over whatever is free."""
    if i64(site, SCALARS)[u(HAS_LIMITS)] == 0:
        return False
    for index in range(N_GROUPS_OF_JOB * job, N_GROUPS_OF_JOB * (job + 1)):
        group = i32(site, GROUPS)[u(index)]
        if group >= 0 and i64(site, GROUP_JOBS)[u(group)] >= i64(site, LIMIT_JOBS)[u(group)]:
            return True
    return not _is_first_of_singleton(site, job)


@kernel
def forbid_on(site: IntArray, pool: int, job: int) -> bool:
    """Whether the slots a job would hold on a pool are more than a group of it may have."""
    if i64(site, SCALARS)[u(HAS_LIMITS)] == 0:
        return False
    need = need_on(site, pool, job)
    for index in range(N_GROUPS_OF_JOB * job, N_GROUPS_OF_JOB * (job + 1)):
        group = i32(site, GROUPS)[u(index)]
        if group >= 0:
            room = i64(site, LIMIT_SLOTS)[u(group)] - i64(site, GROUP_SLOTS)[u(group)]
            if need > room:
                return True
    return False


@kernel
def passed_over(site: IntArray, job: int, first: int, after: int) -> bool:
    """Whether limits forbid a job to run now on every pool of its list."""
    if i64(site, SCALARS)[u(HAS_LIMITS)] == 0:
        return False
    if forbid_everywhere(site, job):
        return True
    for index in range(first, after):  # noqa: SIM110 - compiled code has no generators
        if not forbid_on(site, int64(i32(site, SET_POOLS)[u(index)]), job):
            return False
    return True
